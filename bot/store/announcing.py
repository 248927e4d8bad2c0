"""The queue of the announcements: whom a running broadcast may write to at this moment.

All that could forbid a message is asked again when it is about to leave: whether its broadcast
still runs and is not too late, whether it is night, whether the person still wants announcements
and can be reached. So a pause is one changed word, however many people wait, and a person who
opts out between approval and sending gets nothing new. What they have already is edited or
withdrawn all the same: no message comes of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import schema
from bot.store.columns import listed
from bot.store.staff_schema import RUNNING
from knowledge.clock import VIETNAM

LANE: Final = 2
NOTHING_EARLIER: Final = "nothing to change"  # the earlier message is not known any more
QUIET_FROM: Final = time(20, 0)
QUIET_UNTIL: Final = time(7, 30)
NEVER: Final = datetime(9999, 1, 1, tzinfo=VIETNAM)

_delivery, _broadcast, _person = schema.delivery, schema.broadcast, schema.conversation
_NOW = bindparam("now", type_=schema.UtcTime)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A row that may be sent now, with what its broadcast says on its channel.

    `earlier` is the platform's id for the message that it changes, and empty where it changes none;
    with nothing in the payload that message is withdrawn.
    """

    id: int
    conversation: str
    payload: Payload
    earlier: str = ""


def opens_at(now: datetime) -> datetime:
    """When announcements may go out again: *now* by day, else the end of the quiet hours."""
    here = now.astimezone(VIETNAM)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return now
    day = here.date() + timedelta(days=here.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, VIETNAM)


def day_began(now: datetime) -> datetime:
    """When today's quiet hours ended; a moment that never comes while it is night."""
    here = now.astimezone(VIETNAM)
    return datetime.combine(here, QUIET_UNTIL, VIETNAM) if opens_at(now) == now else NEVER


def _on_its_way() -> ColumnElement[bool]:
    other = _delivery.alias("other")
    return exists().where(
        schema.same_conversation(other, _delivery),
        other.c.state == schema.literal("sending"),
    )


# A reminder tells of days left: it leaves on the day for which it was written, or not at all.
ON_ITS_DAY = or_(
    _delivery.c.kind != schema.literal("reminder"),
    _delivery.c.due_at >= bindparam("reminders_since"),
)
_RUNNING = (
    select(_broadcast.c.id, _broadcast.c.payloads, _broadcast.c.changes, _broadcast.c.correction_of)
    .where(RUNNING, or_(_broadcast.c.latest_at.is_(None), _broadcast.c.latest_at > _NOW))
    .order_by(_broadcast.c.started_at, _broadcast.c.id)
)
# "" is a person who may be written to; every other word is why not.
_NOT_REACHED = (
    (_person.c.reachable.is_(None), "unknown"),
    (~_person.c.reachable, "blocked"),
)
_FORBIDDEN = case(*_NOT_REACHED, (~_person.c.subscribed, "unsubscribed"), else_="")
_BEYOND_CHANGE = case(*_NOT_REACHED, else_="")
_QUEUED = (
    select(_delivery.c.id, _delivery.c.conversation)
    .select_from(_delivery)
    .outerjoin(_person, schema.same_conversation(_person, _delivery))
    .where(
        _delivery.c.broadcast == bindparam("of_broadcast"),
        _delivery.c.channel == bindparam("of_channel"),
        schema.PENDING,
        _delivery.c.ready_at <= _NOW,
        _delivery.c.conversation.not_in(listed("busy")),
        ~_on_its_way(),
    )
    .order_by(_delivery.c.ready_at, _delivery.c.id)
    .limit(bindparam("most"))
)
_WAITING = _QUEUED.add_columns(_FORBIDDEN.label("forbidden"))
_corrected = _delivery.alias("corrected")
_EARLIER = (
    select(_corrected.c.external_id)
    .where(
        _corrected.c.broadcast == bindparam("of_corrected"),
        schema.same_conversation(_corrected, _delivery),
        _corrected.c.state == schema.literal("sent"),
    )
    .scalar_subquery()
)
_CHANGING = _QUEUED.add_columns(
    _BEYOND_CHANGE.label("forbidden"), func.coalesce(_EARLIER, "").label("earlier")
)
_FORBID = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("of_id"), schema.PENDING)
    .values(state="cancelled", reason=bindparam("why"), settled_at=_NOW)
)
_NEXT = select(func.min(_delivery.c.ready_at)).where(
    _delivery.c.broadcast == bindparam("of_broadcast"),
    _delivery.c.channel == bindparam("of_channel"),
    schema.PENDING,
)
_RUNNING_IDS = select(_broadcast.c.id).where(RUNNING)


async def ready(
    db: AsyncConnection, channel: str, now: datetime, limit: int, busy: Collection[str]
) -> list[Recipient]:
    """Give up to `limit` people who may be written to now, the oldest broadcast's first.

    Whoever may no longer be written to is struck off on the way.
    """
    found: dict[str, Recipient] = {}
    if limit <= 0 or opens_at(now) > now:
        return []
    for broadcast in (await db.execute(_RUNNING, {"now": now})).all():
        payload = broadcast.payloads.get(channel)
        if payload is None:
            continue
        where = {"of_broadcast": broadcast.id, "of_channel": channel, "now": now}
        waiting = _CHANGING if broadcast.changes else _WAITING
        where |= {"of_corrected": broadcast.correction_of} if broadcast.changes else {}
        while len(found) < limit:
            some = where | {"busy": [*busy, *found], "most": limit - len(found)}
            rows = (await db.execute(waiting, some)).all()
            struck = [_struck(row, why, now) for row in rows if (why := _why_not(row))]
            if struck:
                await db.execute(_FORBID, struck)
            found |= {row.conversation: _as(row, payload) for row in rows if not _why_not(row)}
            if not struck:
                break
    return list(found.values())


async def next_ready(db: AsyncConnection, channel: str) -> datetime | None:
    """Say when the next message of a running broadcast is ready, whatever else may forbid it."""
    moments = [
        await db.scalar(_NEXT, {"of_broadcast": broadcast, "of_channel": channel})
        for broadcast in (await db.scalars(_RUNNING_IDS)).all()
    ]
    return min((each for each in moments if each is not None), default=None)


def _why_not(row: Any) -> str:  # noqa: ANN401 - a row
    """Why nothing may leave for this person; empty where it may."""
    return str(row.forbidden) or ("" if getattr(row, "earlier", "-") else NOTHING_EARLIER)


def _struck(row: Any, why: str, now: datetime) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {"of_id": row.id, "why": why, "now": now}


def _as(row: Any, payload: Payload) -> Recipient:  # noqa: ANN401 - a row
    earlier = getattr(row, "earlier", "")
    return Recipient(row.id, row.conversation, payload, earlier)
