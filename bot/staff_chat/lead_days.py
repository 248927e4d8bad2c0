"""Days as staff type them: "30/11", "mai", "10 ngày nữa", "thứ Sáu tuần sau", "cuối tháng"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from knowledge.text import fold

_DAY: Final = re.compile(r"(?:ngay )?(\d{1,2})(?: thang)? (\d{1,2})(?: (?:nam )?(\d{4}))?")
_AHEAD: Final = re.compile(r"(?:sau )?(\d{1,3}) (ngay|tuan)(?: nua)?")
_WEEKDAY: Final = re.compile(r"(?:thu (\w+)|t([2-7])|(chu nhat|cn))(?: tuan (nay|sau|toi))?")
_NUMBERS: Final[Mapping[str, int]] = {
    **{str(number): number - 2 for number in range(2, 8)},
    **{name: at for at, name in enumerate(("hai", "ba", "tu", "nam", "sau", "bay"))},
}
_SUNDAY: Final = 6


def read_day(typed: str, today: date) -> date | None:
    """The day that is meant; None for anything else.

    A day without a year, a weekday and an end of something are the next of that name; a weekday
    "tuần này" may have passed.
    """
    words = fold(typed)
    if words in _NAMED:
        return _NAMED[words](today)
    if ahead := _AHEAD.fullmatch(words):
        return today + timedelta(days=int(ahead[1]) * (7 if ahead[2] == "tuan" else 1))
    if weekday := _WEEKDAY.fullmatch(words):
        return _weekday(weekday, today)
    found = _DAY.fullmatch(words)
    return _date(found, today) if found else None


def _date(found: re.Match[str], today: date) -> date | None:
    try:
        day = date(int(found[3] or today.year), int(found[2]), int(found[1]))
        return day.replace(year=day.year + 1) if not found[3] and day < today else day
    except ValueError:  # no such day, or a leap day of another year
        return None


def _weekday(found: re.Match[str], today: date) -> date | None:
    at = _SUNDAY if found[3] else _NUMBERS.get(found[1] or found[2])
    if at is None:
        return None
    monday = today - timedelta(days=today.weekday())
    if found[4]:
        return monday + timedelta(days=at + (0 if found[4] == "nay" else 7))
    day = monday + timedelta(days=at)
    return day if day >= today else day + timedelta(days=7)


def _end_of_month(today: date, later: int = 0) -> date:
    month = today.year * 12 + today.month + later  # of the month after it, from 0
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)


_NAMED: Final[Mapping[str, Callable[[date], date]]] = {
    "hom nay": lambda today: today,
    "nay": lambda today: today,
    "mai": lambda today: today + timedelta(days=1),
    "ngay mai": lambda today: today + timedelta(days=1),
    "mot": lambda today: today + timedelta(days=2),
    "ngay mot": lambda today: today + timedelta(days=2),
    "ngay kia": lambda today: today + timedelta(days=2),
    "tuan sau": lambda today: today + timedelta(days=7),
    "cuoi tuan": lambda today: today + timedelta(days=(4 - today.weekday()) % 7),
    "cuoi thang": _end_of_month,
    "cuoi thang nay": _end_of_month,
    "cuoi thang sau": lambda today: _end_of_month(today, 1),
}
