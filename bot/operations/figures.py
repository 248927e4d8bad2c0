"""The figures of a period, each counted from recorded rows that can be listed one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.periods import Period
from bot.operations.rights import Actor, Right, allowed
from bot.store import figures as store
from bot.store.figures import Announced, Call, Question, Sent, Span, Stood
from handlers.drafts import SUMMARY
from knowledge.entries import Knowledge
from knowledge.workhours import working_time

TOP: Final = 5
REGISTER: Final = "register"  # the form whose programmes and communes are counted

Counted = tuple[tuple[str, int], ...]  # names and numbers, the largest first


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many went through a form, and where those who did not finish it last stood."""

    form: str
    began: int
    finished: int
    stopped_at: Counted


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one period. Names are ids of the knowledge; communes are as people wrote."""

    period: Period
    people: int
    outcomes: Mapping[str, int]
    topics: Counted
    left_open: Counted
    forms: Counted
    programmes: Counted
    communes: Counted
    funnels: tuple[Funnel, ...]
    broadcasts: tuple[Announced, ...]
    calls: tuple[Call, ...]
    half_answered_in: timedelta | None  # of working time; None while nobody was answered

    @property
    def questions(self) -> int:
        return sum(self.outcomes.get(each, 0) for each in store.QUESTIONS)


async def gather(db: AsyncConnection, period: Period, knowledge: Knowledge, by: Actor) -> Figures:
    """Count everything. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    span = Span(period.since, period.until)
    sent = await store.submitted(db, span)
    calls = await store.calls(db, span)
    registered = [each for each in sent if each.form == REGISTER]
    return Figures(
        period,
        people=await store.people(db, span),
        outcomes=await store.outcomes(db, span),
        topics=_by_topic(await store.by_entries(db, span), knowledge),
        left_open=tuple(await store.left_open(db, span, TOP)),
        forms=_most(each.form for each in sent),
        programmes=_most(name for each in registered for name in each.programmes),
        communes=_most(each.commune for each in registered if each.commune),
        funnels=tuple(_funnels(await store.stood(db, span), knowledge)),
        broadcasts=tuple(await store.announced(db, span)),
        calls=tuple(calls),
        half_answered_in=_median(calls, knowledge),
    )


async def questions(
    db: AsyncConnection, period: Period, by: Actor, limit: int, offset: int = 0
) -> Sequence[Question]:
    """List the questions behind the figures, the newest first. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.questions(db, Span(period.since, period.until), limit, offset)


async def submitted(db: AsyncConnection, period: Period, by: Actor) -> Sequence[Sent]:
    """List the forms that were handed in. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.submitted(db, Span(period.since, period.until))


async def stood(db: AsyncConnection, period: Period, by: Actor) -> Sequence[Stood]:
    """List where everybody last stood in a form. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.stood(db, Span(period.since, period.until))


def finished(stood: Stood, knowledge: Knowledge) -> bool:
    """Whether somebody came to the end: handed in, or to the conclusion of a form that has one."""
    form = knowledge.forms.get(stood.form)
    return stood.sent or (form is not None and form.concludes and stood.step == SUMMARY)


async def calls(db: AsyncConnection, period: Period, by: Actor) -> Sequence[Call]:
    """List the requests for a person. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.calls(db, Span(period.since, period.until))


def _median(calls: Iterable[Call], knowledge: Knowledge) -> timedelta | None:
    """In how much working time the faster half of the answers came."""
    hours = working_time(knowledge)
    waited = sorted(
        hours.passed(each.at, each.answered_at) for each in calls if each.answered_at is not None
    )
    return waited[(len(waited) - 1) // 2] if waited else None


def _by_topic(counted: Iterable[tuple[tuple[str, ...], int]], knowledge: Knowledge) -> Counted:
    topics: Counter[str] = Counter()
    for entries, times in counted:
        found = {knowledge.entries[each].topic for each in entries if each in knowledge.entries}
        topics.update(dict.fromkeys(found, times))
    return tuple(topics.most_common())


def _funnels(stood: Sequence[Stood], knowledge: Knowledge) -> Iterable[Funnel]:
    for form in dict.fromkeys(each.form for each in stood):
        there = [each for each in stood if each.form == form]
        stopped = [each for each in there if not finished(each, knowledge)]
        ended = len(there) - len(stopped)
        yield Funnel(form, len(there), ended, _most(each.step for each in stopped))


def _most(names: Iterable[str]) -> Counted:
    return tuple(sorted(Counter(names).items(), key=lambda each: (-each[1], each[0])))
