"""Reminders in a real database: planned, moved, caught up, ended; the clock is set by the test."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot.operations.reminders import Outlook, catch_up, plan_some
from bot.store import addresses, deliveries, reminders, schema
from bot.store.backup import backup, restore
from bot.store.database import Store
from bot.store.erasure import erase
from bot.store.people import StoreLookup, reachable
from handlers.conversation import Conversation, Reply
from handlers.effects import PlanReminders
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from tests.effort import examples

LAN, MINH = Conversation("telegram", "100001"), Conversation("telegram", "100002")
KEY = "gtclqg.registration.2027"
LAST = date(2027, 3, 31)  # a Wednesday
ASKED = "01/03/2027 09:00"
# Days off of the time told of here that are no weekend: the Hùng kings', 30/4 and 1/5 (observed).
DAYS_OFF = {date(2027, 4, 16), date(2027, 4, 30), date(2027, 5, 3)}


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)


def shaped(channel: str, reply: Reply) -> tuple[Mapping[str, Any], ...]:
    assert channel == "telegram"
    return ({"text": reply.text},)


class Office:
    """The running bot as far as reminders go: it plans, catches up, and sends what may leave."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self.store = store
        self._shipped = knowledge
        self.knowledge = knowledge
        self.editions = 0
        self.announce(LAST)

    def announce(self, last: date | None, closes_at: time | None = None, **more: Any) -> None:
        """The knowledge with this deadline and no other; a new edition, as after a reload."""
        self.editions += 1
        deadline = Deadline(
            "gtclqg", "registration", 2027, closes_on=last, closes_at=closes_at, **more
        )
        edition = f"edition {self.editions}"
        self.knowledge = replace(self._shipped, deadlines=(deadline,), fingerprint=edition)

    async def wish(
        self, now: str, days: tuple[int, ...] = (14, 7, 3, 1), who: Conversation = LAN
    ) -> None:
        wish = PlanReminders(KEY, days)
        await self.store.write(lambda db: reminders.ask(db, who, wish, at(now)))
        await self.look(now)

    async def look(self, now: str | datetime) -> None:
        moment = now if isinstance(now, datetime) else at(now)
        outlook = Outlook(self.knowledge, ["telegram"], shaped, moment)
        while await self.store.write(partial(plan_some, at=outlook, limit=2)) == 2:
            pass
        await self.store.write(partial(catch_up, at=outlook))

    async def send(self, now: str | datetime) -> list[str]:
        """What leaves at this moment."""
        moment = now if isinstance(now, datetime) else at(now)
        texts = []
        claim = partial(deliveries.claim, channel="telegram", now=moment, limit=9)
        while rows := await self.store.write(claim):
            for row in rows:
                texts.append(str(row.payload["text"]))
                sent = partial(deliveries.sent, taken=[(row.id, "1", moment)])
                await self.store.write(sent)
        return texts

    async def run(self, now: str | datetime) -> list[str]:
        await self.look(now)
        return await self.send(now)

    async def waiting(self) -> list[str]:
        rows = await self.rows("pending")
        return [f"{row.due_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" for row in rows]

    async def rows(self, *states: str) -> list[Any]:
        table = schema.delivery
        chosen = select(table).where(table.c.state.in_(states)).order_by(table.c.due_at)
        return list(await self.store.read(lambda db: db.execute(chosen)))


@pytest.fixture
async def office(store: Store, shipped: Knowledge) -> Office:
    people = [
        {
            "channel": who.channel,
            "conversation": who.id,
            "first_seen": at(ASKED),
            "last_seen": at(ASKED),
        }
        for who in (LAN, MINH)
    ]
    await store.write(lambda db: db.execute(insert(schema.conversation), people))
    return Office(store, shipped)


async def test_a_wish_becomes_rows_with_a_due_time_and_each_counts_from_its_own_day(
    office: Office,
) -> None:
    await office.wish(ASKED)

    assert await office.waiting() == [
        "17/03/2027 08:00",
        "24/03/2027 08:00",
        "26/03/2027 08:00",  # the 28th is a Sunday
        "30/03/2027 08:00",
    ]
    texts = [row.payload["text"] for row in await office.rows("pending")]
    assert "Còn 14 ngày, trong đó 10 ngày làm việc" in texts[0]
    assert "Còn 5 ngày, trong đó 3 ngày làm việc" in texts[2]
    assert {row.kind for row in await office.rows("pending")} == {"reminder"}


async def test_looking_again_and_again_changes_nothing(office: Office) -> None:
    await office.wish(ASKED)
    before = await office.rows("pending", "cancelled")
    for hour in ("02/03/2027 10:00", "06/03/2027 10:00", "07/03/2027 23:00"):
        await office.look(hour)

    assert await office.rows("pending", "cancelled") == before


async def test_it_leaves_on_its_day_and_once(office: Office) -> None:
    await office.wish(ASKED)

    assert await office.run("17/03/2027 07:59") == []
    assert len(await office.run("17/03/2027 08:00")) == 1
    assert await office.run("17/03/2027 08:01") == []


async def test_a_reload_on_a_weekend_does_not_repeat_the_friday(office: Office) -> None:
    """Counted from Saturday, the Sunday that is "3 days before" would give way to the Monday."""
    await office.wish(ASKED, (3,))
    assert len(await office.run("26/03/2027 08:00")) == 1
    office.announce(LAST)
    await office.look("27/03/2027 10:00")

    assert await office.waiting() == []


async def test_a_deadline_that_moves_takes_its_reminders_with_it(office: Office) -> None:
    await office.wish(ASKED)
    await office.run("17/03/2027 08:00")
    office.announce(date(2027, 4, 7), extended_from=LAST)
    await office.look("18/03/2027 09:00")

    assert await office.waiting() == [
        "24/03/2027 08:00",
        "31/03/2027 08:00",
        "02/04/2027 08:00",
        "06/04/2027 08:00",
    ]
    (first, *_) = await office.rows("pending")
    assert "07/04/2027" in first.payload["text"]
    assert "gia hạn" in first.payload["text"]
    assert {row.reason for row in await office.rows("cancelled")} == {"moved"}


async def test_a_changed_hour_is_said_though_no_moment_changes(office: Office) -> None:
    await office.wish(ASKED)
    before = await office.waiting()
    office.announce(LAST, time(17, 0))
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == before
    assert all("đến 17:00" in row.payload["text"] for row in await office.rows("pending"))


async def test_a_deadline_that_is_taken_back_takes_its_reminders_back(office: Office) -> None:
    await office.wish(ASKED)
    office.announce(None)
    await office.look("02/03/2027 09:00")
    assert await office.waiting() == []

    office.announce(LAST)
    await office.look("25/03/2027 09:00")
    assert await office.waiting() == ["26/03/2027 08:00", "30/03/2027 08:00"]


async def test_what_is_not_announced_is_recalled_once_it_is(office: Office) -> None:
    office.announce(None)
    await office.wish("20/11/2026 09:00")
    assert await office.waiting() == []

    office.announce(LAST)
    await office.look("20/03/2027 09:00")  # a Saturday
    assert await office.waiting() == ["24/03/2027 08:00", "26/03/2027 08:00", "30/03/2027 08:00"]


async def test_other_days_replace_the_first_ones(office: Office) -> None:
    await office.wish(ASKED)
    await office.wish("02/03/2027 09:00", (5, 2))

    assert await office.waiting() == ["26/03/2027 08:00", "29/03/2027 08:00"]


async def test_stopped_is_stopped_at_once_and_for_that_deadline_only(office: Office) -> None:
    await office.wish(ASKED)
    other = PlanReminders("self_check", day=date(2027, 3, 10))
    await office.store.write(lambda db: reminders.ask(db, LAN, other, at(ASKED)))
    await office.look(ASKED)
    await office.store.write(lambda db: reminders.stop(db, LAN, KEY, at("17/03/2027 07:00")))

    assert await office.waiting() == ["10/03/2027 08:00"]
    await office.store.write(lambda db: reminders.stop(db, LAN, "", at("09/03/2027 07:00")))
    assert await office.waiting() == []


async def test_after_somebody_has_submitted_nothing_is_recalled_however_often_it_is_planned(
    office: Office,
) -> None:
    await office.wish(ASKED)
    mark = partial(reminders.mark_submitted, conversation=LAN, subject=KEY, now=at(ASKED))
    await office.store.write(partial(mark, yes=True))
    office.announce(date(2027, 4, 7))
    await office.wish("02/03/2027 09:00")

    assert await office.store.read(lambda db: reminders.submitted(db, LAN, KEY))
    assert not await office.store.read(lambda db: reminders.submitted(db, MINH, KEY))
    assert await office.waiting() == []
    assert {row.reason for row in await office.rows("cancelled")} == {"submitted"}


async def test_who_has_not_submitted_after_all_is_reminded_as_before(office: Office) -> None:
    await office.wish(ASKED, (1,))
    for yes in (True, False):
        mark = partial(reminders.mark_submitted, conversation=LAN, subject=KEY, now=at(ASKED))
        await office.store.write(partial(mark, yes=yes))
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == ["30/03/2027 08:00"]


async def test_who_is_marked_without_ever_having_asked_is_not_reminded(office: Office) -> None:
    mark = partial(reminders.mark_submitted, conversation=LAN, subject=KEY, now=at(ASKED))
    await office.store.write(partial(mark, yes=True))
    await office.store.write(partial(mark, yes=False))
    await office.look(ASKED)

    assert await office.waiting() == []


async def test_a_machine_that_was_off_sends_the_latest_of_what_it_missed_and_says_so(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.wish(ASKED)
    with caplog.at_level(logging.INFO):
        texts = await office.run("29/03/2027 09:30")

    assert len(texts) == 1
    assert "Còn 2 ngày" in texts[0]
    assert [row.reason for row in await office.rows("cancelled")] == ["no longer useful"] * 2
    assert caplog.text.count("no longer useful") == 2
    assert await office.waiting() == ["30/03/2027 08:00"]
    assert await office.run("29/03/2027 09:31") == []


async def test_a_machine_that_comes_back_by_night_waits_for_the_morning(office: Office) -> None:
    await office.wish(ASKED, (7,))

    assert await office.run("25/03/2027 22:00") == []
    assert await office.waiting() == ["26/03/2027 08:00"]
    assert "Còn 5 ngày" in (await office.run("26/03/2027 08:00"))[0]


async def test_a_machine_that_comes_back_on_a_weekend_waits_for_the_monday(office: Office) -> None:
    await office.wish(ASKED, (7,))

    assert await office.run("27/03/2027 10:00") == []
    assert await office.waiting() == ["29/03/2027 08:00"]


async def test_what_is_missed_until_the_end_is_dropped(office: Office) -> None:
    await office.wish(ASKED)

    assert await office.run("01/04/2027 09:00") == []
    assert await office.waiting() == []


async def test_a_channel_that_is_down_past_the_closing_hour_sends_nothing_after_it(
    office: Office,
) -> None:
    office.announce(LAST, time(11, 0))
    await office.wish(ASKED, (0,))
    await office.look("31/03/2027 08:00")

    assert await office.run("31/03/2027 11:01") == []
    assert await office.waiting() == []


async def test_what_could_not_be_sent_by_day_does_not_leave_by_night(office: Office) -> None:
    await office.wish(ASKED, (7,))
    await office.look("24/03/2027 08:00")

    assert await office.send("24/03/2027 20:00") == []
    assert await office.send("25/03/2027 09:00") == []  # it tells of another day
    assert len(await office.run("25/03/2027 09:00")) == 1


async def test_the_last_day_is_recalled_even_on_a_sunday(office: Office) -> None:
    office.announce(date(2027, 3, 28))
    await office.wish(ASKED, (0,))

    assert "Hôm nay, 28/03/2027, là ngày cuối" in (await office.run("28/03/2027 08:00"))[0]


async def test_a_restart_keeps_everything(office: Office, path: Path) -> None:
    await office.wish(ASKED)
    before = await office.waiting()
    await office.store.close()
    office.store = await Store.open(path)
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == before
    assert len(await office.run("17/03/2027 08:00")) == 1
    await office.store.close()


async def test_who_blocked_us_is_left_alone_and_reminded_again_when_back(office: Office) -> None:
    await office.wish(ASKED)
    for yes, moment in ((False, "02/03/2027 09:00"), (True, "18/03/2027 09:00")):
        heard = partial(reachable, conversation=LAN, yes=yes, at=at(moment), now=at(moment))
        await office.store.write(heard)
        await office.look(moment)
        if not yes:
            assert await office.waiting() == []

    assert await office.waiting() == ["24/03/2027 08:00", "26/03/2027 08:00", "30/03/2027 08:00"]


async def test_one_row_cancelled_by_hand_stays_cancelled(office: Office) -> None:
    await office.wish(ASKED)
    first = (await office.rows("pending"))[0].id
    cancel = update(schema.delivery).where(schema.delivery.c.id == first).values(state="cancelled")
    await office.store.write(lambda db: db.execute(cancel))
    office.announce(LAST)
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == ["24/03/2027 08:00", "26/03/2027 08:00", "30/03/2027 08:00"]


async def test_erasing_takes_the_wish_and_what_waits(office: Office) -> None:
    await office.wish(ASKED)
    await office.store.write(lambda db: erase(db, LAN, at("02/03/2027 09:00")))
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == []
    assert list(await StoreLookup(office.store, LAN).reminders()) == []


async def test_two_addresses_of_one_person_get_one_reminder_a_day(office: Office) -> None:
    await office.wish(ASKED)
    await office.wish(ASKED, (1,), who=MINH)
    await office.store.write(lambda db: addresses.move(db, LAN, MINH.id))
    await office.look("02/03/2027 09:00")

    assert await office.waiting() == ["30/03/2027 08:00"]
    assert {row.conversation for row in await office.rows("pending")} == {MINH.id}


async def test_a_conversation_that_moves_takes_its_reminders_along(office: Office) -> None:
    await office.wish(ASKED, (1,))
    await office.store.write(lambda db: addresses.move(db, LAN, "100009"))
    await office.look("02/03/2027 09:00")

    assert {row.conversation for row in await office.rows("pending")} == {"100009"}


async def test_a_restored_backup_sends_nothing_missed_and_plans_the_rest_anew(
    office: Office, path: Path, tmp_path: Path
) -> None:
    await office.wish(ASKED)
    backup(path, tmp_path / "kept.db")
    await office.store.close()
    restore(tmp_path / "kept.db", path)
    office.store = await Store.open(path)

    assert await office.run("25/03/2027 09:00") == []
    assert await office.waiting() == ["26/03/2027 08:00", "30/03/2027 08:00"]
    await office.store.close()


async def test_a_day_of_ones_own_is_recalled_when_it_has_come_or_after(office: Office) -> None:
    wish = PlanReminders("self_check", day=date(2027, 3, 13))  # a Saturday
    await office.store.write(lambda db: reminders.ask(db, LAN, wish, at(ASKED)))
    await office.look(ASKED)
    assert await office.waiting() == ["15/03/2027 08:00"]

    (text,) = await office.run("20/04/2027 10:00")
    assert "từ ngày 13/03/2027" in text
    assert await office.run("21/04/2027 10:00") == []


async def test_what_is_waiting_can_be_seen(office: Office) -> None:
    await office.store.write(
        lambda db: reminders.ask(db, LAN, PlanReminders(KEY, (7, 1)), at(ASKED))
    )
    (young,) = await StoreLookup(office.store, LAN).reminders()
    await office.look(ASKED)
    (mine,) = await StoreLookup(office.store, LAN).reminders()

    assert young.due is None
    assert mine.due == (at("24/03/2027 08:00"), at("30/03/2027 08:00"))
    assert (mine.subject, mine.days_before, mine.wanted, mine.submitted) == (
        KEY,
        (7, 1),
        True,
        False,
    )


async def test_many_wishes_are_planned_piece_by_piece(office: Office) -> None:
    people = [
        {
            "channel": "telegram",
            "conversation": f"9{n}",
            "first_seen": at(ASKED),
            "last_seen": at(ASKED),
        }
        for n in range(5)
    ]
    await office.store.write(lambda db: db.execute(insert(schema.conversation), people))
    for n in range(5):
        who = Conversation("telegram", f"9{n}")
        await office.store.write(
            partial(reminders.ask, conversation=who, wish=PlanReminders(KEY, (1,)), now=at(ASKED))
        )
    await office.look(ASKED)

    assert await office.waiting() == ["30/03/2027 08:00"] * 5


def off(day: date) -> bool:
    return day.weekday() >= 5 or day in DAYS_OFF


@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    last=st.dates(date(2027, 3, 20), date(2027, 5, 5)),
    moved_to=st.none() | st.dates(date(2027, 3, 20), date(2027, 5, 5)),
    on_from=st.integers(0, 45),
    down=st.sets(st.integers(0, 50), max_size=25),
    days=st.sets(st.integers(0, 20), min_size=1, max_size=4),
)
async def test_whatever_happens_no_reminder_is_late_nightly_double_or_on_a_day_off(  # noqa: PLR0913, PLR0917 - what may happen
    office: Office,
    last: date,
    moved_to: date | None,
    on_from: int,
    down: set[int],
    days: set[int],
) -> None:
    """Fifty days with a machine that is off on some, and a deadline that moves on one."""
    who = Conversation("telegram", f"p{last}{moved_to}{on_from}{sorted(down)}{sorted(days)}"[:60])
    person = {"channel": "telegram", "conversation": who.id}
    seen = {"first_seen": at(ASKED), "last_seen": at(ASKED)}
    await office.store.write(lambda db: reminders.stop(db, LAN, "", at(ASKED)))
    known = schema.conversation
    exists = select(known.c.channel).where(known.c.conversation == who.id)
    if await office.store.read(lambda db: db.scalar(exists)) is None:
        await office.store.write(lambda db: db.execute(insert(known), person | seen))
    office.announce(last)
    wish = PlanReminders(KEY, tuple(sorted(days, reverse=True)))
    await office.store.write(lambda db: reminders.ask(db, who, wish, at("15/03/2027 09:00")))
    valid, sent_on = last, []
    for n in range(51):
        day = date(2027, 3, 15) + timedelta(days=n)
        if moved_to and n == on_from:
            office.announce(moved_to)
            valid = moved_to
        if n in down:
            continue
        for hour in (time(8, 0), time(12, 30), time(21, 0)):
            moment = datetime.combine(day, hour, VIETNAM)
            texts = await office.run(moment)
            if texts:
                assert hour != time(21, 0)
                assert len(texts) == 1
                assert day <= valid
                assert not off(day) or day == valid
                assert f"{valid:%d/%m/%Y}" in texts[0]
                sent_on.append(day)
    assert len(sent_on) == len(set(sent_on))
    await office.store.write(lambda db: reminders.stop(db, who, "", at("15/06/2027 09:00")))
