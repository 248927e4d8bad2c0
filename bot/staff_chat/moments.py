"""Moments as staff type them: "8h", "14h30 mai", "8h30 22/11", "22/11/2026 08:00"."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final

from knowledge.clock import VIETNAM

_HOUR: Final = re.compile(r"(?<![\d/])(\d{1,2})\s*(?:h|:|giờ|gio|g)\s*(\d{2})?(?![\d/])")
_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?(?!\d)")
_TOMORROW: Final = re.compile(r"\bmai\b")


def read_moment(text: str, now: datetime) -> datetime | None:
    """The next such moment after *now*, in Viet Nam; None where no hour can be read.

    Without a day it is today, or tomorrow where today's has passed; a day without a year is the
    next one of that name. A moment that is wholly written out is given as it is, past or not.
    """
    words = re.sub(r"\s*([/:-])\s*", r"\1", text.lower())
    hour, day = _HOUR.search(words), _DAY.search(words)
    if hour is None:
        return None
    here = now.astimezone(VIETNAM)
    try:
        at = time(int(hour[1]), int(hour[2] or 0))
        if day is None:
            date = here.date() + timedelta(days=bool(_TOMORROW.search(words)))
            found = datetime.combine(date, at, VIETNAM)
            return found if found > here else found + timedelta(days=1)
        year = int(day[3] or here.year)
        found = datetime(year, int(day[2]), int(day[1]), at.hour, at.minute, tzinfo=VIETNAM)
        return found if day[3] or found > here else found.replace(year=year + 1)
    except ValueError:
        return None
