"""Taking the department's own list in: looked at again and kept in one transaction, or not at all.

Judging a row takes a tenth of a millisecond, so it is done before the transaction; in it only the
tax codes are compared with those that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.lead_import import Row, counts, met_again
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import listing


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: its rows as they stood, and how many people were not known."""

    rows: Sequence[Row]
    people: int


async def preview(db: AsyncConnection, rows: Sequence[Row], by: Actor) -> Sequence[Row]:
    """Say which of the judged rows are there already; nothing is changed. Raises NotAllowed."""
    await allowed(db, by, Right.FOLLOW)
    return met_again(rows, (await listing.known(db)).keys())


async def take_in(db: AsyncConnection, rows: Sequence[Row], by: Actor, now: datetime) -> Taken:
    """Keep every row that is not invalid. Done again, it changes nothing. Raises NotAllowed.

    Nobody becomes reachable by it: no chat, no consent and no subscription is made.
    """
    rows = await preview(db, rows, by)
    people = await listing.take_up(db, [row.listed for row in rows if row.listed], now)
    after = {str(verdict): count for verdict, count in counts(rows).items()} | {"people": people}
    await note(db, by, "import", "enterprises", now, after=after)
    return Taken(rows, people)
