"""When a chat gets another address, its past moves with it, all in one go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from handlers.conversation import Conversation

# Every table with rows of a conversation, found in the schema so that a new one is not forgotten.
TABLES = tuple(
    table
    for table in schema.metadata.sorted_tables
    if {"channel", "conversation"} <= set(table.c.keys())
)
_person, _contact, _delivery = schema.conversation, schema.enterprise_contact, schema.delivery


def _at(table: Table, parameter: str) -> Any:  # noqa: ANN401 - a condition; SQLAlchemy's name for it says no more
    return and_(
        table.c.channel == bindparam("of_channel"), table.c.conversation == bindparam(parameter)
    )


_MOVES = tuple(
    update(table).where(_at(table, "of_old")).values(conversation=bindparam("of_new"))
    for table in TABLES
)
_STANDS = select(schema.session.c.state).where(_at(schema.session, "of_new"))
_LEAVE_SESSION = delete(schema.session).where(_at(schema.session, "of_old"))
_KNOWN = select(_contact.c.enterprise).where(_at(_contact, "of_new"))
_LEAVE_CONTACTS = delete(_contact).where(_at(_contact, "of_old"), _contact.c.enterprise.in_(_KNOWN))
# Two addresses that turn out to be one person get one copy of an announcement.
_TOLD = select(_delivery.c.broadcast).where(
    _at(_delivery, "of_new"), _delivery.c.broadcast.is_not(None)
)
# … and one reminder of each deadline; what was queued for the other is cancelled.
_wish, _day = schema.reminder, schema.reminder_day
_WANTED = select(_wish.c.subject).where(_at(_wish, "of_new"))
_TWICE = select(_wish.c.id).where(_at(_wish, "of_old"), _wish.c.subject.in_(_WANTED))
_CANCEL_REMINDERS = (
    update(_delivery)
    .where(
        _delivery.c.id.in_(select(_day.c.delivery).where(_day.c.reminder.in_(_TWICE))),
        schema.PENDING,
    )
    .values(state="cancelled", reason="moved", settled_at=_delivery.c.created_at)
)
_LEAVE_REMINDER_DAYS = delete(_day).where(_day.c.reminder.in_(_TWICE))
_LEAVE_REMINDERS = delete(_wish).where(_wish.c.id.in_(_TWICE))
_LEAVE_ANNOUNCED = delete(_delivery).where(
    _at(_delivery, "of_old"), _delivery.c.broadcast.in_(_TOLD)
)
_OLD = select(_person).where(_at(_person, "of_old"))
_NEW = select(_person).where(_at(_person, "of_new"))
_LEAVE = delete(_person).where(_at(_person, "of_old"))
_MERGE = update(_person).where(_at(_person, "of_new"))


async def move(db: AsyncConnection, conversation: Conversation, to: str) -> None:
    """Rewrite a conversation's id everywhere; where both are known, the new one's word stands."""
    keys = {"of_channel": conversation.channel, "of_old": conversation.id, "of_new": to}
    if conversation.id == to:
        return
    await _merge(db, keys)
    if await db.scalar(_STANDS, _only(keys, "of_new")) is not None:
        await db.execute(_LEAVE_SESSION, _only(keys, "of_old"))
    await db.execute(_LEAVE_CONTACTS, keys)
    for leave in (_LEAVE_ANNOUNCED, _CANCEL_REMINDERS, _LEAVE_REMINDER_DAYS, _LEAVE_REMINDERS):
        await db.execute(leave, keys)
    for statement in _MOVES:
        await db.execute(statement, keys)


async def _merge(db: AsyncConnection, keys: dict[str, str]) -> None:
    old = (await db.execute(_OLD, _only(keys, "of_old"))).one_or_none()
    new = (await db.execute(_NEW, _only(keys, "of_new"))).one_or_none()
    if old is None or new is None:
        return
    merged: dict[str, Any] = {"first_seen": min(old.first_seen, new.first_seen)}
    if new.subscribed_at is None:
        merged |= {"subscribed": old.subscribed, "subscribed_at": old.subscribed_at}
    await db.execute(_MERGE, _only(keys, "of_new") | merged)
    await db.execute(_LEAVE, _only(keys, "of_old"))


def _only(keys: dict[str, str], name: str) -> dict[str, Any]:
    return {"of_channel": keys["of_channel"], name: keys[name]}
