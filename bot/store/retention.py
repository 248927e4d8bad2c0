"""Nothing is kept longer than it is needed: texts go by age, rows that are counted stay.

A session goes with its silence, all but what lies on its shelf with a day of its own until which
the person was told that it is kept (ticks of a checklist, a draft, a concluded self-check).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema, staff_sessions
from knowledge.clock import VIETNAM

AT_ONCE: Final = 2_000  # rows per kind and call, so that turns need not wait behind the cleaning

_message, _delivery, _quarantine = schema.message, schema.delivery, schema.quarantine
_session = schema.session
_BEFORE = bindparam("before", type_=schema.UtcTime)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind of record keeps its content."""

    messages: timedelta = timedelta(days=90)
    payloads: timedelta = timedelta(days=30)
    quarantine: timedelta = timedelta(days=30)
    sessions: timedelta = timedelta(days=90)
    staff_dialogs: timedelta = timedelta(days=7)  # what they hold of the people they are about


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many records lost their content in this call."""

    messages: int
    payloads: int
    quarantine: int
    sessions: int
    tickets: int = 0
    drafts: int = 0

    @property
    def more(self) -> bool:
        """Whether another call may find more."""
        return AT_ONCE in (
            self.messages,
            self.payloads,
            self.quarantine,
            self.sessions,
            self.tickets,
            self.drafts,
        )


def _oldest(table: Table, column: str, *conditions: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's conditions have no narrower name
    return select(table.c[column]).where(*conditions).limit(AT_ONCE)


_MESSAGES = (
    update(_message)
    .where(
        _message.c.turn.in_(
            _oldest(
                _message, "turn", _message.c.at < _BEFORE, _message.c.text != schema.literal("")
            )
        )
    )
    .values(text="")
)
_PAYLOADS = (
    update(_delivery)
    .where(
        _delivery.c.id.in_(
            _oldest(_delivery, "id", _delivery.c.settled_at < _BEFORE, schema.UNBLANKED)
        )
    )
    .values(payload={})
)
# What was said to the staff goes with the other messages, but not while it goes on.
_said, _ticket = schema.ticket_message, schema.ticket
_CLOSED = select(_ticket.c.id).where(_ticket.c.closed_at.is_not(None))
_SAID = (
    update(_said)
    .where(
        _said.c.id.in_(
            _oldest(
                _said,
                "id",
                _said.c.at < _BEFORE,
                _said.c.text != schema.literal(""),
                _said.c.ticket.in_(_CLOSED),
            )
        )
    )
    .values(text="")
)
_REASONS = (
    update(_ticket)
    .where(_ticket.c.closed_at < _BEFORE, _ticket.c.reason != schema.literal(""))
    .values(reason="")
)
# People's words in a draft are needed until it is decided; then the knowledge has them, or nobody.
_asked, _draft = schema.unanswered, schema.entry_draft
_DECIDED = _draft.c.state.in_(schema.literals(["published", "rejected"]))
_WORDED = or_(
    _draft.c.variants != schema.literal("[]"),
    _draft.c.question != schema.literal(""),
    _draft.c.label != schema.literal(""),
)
# The id of an entry that came to nothing is its label without accents.
_NEVER_AN_ENTRY = and_(
    _draft.c.kind == schema.literal("entry"), _draft.c.state == schema.literal("rejected")
)
_FORGOTTEN = select(_draft.c.id).where(_draft.c.decided_at < _BEFORE, _DECIDED)
_DRAFTS = (
    update(_draft)
    .where(_draft.c.id.in_(_oldest(_draft, "id", _draft.c.decided_at < _BEFORE, _DECIDED, _WORDED)))
    .values(
        variants=[],
        question="",
        label="",
        entry=case((_NEVER_AN_ENTRY, schema.literal("")), else_=_draft.c.entry),
    )
)
_QUESTIONS = (
    update(_asked)
    .where(
        _asked.c.settled_at < _BEFORE,
        _asked.c.question != schema.literal(""),
        _asked.c.draft.is_(None) | _asked.c.draft.in_(_FORGOTTEN),
    )
    .values(question="")
)
_RAW = delete(_quarantine).where(
    _quarantine.c.id.in_(_oldest(_quarantine, "id", _quarantine.c.at < _BEFORE))
)
_SILENT = and_(_session.c.updated_at < _BEFORE, func.json_valid(_session.c.state))
_SHELF = func.json_each(_session.c.state, "$.shelf").table_valued("key", "value", name="kept")
_PROMISED = func.json_extract(_SHELF.c.value, "$.kept_until") >= bindparam("today")
_HOLDS_PROMISED = exists().select_from(_SHELF).where(_PROMISED).correlate(_session)
_ONLY_PROMISED = func.json_object(
    "shelf",
    select(func.json_group_object(_SHELF.c.key, func.json(_SHELF.c.value)))
    .select_from(_SHELF)
    .where(_PROMISED)
    .correlate(_session)
    .scalar_subquery(),
)
_TRIM = (
    update(_session)
    .where(_SILENT, _HOLDS_PROMISED, _session.c.state != _ONLY_PROMISED)
    .values(state=_ONLY_PROMISED)
)
_ENDED = and_(
    _session.c.updated_at < _BEFORE,
    not_(and_(func.json_valid(_session.c.state), _HOLDS_PROMISED)),
)
_SESSIONS = delete(_session).where(
    _session.c.conversation.in_(_oldest(_session, "conversation", _ENDED)), _ENDED
)


async def tidy(db: AsyncConnection, now: datetime, keep: Retention) -> Tidied:
    """Blank or delete what is older than `keep`, up to 2,000 of each kind; call again while `more`.

    Empty the write-ahead log afterwards (`Store.checkpoint`): until then it remembers.
    """

    async def clean(statement: Any, age: timedelta) -> int:  # noqa: ANN401 - an update or a delete
        return int((await db.execute(statement, {"before": now - age})).rowcount)

    today = now.astimezone(VIETNAM).date().isoformat()
    silent = {"before": now - keep.sessions, "today": today}
    await db.execute(_TRIM, silent)
    await staff_sessions.forget(db, now - keep.staff_dialogs)
    await clean(_REASONS, keep.messages)
    await clean(_QUESTIONS, keep.messages)
    return Tidied(
        messages=await clean(_MESSAGES, keep.messages),
        payloads=await clean(_PAYLOADS, keep.payloads),
        quarantine=await clean(_RAW, keep.quarantine),
        tickets=await clean(_SAID, keep.messages),
        drafts=await clean(_DRAFTS, keep.messages),
        sessions=int((await db.execute(_SESSIONS, silent)).rowcount),
    )
