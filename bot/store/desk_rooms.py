"""Where the staff is met: its group per channel, who is on duty, and what was posted to them.

A post is a message to the staff about a ticket. Whoever quotes one answers that ticket, and nobody
can quote what was not sent to the chat in which they write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import schema
from bot.store.columns import bound, of_conversation
from bot.store.staff_schema import ON_STAFF
from handlers.conversation import Conversation

LANE: Final = 1
EVERY_DAY: Final = 0

_post, _delivery, _room, _duty = (
    schema.ticket_post,
    schema.delivery,
    schema.staff_room,
    schema.duty,
)
# A card or a notice to the staff itself: one that comes twice harms nobody, one that is lost leaves
# an enterprise waiting. What staff says to an enterprise is of the same kind, and goes once.
FOR_STAFF: Final = and_(
    _delivery.c.kind == schema.literal("staff"),
    _delivery.c.erase_as.is_(None),
    or_(
        exists().where(
            schema.same_conversation(schema.staff, _delivery),
            ON_STAFF,
        ),
        exists().where(schema.same_conversation(schema.staff_room, _delivery)),
    ),
)
_LIVE: Final = ("pending", "sending", "sent", "unsure", "held")


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket's card in one chat: `external_id` once it was sent; `live` unless it never will."""

    address: Conversation
    external_id: str
    live: bool


_QUEUE = insert(_delivery).returning(_delivery.c.id)
_LINK = insert(_post)
_CARDS = (
    select(
        _delivery.c.channel,
        _delivery.c.conversation,
        func.max(_delivery.c.external_id).label("external_id"),
        func.max(_delivery.c.state.in_(schema.literals(_LIVE))).label("live"),
    )
    .join(_post, _post.c.delivery == _delivery.c.id)
    .where(_post.c.ticket == bindparam("of_ticket"), _post.c.card)
    .group_by(_delivery.c.channel, _delivery.c.conversation)
    .order_by(func.min(_delivery.c.id))
)
_QUOTED = (
    select(_post.c.ticket)
    .join(_delivery, _post.c.delivery == _delivery.c.id)
    .where(
        of_conversation(_delivery),
        _delivery.c.external_id == bindparam("quoted"),
    )
)
_SET_ROOM = upsert(_room)
_ROOM = _SET_ROOM.on_conflict_do_update(
    index_elements=["channel"],
    set_={
        "conversation": _SET_ROOM.excluded.conversation,
        "set_by": _SET_ROOM.excluded.set_by,
        "set_at": _SET_ROOM.excluded.set_at,
    },
)
_ROOMS = (
    select(_room.c.channel, _room.c.conversation, schema.conversation.c.reachable)
    .outerjoin(schema.conversation, schema.same_conversation(schema.conversation, _room))
    .order_by(_room.c.channel)
)
_NO_ROOM = delete(_room).where(_room.c.channel == bindparam("of_channel"))
_ON = upsert(_duty).on_conflict_do_nothing()
_OFF = delete(_duty).where(
    _duty.c.part == bindparam("of_part"),
    _duty.c.weekday == bindparam("of_weekday"),
    _duty.c.staff == bindparam("of_staff"),
)
_ROSTER = select(_duty.c.part, _duty.c.weekday, _duty.c.staff).order_by(_duty.c.id)


async def post(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    to: Conversation,
    ticket: int,
    payloads: Sequence[Payload],
    now: datetime,
    due_at: datetime,
    *,
    card: bool,
) -> None:
    """Queue a message to the staff about a ticket."""
    for delivery in await queue(db, to, payloads, now, due_at):
        await db.execute(_LINK, {"delivery": delivery, "ticket": ticket, "card": card})


async def queue(
    db: AsyncConnection,
    to: Conversation,
    payloads: Sequence[Payload],
    now: datetime,
    due_at: datetime,
) -> Sequence[int]:
    """Queue messages of the staff; give their deliveries' numbers."""
    found = []
    for payload in payloads:
        row = {
            "channel": to.channel,
            "conversation": to.id,
            "kind": "staff",
            "lane": LANE,
            "state": "pending",
            "payload": dict(payload),
            "due_at": due_at,
            "ready_at": due_at,
            "created_at": now,
        }
        found.append(int((await db.execute(_QUEUE, row)).scalar_one()))
    return found


async def cards(db: AsyncConnection, ticket: int) -> Sequence[Card]:
    """Give the chats that a ticket's card was queued for, one line each."""
    return [
        Card(Conversation(row.channel, row.conversation), row.external_id, live=bool(row.live))
        for row in await db.execute(_CARDS, {"of_ticket": ticket})
    ]


async def quoted(db: AsyncConnection, here: Conversation, external_id: str) -> int | None:
    """Name the ticket that a message posted to this very chat is about."""
    if not external_id:  # of what was not sent yet
        return None
    where = bound(here) | {"quoted": external_id}
    found: int | None = await db.scalar(_QUOTED, where)
    return found


async def set_room(db: AsyncConnection, here: Conversation, by: int | None, now: datetime) -> None:
    """Make this group the staff's on its channel, in place of any other."""
    row = {"channel": here.channel, "conversation": here.id, "set_by": by, "set_at": now}
    await db.execute(_ROOM, row)


async def leave_room(db: AsyncConnection, channel: str) -> bool:
    """Use no group on a channel any more; False where there was none."""
    return bool((await db.execute(_NO_ROOM, {"of_channel": channel})).rowcount)


async def rooms(db: AsyncConnection) -> Mapping[Conversation, bool]:
    """Give the staff's groups, and whether each can be reached as far as we know."""
    return {
        Conversation(row.channel, row.conversation): row.reachable is not False
        for row in (await db.execute(_ROOMS)).all()
    }


async def roster(db: AsyncConnection) -> Mapping[tuple[str, int], Sequence[int]]:
    """Give the staff's numbers by (part, weekday)."""
    found: dict[tuple[str, int], list[int]] = {}
    for row in await db.execute(_ROSTER):
        found.setdefault((row.part, row.weekday), []).append(row.staff)
    return found


async def put_on(db: AsyncConnection, part: str, weekday: int, staff: int) -> None:
    await db.execute(_ON, {"part": part, "weekday": weekday, "staff": staff})


async def take_off(db: AsyncConnection, part: str, weekday: int, staff: int) -> None:
    await db.execute(_OFF, _of(part, weekday, staff))


def _of(part: str, weekday: int, staff: int) -> dict[str, Any]:
    return {"of_part": part, "of_weekday": weekday, "of_staff": staff}
