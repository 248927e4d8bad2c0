"""Reminders while the bot runs: a wish, a reload, a stop and a start; hours pass in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.delivery import Delivery
from bot.house import House
from bot.reminding import LOOK_SECONDS, Reminding
from bot.store import reminders, schema
from handlers.effects import PlanReminders
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from tests.bot.conftest import LAN, queue, states
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore

KEY = "gtclqg.registration.2026"
HOUR, DAY = 3600.0, 86_400.0


class Desk:
    """The knowledge in use, as an officer changes it."""

    def __init__(self, shipped: Knowledge) -> None:
        self._shipped = shipped
        self.editions = 0
        self.now = shipped
        self.close(date(2026, 11, 25))

    def close(self, last: date, closes_at: time | None = None) -> None:
        self.editions += 1
        deadline = Deadline("gtclqg", "registration", 2026, closes_on=last, closes_at=closes_at)
        edition = f"edition {self.editions}"
        self.now = replace(self._shipped, deadlines=(deadline,), fingerprint=edition)


@pytest.fixture
def desk(shipped: Knowledge) -> Desk:
    return Desk(shipped)


async def ask(store: WatchedStore, *days: int) -> None:
    seen: dict[str, Any] = {"channel": LAN.channel, "conversation": LAN.id}
    seen |= {"first_seen": START, "last_seen": START}
    await store.write(lambda db: db.execute(insert(schema.conversation), seen))
    await store.write(lambda db: reminders.ask(db, LAN, PlanReminders(KEY, days), START))


@asynccontextmanager
async def running(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk, *, since: float = 0.0
) -> AsyncIterator[None]:
    """The bot at work from *since* on, in seconds after the start of the test's time."""
    clock.passed = since
    delivery = Delivery(store, channel, clock)
    ways_out = {channel.name: delivery}
    house = House(store, lambda: desk.now, ways_out, lambda _, reply: channel.render(reply), clock)
    reminding = Reminding(house)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(delivery.run()), group.create_task(reminding.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def when(channel: FakeChannel) -> list[datetime]:
    """When each message was taken, to the minute."""
    moments = (
        datetime.fromtimestamp(START.timestamp() + each.at, VIETNAM) for each in channel.sent
    )
    return [moment.replace(second=0, microsecond=0) for moment in moments]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


async def test_a_wish_is_kept_on_the_minute(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk
) -> None:
    await ask(store, 2, 1)  # Monday the 23rd; the 24th is a holiday, and gives way to it
    async with running(store, channel, clock, desk):
        await clock.pass_by(HOUR)
    async with running(store, channel, clock, desk, since=3 * DAY - HOUR):
        await clock.pass_by(2 * HOUR)
    assert when(channel) == [at(23, 8)]
    assert "Còn 2 ngày, trong đó 1 ngày làm việc" in channel.sent[0].text


async def test_a_reload_moves_what_is_queued_within_a_look(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk
) -> None:
    await ask(store, 2)
    async with running(store, channel, clock, desk):
        await clock.pass_by(HOUR)
        desk.close(date(2026, 11, 30))
        await clock.pass_by(LOOK_SECONDS)
    assert await states(store) == ["cancelled: moved", "pending"]


async def test_answers_go_before_reminders_and_a_reminder_does_not_hold_up_the_stop(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk
) -> None:
    await ask(store, 2)
    async with running(store, channel, clock, desk, since=3 * DAY - 2 * LOOK_SECONDS):
        await clock.pass_by(LOOK_SECONDS)
        await queue(store, "vâng", now=clock.now(), after=LOOK_SECONDS)
        await clock.until(lambda: len(channel.sent) == 2)
    assert [message.text[:4] for message in channel.sent] == ["vâng", "**Nh"]


async def test_an_outage_over_the_evening_ends_in_one_reminder_the_next_morning(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk
) -> None:
    desk.close(date(2026, 12, 2))  # so that the 25th is seven days before
    await ask(store, 7)
    channel.down_until = 5 * DAY + 12.2 * HOUR  # until 20:12, when nothing may go any more
    for since, until in ((0.0, 60.0), (4.9999 * DAY, 5.01 * DAY), (5.495 * DAY, 5.52 * DAY)):
        async with running(store, channel, clock, desk, since=since):
            await clock.pass_by(until - since)
        assert channel.sent == []
    assert channel.tried
    async with running(store, channel, clock, desk, since=6 * DAY - HOUR):
        await clock.pass_by(2 * HOUR)
    assert when(channel) == [at(26, 8)]
    assert "Còn 6 ngày" in channel.sent[0].text


async def test_after_a_stop_and_a_start_days_later_one_goes_out_if_it_still_helps(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk, tmp_path: Path
) -> None:
    desk.close(date(2026, 12, 2))
    await ask(store, 14, 9, 7, 5)
    async with running(store, channel, clock, desk):
        await clock.pass_by(60)
    await store.close()
    again = await WatchedStore.open(tmp_path / "donghanh.db")
    later = FakeClock(again)
    channel = FakeChannel(later)
    try:
        async with running(again, channel, later, desk, since=5 * DAY + 6 * HOUR):
            await later.pass_by(HOUR)
        assert when(channel) == [at(25, 14)]
    finally:
        await again.close()


async def test_nothing_is_done_over_and_over(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, desk: Desk
) -> None:
    await ask(store, 2)
    async with running(store, channel, clock, desk):
        await clock.pass_by(HOUR)
        before = store.operations
        await clock.pass_by(HOUR)
    looks = HOUR / LOOK_SECONDS
    assert store.operations - before <= 2 * looks + 3 * HOUR / 30
