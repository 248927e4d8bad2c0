"""Taking the department's own list in: judged again and kept in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.lead_import import Row, Sheet, counts, judged
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import listing
from knowledge.entries import Knowledge


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: its rows as they were judged, and how many people were not known."""

    rows: Sequence[Row]
    people: int


async def preview(
    db: AsyncConnection, sheet: Sheet, knowledge: Knowledge, by: Actor
) -> Sequence[Row]:
    """Judge each row; nothing is changed. Raises NotAllowed."""
    await allowed(db, by, Right.FOLLOW)
    return judged(sheet, await listing.known(db), knowledge)


async def take_in(
    db: AsyncConnection, sheet: Sheet, knowledge: Knowledge, by: Actor, now: datetime
) -> Taken:
    """Keep every row that is not invalid. Done again, it changes nothing. Raises NotAllowed.

    Nobody becomes reachable by it: no chat, no consent and no subscription is made.
    """
    rows, people = await preview(db, sheet, knowledge, by), 0
    for row in rows:
        if row.listed is not None:
            people += await listing.take_up(db, row.listed, now)
    kept = {str(verdict): count for verdict, count in counts(rows).items()}
    after = kept | {"people": people}
    await note(db, by, "import", "enterprises", now, after=after)
    return Taken(rows, people)
