"""What this installation knows about itself: facts that are set once and never change."""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

_FACTS = ("id", "salt")
_SET = insert(schema.instance).on_conflict_do_nothing()
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
