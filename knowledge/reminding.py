"""When to remind of a deadline: never by night, never late, on a day off only if it is the last.

Times are planned anew from the deadline whenever it changes; what is queued follows by difference.
Nothing here sends: the plan becomes delivery rows with a due time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.clock import VIETNAM
from knowledge.entries import Holidays
from knowledge.rules import Standing, State
from knowledge.workdays import is_working

DAYS_BEFORE = (14, 7, 3, 1)
SENT_AT = time(8, 0)
WAKES, SLEEPS = time(7, 30), time(20, 0)
LONGEST_WAIT = 30  # days; no run of days off is nearly as long
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """How queued reminders follow a deadline that changed."""

    cancel: tuple[datetime, ...]
    add: tuple[datetime, ...]


def plan(
    standing: Standing,
    now: datetime,
    published: Holidays,
    days_before: Iterable[int] = DAYS_BEFORE,
) -> tuple[datetime, ...]:
    """When to remind, soonest first, all after *now*; nothing for a deadline without a day ahead.

    A day off gives way to the working day before it, so that there is still time to act; one that
    has passed already gives way to the next possible day, the last day at the latest.
    """
    if standing.last_day is None or standing.state is State.CLOSED:
        return ()
    possible = list(_possible(standing, standing.last_day, now, published))
    chosen = set()
    for days in set(days_before):
        wanted = _at(standing.last_day - days * _DAY)
        if wanted <= now:
            continue
        before = [moment for moment in possible if moment <= wanted]
        after = [moment for moment in possible if moment > wanted]
        chosen.update(before[-1:] or after[:1])
    return tuple(sorted(chosen))


def remind_on(day: date, now: datetime, published: Holidays) -> datetime:
    """When to say that *day* has come: that day, or the first working day after it or *now*."""
    start = max(day, now.date())
    moments = (_at(start + n * _DAY) for n in range(LONGEST_WAIT + 1))
    return next(m for m in moments if m > now and is_working(m.date(), published))


def late_day(now: datetime, published: Holidays) -> datetime:
    """When to say that a day has come where it came while nobody could: now, or soon."""
    if awake(now) and is_working(now.date(), published):
        return now
    return remind_on(now.date(), now, published)


def moved(queued: Iterable[datetime], planned: Iterable[datetime]) -> Moved:
    """What to cancel and what to add so that *queued* becomes *planned*; the rest stays."""
    old, new = set(queued), set(planned)
    return Moved(tuple(sorted(old - new)), tuple(sorted(new - old)))


def still_useful(
    due: datetime, now: datetime, standing: Standing, later: Iterable[datetime]
) -> bool:
    """Whether a reminder that was *due* while nobody could send may still go out.

    Not once the deadline has passed or has lost its day, and not where a later reminder of the same
    deadline is due by now as well: of several that were missed, one goes out.
    """
    if standing.last_day is None or standing.state is State.CLOSED:
        return False
    return not any(due < other <= now for other in later)


def another_moment(
    due: datetime,
    now: datetime,
    standing: Standing,
    planned: Collection[datetime],
    published: Holidays,
) -> datetime | None:
    """When a reminder that was *due* while nobody could send may still go out: now, or later.

    None where it is of no use any more, also because another one of the same deadline, among all
    that are *planned*, goes out by that day.
    """
    if standing.last_day is None or not still_useful(due, now, standing, planned):
        return None
    if may_send(now, standing, published):
        moment = now
    else:
        following = next(_possible(standing, standing.last_day, now, published), None)
        if following is None:
            return None
        moment = following
    if any(due < other and other.date() <= moment.date() for other in planned):
        return None
    return moment


def may_send(now: datetime, standing: Standing, published: Holidays) -> bool:
    """Whether a reminder may go out at this very moment."""
    if standing.last_day is None or standing.state is State.CLOSED or not awake(now):
        return False
    return is_working(now.date(), published) or now.date() == standing.last_day


def awake(moment: datetime) -> bool:
    return WAKES <= moment.time() < SLEEPS


def _possible(
    standing: Standing, last: date, now: datetime, published: Holidays
) -> Iterator[datetime]:
    """The moments from *now* to the deadline at which a reminder may go out, one a day."""
    closes = standing.deadline.closes_at
    for n in range((last - now.date()).days + 1):
        moment = _at(now.date() + n * _DAY)
        if moment <= now or (moment.date() == last and closes and moment.time() >= closes):
            continue
        if moment.date() == last or is_working(moment.date(), published):
            yield moment


def _at(day: date) -> datetime:
    return datetime.combine(day, SENT_AT, VIETNAM)
