"""The rows that the figures of a span were counted from, a page at a time.

A row of a message stays when its words go by age or its person by their wish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.figures import LAST_STOOD, QUESTIONS, Span, within
from bot.store.masking import mask

_message, _submission = schema.message, schema.submission
_unanswered, _ticket = schema.unanswered, schema.ticket


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list; a negative limit is all of them."""

    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question of somebody: what became of it, by which entries.

    The text may be gone by age; one that was `pressed` never had any.
    """

    at: datetime
    text: str
    outcome: str
    entries: tuple[str, ...]
    pressed: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A question that nobody has settled yet, and why it is one."""

    at: datetime
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a person who did not finish a form last stood in it."""

    at: datetime
    form: str
    step: str


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


_QUESTIONS = (
    select(
        _message.c.at,
        _message.c.text,
        _message.c.outcome,
        _message.c.entries,
        (_message.c.action != "").label("pressed"),
    )
    .where(*within(_message), _message.c.outcome.in_(QUESTIONS))
    .order_by(_message.c.at.desc(), _message.c.turn)
)
_LEFT = (
    select(_unanswered.c.at, _unanswered.c.question, _unanswered.c.reason)
    .where(*within(_unanswered), _unanswered.c.settled_at.is_(None), _unanswered.c.question != "")
    .order_by(_unanswered.c.at.desc(), _unanswered.c.id.desc())
)
_SUBMITTED = (
    select(_submission.c.sent_at, _submission.c.form, _submission.c["values"])
    .where(*within(_submission, "sent_at"), _submission.c.withdrawn_at.is_(None))
    .order_by(_submission.c.sent_at.desc(), _submission.c.id.desc())
)
_stood = LAST_STOOD.subquery()
_STOOD = (
    select(_stood.c.at, _stood.c.form, _stood.c.step)
    .where(
        ~_stood.c.sent,
        or_(
            _stood.c.step != bindparam("last_step"),
            _stood.c.form.not_in(bindparam("concluding", expanding=True)),
        ),
    )
    .order_by(_stood.c.at.desc(), _stood.c.form)
)
_CALLS = (
    select(_ticket.c.opened_at, _ticket.c.id, _ticket.c.answered_at, _ticket.c.rated)
    .where(*within(_ticket, "opened_at"))
    .order_by(_ticket.c.opened_at.desc(), _ticket.c.id.desc())
)


async def questions(db: AsyncConnection, span: Span, page: Page) -> Sequence[Question]:
    """List the questions, the newest first."""
    rows = await db.execute(_QUESTIONS.limit(page.limit).offset(page.offset), span.bounds())
    return [
        Question(row.at, mask(row.text), row.outcome, tuple(row.entries), bool(row.pressed))
        for row in rows
    ]


async def left_open(db: AsyncConnection, span: Span, page: Page) -> Sequence[Left]:
    """List what nobody has settled yet, the newest first."""
    rows = await db.execute(_LEFT.limit(page.limit).offset(page.offset), span.bounds())
    return [Left(row.at, mask(row.question), row.reason) for row in rows]


async def submitted(db: AsyncConnection, span: Span, page: Page) -> Sequence[Sent]:
    """List the forms that were handed in, the newest first."""
    rows = await db.execute(_SUBMITTED.limit(page.limit).offset(page.offset), span.bounds())
    return [Sent(row.sent_at, row.form, *_interest(row[2])) for row in rows]


async def stood(
    db: AsyncConnection, span: Span, concluding: Sequence[str], last_step: str, page: Page
) -> Sequence[Stood]:
    """List where everybody stood who did not come to the end of a form, the latest first.

    A form of *concluding* comes to its end at *last_step*, the others when they are handed in.
    """
    ends = {"concluding": list(concluding), "last_step": last_step}
    found = _STOOD.limit(page.limit).offset(page.offset)
    return [Stood(*row) for row in await db.execute(found, span.bounds() | ends)]


async def calls(db: AsyncConnection, span: Span, page: Page) -> Sequence[Call]:
    """List the requests for a person, the latest first."""
    found = _CALLS.limit(page.limit).offset(page.offset)
    return [Call(*row) for row in await db.execute(found, span.bounds())]


def _interest(values: Any) -> tuple[tuple[str, ...], str]:  # noqa: ANN401 - what a form left as JSON
    programmes = values.get("programmes") or ()
    listed = tuple(map(str, programmes)) if isinstance(programmes, list | tuple) else ()
    return listed, str(values.get("commune") or "")
