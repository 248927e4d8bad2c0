"""Periods of days as people name them: "tuần này", "tháng 10", "quý 3/2026", "1/10-15/11"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from knowledge.clock import VIETNAM
from knowledge.text import fold

USUAL_DAYS: Final = 30
MONTHS_OF_A_QUARTER: Final = 3
_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?!\d)")
_NAMED: Final = re.compile(r"(thang|quy|nam)\s+(\d{1,4})(?:\D+(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both whole, in Viet Nam."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, VIETNAM)

    @property
    def until(self) -> datetime:
        """The first moment that is not in it any more."""
        return datetime.combine(self.last + timedelta(days=1), time.min, VIETNAM)


def usual(today: date) -> Period:
    """The thirty days up to today."""
    return Period(today - timedelta(days=USUAL_DAYS - 1), today)


def week_before(today: date) -> Period:
    """The last whole week, Monday to Sunday."""
    monday = today - timedelta(days=today.weekday() + 7)
    return Period(monday, monday + timedelta(days=6))


def read_period(words: str, today: date) -> Period | None:
    """The period that *words* name; the usual one for no words, None for words that name none.

    A month or quarter without a year is the latest that has begun.
    """
    asked = fold(words)
    if not asked:
        return usual(today)
    if asked in _RELATIVE:
        return _RELATIVE[asked](today)
    try:
        if days := _DAY.findall(words):
            first, last = (_day(found, today) for found in (days[0], days[-1]))
            return Period(first, last) if first <= last else None
        if named := _NAMED.fullmatch(asked):
            return _named(named[1], int(named[2]), named[3], today)
    except ValueError:
        return None
    return None


def _day(found: tuple[str, str, str], today: date) -> date:
    day, month, year = found
    read = date(int(year or today.year), int(month), int(day))
    return read if year or read <= today else read.replace(year=today.year - 1)


def _named(unit: str, number: int, year: str, today: date) -> Period | None:
    if unit == "nam":
        return Period(date(number, 1, 1), date(number, 12, 31))
    begin = _month if unit == "thang" else _quarter
    found = begin(number, int(year or today.year))
    return found if year or found.first <= today else begin(number, today.year - 1)


def _month(number: int, year: int) -> Period:
    first = date(year, number, 1)
    return Period(first, _month_after(first) - timedelta(days=1))


def _quarter(number: int, year: int) -> Period:
    first = date(year, (number - 1) * MONTHS_OF_A_QUARTER + 1, 1)
    last_month = date(year, first.month + MONTHS_OF_A_QUARTER - 1, 1)
    return Period(first, _month_after(last_month) - timedelta(days=1))


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _this_week(today: date) -> Period:
    monday = today - timedelta(days=today.weekday())
    return Period(monday, monday + timedelta(days=6))


def _this_quarter(today: date) -> Period:
    return _quarter((today.month - 1) // MONTHS_OF_A_QUARTER + 1, today.year)


def _last_month(today: date) -> Period:
    before = today.replace(day=1) - timedelta(days=1)
    return _month(before.month, before.year)


_RELATIVE: Final[Mapping[str, Callable[[date], Period]]] = {
    "hom nay": lambda today: Period(today, today),
    "hom qua": lambda today: Period(today - timedelta(days=1), today - timedelta(days=1)),
    "tuan nay": _this_week,
    "tuan truoc": week_before,
    "thang nay": lambda today: _month(today.month, today.year),
    "thang truoc": _last_month,
    "quy nay": _this_quarter,
    "nam nay": lambda today: Period(date(today.year, 1, 1), date(today.year, 12, 31)),
    "nam ngoai": lambda today: Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
}
