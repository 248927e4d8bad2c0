"""Reminders: planned from the deadline, within waking hours and working days, never late."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Holidays
from knowledge.reminding import (
    DAYS_BEFORE,
    SLEEPS,
    WAKES,
    another_moment,
    late_day,
    may_send,
    moved,
    plan,
    remind_on,
    still_useful,
)
from knowledge.rules import Standing, State
from knowledge.workdays import working_days

NONE_PUBLISHED = Holidays(frozenset(), frozenset())
# The days off of early 2027 that are no weekend, from the calendar: 01/01 and Tết Đinh Mùi.
DAYS_OFF = {date(2027, 1, 1), *(date(2027, 2, 4) + n * timedelta(days=1) for n in range(7))}


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)


def open_until(last: date, closes_at: time | None = None) -> Standing:
    deadline = Deadline("gtclqg", "registration", last.year, closes_on=last, closes_at=closes_at)
    return Standing(deadline, State.OPEN, last)


def planned(last: date, now: datetime, *, closes_at: time | None = None) -> list[str]:
    found = plan(open_until(last, closes_at), now, NONE_PUBLISHED)
    return [f"{moment:%d/%m/%Y %H:%M}" for moment in found]


def test_a_deadline_is_recalled_14_7_3_and_1_days_before_in_the_morning() -> None:
    assert planned(date(2027, 3, 31), at("01/03/2027 09:00")) == [
        "17/03/2027 08:00",
        "24/03/2027 08:00",
        "26/03/2027 08:00",  # the 28th is a Sunday
        "30/03/2027 08:00",
    ]


def test_a_day_off_gives_way_to_the_working_day_before_it_and_two_become_one() -> None:
    # Monday 22/03/2027: one day before is a Sunday, three days before is the Friday.
    assert planned(date(2027, 3, 22), at("17/03/2027 09:00")) == ["19/03/2027 08:00"]


def test_who_asks_on_the_weekend_before_is_reminded_on_the_last_day() -> None:
    assert planned(date(2027, 3, 22), at("20/03/2027 09:00")) == ["22/03/2027 08:00"]


def test_a_last_day_on_a_weekend_is_still_a_day_to_remind_on() -> None:
    found = plan(open_until(date(2027, 3, 28)), at("26/03/2027 12:00"), NONE_PUBLISHED, [0])

    assert found == (at("28/03/2027 08:00"),)


def test_a_closing_hour_in_the_morning_moves_the_last_reminder_to_the_day_before() -> None:
    standing = open_until(date(2027, 3, 31), time(7, 45))

    assert plan(standing, at("29/03/2027 12:00"), NONE_PUBLISHED, [0]) == (at("30/03/2027 08:00"),)


@pytest.mark.parametrize("state", [State.CLOSED, State.UNANNOUNCED])
def test_without_a_day_ahead_nothing_is_planned(state: State) -> None:
    last = date(2026, 1, 1) if state is State.CLOSED else None
    standing = Standing(Deadline("gtclqg", "dossier", 2026), state, last)

    assert plan(standing, at("20/11/2026 09:00"), NONE_PUBLISHED) == ()
    assert not may_send(at("20/11/2026 09:00"), standing, NONE_PUBLISHED)


def test_reminders_move_with_the_deadline_and_what_stays_is_left_alone() -> None:
    now = at("01/03/2027 09:00")
    before = plan(open_until(date(2027, 3, 31)), now, NONE_PUBLISHED)
    after = plan(open_until(date(2027, 4, 7)), now, NONE_PUBLISHED)

    change = moved(before, after)

    assert change.cancel == (
        at("17/03/2027 08:00"),
        at("26/03/2027 08:00"),
        at("30/03/2027 08:00"),
    )
    assert set(change.add) == set(after) - {at("24/03/2027 08:00")}
    assert sorted({*before} - {*change.cancel} | {*change.add}) == list(after)


def test_of_several_missed_reminders_only_the_last_is_still_useful() -> None:
    standing, now = open_until(date(2027, 3, 31)), at("27/03/2027 09:00")
    dues = plan(standing, at("01/03/2027 09:00"), NONE_PUBLISHED)
    missed = [due for due in dues if due <= now]

    assert [still_useful(due, now, standing, dues) for due in missed] == [False, False, True]


def test_after_the_deadline_no_reminder_is_useful() -> None:
    last = date(2027, 3, 31)
    closed = Standing(open_until(last).deadline, State.CLOSED, last)

    assert not still_useful(at("30/03/2027 08:00"), at("01/04/2027 08:00"), closed, ())


def test_a_late_reminder_waits_for_the_morning_and_for_a_working_day() -> None:
    standing = open_until(date(2027, 3, 31))
    found = {
        text: may_send(at(text), standing, NONE_PUBLISHED)
        for text in (
            "26/03/2027 20:00",
            "26/03/2027 07:29",
            "26/03/2027 07:30",
            "26/03/2027 19:59",
            "27/03/2027 10:00",
        )
    }

    assert list(found.values()) == [False, False, True, True, False]


def test_the_day_of_becoming_eligible_is_told_on_the_first_working_day_from_it() -> None:
    now = at("20/11/2026 09:00")

    assert remind_on(date(2027, 3, 15), now, NONE_PUBLISHED) == at("15/03/2027 08:00")
    assert remind_on(date(2027, 3, 13), now, NONE_PUBLISHED) == at("15/03/2027 08:00")
    assert remind_on(date(2026, 11, 20), now, NONE_PUBLISHED) == at("23/11/2026 08:00")


starts = st.builds(
    datetime.combine, st.dates(date(2026, 12, 1), date(2027, 2, 28)), st.times(), st.just(VIETNAM)
)


@given(
    now=starts,
    ahead=st.integers(0, 45),
    before=st.sets(st.integers(0, 30), max_size=6),
    hour=st.none() | st.integers(6, 23),
)
def test_reminders_come_by_day_on_working_days_and_before_the_end(
    now: datetime, ahead: int, before: set[int], hour: int | None
) -> None:
    last = now.date() + timedelta(days=ahead)
    found = plan(open_until(last, time(hour) if hour else None), now, NONE_PUBLISHED, before)

    assert list(found) == sorted(set(found))
    assert len(found) <= len(before)
    for moment in found:
        assert moment > now
        assert WAKES <= moment.time() < SLEEPS
        assert moment.date() <= last
        off = moment.weekday() >= 5 or moment.date() in DAYS_OFF
        assert not off or moment.date() == last
        if hour and moment.date() == last:
            assert moment.time() < time(hour)


@given(now=starts, ahead=st.integers(16, 60))
def test_far_ahead_of_a_deadline_at_least_the_week_and_the_last_days_are_recalled(
    now: datetime, ahead: int
) -> None:
    last = now.date() + timedelta(days=ahead)
    found = plan(open_until(last), now, NONE_PUBLISHED)

    assert 1 <= len(found) <= len(DAYS_BEFORE)
    assert found[-1].date() >= last - timedelta(days=12)  # Tết is the longest run of days off


@given(
    today=st.dates(date(2026, 12, 1), date(2027, 3, 31)),
    last=st.dates(date(2026, 12, 1), date(2027, 3, 31)),
)
def test_working_days_agree_with_an_independent_count(today: date, last: date) -> None:
    counted, day = 0, today
    while day < last:
        day += timedelta(days=1)
        counted += day.weekday() < 5 and day not in DAYS_OFF

    assert working_days(today, last, NONE_PUBLISHED) == counted


def again(due: str, now: str, *planned_at: str, last: date = date(2027, 3, 31)) -> str | None:
    """When a missed reminder goes out after all."""
    moments = [at(due), *map(at, planned_at)]
    found = another_moment(at(due), at(now), open_until(last), moments, NONE_PUBLISHED)
    return f"{found:%d/%m/%Y %H:%M}" if found else None


def test_a_missed_reminder_goes_out_at_once_by_day_and_else_on_the_next_working_day() -> None:
    assert again("24/03/2027 08:00", "25/03/2027 14:00") == "25/03/2027 14:00"
    assert again("24/03/2027 08:00", "25/03/2027 21:00") == "26/03/2027 08:00"
    assert again("24/03/2027 08:00", "27/03/2027 10:00") == "29/03/2027 08:00"
    assert again("24/03/2027 08:00", "25/03/2027 06:00") == "25/03/2027 08:00"


def test_a_missed_reminder_gives_way_to_the_one_that_goes_out_by_then() -> None:
    assert again("24/03/2027 08:00", "27/03/2027 10:00", "29/03/2027 08:00") is None
    assert again("24/03/2027 08:00", "26/03/2027 07:40", "26/03/2027 08:00") is None
    assert again("24/03/2027 08:00", "25/03/2027 07:40", "26/03/2027 08:00") == "25/03/2027 07:40"


def test_after_the_last_moment_by_day_a_missed_reminder_is_of_no_use() -> None:
    assert again("24/03/2027 08:00", "31/03/2027 20:30") is None


def test_a_day_that_came_while_nobody_could_say_so_is_told_by_day() -> None:
    assert late_day(at("24/03/2027 14:00"), NONE_PUBLISHED) == at("24/03/2027 14:00")
    assert late_day(at("26/03/2027 21:00"), NONE_PUBLISHED) == at("29/03/2027 08:00")
