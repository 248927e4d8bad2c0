"""All enterprises as a file: asked for here, and made at the moment of sending."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.rights import Actor, Right, allowed, note
from bot.store import follow_up
from bot.store.follow_up import Sought


async def export(db: AsyncConnection, by: Actor, now: datetime) -> int:
    """Note that a file was asked for; return how many enterprises it names. Raises NotAllowed."""
    await allowed(db, by, Right.EXPORT)
    count = len(await follow_up.find(db, Sought(), date.max))
    await note(db, by, "export", "enterprises", now, after={"enterprises": count})
    return count
