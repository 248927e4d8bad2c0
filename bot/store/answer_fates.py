"""What became of the staff's answers: each is looked after until it is known how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.handover_schema import ON_ITS_WAY

ARRIVED: Final = "sent"
_said, _delivery = schema.ticket_message, schema.delivery


@dataclass(frozen=True, slots=True)
class Fate:
    """How the sending of one answer ended: the delivery's state and its reason."""

    answer: int
    staff: int | None
    text: str
    at: datetime
    state: str
    reason: str


_FOLLOW = (
    update(_said)
    .where(_said.c.source == bindparam("of_source"))
    .values(delivery=bindparam("by_delivery"))
)
_FATES = (
    select(
        _said.c.id, _said.c.staff, _said.c.text, _said.c.at, _delivery.c.state, _delivery.c.reason
    )
    .join(_delivery, _delivery.c.id == _said.c.delivery)
    .where(
        _said.c.ticket == bindparam("of_ticket"),
        ON_ITS_WAY,
        _delivery.c.state.in_(schema.literals(schema.SETTLED)),
    )
    .order_by(_said.c.id)
)
_KNOWN = update(_said).where(_said.c.id == bindparam("of_answer")).values(delivery=None)


async def follow(db: AsyncConnection, source: str, delivery: int) -> None:
    """Look after the answer that came by this message: *delivery* takes it to the enterprise."""
    await db.execute(_FOLLOW, {"of_source": source, "by_delivery": delivery})


async def ended(db: AsyncConnection, ticket: int) -> Sequence[Fate]:
    """List a ticket's answers of which it was not known yet how they ended, and is now."""
    return [Fate(*row) for row in await db.execute(_FATES, {"of_ticket": ticket})]


async def known(db: AsyncConnection, answer: int) -> None:
    """Look after it no more."""
    await db.execute(_KNOWN, {"of_answer": answer})
