"""Who wants to be reminded of what.

A wish outlives its messages (`bot.store.reminder_queue`): they follow the deadline. Whatever ends a
wish (stopped, handed in, erased) cancels what waits for it in the same transaction, so that nothing
is sent after. Nothing here knows a deadline; `bot.operations.reminders` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, null, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import bound, of_conversation
from handlers.conversation import Conversation
from handlers.effects import PlanReminders
from handlers.records import SEAT, Reminder
from knowledge.clock import VIETNAM

STOPPED: Final = "stopped"
SUBMITTED: Final = "submitted"

_wish, _day, _delivery = schema.reminder, schema.reminder_day, schema.delivery
_NOW = bindparam("now", type_=schema.UtcTime)
_OWN = of_conversation(_wish)
_ONE = and_(_OWN, _wish.c.subject == bindparam("of_subject"))
_ALL = and_(_OWN, ~_wish.c.subject.startswith(SEAT, autoescape=True))  # a seat is no reminder


def _waiting(*of: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a subquery; SQLAlchemy has no narrower name
    return (
        select(_day.c.delivery)
        .join(_wish, _wish.c.id == _day.c.reminder)
        .join(_delivery, _delivery.c.id == _day.c.delivery)
        .where(schema.PENDING, *of)
    )


def _unlink(*of: ColumnElement[bool]) -> Any:  # noqa: ANN401 - the same
    """Free the days of what was cancelled for this reason: they may be planned again."""
    cancelled = (
        select(_day.c.delivery)
        .join(_wish, _wish.c.id == _day.c.reminder)
        .join(_delivery, _delivery.c.id == _day.c.delivery)
        .where(
            _delivery.c.state == schema.literal("cancelled"),
            _delivery.c.reason == bindparam("why"),
            *of,
        )
    )
    return delete(_day).where(_day.c.delivery.in_(cancelled))


def _cancel(*of: ColumnElement[bool]) -> Any:  # noqa: ANN401 - the same
    return (
        update(_delivery)
        .where(_delivery.c.id.in_(_waiting(*of)))
        .values(state="cancelled", reason=bindparam("why"), settled_at=_NOW)
    )


_ask = upsert(_wish)
_ASK = _ask.on_conflict_do_update(
    index_elements=["channel", "conversation", "subject"],
    set_={
        "days": _ask.excluded.days,
        "day": _ask.excluded.day,
        "asked_at": _ask.excluded.asked_at,
        "stopped_at": null(),
        "planned_with": "",
        "planned_for": "",
    },
)
_stop = update(_wish).values(stopped_at=_NOW)
_STOP, _STOP_ALL = (_stop.where(of, _wish.c.stopped_at.is_(None)) for of in (_ONE, _ALL))
_CANCEL_ONE, _CANCEL_ALL = (_cancel(_ONE), _unlink(_ONE)), (_cancel(_ALL), _unlink(_ALL))
_mark = upsert(_wish)
_MARK = _mark.on_conflict_do_update(
    index_elements=["channel", "conversation", "subject"],
    set_={"submitted_at": _mark.excluded.submitted_at, "planned_with": ""},
)
_SUBMITTED = select(_wish.c.id).where(_ONE, _wish.c.submitted_at.is_not(None))
_MINE = select(_wish).where(_OWN).order_by(_wish.c.asked_at, _wish.c.id)
_MINE_WAITING = (
    select(_day.c.reminder, _delivery.c.due_at)
    .join(_wish, _wish.c.id == _day.c.reminder)
    .join(_delivery, _delivery.c.id == _day.c.delivery)
    .where(_OWN, schema.PENDING)
    .order_by(_delivery.c.due_at)
)
_FORGET_WAITING = delete(_day).where(_day.c.delivery.in_(_waiting(_OWN)))
_AGAIN = update(_wish).where(_OWN).values(planned_with="")


async def ask(
    db: AsyncConnection, conversation: Conversation, wish: PlanReminders, now: datetime
) -> None:
    """Keep a wish; asked again, it has the new days and is planned from this moment."""
    day = wish.day.isoformat() if wish.day else ""
    row = {"days": list(wish.days_before), "day": day, "asked_at": now}
    await db.execute(_ASK, _key(conversation, wish.subject) | row)


async def stop(
    db: AsyncConnection, conversation: Conversation, subject: str, now: datetime
) -> None:
    """Remind no more of this subject, or of nothing at all where it is empty.

    Who waits for a seat has asked for the seat, and is told of it all the same.
    """
    own = _own(conversation, subject)
    await _withdraw(db, own, STOPPED, now)
    await db.execute(_STOP if subject else _STOP_ALL, own | {"now": now})


async def mark_submitted(
    db: AsyncConnection, conversation: Conversation, subject: str, now: datetime, *, yes: bool
) -> None:
    """Note that somebody has handed in what a deadline asks for, or has not after all.

    After it no reminder of that deadline leaves, asked for or not.
    """
    if yes:
        await _withdraw(db, _own(conversation, subject), SUBMITTED, now)
    row = {"days": [], "asked_at": now, "stopped_at": now, "submitted_at": now if yes else None}
    await db.execute(_MARK, _key(conversation, subject) | row)


async def submitted(db: AsyncConnection, conversation: Conversation, subject: str) -> bool:
    """Say whether this person is marked as having handed it in."""
    return await db.scalar(_SUBMITTED, _own(conversation, subject)) is not None


async def of(db: AsyncConnection, conversation: Conversation) -> Sequence[Reminder]:
    """What somebody is reminded of, or has handed in, in the order in which they asked."""
    waiting: dict[int, list[datetime]] = {}
    for row in await db.execute(_MINE_WAITING, _own(conversation)):
        waiting.setdefault(row.reminder, []).append(row.due_at.astimezone(VIETNAM))
    return [
        Reminder(
            row.subject,
            tuple(row.days),
            date.fromisoformat(row.day) if row.day else None,
            wanted=row.stopped_at is None,
            submitted=row.submitted_at is not None,
            due=tuple(waiting.get(row.id, ())) if row.planned_with else None,
        )
        for row in await db.execute(_MINE, _own(conversation))
    ]


async def lay_down(db: AsyncConnection, conversation: Conversation) -> None:
    """Forget what waits for somebody who cannot be reached; it is planned anew when they can."""
    await db.execute(_FORGET_WAITING, _own(conversation))
    await db.execute(_AGAIN, _own(conversation))


async def _withdraw(db: AsyncConnection, own: dict[str, Any], why: str, now: datetime) -> None:
    cancel, unlink = _CANCEL_ONE if "of_subject" in own else _CANCEL_ALL
    await db.execute(cancel, own | {"why": why, "now": now})
    await db.execute(unlink, own | {"why": why})


def _own(conversation: Conversation, subject: str = "") -> dict[str, Any]:
    own = bound(conversation)
    return own | ({"of_subject": subject} if subject else {})


def _key(conversation: Conversation, subject: str) -> dict[str, Any]:
    return {
        "channel": conversation.channel,
        "conversation": conversation.id,
        "subject": subject,
    }
