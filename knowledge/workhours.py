"""When the department works: its hours on working days, and how much of them lies between moments.

The hours are those that `organisation.yaml` writes for people ("7h30–11h30, 13h30–17h"), read where
they name spans of a day; otherwise the usual ones of the administration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from knowledge.clock import VIETNAM
from knowledge.entries import Holidays, Knowledge
from knowledge.workdays import is_working

Span = tuple[time, time]

USUAL: Final[tuple[Span, ...]] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
LONGEST_REST: Final = 60  # days: no holiday is longer, so a calendar that never works is an error
_HOUR: Final = r"(2[0-3]|[01]?\d)\s*(?:giờ|h|:|g)\s*([0-5]\d)?"
_SPAN: Final = re.compile(rf"{_HOUR}\s*(?:-|–|—|đến|tới)\s*{_HOUR}")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The working hours of every day, past and to come."""

    spans: tuple[Span, ...]
    holidays: Holidays

    def is_on(self, moment: datetime) -> bool:
        """Whether somebody is at work at this moment."""
        here = moment.astimezone(VIETNAM)
        return any(start <= here < end for start, end in self._of(here.date()))

    def passed(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two moments; none where the second is earlier."""
        since, until = since.astimezone(VIETNAM), until.astimezone(VIETNAM)
        total, day = timedelta(0), since.date()
        while day <= until.date():
            for start, end in self._of(day):
                total += max(timedelta(0), min(end, until) - max(start, since))
            day += timedelta(days=1)
        return total

    def after(self, since: datetime, amount: timedelta) -> datetime:
        """The first moment at which so much working time has passed since another."""
        since = since.astimezone(VIETNAM)
        for start, end in self._from(since):
            begins = max(start, since)
            if amount <= end - begins:
                return begins + amount
            amount -= max(timedelta(0), end - begins)
        raise ValueError("nobody ever works")

    def opens(self, moment: datetime) -> datetime:
        """When somebody is at work: the moment itself, or the beginning of the next span."""
        here = moment.astimezone(VIETNAM)
        return next(max(start, here) for start, end in self._from(here) if here < end)

    def _from(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of the day of *since* and of those after it."""
        day, rested = since.date(), 0
        while rested <= LONGEST_REST:
            spans = tuple(self._of(day))
            yield from spans
            rested = 0 if spans else rested + 1
            day += timedelta(days=1)

    def _of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if is_working(day, self.holidays):
            for start, end in self.spans:
                yield datetime.combine(day, start, VIETNAM), datetime.combine(day, end, VIETNAM)


def working_time(knowledge: Knowledge) -> WorkingTime:
    return WorkingTime(spans_in(knowledge.organisation.hours) or USUAL, knowledge.holidays)


def spans_in(text: str) -> tuple[Span, ...]:
    """The spans of a day that *text* names; none where it names none, or one that cannot be."""
    spans = [
        (time(int(hour), int(minute or 0)), time(int(end), int(end_minute or 0)))
        for hour, minute, end, end_minute in _SPAN.findall(text)
    ]
    moments = [moment for span in spans for moment in span]
    return tuple(spans) if moments == sorted(set(moments)) else ()
