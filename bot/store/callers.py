"""Who wants a person, as far as they have told us with consent, and what they asked lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import bound, of_conversation
from handlers.conversation import Conversation

ASKED: Final = 5

_contact, _enterprise = schema.enterprise_contact, schema.enterprise
_submission, _message, _ticket = schema.submission, schema.message, schema.ticket


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier request, which has come to its end, and who had taken it."""

    number: int
    closed_at: datetime
    taken_by: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """One side of a ticket: enterprises and forms that stand, and questions as they are kept.

    `before` is the request that they had before this one, if they had any.
    """

    enterprises: tuple[tuple[str, str], ...]  # name and tax code
    leads: tuple[int, ...]  # enterprise.id of each of them
    forms: tuple[str, ...]
    asked: tuple[tuple[datetime, str], ...]  # masked, the oldest first
    before: Before | None


# A withdrawn consent withdraws its submissions: what stands was agreed to.
_STANDING = (
    select(_submission.c.form, _enterprise.c.id, _enterprise.c.name, _enterprise.c.tax_code)
    .outerjoin(_enterprise, _enterprise.c.id == _submission.c.enterprise)
    .where(of_conversation(_submission), _submission.c.withdrawn_at.is_(None))
    .order_by(_submission.c.id)
)
_BEFORE = (
    select(_ticket.c.id, _ticket.c.closed_at, _ticket.c.taken_by)
    .where(
        of_conversation(_ticket),
        _ticket.c.opened_at < bindparam("until", type_=schema.UtcTime),
        _ticket.c.closed_at.is_not(None),
    )
    .order_by(_ticket.c.id.desc())
    .limit(1)
)
_ASKED = (
    select(_message.c.at, _message.c.text)
    .where(
        of_conversation(_message),
        _message.c.at <= bindparam("until", type_=schema.UtcTime),
        _message.c.text != schema.literal(""),
        _message.c.outcome.not_in(schema.literals(["contact", "staff", "privacy", "menu"])),
    )
    .order_by(_message.c.at.desc())
    .limit(ASKED)
)


async def caller(db: AsyncConnection, conversation: Conversation, until: datetime) -> Caller:
    """Tell who they are now, and what they asked before *until*."""
    own = bound(conversation)
    standing = (await db.execute(_STANDING, own)).all()
    named = {row.id: (row.name, row.tax_code) for row in standing if row.name}
    asked = (await db.execute(_ASKED, own | {"until": until})).all()
    before = (await db.execute(_BEFORE, own | {"until": until})).one_or_none()
    return Caller(
        tuple(named.values()),
        tuple(named),
        tuple(dict.fromkeys(row.form for row in standing)),
        tuple((row.at, row.text) for row in reversed(asked)),
        Before(*before) if before else None,
    )
