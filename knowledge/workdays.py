"""Vietnamese working days: weekends, the law's public holidays, and the published swaps.

The library knows the days of Bộ luật Lao động 45/2019/QH14, Điều 112, and the swaps that were
published before its release; `rules/holidays.yaml` adds what was published since, and wins.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.entries import Holidays

if TYPE_CHECKING:
    from holidays import HolidayBase


@lru_cache(maxsize=8)
def _calendar(year: int) -> HolidayBase:
    import holidays  # 40 ms that only a question about a date should pay

    return holidays.country_holidays("VN", years=year)


def is_working(day: date, published: Holidays) -> bool:
    if day in published.make_up:
        return True
    if day in published.days_off:
        return False
    return _calendar(day.year).is_working_day(day)


def working_days(today: date, last: date, published: Holidays) -> int:
    """How many working days remain after *today*, up to and with *last*; 0 once it has passed."""
    days = (today + timedelta(n) for n in range(1, (last - today).days + 1))
    return sum(is_working(day, published) for day in days)
