"""Working time: hours of the day, weekends and holidays, and that counting is its own inverse."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.clock import VIETNAM
from knowledge.entries import Holidays
from knowledge.workhours import USUAL, WorkingTime, spans_in

OFFICE = WorkingTime(USUAL, Holidays(frozenset(), frozenset()))
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-01")
moments = st.datetimes(FIRST, LAST).map(lambda bare: bare.replace(microsecond=0, tzinfo=VIETNAM))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20 12:00", "2026-11-20 13:30"),
        ("2026-11-20 17:00", "2026-11-23 07:30"),  # Friday evening
        ("2026-08-31 17:30", "2026-09-03 07:30"),  # the two days of the National Day
        ("2026-04-29 18:00", "2026-05-04 07:30"),  # 30/4, 1/5 and a weekend
    ],
)
def test_work_begins_again_after_lunch_the_weekend_and_holidays(moment: str, opens: str) -> None:
    assert OFFICE.opens(at(moment)) == at(opens)
    assert OFFICE.is_on(at(moment)) == (moment == opens)


def test_working_time_is_counted_over_a_weekend() -> None:
    assert OFFICE.passed(at("2026-11-20 16:00"), at("2026-11-23 08:30")) == timedelta(hours=2)
    assert OFFICE.passed(at("2026-11-23 08:30"), at("2026-11-20 16:00")) == timedelta(0)


@settings(deadline=None)
@given(since=moments, minutes=st.integers(1, 3000))
def test_after_so_much_work_exactly_so_much_has_passed(since: datetime, minutes: int) -> None:
    amount = timedelta(minutes=minutes)
    then = OFFICE.after(since, amount)

    assert OFFICE.passed(since, then) == amount
    assert OFFICE.passed(since, then - timedelta(seconds=1)) < amount


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Thứ Hai–thứ Sáu, 7h30–11h30 và 13h30–17h", USUAL),
        ("07:30 - 11:30, 13:30 - 17:00", USUAL),
        ("8 giờ đến 16 giờ 30", ((time(8), time(16, 30)),)),
        ("trong giờ hành chính", ()),
        ("17h–7h", ()),
        ("", ()),
    ],
)
def test_the_hours_are_read_as_people_write_them(
    text: str, spans: tuple[tuple[time, time], ...]
) -> None:
    assert spans_in(text) == spans
