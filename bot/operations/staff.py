"""Who is on the staff: the first by the command line, the others by an invitation.

An invitation is a token that works once within 24 hours, for as long as whoever made it may still
invite. There is always one admin.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.refusals import NotAllowed, NotFound, NotNow, Unfit, Why
from bot.operations.rights import RIGHTS, Actor, Right, Role, allowed, note
from bot.store import staffing
from bot.store.staffing import Member
from handlers.conversation import Conversation

VALID: Final = timedelta(hours=24)
LONGEST_NAME: Final = 100
PREFIX: Final = "nv-"  # what a chat command knows a staff invitation by


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh invitation. The token is shown once; only its hash is kept."""

    token: str
    expires_at: datetime


async def add(  # noqa: PLR0913, PLR0917 - what is kept of a member
    db: AsyncConnection, conversation: Conversation, name: str, role: Role, by: Actor, now: datetime
) -> int:
    """Take somebody in by hand; only the command line may. Return their number.

    Raises NotAllowed, Unfit for the name, NotNow for who is on the staff already.
    """
    if by.staff is not None:
        raise NotAllowed(Why.NO_RIGHT, right=Right.MANAGE)
    return await _take_in(db, conversation, name, role, by, now)


async def invite(db: AsyncConnection, role: Role, by: Actor, now: datetime) -> Invited:
    """Make an invitation to become `role`. Raises NotAllowed."""
    await allowed(db, by, Right.MANAGE)
    token = PREFIX + secrets.token_urlsafe(24)
    await staffing.invite(db, token, role, by.staff, now, now + VALID)
    shown = staffing.digest(token)[:12]
    await note(db, by, "invite", f"invitation:{shown}", now, after={"role": str(role)})
    return Invited(token, now + VALID)


async def accept(  # noqa: PLR0913, PLR0917 - who comes in, by what
    db: AsyncConnection, token: str, conversation: Conversation, name: str, via: str, now: datetime
) -> Member:
    """Let the holder of a token in, in a conversation that is theirs alone.

    Raises NotFound for a token that is unknown, used or too old, or whose maker may no longer
    invite: all the same to whoever tries tokens. Raises NotNow for who is on the staff already,
    and then the token stays good; Unfit for the name.
    """
    found = await staffing.invitation(db, token)
    if found is None or found.used or now >= found.expires_at:
        raise NotFound(Why.NO_SUCH_INVITATION)
    try:
        await allowed(db, Actor(found.made_by, via), Right.MANAGE)
    except NotAllowed:
        raise NotFound(Why.NO_SUCH_INVITATION) from None
    by = Actor(found.made_by, f"{via}, lời mời {staffing.digest(token)[:12]}")
    number = await _take_in(db, conversation, name, Role(found.role), by, now)
    await staffing.use(db, token, number, now)
    return await get(db, number)


async def change_role(
    db: AsyncConnection, number: int, role: Role, by: Actor, now: datetime
) -> None:
    """Give a member another role. Raises NotAllowed, NotFound, NotNow."""
    await allowed(db, by, Right.MANAGE)
    member = await active(db, number)
    if Right.MANAGE not in RIGHTS[role]:
        await _keep_an_admin(db, member)
    await staffing.set_role(db, number, role)
    before, after = {"role": member.role}, {"role": str(role)}
    await note(db, by, "role", f"staff:{number}", now, before=before, after=after)


async def end(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """Take a member off the staff; anybody may leave by themselves, but for the last admin.

    Raises NotAllowed, NotFound, NotNow.
    """
    if by.staff != number:
        await allowed(db, by, Right.MANAGE)
    member = await active(db, number)
    await _keep_an_admin(db, member)
    await staffing.end(db, number, now)
    await note(db, by, "end", f"staff:{number}", now, before={"role": member.role})


async def everyone(db: AsyncConnection, by: Actor) -> Sequence[Member]:
    """List all members, those who left last. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await staffing.everyone(db)


async def get(db: AsyncConnection, number: int) -> Member:
    """A member by their number, on the staff or not any more. Raises NotFound."""
    found = await staffing.member(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_MEMBER, number=number)
    return found


async def active(db: AsyncConnection, number: int) -> Member:
    """One who is on the staff now. Raises NotFound, NotNow."""
    found = await get(db, number)
    if not found.active:
        raise NotNow(Why.HAS_LEFT, name=found.name)
    return found


async def _take_in(  # noqa: PLR0913, PLR0917 - what is kept of a member
    db: AsyncConnection, conversation: Conversation, name: str, role: Role, by: Actor, now: datetime
) -> int:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Unfit(Why.NAME, most=LONGEST_NAME)
    known = await staffing.member_at(db, conversation)
    if known and known.active:
        raise NotNow(Why.ALREADY_STAFF, name=known.name)
    number = await staffing.add(db, conversation, name, role, by.staff, now)
    after = {"name": name, "role": str(role), "channel": conversation.channel}
    await note(db, by, "add", f"staff:{number}", now, after=after)
    return number


async def _keep_an_admin(db: AsyncConnection, member: Member) -> None:
    """Refuse to lose the last one."""
    if member.role == Role.ADMIN and await staffing.how_many(db, [Role.ADMIN]) == 1:
        raise NotNow(Why.LAST_ADMIN, name=member.name)
