"""Tickets: an enterprise wants a person, what both sides said, and how it ended.

What the enterprise does is the effect of its turn, and done twice it is done once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, func, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import audit, schema
from bot.store.columns import bound, of_conversation
from bot.store.handover_schema import ON_ITS_WAY, OPEN, TO_RELAY
from bot.store.staff_schema import ON_STAFF
from handlers import records
from handlers.conversation import Conversation
from handlers.records import Desk

CHANGEABLE: Final = timedelta(days=1)  # so long a judgement may be changed
MAY_ANSWER: Final = ("officer", "approver", "admin")
ITSELF: Final = "trợ lý"  # whose doing it is, in the audit

_ticket, _said = schema.ticket, schema.ticket_message
_NOW = bindparam("now", type_=schema.UtcTime)
_ONE = _ticket.c.id == bindparam("of_id")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request for a person, as it stands. `waiting_since` is None where staff had the last word.

    `deputy_at` and `head_at` are when they were told of what is waiting now. `reopened_at` stands
    until whoever handled it was told, `taken_told` is who the others know to have taken it.
    """

    id: int
    conversation: Conversation
    reason: str
    opened_at: datetime
    called_at: datetime
    heard_at: datetime
    waiting_since: datetime | None
    answered_at: datetime | None
    spoken_at: datetime | None
    taken_by: int | None
    deputy_at: datetime | None
    head_at: datetime | None
    released_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    rated: str
    reopened_at: datetime | None
    taken_told: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the exchange: `kind` is told, answer, ended or erased; `staff` who answered."""

    id: int
    kind: str
    staff: int | None
    text: str
    at: datetime


_LAST = select(_ticket).where(of_conversation(_ticket)).order_by(_ticket.c.id.desc()).limit(1)
_GET = select(_ticket).where(_ONE)
_OPEN = (
    select(_ticket)
    .where(OPEN)
    .order_by(_ticket.c.opened_at, _ticket.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_TO_ATTEND = (
    select(_ticket)
    .where(
        or_(
            OPEN,
            _ticket.c.id.in_(select(_said.c.ticket).where(TO_RELAY)),
            _ticket.c.id.in_(select(_said.c.ticket).where(ON_ITS_WAY)),
        )
    )
    .order_by(_ticket.c.id)
)
_STAFFED = select(exists().where(ON_STAFF, schema.staff.c.role.in_(schema.literals(MAY_ANSWER))))
_OPENED = plain_insert(_ticket).returning(_ticket.c.id)
_SAY = insert(_said).on_conflict_do_nothing(index_elements=["source"])
_HEARD = (
    update(_ticket)
    .where(_ONE)
    .values(heard_at=_NOW, waiting_since=func.coalesce(_ticket.c.waiting_since, _NOW))
)
# Told of a ticket that was closed meanwhile: it waits from now on, as a new one would.
_REOPEN = (
    update(_ticket)
    .where(_ONE, ~OPEN)
    .values(
        closed_at=None,
        closed_by="",
        waiting_since=None,
        deputy_at=None,
        head_at=None,
        released_at=None,
        called_at=_NOW,
        reopened_at=_NOW,
    )
)
_LISTEN = update(_ticket).where(_ONE).values(released_at=None, called_at=_NOW)
_ANSWERED = (
    update(_ticket)
    .where(_ONE)
    .values(
        answered_at=func.coalesce(_ticket.c.answered_at, _NOW),
        spoken_at=_NOW,
        waiting_since=None,
        deputy_at=None,
        head_at=None,
        released_at=None,
        taken_by=func.coalesce(_ticket.c.taken_by, bindparam("by_staff")),
    )
)
_TAKE = update(_ticket).where(_ONE, OPEN).values(taken_by=bindparam("by_staff"))
_TOLD_TAKEN = update(_ticket).where(_ONE).values(taken_told=_ticket.c.taken_by)
_TOLD_AGAIN = update(_ticket).where(_ONE).values(reopened_at=None)
_CLOSE = update(_ticket).where(_ONE, OPEN).values(closed_at=_NOW, closed_by=bindparam("how"))
_RELEASE = update(_ticket).where(_ONE, OPEN).values(released_at=_NOW)
_TOLD_DEPUTY = update(_ticket).where(_ONE).values(deputy_at=_NOW)
_TOLD_HEAD = update(_ticket).where(_ONE).values(head_at=_NOW)
_RATE = (
    update(_ticket)
    .where(
        _ONE,
        of_conversation(_ticket),
        or_(
            _ticket.c.rated_at.is_(None),
            _ticket.c.rated_at >= bindparam("since", type_=schema.UtcTime),
        ),
    )
    .values(rated=bindparam("score"), rated_at=func.coalesce(_ticket.c.rated_at, _NOW))
)
_SAID = (
    select(_said)
    .where(_said.c.ticket == bindparam("of_id"), _said.c.id < bindparam("before"))
    .order_by(_said.c.id.desc())
    .limit(bindparam("most"))
)
_UNRELAYED = select(_said).where(_said.c.ticket == bindparam("of_id"), TO_RELAY)
_RELAYED = update(_said).where(_said.c.id == bindparam("of_message")).values(relayed_at=_NOW)


async def desk(db: AsyncConnection, conversation: Conversation) -> Desk:
    """Say whether there is staff to talk to, and what this conversation last wanted of them."""
    row = (await db.execute(_LAST, bound(conversation))).one_or_none()
    staffed = bool(await db.scalar(_STAFFED))
    if row is None:
        return Desk(staffed)
    listening = row.closed_at is None and row.released_at is None
    at = (row.opened_at, row.heard_at, row.spoken_at)
    return Desk(staffed, records.Ticket(row.id, *at, listening, row.closed_at, row.rated_at))


async def hand_over(
    db: AsyncConnection, conversation: Conversation, reason: str, source: str, now: datetime
) -> None:
    """Open a ticket, or take up the one that is open: then the reason is one more message."""
    found = await _open_of(db, conversation)
    if found is not None:
        await db.execute(_LISTEN, {"of_id": found, "now": now})
        if reason:
            await _tell(db, found, reason, source, now)
        return
    here = {"channel": conversation.channel, "conversation": conversation.id}
    since = dict.fromkeys(("opened_at", "called_at", "heard_at", "waiting_since"), now)
    await db.execute(_OPENED, here | {"reason": reason} | since)


async def tell(
    db: AsyncConnection, conversation: Conversation, text: str, source: str, now: datetime
) -> None:
    """Keep one more message of the enterprise; a ticket that was closed meanwhile opens again."""
    row = (await db.execute(_LAST, bound(conversation))).one_or_none()
    if row is not None:
        await _tell(db, row.id, text, source, now)


async def end(db: AsyncConnection, conversation: Conversation, now: datetime) -> None:
    """The enterprise wants no more of it."""
    found = await _open_of(db, conversation)
    if found is not None:
        await close(db, found, "enterprise", now)
        await _say(db, found, "ended", "", now)


async def rate(
    db: AsyncConnection, conversation: Conversation, number: int, score: str, now: datetime
) -> None:
    """Note how they found it, or what they think of it now, for a day."""
    facts = {"score": score, "since": now - CHANGEABLE, "now": now}
    await db.execute(_RATE, bound(conversation) | facts | {"of_id": number})


async def get(db: AsyncConnection, number: int) -> Ticket | None:
    row = (await db.execute(_GET, {"of_id": number})).one_or_none()
    return _as_ticket(row) if row else None


async def open_tickets(db: AsyncConnection, most: int, skip: int = 0) -> Sequence[Ticket]:
    """List the open ones, those that wait longest first."""
    return [_as_ticket(row) for row in await db.execute(_OPEN, {"most": most, "skip": skip})]


async def to_attend(db: AsyncConnection) -> Sequence[Ticket]:
    """List the open ones, and those of which staff was not told everything."""
    return [_as_ticket(row) for row in await db.execute(_TO_ATTEND)]


async def exchange(
    db: AsyncConnection, number: int, most: int, before: int = 1 << 62
) -> Sequence[Said]:
    """Give up to `most` lines before that one, the oldest first."""
    rows = await db.execute(_SAID, {"of_id": number, "most": most, "before": before})
    return [_as_said(row) for row in rows][::-1]


async def unrelayed(db: AsyncConnection, number: int) -> Sequence[Said]:
    """Give what the staff was not told yet, in its order."""
    found = await db.execute(_UNRELAYED.order_by(_said.c.id), {"of_id": number})
    return [_as_said(row) for row in found]


async def relayed(db: AsyncConnection, message: int, now: datetime) -> None:
    await db.execute(_RELAYED, {"of_message": message, "now": now})


async def answer(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection, number: int, text: str, source: str, by: int | None, now: datetime
) -> bool:
    """Keep an answer; False where this very message was kept before."""
    if not await _say(db, number, "answer", text, now, source, by):
        return False
    await db.execute(_ANSWERED, {"of_id": number, "now": now, "by_staff": by})
    return True


async def take(db: AsyncConnection, number: int, by: int | None) -> None:
    await db.execute(_TAKE, {"of_id": number, "by_staff": by})


async def reopen(db: AsyncConnection, number: int, now: datetime) -> bool:
    """Open one that was closed, with nothing waiting; False where it is open."""
    return (await db.execute(_REOPEN, {"of_id": number, "now": now})).rowcount == 1


async def told_again(db: AsyncConnection, number: int) -> None:
    """Note that whoever handled it knows that it is open again."""
    await db.execute(_TOLD_AGAIN, {"of_id": number})


async def told_taken(db: AsyncConnection, number: int) -> None:
    """Note that the others know who has taken it by now."""
    await db.execute(_TOLD_TAKEN, {"of_id": number})


async def close(db: AsyncConnection, number: int, how: str, now: datetime) -> None:
    """End a ticket by staff, enterprise or silence; one that has ended stays as it is."""
    await db.execute(_CLOSE, {"of_id": number, "how": how, "now": now})


async def release(db: AsyncConnection, number: int, now: datetime) -> None:
    """Let the bot speak again in a conversation whose ticket stays open."""
    await db.execute(_RELEASE, {"of_id": number, "now": now})


async def escalated(db: AsyncConnection, number: int, part: str, now: datetime) -> None:
    """Note that the deputy, or the head, was told of what is waiting."""
    statement = _TOLD_DEPUTY if part == "deputy" else _TOLD_HEAD
    await db.execute(statement, {"of_id": number, "now": now})


async def last_of(db: AsyncConnection, conversation: Conversation) -> Ticket | None:
    """Give the latest ticket of a conversation."""
    row = (await db.execute(_LAST, bound(conversation))).one_or_none()
    return _as_ticket(row) if row else None


async def _open_of(db: AsyncConnection, conversation: Conversation) -> int | None:
    row = (await db.execute(_LAST, bound(conversation))).one_or_none()
    return row.id if row and row.closed_at is None else None


async def _tell(db: AsyncConnection, number: int, text: str, source: str, now: datetime) -> None:
    if await _say(db, number, "told", text, now, source):
        if await reopen(db, number, now):
            about = f"ticket:{number}"
            await audit.append(db, at=now, who=None, via=ITSELF, act="reopen", about=about)
        await db.execute(_HEARD, {"of_id": number, "now": now})


async def _say(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    number: int,
    kind: str,
    text: str,
    now: datetime,
    source: str | None = None,
    staff: int | None = None,
) -> bool:
    row = {"ticket": number, "kind": kind, "text": text, "at": now}
    kept = await db.execute(_SAY, row | {"source": source, "staff": staff})
    return kept.rowcount == 1


def _as_ticket(row: Row[Any]) -> Ticket:
    here = Conversation(row.channel, row.conversation)
    facts = {name: getattr(row, name) for name in Ticket.__dataclass_fields__}
    return Ticket(**facts | {"conversation": here})


def _as_said(row: Row[Any]) -> Said:
    return Said(row.id, row.kind, row.staff, row.text, row.at)
