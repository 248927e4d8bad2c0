"""Who may do what, in one table, and the one question that every act begins with.

A member is a number in the database, looked up again inside the transaction of the act: a role
taken away a moment ago is gone. Names, user names and what a button said prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.refusals import NotAllowed, Why
from bot.store import audit, staffing
from bot.store.staffing import Member
from handlers.conversation import Conversation


class Role(StrEnum):
    """What somebody is in the department's use of the bot; each may do what the one before may."""

    VIEWER = "viewer"
    OFFICER = "officer"
    APPROVER = "approver"
    ADMIN = "admin"


class Right(StrEnum):
    """Something that needs permission."""

    READ = "read"  # how broadcasts stand, who is on the staff
    COMPOSE = "compose"  # write, change, test and submit a broadcast
    PAUSE = "pause"  # stopping is never dangerous
    EXPORT = "export"  # people's names and numbers into a file
    APPROVE = "approve"  # approve, send back, start, resume, cancel, decide about the unsure
    AUDIT = "audit"
    MANAGE = "manage"  # invite, change roles, end


_OFFICER: Final = {Right.READ, Right.COMPOSE, Right.PAUSE, Right.EXPORT}
_APPROVER: Final = _OFFICER | {Right.APPROVE, Right.AUDIT}
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.OFFICER: frozenset(_OFFICER),
    Role.APPROVER: frozenset(_APPROVER),
    Role.ADMIN: frozenset(_APPROVER | {Right.MANAGE}),
}
# Whoever can run commands beside the database owns it: they appoint the first admin and read
# everything. They announce nothing in their own name: a broadcast always has a member behind it.
CONSOLE: Final = frozenset({Right.READ, Right.EXPORT, Right.AUDIT, Right.MANAGE})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and by which way in (`via`, for the audit): "telegram", "dòng lệnh (root)".

    `staff` is None for the command line itself.
    """

    staff: int | None
    via: str


def roles_with(right: Right) -> tuple[Role, ...]:
    return tuple(role for role in Role if right in RIGHTS[role])


async def identify(db: AsyncConnection, conversation: Conversation) -> Member | None:
    """Find the active member who writes from this conversation."""
    found = await staffing.member_at(db, conversation)
    return found if found and found.active else None


async def allowed(db: AsyncConnection, by: Actor, right: Right) -> None:
    """Return where `by` has the right at this moment. Raises NotAllowed."""
    if by.staff is None:
        if right in CONSOLE:
            return
        raise NotAllowed(Why.NO_RIGHT, right=right)
    member = await staffing.member(db, by.staff)
    if member is None or not member.active or right not in RIGHTS[Role(member.role)]:
        raise NotAllowed(Why.NO_RIGHT, right=right)


async def note(  # noqa: PLR0913 - the fields of a line
    db: AsyncConnection,
    by: Actor,
    act: str,
    about: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write the audit line of an act that `by` has just done."""
    await audit.append(
        db, at=now, who=by.staff, via=by.via, act=act, about=about, before=before, after=after
    )
