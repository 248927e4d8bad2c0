"""Filters under a name: a member's own, or everybody's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.leads import LONGEST_NAME
from bot.operations.refusals import NotFound, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import following
from bot.store.follow_up import Sought
from bot.store.following import View


async def save(  # noqa: PLR0913 - what is kept of a view
    db: AsyncConnection, name: str, sought: Sought, by: Actor, now: datetime, *, shared: bool
) -> int:
    """Keep a filter, for oneself or for all. Raises NotAllowed, Unfit."""
    await allowed(db, by, Right.FOLLOW)
    name = " ".join(name.split())
    if by.staff is None or not 0 < len(name) <= LONGEST_NAME:
        raise Unfit(Why.NAME, most=LONGEST_NAME)
    owner = None if shared else by.staff
    number = await following.save_view(db, owner, by.staff, name, sought, now)
    await note(db, by, "share" if shared else "view", f"view:{number}", now)
    return number


async def get(db: AsyncConnection, number: int, by: Actor) -> View:
    """One that this member may use. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.READ)
    for view in await following.views(db, by.staff):
        if view.id == number:
            return view
    raise NotFound(Why.NO_SUCH_VIEW)


async def drop(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """Remove one's own view, or a shared one. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.FOLLOW)
    await get(db, number, by)
    await following.drop_view(db, number)
    await note(db, by, "drop view", f"view:{number}", now)
