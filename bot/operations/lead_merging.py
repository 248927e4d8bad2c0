"""Making two enterprises one, parting them, saying that they are two: only a person does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.leads import get, standing
from bot.operations.refusals import NotFound, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import merging


async def merge(db: AsyncConnection, kept: int, gone: int, by: Actor, now: datetime) -> None:
    """Make two enterprises one: `kept` gets the other's people, submissions, log and notes.

    Its own status, owner and day stay. Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await _two(db, kept, gone, by)
    moved = await merging.merge(db, kept, gone, by.staff, now)
    after = {"merged": gone, **moved}
    await note(db, by, "merge", f"enterprise:{kept}", now, after=after)


async def undo(db: AsyncConnection, number: int, by: Actor, now: datetime) -> int:
    """Part what was merged; return the enterprise that it was merged into.

    What came in since stays there. Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await merging.get(db, number)
    if found is None or found.undone or (await get(db, found.kept)).merged_into is not None:
        raise NotFound(Why.NO_SUCH_MERGE)
    await merging.undo(db, found, now)
    await note(db, by, "part", f"enterprise:{found.kept}", now, before={"merged": found.gone})
    return found.kept


async def tell_apart(db: AsyncConnection, one: int, other: int, by: Actor, now: datetime) -> None:
    """Keep that these are two, so that nobody is asked again; they can still be merged.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await _two(db, one, other, by)
    await merging.tell_apart(db, one, other, by.staff, now)
    await note(db, by, "not twins", f"enterprise:{one}", now, after={"other": other})


async def _two(db: AsyncConnection, one: int, other: int, by: Actor) -> None:
    await allowed(db, by, Right.FOLLOW)
    if one == other:
        raise Unfit(Why.SAME_ENTERPRISE)
    await standing(db, one)
    await standing(db, other)
