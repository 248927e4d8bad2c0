"""Which rows of `enterprise` are one enterprise by now, since staff merged them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

_follow = schema.follow_up
_INTO = select(_follow.c.merged_into).where(_follow.c.enterprise == bindparam("of_id"))
_MERGES = select(_follow.c.enterprise, _follow.c.merged_into).where(
    _follow.c.merged_into.is_not(None)
)
_FROM = select(_follow.c.enterprise).where(_follow.c.merged_into == bindparam("of_id"))


async def standing(db: AsyncConnection, enterprise: int) -> int:
    """The enterprise that this one is by now: itself, or the last that it was merged into."""
    while (into := await db.scalar(_INTO, {"of_id": enterprise})) is not None:
        enterprise = int(into)
    return enterprise


async def merges(db: AsyncConnection) -> Mapping[int, int]:
    """What every merged one was merged into, for many at once (`last`)."""
    return {row.enterprise: int(row.merged_into) for row in await db.execute(_MERGES)}


def last(into: Mapping[int, int], enterprise: int) -> int:
    """What `standing` gives, of what `merges` gave."""
    while enterprise in into:
        enterprise = into[enterprise]
    return enterprise


async def all_of(db: AsyncConnection, enterprise: int) -> Sequence[int]:
    """This one and all that were merged into it, by whatever way."""
    found = [enterprise]
    for each in found:  # it grows while it is walked; a merge never makes a circle
        found += [int(number) for number in await db.scalars(_FROM, {"of_id": each})]
    return found
