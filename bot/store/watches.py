"""Who watches an announcement go out: one message each, and the latest change of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import schema
from bot.store.columns import bound, of_conversation
from bot.store.staff_schema import WATCHED
from handlers.conversation import Conversation

LANE: Final = 1

_watch, _delivery = schema.broadcast_watch, schema.delivery
_post, _edit = _delivery.alias("post"), _delivery.alias("edit")


@dataclass(frozen=True, slots=True)
class Watch:
    """`edit_state` is "" before the first change; `external_id` once the message was sent.

    `shown_at` is when it last came to say something else.
    """

    id: int
    broadcast: int
    address: Conversation
    external_id: str
    post_state: str
    edit_state: str
    words: str
    shown_at: datetime | None


_QUEUE = insert(_delivery).returning(_delivery.c.id)
_OPEN = (
    select(
        _watch,
        _post.c.channel,
        _post.c.conversation,
        _post.c.external_id,
        _post.c.state.label("post_state"),
        _edit.c.state.label("edit_state"),
        func.coalesce(_edit.c.settled_at, _post.c.settled_at).label("shown_at"),
    )
    .select_from(_watch)
    .join(_post, _post.c.id == _watch.c.post)
    .outerjoin(_edit, _edit.c.id == _watch.c.edit)
    .where(WATCHED)
    .order_by(_watch.c.id)
)
_ONE = update(_watch).where(_watch.c.id == bindparam("of_id"))
_END = _ONE.values(ended_at=bindparam("now", type_=schema.UtcTime))
_END_OTHERS = (
    update(_watch)
    .where(
        WATCHED,
        _watch.c.post.in_(
            select(_delivery.c.id).where(
                of_conversation(_delivery),
                _delivery.c.kind == schema.literal("staff"),
            )
        ),
    )
    .values(ended_at=bindparam("now", type_=schema.UtcTime))
)


async def begin(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    broadcast: int,
    address: Conversation,
    payload: Payload,
    words: str,
    now: datetime,
) -> None:
    """Queue the message that will be edited; an earlier one in the same chat is edited no more."""
    here = bound(address)
    await db.execute(_END_OTHERS, here | {"now": now})
    post = await _queue(db, address, payload, now)
    row = {"broadcast": broadcast, "post": post, "words": words}
    await db.execute(insert(_watch), row)


async def under_way(db: AsyncConnection) -> Sequence[Watch]:
    """Everybody who still watches."""
    return [
        Watch(
            row.id,
            row.broadcast,
            Conversation(row.channel, row.conversation),
            row.external_id,
            row.post_state,
            row.edit_state or "",
            row.words,
            row.shown_at,
        )
        for row in await db.execute(_OPEN)
    ]


async def change(
    db: AsyncConnection, watch: Watch, payload: Payload, words: str, now: datetime
) -> None:
    """Queue what makes the message say these words."""
    edit = await _queue(db, watch.address, payload, now)
    await db.execute(_ONE.values(edit=edit, words=words), {"of_id": watch.id})


async def end(db: AsyncConnection, watch: Watch, now: datetime) -> None:
    """Edit it no more."""
    await db.execute(_END, {"of_id": watch.id, "now": now})


async def _queue(
    db: AsyncConnection, address: Conversation, payload: Payload, now: datetime
) -> int:
    row = {
        "channel": address.channel,
        "conversation": address.id,
        "kind": "staff",
        "lane": LANE,
        "state": "pending",
        "payload": dict(payload),
        "due_at": now,
        "ready_at": now,
        "created_at": now,
    }
    return int((await db.execute(_QUEUE, row)).scalar_one())
