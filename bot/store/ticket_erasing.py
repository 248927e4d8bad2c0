"""What erasing a person takes out of their tickets: their words, wherever the staff got them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import bound, of_conversation
from bot.store.handover_schema import OPEN
from handlers.conversation import Conversation

_ticket, _said, _post = schema.ticket, schema.ticket_message, schema.ticket_post
_delivery = schema.delivery
_NOW = bindparam("now", type_=schema.UtcTime)


_THEIRS = select(_ticket.c.id).where(of_conversation(_ticket))
_POSTED = _delivery.c.id.in_(select(_post.c.delivery).where(_post.c.ticket.in_(_THEIRS)))
_UNSENT = _delivery.c.state.in_(schema.literals(schema.UNSENT))
_ERASE_POSTS = (
    update(_delivery)
    .where(_POSTED, _delivery.c.state != schema.literal("sending"))
    .values(
        payload={},
        state=case((_UNSENT, schema.literal("cancelled")), else_=_delivery.c.state),
        reason=case((_UNSENT, schema.literal("erased")), else_=_delivery.c.reason),
        settled_at=func.coalesce(_delivery.c.settled_at, _NOW),
    )
)
_ERASE_ON_THEIR_WAY = (
    update(_delivery).where(_POSTED, schema.SENDING).values(erase_as=_delivery.c.conversation)
)
_SOURCES = select(_said.c.source).where(_said.c.ticket.in_(_THEIRS), _said.c.source.is_not(None))
_source = schema.message.c.channel + schema.literal(":") + schema.message.c.external_id
_ERASE_TYPED = update(schema.message).where(_source.in_(_SOURCES)).values(text="")
_ERASE_SAID = (
    update(_said).where(_said.c.ticket.in_(_THEIRS)).values(text="", source=None, delivery=None)
)
_OPEN_THEIRS = select(_ticket.c.id).where(of_conversation(_ticket), OPEN)
_ERASE_TICKETS = (
    update(_ticket)
    .where(of_conversation(_ticket))
    .values(
        conversation=bindparam("gone"),
        reason="",
        reopened_at=None,
        closed_by=case((OPEN, schema.literal("erased")), else_=_ticket.c.closed_by),
        closed_at=func.coalesce(_ticket.c.closed_at, _NOW),
    )
)
_END = plain_insert(_said)


async def erase(db: AsyncConnection, conversation: Conversation, gone: str, now: datetime) -> None:
    """Forget what this person said and what they were told; open tickets end, and staff is told."""
    own = bound(conversation)
    opened = (await db.scalars(_OPEN_THEIRS, own)).all()
    for statement in (_ERASE_POSTS, _ERASE_ON_THEIR_WAY, _ERASE_TYPED, _ERASE_SAID):
        await db.execute(statement, own | ({"now": now} if statement is _ERASE_POSTS else {}))
    await db.execute(_ERASE_TICKETS, own | {"gone": gone, "now": now})
    for number in opened:
        await db.execute(_END, {"ticket": number, "kind": "erased", "text": "", "at": now})
