"""What is counted, and the rows behind each count: nothing here estimates.

A row of a message stays when its words go by age or its person by their wish, so a figure of last
year is the same tomorrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.masking import mask

_message, _submission, _broadcast = schema.message, schema.submission, schema.broadcast
_delivery, _unanswered, _ticket = schema.delivery, schema.unanswered, schema.ticket
_SINCE = bindparam("since", type_=schema.UtcTime)
_UNTIL = bindparam("until", type_=schema.UtcTime)
QUESTIONS: Final = ("answered", "offered", "unanswered", "lapsed", "refused")


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment up to another one, which is not in it any more."""

    since: datetime
    until: datetime

    def bounds(self) -> dict[str, datetime]:
        return {"since": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of somebody: what became of it, by which entries. The text may be gone by age."""

    at: datetime
    text: str
    outcome: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a person last stood in a form. `sent` is whether they handed it in."""

    at: datetime
    form: str
    step: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was handed in and not taken back."""

    at: datetime
    form: str
    programmes: tuple[str, ...]
    commune: str


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody asked for a person: since when, and when the first answer came, if it has."""

    at: datetime
    number: int
    answered_at: datetime | None
    rated: str


@dataclass(frozen=True, slots=True)
class Announced:
    """A broadcast that began in the span, and how many people it stands how with."""

    at: datetime
    number: int
    text: str
    by_state: tuple[tuple[str, int], ...]


def _within(table: Table, column: str = "at") -> tuple[ColumnElement[bool], ...]:
    return table.c[column] >= _SINCE, table.c[column] < _UNTIL


_ASKED = _message.c.outcome.in_(QUESTIONS)
_OUTCOMES = (
    select(_message.c.outcome, func.count()).where(*_within(_message)).group_by(_message.c.outcome)
)
_ENTRIES = (
    select(_message.c.entries, func.count())
    .where(*_within(_message), _ASKED)
    .group_by(_message.c.entries)
)
_PEOPLE = (
    select(_message.c.channel, _message.c.conversation)
    .where(*_within(_message), _message.c.outcome != "staff")
    .distinct()
)
_QUESTIONS = (
    select(_message.c.at, _message.c.text, _message.c.outcome, _message.c.entries)
    .where(*_within(_message), _ASKED)
    .order_by(_message.c.at.desc(), _message.c.turn)
)
_LEFT = (
    select(_unanswered.c.question, func.count().label("times"))
    .where(*_within(_unanswered), _unanswered.c.settled_at.is_(None), _unanswered.c.question != "")
    .group_by(_unanswered.c.question)
    .order_by(func.count().desc(), _unanswered.c.question)
    .limit(bindparam("most"))
)
_SUBMITTED = (
    select(_submission.c.sent_at, _submission.c.form, _submission.c["values"])
    .where(*_within(_submission, "sent_at"), _submission.c.withdrawn_at.is_(None))
    .order_by(_submission.c.sent_at.desc(), _submission.c.id.desc())
)
_latest = (
    func.row_number()
    .over(
        partition_by=(_message.c.form, _message.c.channel, _message.c.conversation),
        order_by=(_message.c.at.desc(), _message.c.turn.desc()),
    )
    .label("nth")
)
_steps = (
    select(
        _message.c.at,
        _message.c.form,
        _message.c.step,
        _message.c.channel,
        _message.c.conversation,
        _latest,
    )
    .where(*_within(_message), _message.c.form != "")
    .subquery()
)
_handed_in = (
    select(_submission.c.id)
    .where(
        _submission.c.form == _steps.c.form,
        _submission.c.channel == _steps.c.channel,
        _submission.c.conversation == _steps.c.conversation,
    )
    .exists()
)
_STOOD = (
    select(_steps.c.at, _steps.c.form, _steps.c.step, _handed_in.label("sent"))
    .where(_steps.c.nth == 1)
    .order_by(_steps.c.at.desc(), _steps.c.form)
)
_CALLS = (
    select(_ticket.c.opened_at, _ticket.c.id, _ticket.c.answered_at, _ticket.c.rated)
    .where(*_within(_ticket, "opened_at"))
    .order_by(_ticket.c.opened_at.desc(), _ticket.c.id.desc())
)
_BROADCASTS = (
    select(_broadcast.c.id, _broadcast.c.started_at, _broadcast.c.text)
    .where(*_within(_broadcast, "started_at"))
    .order_by(_broadcast.c.started_at.desc())
)
_STATES = (
    select(_delivery.c.state, func.count())
    .where(_delivery.c.broadcast == bindparam("of_broadcast"))
    .group_by(_delivery.c.state)
    .order_by(_delivery.c.state)
)


async def outcomes(db: AsyncConnection, span: Span) -> dict[str, int]:
    """Count all messages by what became of them."""
    return {row[0]: row[1] for row in await db.execute(_OUTCOMES, span.bounds())}


async def people(db: AsyncConnection, span: Span) -> int:
    """Count the conversations that wrote, but for those at the staff's desk."""
    counted = select(func.count()).select_from(_PEOPLE.subquery())
    return int(await db.scalar(counted, span.bounds()) or 0)


async def by_entries(db: AsyncConnection, span: Span) -> Sequence[tuple[tuple[str, ...], int]]:
    """Count the questions by the entries that they were answered with, or offered."""
    rows = await db.execute(_ENTRIES, span.bounds())
    return [(tuple(entries), times) for entries, times in rows]


async def questions(db: AsyncConnection, span: Span, limit: int, offset: int) -> Sequence[Question]:
    """List the questions, the newest first."""
    rows = await db.execute(_QUESTIONS.limit(limit).offset(offset), span.bounds())
    return [Question(row.at, mask(row.text), row.outcome, tuple(row.entries)) for row in rows]


async def left_open(db: AsyncConnection, span: Span, most: int) -> Sequence[tuple[str, int]]:
    """List what nobody has settled yet, the most frequent wording first."""
    rows = await db.execute(_LEFT, span.bounds() | {"most": most})
    return [(mask(row.question), row.times) for row in rows]


async def submitted(db: AsyncConnection, span: Span) -> Sequence[Sent]:
    """List the forms that were handed in, the newest first."""
    rows = await db.execute(_SUBMITTED, span.bounds())
    return [Sent(row.sent_at, row.form, *_interest(row[2])) for row in rows]


async def stood(db: AsyncConnection, span: Span) -> Sequence[Stood]:
    """List where everybody who was in a form last stood in it, the latest first."""
    rows = await db.execute(_STOOD, span.bounds())
    return [Stood(row.at, row.form, row.step, bool(row.sent)) for row in rows]


async def calls(db: AsyncConnection, span: Span) -> Sequence[Call]:
    """List the requests for a person, the latest first."""
    return [Call(*row) for row in await db.execute(_CALLS, span.bounds())]


async def announced(db: AsyncConnection, span: Span) -> Sequence[Announced]:
    """List the broadcasts that began, the latest first."""
    found = []
    for row in (await db.execute(_BROADCASTS, span.bounds())).all():
        states = (await db.execute(_STATES, {"of_broadcast": row.id})).all()
        by_state = tuple((state, number) for state, number in states)
        found.append(Announced(row.started_at, row.id, row.text, by_state))
    return found


def _interest(values: Any) -> tuple[tuple[str, ...], str]:  # noqa: ANN401 - what a form left as JSON
    programmes = values.get("programmes") or ()
    listed = tuple(map(str, programmes)) if isinstance(programmes, list | tuple) else ()
    return listed, str(values.get("commune") or "")
