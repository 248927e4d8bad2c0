"""Moving up from a waiting list: who waited is told once, by day, whatever made the place free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.operations.reminders import Outlook, catch_up, plan_some
from bot.operations.waiting import tell_who_moved_up
from bot.store import deliveries, reminders, schema, submissions
from bot.store.database import Store
from bot.store.erasure import erase
from bot.store.people import StoreLookup
from handlers.conversation import Conversation, Reply
from handlers.effects import PlanReminders, SaveSubmission
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge, Option

LAN, MINH, HOA = (Conversation("telegram", f"10000{n}") for n in range(3))
MONDAY, LATE, TUESDAY = "01/03/2027 09:00", "01/03/2027 21:00", "02/03/2027 08:00"


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)


def shaped(channel: str, reply: Reply) -> tuple[Mapping[str, Any], ...]:
    assert channel == "telegram"
    return ({"text": reply.text},)


class Course:
    """A class with seats, those who signed up in their order, and what looks after it."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self.store = store
        self._shipped = knowledge
        first = knowledge.forms["training"].fields[0]
        self.option = first.options[0].id
        self.subject = f"seat:training.{first.id}.{self.option}"
        self.with_seats(1)

    def with_seats(self, seats: int | None) -> None:
        form = self._shipped.forms["training"]
        first, *others = form.fields
        options = tuple(Option(each.id, each.label, seats) for each in first.options)
        changed = replace(form, fields=(replace(first, options=options), *others))
        forms = {**self._shipped.forms, "training": changed}
        self.knowledge = replace(self._shipped, forms=forms, fingerprint=f"{seats} seats")

    async def sign_up(self, who: Conversation, now: str = MONDAY, *, waits: bool = True) -> None:
        sent = SaveSubmission("training", {"course": self.option}, "dang-ky-tap-huan")
        await self.store.write(partial(submissions.save, conversation=who, sent=sent, now=at(now)))
        if waits:
            wish = PlanReminders(self.subject)
            await self.store.write(partial(reminders.ask, conversation=who, wish=wish, now=at(now)))

    async def withdraw(self, who: Conversation, now: str = MONDAY) -> None:
        newest = (await StoreLookup(self.store, who).submissions())[0].id
        await self.store.write(lambda db: submissions.withdraw(db, who, newest, at(now)))

    async def run(self, now: str) -> list[str]:
        """Look as the bot does each minute, then say to whom what is due was sent."""
        outlook = Outlook(self.knowledge, ["telegram"], shaped, at(now))
        await self.store.write(partial(plan_some, at=outlook, limit=50))
        await self.store.write(partial(tell_who_moved_up, at=outlook))
        await self.store.write(partial(catch_up, at=outlook))
        told = []
        claim = partial(deliveries.claim, channel="telegram", now=at(now), limit=9)
        while rows := await self.store.write(claim):
            for row in rows:
                assert "Đã có chỗ" in str(row.payload["text"])
                told.append(row.conversation.id)
                taken = [(row.id, "1", at(now))]
                await self.store.write(partial(deliveries.sent, taken=taken))
        return told


@pytest.fixture
async def course(store: Store, shipped: Knowledge) -> Course:
    people = [
        {
            "channel": who.channel,
            "conversation": who.id,
            "first_seen": at(MONDAY),
            "last_seen": at(MONDAY),
        }
        for who in (LAN, MINH, HOA)
    ]
    await store.write(lambda db: db.execute(insert(schema.conversation), people))
    course = Course(store, shipped)
    await course.sign_up(LAN, waits=False)
    await course.sign_up(MINH)
    await course.sign_up(HOA)
    return course


async def test_the_first_in_line_is_told_once_when_somebody_withdraws(course: Course) -> None:
    assert await course.run(MONDAY) == []
    await course.withdraw(LAN)

    assert await course.run("01/03/2027 09:01") == [MINH.id]
    assert await course.run("01/03/2027 09:02") == []
    assert await course.run(TUESDAY) == []
    (wish,) = await StoreLookup(course.store, MINH).reminders()
    assert not wish.wanted
    await course.withdraw(MINH)
    assert await course.run("02/03/2027 08:01") == [HOA.id]


async def test_a_place_that_is_free_at_once_is_told_though_nobody_looked_between(
    course: Course,
) -> None:
    await course.withdraw(LAN)

    assert await course.run(MONDAY) == [MINH.id]


async def test_erasing_and_more_seats_make_room_like_withdrawing(course: Course) -> None:
    await course.store.write(lambda db: erase(db, LAN, at(MONDAY)))
    assert await course.run(MONDAY) == [MINH.id]
    course.with_seats(5)

    assert await course.run("01/03/2027 09:05") == [HOA.id]


async def test_by_night_it_waits_for_the_morning_and_is_taken_back_with_the_seat(
    course: Course,
) -> None:
    course.with_seats(2)
    assert await course.run(LATE) == []
    course.with_seats(3)
    assert await course.run("01/03/2027 21:01") == []
    await course.withdraw(HOA, LATE)

    assert await course.run(TUESDAY) == [MINH.id]
    kept = select(schema.delivery.c.state).order_by(schema.delivery.c.id)
    assert list(await course.store.read(lambda db: db.scalars(kept))) == ["sent", "cancelled"]


async def test_a_machine_that_was_off_says_it_when_it_is_back(course: Course) -> None:
    await course.withdraw(LAN, LATE)
    assert await course.run(LATE) == []

    assert await course.run("04/03/2027 22:00") == []
    assert await course.run("05/03/2027 10:00") == [MINH.id]


async def test_who_signs_up_and_waits_again_is_told_again_but_not_twice_a_day(
    course: Course,
) -> None:
    await course.withdraw(LAN)
    assert await course.run(MONDAY) == [MINH.id]
    await course.withdraw(MINH)
    assert await course.run("01/03/2027 09:05") == [HOA.id]
    await course.sign_up(MINH, "01/03/2027 09:10")
    await course.withdraw(HOA)

    assert await course.run("01/03/2027 09:15") == []
    assert await course.run(TUESDAY) == [MINH.id]


async def test_who_wants_no_reminders_any_more_is_still_told_of_the_seat(course: Course) -> None:
    await course.store.write(lambda db: reminders.stop(db, MINH, "", at(MONDAY)))
    await course.withdraw(LAN, LATE)
    assert await course.run(LATE) == []
    await course.store.write(lambda db: reminders.stop(db, MINH, "", at(LATE)))

    assert await course.run(TUESDAY) == [MINH.id]
