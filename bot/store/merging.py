"""Two rows for one enterprise: which may be one, and making them one in a way that can be undone.

Nothing is deleted: contacts, submissions, log and notes change hands, and `merge` remembers which.
A contact whose conversation is already a contact of the other enterprise stays where it is, hidden:
the same person is there already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, and_, bindparam, exists, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import lead_index, merged, schema
from bot.store.following import change

_merge, _contact = schema.merge, schema.enterprise_contact
MOVING: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        schema.enterprise_contact,
        schema.submission,
        schema.follow_up_change,
        schema.follow_up_note,
    )
}
_other = _contact.alias("other")
_KNOWN_THERE = exists().where(
    _other.c.enterprise == bindparam("to_id"),
    schema.same_conversation(_other, _contact),
)
_ROWS = {
    name: select(table.c.id).where(
        and_(
            table.c.enterprise == bindparam("of_id"),
            *([~_KNOWN_THERE] if table is _contact else []),
        )
    )
    for name, table in MOVING.items()
}
_GIVE = {
    name: update(table)
    .where(
        table.c.id.in_(bindparam("ids", expanding=True)),
        table.c.enterprise == bindparam("of_id"),
    )
    .values(enterprise=bindparam("to_id"))
    for name, table in MOVING.items()
}
_TELL_APART = upsert(schema.told_apart).on_conflict_do_nothing()
_APART = select(schema.told_apart.c.one, schema.told_apart.c.other)
_ADD = insert(_merge).returning(_merge.c.id)
_ONE = select(_merge).where(_merge.c.id == bindparam("of_id"))
_UNDO = (
    update(_merge)
    .where(_merge.c.id == bindparam("of_id"))
    .values(undone_at=bindparam("now", type_=schema.UtcTime))
)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made; `undone` says whether it still holds."""

    id: int
    kept: int
    gone: int
    moved: Mapping[str, Sequence[int]]
    undone: bool


async def merge(
    db: AsyncConnection, kept: int, gone: int, by: int | None, now: datetime
) -> Mapping[str, int]:
    """Give everything of `gone` to `kept`; how many rows of each table went."""
    moved: dict[str, list[int]] = {}
    for name in MOVING:
        where = {"of_id": gone, "to_id": kept}
        found = await db.scalars(_ROWS[name], where if name == _contact.name else {"of_id": gone})
        moved[name] = [int(number) for number in found]
        await db.execute(_GIVE[name], where | {"ids": moved[name]})
    row: dict[str, Any] = {"kept": kept, "gone": gone, "moved": moved, "by": by, "at": now}
    await db.execute(_ADD, row)
    await change(db, gone, merged_into=kept)
    await lead_index.renew(db, {kept, gone})
    return {name: len(ids) for name, ids in moved.items()}


async def undo(db: AsyncConnection, found: Merge, now: datetime) -> None:
    """Give back what was moved and is still there."""
    for name in MOVING:
        where = {"of_id": found.kept, "to_id": found.gone, "ids": list(found.moved[name])}
        await db.execute(_GIVE[name], where)
    await db.execute(_UNDO, {"of_id": found.id, "now": now})
    await change(db, found.gone, merged_into=None)
    await lead_index.renew(db, {found.kept, found.gone})


async def tell_apart(
    db: AsyncConnection, one: int, other: int, by: int | None, now: datetime
) -> None:
    """Keep that these are two; the first who said so stays."""
    row = {"one": min(one, other), "other": max(one, other), "by": by, "at": now}
    await db.execute(_TELL_APART, row)


async def apart(db: AsyncConnection) -> AbstractSet[tuple[int, int]]:
    """Every pair that was said to be two, as they stand by now; the smaller number first."""
    told = (await db.execute(_APART)).all()
    into = await merged.merges(db)
    pairs = [(merged.last(into, row.one), merged.last(into, row.other)) for row in told]
    return {(min(pair), max(pair)) for pair in pairs}


async def get(db: AsyncConnection, number: int) -> Merge | None:
    row = (await db.execute(_ONE, {"of_id": number})).one_or_none()
    if row is None:
        return None
    return Merge(row.id, row.kept, row.gone, row.moved, undone=row.undone_at is not None)
