"""Enterprises as a file: asked for here, and made at the moment of sending."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.leads import last_day_due
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import follow_up
from bot.store.follow_up import Sought

NAMED: Final = 20  # enterprises that the audit names one by one


async def export(db: AsyncConnection, sought: Sought, by: Actor, now: datetime) -> int:
    """Note which enterprises were asked for; return how many they are. Raises NotAllowed.

    What was typed to find them may name a person, so the audit has the number of its words, and
    of a few enterprises theirs.
    """
    await allowed(db, by, Right.EXPORT)
    until = last_day_due(now)
    count = await follow_up.count(db, sought, until)
    few = await follow_up.find(db, sought, until) if 0 < count <= NAMED else ()
    asked = {name: value for name, value in sought.as_data().items() if value}
    if sought.words:
        asked["words"] = len(sought.words.split())
    after = asked | {"enterprises": count, "numbers": sorted(each.id for each in few)}
    await note(db, by, "export", "enterprises", now, after={k: v for k, v in after.items() if v})
    return count
