"""Working days in Việt Nam, against calendars written out by hand."""

from __future__ import annotations

from datetime import date, timedelta

from knowledge.entries import Holidays
from knowledge.workdays import is_working, working_days

NOTHING = Holidays(frozenset(), frozenset())

# Tết Đinh Mùi: mùng Một is 06/02/2027; of January 25 to February 19 these are worked.
TET_2027 = {
    date(2027, month, day)
    for month, days in {
        1: (25, 26, 27, 28, 29),
        2: (1, 2, 3, 11, 12, 15, 16, 17, 18, 19),
    }.items()
    for day in days
}


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def test_tet_and_its_weekends_are_no_working_days() -> None:
    days = span(date(2027, 1, 25), date(2027, 2, 19))

    assert {day for day in days if is_working(day, NOTHING)} == TET_2027


def test_on_each_day_around_tet_the_days_left_are_those_still_to_come() -> None:
    last = date(2027, 2, 16)

    for today in span(date(2027, 1, 25), last):
        assert working_days(today, last, NOTHING) == len(
            [day for day in TET_2027 if today < day <= last]
        ), today


def test_nothing_is_left_on_the_last_day_and_after_it() -> None:
    last = date(2027, 3, 31)

    assert working_days(last, last, NOTHING) == 0
    assert working_days(last + timedelta(days=9), last, NOTHING) == 0


def test_a_swap_known_to_the_library_is_counted() -> None:
    """2026: the Monday before Quốc khánh is off, and made up on Saturday 22/08."""
    assert is_working(date(2026, 8, 22), NOTHING)
    assert not is_working(date(2026, 8, 31), NOTHING)


def test_a_published_swap_goes_before_the_library() -> None:
    monday, saturday = date(2027, 5, 10), date(2027, 5, 15)
    published = Holidays(frozenset({monday}), frozenset({saturday}))

    assert not is_working(monday, published)
    assert is_working(saturday, published)
    assert working_days(date(2027, 5, 9), date(2027, 5, 16), published) == 5


def test_a_public_holiday_may_be_made_a_working_day() -> None:
    new_year = date(2027, 1, 1)

    assert not is_working(new_year, NOTHING)
    assert is_working(new_year, Holidays(frozenset(), frozenset({new_year})))
