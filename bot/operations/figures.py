"""The figures of a period, each counted from recorded rows that can be listed one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.periods import Period
from bot.operations.rights import Actor, Right, allowed
from bot.store import figure_rows
from bot.store import figures as store
from bot.store.figure_rows import Call, Left, Page, Question, Sent, Stood
from bot.store.figures import Announced, Span, Stopped
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
    called: int  # requests for a person
    answered: int
    half_answered_in: timedelta | None  # of working time; None while nobody was answered
    rated: Mapping[str, int]

    @property
    def questions(self) -> int:
        return sum(self.outcomes.get(each, 0) for each in store.QUESTIONS)


async def gather(db: AsyncConnection, period: Period, knowledge: Knowledge, by: Actor) -> Figures:
    """Count everything. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    span = _span(period)
    answered = await store.answered(db, span)
    return Figures(
        period,
        people=await store.people(db, span),
        outcomes=await store.outcomes(db, span),
        topics=_by_topic(await store.by_entries(db, span), knowledge),
        left_open=tuple(await store.left_open(db, span, TOP)),
        forms=_most(await store.by_form(db, span)),
        programmes=_most(await store.by_programme(db, span, REGISTER)),
        communes=_most(await store.by_commune(db, span, REGISTER)),
        funnels=tuple(_funnels(await store.stopped(db, span), knowledge)),
        broadcasts=tuple(await store.announced(db, span)),
        called=await store.called(db, span),
        answered=len(answered),
        half_answered_in=_median(answered, knowledge),
        rated=await store.rated(db, span),
    )


async def questions(
    db: AsyncConnection, period: Period, by: Actor, page: Page
) -> Sequence[Question]:
    """List the questions behind the figures, the newest first. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await figure_rows.questions(db, _span(period), page)


async def left_open(db: AsyncConnection, period: Period, by: Actor, page: Page) -> Sequence[Left]:
    """List the questions that nobody has settled yet. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await figure_rows.left_open(db, _span(period), page)


async def submitted(db: AsyncConnection, period: Period, by: Actor, page: Page) -> Sequence[Sent]:
    """List the forms that were handed in. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await figure_rows.submitted(db, _span(period), page)


async def stood(
    db: AsyncConnection, period: Period, knowledge: Knowledge, by: Actor, page: Page
) -> Sequence[Stood]:
    """List where those last stood who did not finish a form. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    concluding = [each.id for each in knowledge.forms.values() if each.concludes]
    return await figure_rows.stood(db, _span(period), concluding, SUMMARY, page)


async def calls(db: AsyncConnection, period: Period, by: Actor, page: Page) -> Sequence[Call]:
    """List the requests for a person. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await figure_rows.calls(db, _span(period), page)


async def broadcasts(
    db: AsyncConnection, period: Period, by: Actor, page: Page
) -> Sequence[Announced]:
    """List the broadcasts that began. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.announced(db, _span(period), page.limit, page.offset)


def took(call: Call, knowledge: Knowledge) -> timedelta | None:
    """How much working time passed until the first answer."""
    if call.answered_at is None:
        return None
    return working_time(knowledge).passed(call.at, call.answered_at)


def _span(period: Period) -> Span:
    return Span(period.since, period.until)


def _median(
    answered: Iterable[tuple[datetime, datetime]], knowledge: Knowledge
) -> timedelta | None:
    """In how much working time the faster half of the answers came."""
    hours = working_time(knowledge)
    waited = sorted(hours.passed(since, until) for since, until in answered)
    return waited[(len(waited) - 1) // 2] if waited else None


def _by_topic(counted: Iterable[tuple[tuple[str, ...], int]], knowledge: Knowledge) -> Counted:
    topics: Counter[str] = Counter()
    for entries, times in counted:
        found = {knowledge.entries[each].topic for each in entries if each in knowledge.entries}
        topics.update(dict.fromkeys(found, times))
    return tuple(topics.most_common())


def _funnels(stood: Sequence[Stopped], knowledge: Knowledge) -> Iterable[Funnel]:
    """The most opened form first."""
    found = []
    for form in dict.fromkeys(each.form for each in stood):
        there = [each for each in stood if each.form == form]
        began = sum(each.people for each in there)
        left = Counter[str]()
        for each in there:
            if not _finished(each, knowledge):
                left[each.step] += each.people
        found.append(Funnel(form, began, began - left.total(), _most(left)))
    return sorted(found, key=lambda each: (-each.began, each.form))


def _finished(stood: Stopped, knowledge: Knowledge) -> bool:
    """Whether they came to the end: handed in, or to the conclusion of a form that has one."""
    form = knowledge.forms.get(stood.form)
    return stood.sent or (form is not None and form.concludes and stood.step == SUMMARY)


def _most(counted: Mapping[str, int]) -> Counted:
    return tuple(sorted(counted.items(), key=lambda each: (-each[1], each[0])))
