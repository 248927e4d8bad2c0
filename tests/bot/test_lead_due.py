"""Owners are told of due days while the bot runs; hours pass in a moment."""

from __future__ import annotations

import asyncio
from datetime import date

from bot.delivery import Delivery
from bot.house import House
from bot.lead_due import LOOK_SECONDS, LeadDue
from bot.operations import leads, staff
from bot.operations.rights import Actor, Role
from bot.store import submissions
from handlers.conversation import Conversation
from handlers.effects import SaveSubmission
from knowledge.entries import Knowledge
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore

BY = Actor(None, "test")
HOUR, DAY = 3600.0, 86_400.0


async def test_an_owner_is_told_at_half_past_seven_of_the_day_and_once(
    store: WatchedStore, channel: FakeChannel, clock: FakeClock, shipped: Knowledge
) -> None:
    form = SaveSubmission("register", {}, "p", tax_code="0101243150", enterprise="Công ty An Hòa")
    lan, hoa = (Conversation(channel.name, name) for name in ("lan", "hoa"))
    await store.write(lambda db: submissions.save(db, lan, form, START))
    owner = await store.write(lambda db: staff.add(db, hoa, "Hoa", Role.OFFICER, BY, START))
    await store.write(lambda db: leads.assign(db, 1, owner, BY, START))
    await store.write(lambda db: leads.set_due(db, 1, date(2026, 11, 21), BY, START))

    clock.passed = DAY - HOUR  # seven in the morning: START is at eight
    delivery = Delivery(store, channel, clock)
    ways_out = {channel.name: delivery}
    house = House(store, lambda: shipped, ways_out, lambda _, reply: channel.render(reply), clock)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(delivery.run()), group.create_task(LeadDue(house).run())]
        await clock.pass_by(2 * HOUR)
        for task in tasks:
            task.cancel()

    (told,) = channel.sent
    opens = DAY - HOUR / 2
    assert told.address == "hoa"
    assert opens <= told.at <= opens + LOOK_SECONDS + 1
