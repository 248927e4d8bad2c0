"""Calendar months, counted from a day to the day of the same number.

A month that has no such day ends on its last one: 36 months from 29/02/2024 are full on 28/02/2027.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

MONTHS_A_YEAR = 12


def add_months(day: date, months: int) -> date:
    """The day on which *months* from *day* are full. Negative *months* count back."""
    years, month = divmod(day.month - 1 + months, MONTHS_A_YEAR)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
