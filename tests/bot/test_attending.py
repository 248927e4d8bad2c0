"""Tickets while the bot runs: told at once, once, and over stops and starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.attending import LOOK_SECONDS, Attending
from bot.delivery import Delivery
from bot.engine import Engine
from bot.house import House
from bot.operations import staff
from bot.operations.attendance import Patience
from bot.operations.rights import Actor, Role
from handlers.conversation import Conversation, Incoming
from knowledge.entries import Knowledge
from tests.bot.conftest import LAN
from tests.doubles import FakeChannel, FakeClock, WatchedStore

HOUR = 3600.0
HOA = Conversation("telegram", "7001")
PATIENCE = Patience(timedelta(hours=2), timedelta(hours=24))


@asynccontextmanager
async def running(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, knowledge: Knowledge
) -> AsyncIterator[Engine]:
    delivery = Delivery(store, channel, clock)
    ways_out = {channel.name: delivery}
    house = House(store, lambda: knowledge, ways_out, lambda _, reply: channel.render(reply), clock)
    attending = Attending(house, PATIENCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(delivery.run()), group.create_task(attending.run())]
        try:
            yield Engine(house)
        finally:
            for task in tasks:
                task.cancel()


async def test_the_staff_is_told_at_once_and_once_whatever_stops_in_between(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, shipped: Knowledge
) -> None:
    by, now = Actor(None, "test"), clock.now()
    await store.write(lambda db: staff.add(db, HOA, "Hoa", Role.ADMIN, by, now))
    async with running(store, channel, clock, shipped) as engine:
        await clock.pass_by(1.0)
        for number, text in enumerate(("gặp cán bộ", "Hỏi về phí", "gấp ạ"), start=1):
            await engine.receive(Incoming(LAN, str(number), clock.now(), text=text))
        asked = clock.passed
        await clock.until(lambda: len(channel.texts(HOA.id)) == 2)
    assert clock.passed - asked < LOOK_SECONDS

    for _ in range(2):
        async with running(store, channel, clock, shipped):
            await clock.pass_by(3 * LOOK_SECONDS)
    first, second = channel.texts(HOA.id)
    assert first.startswith("**Yêu cầu số 1**")
    assert second == "Yêu cầu số 1, doanh nghiệp viết: gấp ạ"

    for _ in range(6):  # nobody answers: Hoa is told as deputy and as head, once each
        clock.passed += 1.4 * HOUR
        async with running(store, channel, clock, shipped):
            await clock.pass_by(3 * LOOK_SECONDS)
    late = [text.split(":")[0] for text in channel.texts(HOA.id)[2:]]
    assert late == ["**Chờ lâu", "**Chờ rất lâu"]
