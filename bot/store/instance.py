"""What this installation knows about itself: facts that are set once, and notes that it renews."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

CHANNELS: Final = "channels"  # the note of what runs now, or ran last
_FACTS = ("id", "salt")
_SET = insert(schema.instance).on_conflict_do_nothing()
_note = insert(schema.instance)
_NOTE = _note.on_conflict_do_update(index_elements=["name"], set_={"value": _note.excluded.value})
_GET = select(schema.instance.c.value).where(schema.instance.c.name == bindparam("name"))


async def begin(db: AsyncConnection) -> None:
    """Give a new database its identity; an old one keeps its own."""
    await db.execute(_SET, [{"name": name, "value": secrets.token_hex(16)} for name in _FACTS])


async def fact(db: AsyncConnection, name: str) -> str:
    """Read one fact. Raises KeyError for a name that was never set."""
    value = await db.scalar(_GET, {"name": name})
    if value is None:
        raise KeyError(name)
    return str(value)


async def told(db: AsyncConnection, name: str) -> str:
    """Read a note that `tell` left; empty where there is none."""
    return str(await db.scalar(_GET, {"name": name}) or "")


async def channels(db: AsyncConnection) -> tuple[str, ...] | None:
    """Name the channels that the bot runs, or ran last; None where it never did."""
    noted = await told(db, CHANNELS)
    return tuple(json.loads(noted)) if noted else None


async def runs(db: AsyncConnection, names: Collection[str]) -> None:
    """Note which channels the bot runs from now on."""
    await tell(db, CHANNELS, json.dumps(sorted(names)))


async def tell(db: AsyncConnection, name: str, value: str) -> None:
    """Leave a note to oneself. Raises KeyError for the name of a fact, which never changes."""
    if name in _FACTS:
        raise KeyError(name)
    await db.execute(_NOTE, {"name": name, "value": value})
