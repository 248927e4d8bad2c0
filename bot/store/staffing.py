"""Who may act for the department, and the invitations that let people in.

A person keeps one row for ever: who left and comes back has the same number, so that nobody becomes
a second person. Of an invitation only a hash is kept: who reads this file cannot use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import bound, of_conversation
from bot.store.staff_schema import ON_STAFF
from handlers.conversation import Conversation

_staff, _invitation = schema.staff, schema.invitation
_ONE = select(_staff).where(_staff.c.id == bindparam("of_id"))
_AT = select(_staff).where(of_conversation(_staff))
_ALL = select(_staff).order_by(_staff.c.ended_at.is_not(None), _staff.c.id)
_HOW_MANY = (
    select(func.count())
    .select_from(_staff)
    .where(ON_STAFF, _staff.c.role.in_(bindparam("roles", expanding=True)))
)
_add = insert(_staff)
_ADD = _add.on_conflict_do_update(
    index_elements=["channel", "conversation"],
    set_={
        "name": _add.excluded.name,
        "role": _add.excluded.role,
        "added_by": _add.excluded.added_by,
        "since": _add.excluded.since,
        "ended_at": None,
    },
).returning(_staff.c.id)
_ROLE = update(_staff).where(_staff.c.id == bindparam("of_id")).values(role=bindparam("as_role"))
_END = (
    update(_staff)
    .where(_staff.c.id == bindparam("of_id"))
    .values(ended_at=bindparam("now", type_=schema.UtcTime))
)
_INVITE = plain_insert(_invitation)
_INVITATION = select(_invitation).where(_invitation.c.token_sha256 == bindparam("of_hash"))
_USE = (
    update(_invitation)
    .where(_invitation.c.token_sha256 == bindparam("of_hash"), _invitation.c.used_at.is_(None))
    .values(
        used_at=bindparam("now", type_=schema.UtcTime),
        used_by=bindparam("by_id"),
    )
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff, or who was: `ended_at` says since when not any more."""

    id: int
    conversation: Conversation
    name: str
    role: str
    since: datetime
    ended_at: datetime | None

    @property
    def active(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it is stored; `made_by` is None where the command line made it."""

    role: str
    made_by: int | None
    expires_at: datetime
    used: bool


async def member(db: AsyncConnection, number: int) -> Member | None:
    return _member((await db.execute(_ONE, {"of_id": number})).one_or_none())


async def member_at(db: AsyncConnection, conversation: Conversation) -> Member | None:
    """Find who writes from a conversation, member or former member."""
    return _member((await db.execute(_AT, bound(conversation))).one_or_none())


async def everyone(db: AsyncConnection) -> Sequence[Member]:
    """List all, those who left last."""
    return [found for row in await db.execute(_ALL) if (found := _member(row))]


async def how_many(db: AsyncConnection, roles: Sequence[str]) -> int:
    """Count the active members with one of these roles."""
    return int(await db.scalar(_HOW_MANY, {"roles": list(roles)}) or 0)


async def add(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    conversation: Conversation,
    name: str,
    role: str,
    added_by: int | None,
    now: datetime,
) -> int:
    """Take somebody in, or back; return their number."""
    row = {
        "channel": conversation.channel,
        "conversation": conversation.id,
        "name": name,
        "role": role,
        "added_by": added_by,
        "since": now,
    }
    return int((await db.execute(_ADD, row)).scalar_one())


async def set_role(db: AsyncConnection, number: int, role: str) -> None:
    await db.execute(_ROLE, {"of_id": number, "as_role": role})


async def end(db: AsyncConnection, number: int, now: datetime) -> None:
    await db.execute(_END, {"of_id": number, "now": now})


async def invite(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    token: str,
    role: str,
    made_by: int | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    row = {"role": role, "made_by": made_by, "made_at": now, "expires_at": expires_at}
    await db.execute(_INVITE, row | {"token_sha256": digest(token)})


async def invitation(db: AsyncConnection, token: str) -> Invitation | None:
    row = (await db.execute(_INVITATION, {"of_hash": digest(token)})).one_or_none()
    if row is None:
        return None
    return Invitation(row.role, row.made_by, row.expires_at, used=row.used_at is not None)


async def use(db: AsyncConnection, token: str, by: int, now: datetime) -> None:
    await db.execute(_USE, {"of_hash": digest(token), "by_id": by, "now": now})


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _member(row: Row[Any] | None) -> Member | None:
    if row is None:
        return None
    conversation = Conversation(row.channel, row.conversation)
    return Member(row.id, conversation, row.name, row.role, row.since, row.ended_at)
