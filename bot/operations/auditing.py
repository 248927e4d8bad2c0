"""Reading what staff did, and proving that nobody has touched it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.rights import Actor, Right, allowed
from bot.store import audit
from bot.store.audit import Chain, Line


async def lines(
    db: AsyncConnection,
    by: Actor,
    limit: int,
    *,
    about: str = "",
    before_id: int | None = None,
) -> Sequence[Line]:
    """Read the audit, the newest line first. Raises NotAllowed."""
    await allowed(db, by, Right.AUDIT)
    return await audit.latest(db, limit, about=about, before_id=before_id)


async def verify(db: AsyncConnection, by: Actor) -> Chain:
    """Check every line against the chain. Raises NotAllowed."""
    await allowed(db, by, Right.AUDIT)
    return await audit.verify(db)
