"""The one time zone of the subject matter. Nothing here reads a clock."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def noon(day: date) -> datetime:
    """A moment of *day* in Việt Nam, for questions that only the day decides."""
    return datetime.combine(day, time(12), VIETNAM)
