"""The messages of reminders in the queue, from the side of whoever plans them.

A wish has at most one message a day. Taken out, its day is free again; cancelled by anybody else,
the day is not: what staff took out by hand is not put in again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import schema
from bot.store.reminder_schema import WANTED
from handlers.conversation import Conversation
from handlers.records import SEAT
from knowledge.clock import VIETNAM

LANE: Final = 1
MOVED, USELESS = "moved", "no longer useful"

_wish, _day, _delivery = schema.reminder, schema.reminder_day, schema.delivery
_person = schema.conversation
_NOW = bindparam("now", type_=schema.UtcTime)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to be reminded. `planned_from` is since when `planned_for` is its last day."""

    id: int
    conversation: Conversation
    subject: str
    days_before: tuple[int, ...]
    day: date | None
    planned_for: str
    planned_from: datetime | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A message of a wish. `moment` is what it was planned for, `due_at` when it goes out now."""

    delivery: int
    moment: datetime
    due_at: datetime
    state: str
    payload: Payload


_FOR_A_SEAT = _wish.c.subject.startswith(SEAT, autoescape=True)
_TO_PLAN = (
    select(_wish)
    .join(_person, schema.same_conversation(_person, _wish))
    .where(
        WANTED,
        ~_FOR_A_SEAT,
        or_(
            _wish.c.planned_with < bindparam("fingerprint"),
            _wish.c.planned_with > bindparam("fingerprint"),
        ),
        _wish.c.channel.in_(bindparam("channels", expanding=True)),
        _person.c.reachable,
    )
    .limit(bindparam("most"))
)
_FOR_SEATS = (
    select(_wish)
    .join(_person, schema.same_conversation(_person, _wish))
    .where(
        WANTED,
        _FOR_A_SEAT,
        _wish.c.channel.in_(bindparam("channels", expanding=True)),
        _person.c.reachable,
    )
    .order_by(_wish.c.id)
)
_QUEUED = (
    select(_day.c.moment, _delivery)
    .join(_delivery, _delivery.c.id == _day.c.delivery)
    .where(_day.c.reminder == bindparam("of_reminder"))
    .order_by(_day.c.moment)
)
_PLANNED = (
    update(_wish)
    .where(_wish.c.id == bindparam("of_reminder"))
    .values(
        planned_with=bindparam("fingerprint"),
        planned_for=bindparam("last_day"),
        planned_from=bindparam("since", type_=schema.UtcTime),
    )
)
_ADD, _LINK = insert(_delivery).returning(_delivery.c.id), insert(_day)
_TAKE_OUT = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("of_id"), schema.PENDING)
    .values(state="cancelled", reason=bindparam("why"), settled_at=_NOW)
)
_UNLINK = delete(_day).where(_day.c.delivery == bindparam("of_id"))
_CHANGE = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("of_id"), schema.PENDING)
    .values(
        payload=bindparam("says", type_=_delivery.c.payload.type),
        due_at=bindparam("due", type_=schema.UtcTime),
        ready_at=bindparam("due", type_=schema.UtcTime),
    )
)
_ON_DAY = update(_day).where(_day.c.delivery == bindparam("of_id")).values(day=bindparam("on_day"))
_LATE = (
    select(_wish)
    .where(
        ~_FOR_A_SEAT,
        _wish.c.id.in_(
            select(_day.c.reminder)
            .join(_delivery, _delivery.c.id == _day.c.delivery)
            .where(
                schema.QUEUED,
                _delivery.c.channel.in_(bindparam("channels", expanding=True)),
                _delivery.c.lane == LANE,
                _delivery.c.due_at <= _NOW,
            )
        ),
    )
    .order_by(_wish.c.id)
)


async def to_plan(
    db: AsyncConnection, fingerprint: str, channels: Collection[str], limit: int
) -> Sequence[Wish]:
    """Give up to `limit` wishes that were not planned with this knowledge."""
    where = {"fingerprint": fingerprint, "channels": [*channels], "most": limit}
    return [_as_wish(row) for row in await db.execute(_TO_PLAN, where)]


async def for_seats(db: AsyncConnection, channels: Collection[str]) -> Sequence[Wish]:
    """Give the wishes of those who wait for a seat, or had to."""
    return [_as_wish(row) for row in await db.execute(_FOR_SEATS, {"channels": [*channels]})]


async def late(db: AsyncConnection, channels: Collection[str], now: datetime) -> Sequence[Wish]:
    """Give the wishes with a message that is due and has not been claimed."""
    where = {"channels": [*channels], "now": now}
    return [_as_wish(row) for row in await db.execute(_LATE, where)]


async def queued(db: AsyncConnection, wish: Wish) -> Sequence[Queued]:
    """Give every message of a wish that was planned and not taken out, whatever became of it."""
    return [
        Queued(row.id, _here(row.moment), _here(row.due_at), row.state, row.payload)
        for row in await db.execute(_QUEUED, {"of_reminder": wish.id})
    ]


async def planned(
    db: AsyncConnection, wish: Wish, fingerprint: str, last_day: str, since: datetime
) -> None:
    """Note that a wish is planned with this knowledge."""
    where = {"of_reminder": wish.id, "fingerprint": fingerprint}
    await db.execute(_PLANNED, where | {"last_day": last_day, "since": since})


async def add(
    db: AsyncConnection, wish: Wish, moment: datetime, payload: Payload, now: datetime
) -> None:
    """Queue the message of `moment`. Only where that day has none: a second one is refused."""
    row = {
        "channel": wish.conversation.channel,
        "conversation": wish.conversation.id,
        "kind": "reminder",
        "lane": LANE,
        "state": "pending",
        "payload": dict(payload),
        "due_at": moment,
        "ready_at": moment,
        "created_at": now,
    }
    added = await db.scalar(_ADD, row)
    link = {"reminder": wish.id, "day": _day_of(moment), "moment": moment}
    await db.execute(_LINK, link | {"delivery": added})


async def change(db: AsyncConnection, delivery: int, due: datetime, payload: Payload) -> None:
    """Let a waiting message go out at another moment, or say something else."""
    await db.execute(_CHANGE, {"of_id": delivery, "due": due, "says": dict(payload)})
    await db.execute(_ON_DAY, {"of_id": delivery, "on_day": _day_of(due)})


async def take_out(db: AsyncConnection, delivery: int, reason: str, now: datetime) -> None:
    """Cancel a waiting message; its day is free again."""
    await db.execute(_TAKE_OUT, {"of_id": delivery, "why": reason, "now": now})
    await db.execute(_UNLINK, {"of_id": delivery})


def _as_wish(row: Row[Any]) -> Wish:
    return Wish(
        row.id,
        Conversation(row.channel, row.conversation),
        row.subject,
        tuple(row.days),
        date.fromisoformat(row.day) if row.day else None,
        row.planned_for,
        row.planned_from and _here(row.planned_from),
    )


def _here(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


def _day_of(moment: datetime) -> str:
    return _here(moment).date().isoformat()
