"""The two queues of what is said to one person: replies, and what can wait for them.

Per address there is one row on its way at a time, and rows of one kind go in the order in which
they are due. Announcements have a queue of their own (`bot.store.announcing`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import announcing, schema
from bot.store.columns import listed

_delivery = schema.delivery


def _first_of_its_address() -> ColumnElement[bool]:
    """No row of the address is on its way, and none of the same kind comes before this one."""
    other = _delivery.alias("other")
    same_address = schema.same_conversation(other, _delivery)
    on_its_way = exists().where(same_address, other.c.state == schema.literal("sending"))
    before = exists().where(
        same_address,
        other.c.kind == _delivery.c.kind,
        other.c.state == schema.literal("pending"),
        other.c.broadcast.is_(None),
        tuple_(other.c.due_at, other.c.id) < tuple_(_delivery.c.due_at, _delivery.c.id),
    )
    return and_(~on_its_way, ~before)


def _lane(lane: int) -> Select[Any]:
    return (
        select(_delivery.c.id, _delivery.c.conversation)
        .where(
            _delivery.c.channel == bindparam("of_channel"),
            _delivery.c.lane == lane,
            schema.QUEUED,
            _delivery.c.due_at <= bindparam("now"),
            _delivery.c.ready_at <= bindparam("now"),
            announcing.ON_ITS_DAY,
            _delivery.c.conversation.not_in(listed("busy")),
            _first_of_its_address(),
        )
        .order_by(_delivery.c.due_at, _delivery.c.id)
        .limit(bindparam("most"))
    )


_REPLIES, _OTHERS = _lane(0), _lane(1)
# with the kinds in it: an address has a first row of each, at most
_LANES = ((_REPLIES, 1), (_OTHERS, len(schema.KINDS) - 1))
_NEXT = (
    select(_delivery.c.ready_at)
    .where(_delivery.c.channel == bindparam("of_channel"), schema.QUEUED, _first_of_its_address())
    .order_by(_delivery.c.ready_at)
    .limit(1)
)


async def ready(  # noqa: PLR0913 - what may go out now, and each of these is a limit to it
    db: AsyncConnection,
    channel: str,
    now: datetime,
    limit: int,
    busy: Collection[str],
    *,
    replies_only: bool,
) -> dict[str, int]:
    """Give up to `limit` addresses that may be written to now, and the row that is next for each.

    A reminder leaves by day, on the day on which it is due.
    """
    chosen: dict[str, int] = {}
    for statement, kinds in _LANES[:1] if replies_only else _LANES:
        if len(chosen) >= limit:
            break
        most = (limit - len(chosen)) * kinds
        where = {"of_channel": channel, "busy": [*busy, *chosen], "most": most}
        where |= {"now": now, "reminders_since": announcing.day_began(now)}
        for row in await db.execute(statement, where):
            if len(chosen) < limit:
                chosen.setdefault(row.conversation, row.id)
    return chosen


async def next_ready(db: AsyncConnection, channel: str) -> datetime | None:
    """Say when the next row is ready that no other row of its address holds up."""
    found: datetime | None = await db.scalar(_NEXT, {"of_channel": channel})
    return found
