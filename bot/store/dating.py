"""Orders of staff to put a date into the knowledge, kept until they are carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema

_order = schema.date_order
_ADD: Final = insert(_order).returning(_order.c.id)
_WAITING: Final = (
    select(_order).where(_order.c.state == schema.literal("waiting")).order_by(_order.c.id)
)
_SETTLE: Final = (
    update(_order)
    .where(_order.c.id == bindparam("of_id"), _order.c.state == schema.literal("waiting"))
    .values(
        state=bindparam("to_state"),
        problem=bindparam("why"),
        settled_at=bindparam("now", type_=schema.UtcTime),
    )
)


@dataclass(frozen=True, slots=True)
class Order:
    """A last day for a deadline: its first one, or one later than what it `extends`.

    It says all that was confirmed. A deadline that is not there yet is added.
    """

    key: str
    province: str
    closes_on: date
    closes_at: time | None
    letter: str
    issued_on: date
    extends: date | None = None

    def as_data(self) -> dict[str, str]:
        return {
            "key": self.key,
            "province": self.province,
            "closes_on": self.closes_on.isoformat(),
            "closes_at": f"{self.closes_at:%H:%M}" if self.closes_at else "",
            "letter": self.letter,
            "issued_on": self.issued_on.isoformat(),
            "extends": self.extends.isoformat() if self.extends else "",
        }

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Order:
        return cls(
            data["key"],
            data["province"],
            date.fromisoformat(data["closes_on"]),
            time.fromisoformat(data["closes_at"]) if data["closes_at"] else None,
            data["letter"],
            date.fromisoformat(data["issued_on"]),
            date.fromisoformat(data["extends"]) if data["extends"] else None,
        )


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that waits, and who gave it."""

    id: int
    order: Order
    made_by: int


async def add(db: AsyncConnection, order: Order, made_by: int, now: datetime) -> int:
    row = {"wanted": order.as_data(), "state": "waiting", "made_by": made_by, "made_at": now}
    return int((await db.execute(_ADD, row)).scalar_one())


async def waiting(db: AsyncConnection) -> Sequence[Ordered]:
    """List what is still to be carried out, the oldest first."""
    return [
        Ordered(row.id, Order.of_data(row.wanted), row.made_by)
        for row in await db.execute(_WAITING)
    ]


async def settle(db: AsyncConnection, number: int, problem: str, now: datetime) -> bool:
    """Close an order, done or (with a problem) refused; False where it was closed before."""
    state = "refused" if problem else "done"
    given = {"of_id": number, "to_state": state, "why": problem, "now": now}
    return (await db.execute(_SETTLE, given)).rowcount == 1
