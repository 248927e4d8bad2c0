"""What is counted: nothing here estimates, and `figure_rows` has the rows behind each count.

A row of a message stays when its words go by age or its person by their wish, so a figure of last
year is the same tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, func, select, true
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
class Stopped:
    """How many people last stood at a step of a form, of those who handed it in or did not."""

    form: str
    step: str
    sent: bool
    people: int


@dataclass(frozen=True, slots=True)
class Announced:
    """A broadcast that began in the span, and how many people it stands how with."""

    at: datetime
    number: int
    text: str
    by_state: tuple[tuple[str, int], ...]


def within(table: Table, column: str = "at") -> tuple[ColumnElement[bool], ...]:
    return table.c[column] >= _SINCE, table.c[column] < _UNTIL


_ASKED = _message.c.outcome.in_(QUESTIONS)
_OUTCOMES = (
    select(_message.c.outcome, func.count()).where(*within(_message)).group_by(_message.c.outcome)
)
_ENTRIES = (
    select(_message.c.entries, func.count())
    .where(*within(_message), _ASKED)
    .group_by(_message.c.entries)
)
_PEOPLE = (
    select(_message.c.channel, _message.c.conversation)
    .where(*within(_message), _message.c.outcome != "staff")
    .distinct()
)
_LEFT = (
    select(_unanswered.c.question, func.count().label("times"))
    .where(*within(_unanswered), _unanswered.c.settled_at.is_(None), _unanswered.c.question != "")
    .group_by(_unanswered.c.question)
    .order_by(func.count().desc(), _unanswered.c.question)
    .limit(bindparam("most"))
)
_standing = (*within(_submission, "sent_at"), _submission.c.withdrawn_at.is_(None))
_FORMS = select(_submission.c.form, func.count()).where(*_standing).group_by(_submission.c.form)
_values = _submission.c["values"]
_chosen = func.json_each(_values, "$.programmes").table_valued("value", name="chosen")
_OF_FORM = _submission.c.form == bindparam("of_form")
_PROGRAMMES = (
    select(_chosen.c.value, func.count())
    .select_from(_submission)
    .join(_chosen, true())
    .where(*_standing, _OF_FORM)
    .group_by(_chosen.c.value)
)
_commune = func.coalesce(func.json_extract(_values, "$.commune"), "")
_COMMUNES = (
    select(_commune, func.count()).where(*_standing, _OF_FORM, _commune != "").group_by(_commune)
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
    .where(*within(_message), _message.c.form != "")
    .subquery()
)
_handed_in = (
    select(_submission.c.id)
    .where(
        _submission.c.form == _steps.c.form,
        schema.same_conversation(_submission, _steps),
    )
    .exists()
)
# Where each person last stood in each form.
LAST_STOOD = select(_steps.c.at, _steps.c.form, _steps.c.step, _handed_in.label("sent")).where(
    _steps.c.nth == 1
)
_stood = LAST_STOOD.subquery()
_STOOD = select(_stood.c.form, _stood.c.step, _stood.c.sent, func.count()).group_by(
    _stood.c.form, _stood.c.step, _stood.c.sent
)
_CALLED = select(func.count()).select_from(_ticket).where(*within(_ticket, "opened_at"))
_ANSWERED = select(_ticket.c.opened_at, _ticket.c.answered_at).where(
    *within(_ticket, "opened_at"), _ticket.c.answered_at.is_not(None)
)
_RATED = (
    select(_ticket.c.rated, func.count())
    .where(*within(_ticket, "opened_at"), _ticket.c.rated != schema.literal(""))
    .group_by(_ticket.c.rated)
)
_BROADCASTS = (
    select(_broadcast.c.id, _broadcast.c.started_at, _broadcast.c.text)
    .where(*within(_broadcast, "started_at"))
    .order_by(_broadcast.c.started_at.desc(), _broadcast.c.id.desc())
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


async def left_open(db: AsyncConnection, span: Span, most: int) -> Sequence[tuple[str, int]]:
    """List what nobody has settled yet, the most frequent wording first."""
    rows = await db.execute(_LEFT, span.bounds() | {"most": most})
    return [(mask(row.question), row.times) for row in rows]


async def by_form(db: AsyncConnection, span: Span) -> Mapping[str, int]:
    """Count the forms that were handed in and not taken back."""
    return _counted(await db.execute(_FORMS, span.bounds()))


async def by_programme(db: AsyncConnection, span: Span, form: str) -> Mapping[str, int]:
    """Count them by each programme that was chosen in this form."""
    return _counted(await db.execute(_PROGRAMMES, span.bounds() | {"of_form": form}))


async def by_commune(db: AsyncConnection, span: Span, form: str) -> Mapping[str, int]:
    """Count them by the commune that was written into this form."""
    return _counted(await db.execute(_COMMUNES, span.bounds() | {"of_form": form}))


async def stopped(db: AsyncConnection, span: Span) -> Sequence[Stopped]:
    """Count the people in each form by where they last stood in it."""
    rows = await db.execute(_STOOD, span.bounds())
    return [Stopped(form, step, bool(sent), people) for form, step, sent, people in rows]


async def called(db: AsyncConnection, span: Span) -> int:
    """Count the requests for a person."""
    return int(await db.scalar(_CALLED, span.bounds()) or 0)


async def answered(db: AsyncConnection, span: Span) -> Sequence[tuple[datetime, datetime]]:
    """Give when each of them that was answered came, and its first answer."""
    return [(row.opened_at, row.answered_at) for row in await db.execute(_ANSWERED, span.bounds())]


async def rated(db: AsyncConnection, span: Span) -> Mapping[str, int]:
    """Count them by how the enterprise found it."""
    return _counted(await db.execute(_RATED, span.bounds()))


async def announced(
    db: AsyncConnection, span: Span, limit: int = -1, offset: int = 0
) -> Sequence[Announced]:
    """List the broadcasts that began, the latest first."""
    found = []
    chosen = await db.execute(_BROADCASTS.limit(limit).offset(offset), span.bounds())
    for row in chosen.all():
        states = (await db.execute(_STATES, {"of_broadcast": row.id})).all()
        by_state = tuple((state, number) for state, number in states)
        found.append(Announced(row.started_at, row.id, row.text, by_state))
    return found


def _counted(rows: Iterable[Any]) -> dict[str, int]:
    return {str(name): number for name, number in rows}
