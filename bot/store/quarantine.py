"""Updates that could not be understood, kept raw so that they stop nothing and are not lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

MOST_RAW = 64 * 1024  # characters; a platform's update is far smaller

_quarantine = schema.quarantine
_SET_ASIDE = insert(_quarantine)
_LISTING = select(_quarantine).order_by(_quarantine.c.id.desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class SetAside:
    """One update that nobody understood."""

    id: int
    channel: str
    raw: str
    problem: str
    at: datetime


async def set_aside(
    db: AsyncConnection, channel: str, raw: str, problem: str, now: datetime
) -> None:
    """Keep an update with what is wrong with it."""
    row = {"channel": channel, "raw": raw[:MOST_RAW], "problem": problem, "at": now}
    await db.execute(_SET_ASIDE, row)


async def listing(db: AsyncConnection, most: int = 50) -> Sequence[SetAside]:
    """List the latest, newest first."""
    rows = await db.execute(_LISTING, {"most": most})
    return [SetAside(row.id, row.channel, row.raw, row.problem, row.at) for row in rows]
