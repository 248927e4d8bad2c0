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

from bot.operations.refusals import NeedsAnother, NotAllowed, Why
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
    FOLLOW = "follow"  # who an enterprise's people are, and what is done about it
    ANSWER = "answer"  # settle what people asked in vain, write for the knowledge
    PUBLISH = "publish"  # let what another wrote into the knowledge, or refuse it
    TALK = "talk"  # read, take, answer and close what enterprises want of a person
    ARRANGE = "arrange"  # who is on duty, and in which group cards arrive
    APPROVE = "approve"  # approve, send back, start, resume, cancel, decide about the unsure
    DATE = "date"  # put a date into the knowledge
    AUDIT = "audit"
    MANAGE = "manage"  # invite, change roles, end


_OFFICER: Final = {
    Right.TALK,
    Right.READ,
    Right.COMPOSE,
    Right.PAUSE,
    Right.FOLLOW,
    Right.EXPORT,
    Right.ANSWER,
}
_APPROVER: Final = _OFFICER | {Right.ARRANGE, Right.APPROVE, Right.PUBLISH, Right.DATE, Right.AUDIT}
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.OFFICER: frozenset(_OFFICER),
    Role.APPROVER: frozenset(_APPROVER),
    Role.ADMIN: frozenset(_APPROVER | {Right.MANAGE}),
}
# Whoever can run commands beside the database owns it: they appoint the first admin and read
# everything. They announce nothing in their own name: a broadcast always has a member behind it.
CONSOLE: Final = frozenset({Right.READ, Right.FOLLOW, Right.EXPORT, Right.AUDIT, Right.MANAGE})


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


async def need_another(
    db: AsyncConnection, by: Actor, right: Right, since: datetime | None = None
) -> None:
    """Return where `by` is the only member, and was since then: sending others away is no help.

    Raises NeedsAnother, which names those who have the right; there may be none.
    """
    others = [each for each in await staffing.everyone(db) if each.id != by.staff]
    there = [
        each
        for each in others
        if each.ended_at is None or (since is not None and each.ended_at >= since)
    ]
    able = [each.name for each in there if each.active and each.role in roles_with(right)]
    if able:
        raise NeedsAnother(Why.FOUR_EYES, approvers=able)
    if there:
        raise NeedsAnother(Why.NO_APPROVER)


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
