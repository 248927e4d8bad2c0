"""What holds on a given day: sources, entries, deadlines. The code knows no decree and no date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from knowledge.entries import Deadline, Entry, Knowledge, Source
from knowledge.workdays import working_days

CLOSING_WITHIN = timedelta(days=7)


class State(StrEnum):
    """Where a deadline stands on the asked day."""

    UNANNOUNCED = "chưa công bố"
    NOT_OPEN = "chưa mở"
    OPEN = "đang mở"
    CLOSING = "sắp hết"
    CLOSED = "đã hết"


@dataclass(frozen=True, slots=True)
class Standing:
    """A deadline seen from one moment. On the last valid day `days_left` is 0.

    `last_day` is the last day that still counts; None, like the counts, when nothing was announced.
    """

    deadline: Deadline
    state: State
    last_day: date | None = None
    days_left: int | None = None
    working_days_left: int | None = None


def lapsed_source(knowledge: Knowledge, entry: Entry, day: date) -> Source | None:
    """The first cited source that no longer holds on *day*, or None."""
    for citation in entry.citations:
        source = knowledge.sources[citation.source]
        if source.in_force_until is not None and source.in_force_until <= day:
            return source
    return None


def coming_source(knowledge: Knowledge, entry: Entry, day: date) -> Source | None:
    """The cited source that comes into force last, if that is after *day*, or None."""
    coming = [
        source
        for citation in entry.citations
        if ((source := knowledge.sources[citation.source]).in_force_from or date.min) > day
    ]
    return max(coming, key=lambda source: source.in_force_from or date.min, default=None)


def expired(entry: Entry, day: date) -> bool:
    """Whether its author gave *entry* an end, its first day of not being valid, that has come."""
    return entry.valid_until is not None and entry.valid_until <= day


def holds(knowledge: Knowledge, entry: Entry, day: date) -> bool:
    """Whether *entry* may be spoken as the rule of *day*."""
    if expired(entry, day) or (entry.valid_from and day < entry.valid_from):
        return False
    return all(knowledge.sources[citation.source].holds_on(day) for citation in entry.citations)


def last_valid_day(deadline: Deadline) -> date | None:
    if deadline.closes_on is None or deadline.inclusive:
        return deadline.closes_on
    return deadline.closes_on - timedelta(days=1)


def standing(knowledge: Knowledge, deadline: Deadline, now: datetime) -> Standing:
    """Count from *now*, in Việt Nam's time, to the last valid day; its closing hour ends it."""
    last, today = last_valid_day(deadline), now.date()
    if last is None:
        return Standing(deadline, State.UNANNOUNCED)
    hour_passed = deadline.closes_at is not None and now.time() > deadline.closes_at
    if today > last or (today == last and hour_passed):
        return Standing(deadline, State.CLOSED, last)
    left = last - today
    if deadline.opens_on and today < deadline.opens_on:
        state = State.NOT_OPEN
    else:
        state = State.CLOSING if left <= CLOSING_WITHIN else State.OPEN
    workdays = working_days(today, last, knowledge.holidays)
    return Standing(deadline, state, last, left.days, workdays)


def key_of(deadline: Deadline) -> str:
    """What names a deadline for good; one of our own province keeps the national one's key."""
    return f"{deadline.programme}.{deadline.milestone}.{deadline.year}"


def known_deadlines(knowledge: Knowledge, now: datetime) -> list[Standing]:
    """Every deadline of this year and later that counts here: by day, then those without one."""
    found = [
        standing(knowledge, deadline, now)
        for deadline in _of_our_province(knowledge)
        if deadline.year >= now.year or (last_valid_day(deadline) or date.min) >= now.date()
    ]
    return sorted(found, key=lambda each: (each.last_day or date.max, each.deadline.year))


def standing_of(knowledge: Knowledge, key: str, now: datetime) -> Standing | None:
    """How the deadline of this key stands at *now*, or None where there is none any more."""
    found = (each for each in _of_our_province(knowledge) if key_of(each) == key)
    return next((standing(knowledge, each, now) for each in found), None)


def next_deadline(
    knowledge: Knowledge, programme: str, milestone: str, now: datetime
) -> Standing | None:
    """The deadline to name now, or None where nothing is known of this year and later.

    First the nearest still open, then the nearest unannounced, then this year's closed one. A
    deadline of the department's own province replaces the national one of the same year.
    """
    ours = _standings(knowledge, programme, milestone, now)
    ahead = [s for s in ours if s.last_day and s.state is not State.CLOSED]
    if ahead:
        return min(ahead, key=lambda s: s.last_day or date.max)
    unannounced = [s for s in ours if s.state is State.UNANNOUNCED and s.deadline.year >= now.year]
    if unannounced:
        return min(unannounced, key=lambda s: s.deadline.year)
    return closed_this_year(knowledge, programme, milestone, now)


def closed_this_year(
    knowledge: Knowledge, programme: str, milestone: str, now: datetime
) -> Standing | None:
    """This year's deadline if it has passed: what comes next must not hide it."""
    for each in _standings(knowledge, programme, milestone, now):
        if each.state is State.CLOSED and each.deadline.year == now.year:
            return each
    return None


def _standings(
    knowledge: Knowledge, programme: str, milestone: str, now: datetime
) -> list[Standing]:
    return [
        standing(knowledge, deadline, now)
        for deadline in _of_our_province(knowledge)
        if deadline.programme == programme and deadline.milestone == milestone
    ]


def _of_our_province(knowledge: Knowledge) -> Iterable[Deadline]:
    ours = knowledge.organisation.province
    local = {
        (d.programme, d.milestone, d.year)
        for d in knowledge.deadlines
        if d.province and d.province == ours
    }
    for deadline in knowledge.deadlines:
        key = (deadline.programme, deadline.milestone, deadline.year)
        if deadline.province:
            if deadline.province == ours:
                yield deadline
        elif key not in local:
            yield deadline
