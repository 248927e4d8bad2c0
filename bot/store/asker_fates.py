"""What became of answers to people who had asked in vain, until each is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

_way, _delivery = schema.answer_on_its_way, schema.delivery


@dataclass(frozen=True, slots=True)
class AskerFate:
    """How the sending of one answer ended: who wrote it, when, and the delivery's state."""

    delivery: int
    staff: int
    at: datetime
    state: str
    reason: str


_FOLLOW = insert(_way)
_FATES = (
    select(_way.c.delivery, _way.c.staff, _delivery.c.created_at, _delivery.c.state)
    .add_columns(_delivery.c.reason)
    .join(_delivery, _delivery.c.id == _way.c.delivery)
    .where(_delivery.c.state.in_(schema.literals(schema.SETTLED)))
    .order_by(_way.c.delivery)
)
_KNOWN = delete(_way).where(_way.c.delivery == bindparam("of_delivery"))


async def follow(db: AsyncConnection, delivery: int, staff: int) -> None:
    """Look after an answer: *delivery* takes it to somebody who asked."""
    await db.execute(_FOLLOW, {"delivery": delivery, "staff": staff})


async def ended(db: AsyncConnection) -> Sequence[AskerFate]:
    """List the answers of which it was not known yet how they ended, and is now."""
    return [AskerFate(*row) for row in await db.execute(_FATES)]


async def known(db: AsyncConnection, delivery: int) -> None:
    """Look after it no more."""
    await db.execute(_KNOWN, {"of_delivery": delivery})
