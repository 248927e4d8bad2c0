"""Periods of days as people name them: "tuần này", "tháng 10", "quý III/2026", "1/10-15/11"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from knowledge.clock import VIETNAM
from knowledge.text import fold

USUAL_DAYS: Final = 30
LONGEST: Final = 60  # characters: nobody names a period in more
MONTHS_OF_A_QUARTER: Final = 3
_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?!\d)")
_NAMED: Final = re.compile(r"(thang|quy|nam)\s+(\d{1,4}|i{1,3}|iv)(?:\D+(\d{4}))?")
_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_PAST: Final = re.compile(r"(\d{1,3}) ngay (?:qua|vua qua|gan day)")
_SPAN: Final = re.compile(r"(?:tu )?(.+?) (?:den|toi) (.+)")
_NOW: Final = frozenset({"nay", "hom nay", "bay gio"})


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
    if len(words) > LONGEST:
        return None
    if not asked:
        return usual(today)
    if asked in _RELATIVE:
        return _RELATIVE[asked](today)
    try:
        if days := _DAY.findall(words):
            first = _day(days[0], today)
            last = _last_day(days[-1], first, today)
            if len(days) == 1 and (span := _SPAN.fullmatch(asked)):
                last = today if span[2] in _NOW else date.min
            return Period(first, last) if first <= last else None
        if named := _NAMED.fullmatch(asked):
            number = _ROMAN.get(named[2], named[2])
            return _named(named[1], int(number), named[3], today)
        if past := _PAST.fullmatch(asked):
            return Period(today - timedelta(days=max(1, int(past[1])) - 1), today)
    except (ValueError, OverflowError):
        return None
    return _from_to(asked, today)


def _from_to(asked: str, today: date) -> Period | None:
    """From the first day of one period to the last of another: "từ tháng 7 đến tháng 9"."""
    span = _SPAN.fullmatch(asked)
    if span is None:
        return None
    first = read_period(span[1].removeprefix("dau "), today)
    last = Period(today, today) if span[2] in _NOW else read_period(span[2], today)
    if first is None or last is None or first.first > last.last:
        return None
    return Period(first.first, last.last)


def _day(found: tuple[str, str, str], today: date) -> date:
    day, month, year = found
    read = date(int(year or today.year), int(month), int(day))
    return read if year or read <= today else read.replace(year=today.year - 1)


def _last_day(found: tuple[str, str, str], first: date, today: date) -> date:
    """The day that ends a period: of the year in which it begins, or the next where that was."""
    day, month, year = found
    read = date(int(year or first.year), int(month), int(day))
    if year or read >= first:
        return read
    later = read.replace(year=first.year + 1)
    return later if later <= today else read


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
    "tuan roi": week_before,
    "tuan qua": week_before,
    "tuan vua roi": week_before,
    "tuan vua qua": week_before,
    "thang nay": lambda today: _month(today.month, today.year),
    "thang truoc": _last_month,
    "thang roi": _last_month,
    "thang qua": _last_month,
    "thang vua roi": _last_month,
    "thang vua qua": _last_month,
    "quy nay": _this_quarter,
    "quy truoc": lambda today: _this_quarter(_this_quarter(today).first - timedelta(days=1)),
    "nam": lambda today: Period(date(today.year, 1, 1), date(today.year, 12, 31)),
    "thang": lambda today: _month(today.month, today.year),
    "nam nay": lambda today: Period(date(today.year, 1, 1), date(today.year, 12, 31)),
    "nam ngoai": lambda today: Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
}
