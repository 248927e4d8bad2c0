"""Announcements: what is to be said to whom, and how far it has got.

One row of `delivery` per person, unique by (broadcast, channel, conversation). Its payload stands
here once, not in each row: it is nobody's personal data and 100,000 copies would be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import announcing, attached, audiences, schema
from bot.store.audiences import Audience, Person
from bot.store.deliveries import MAX_ATTEMPTS
from handlers.attachments import Attachment
from handlers.conversation import Choice, Conversation

CHUNK: Final = 5_000  # people looked at per transaction, so that turns wait some 50 ms at most
TRIED: Final = ("sent", "failed", "unsure")
COUNTED_AS_SENT: Final = "counted as sent"

_broadcast, _delivery, _person = schema.broadcast, schema.delivery, schema.conversation
_NOW = bindparam("now", type_=schema.UtcTime)
_OF = _delivery.c.broadcast == bindparam("of_broadcast")


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One announcement. `written_by` names everyone who had a hand in what it says."""

    id: int
    text: str
    choices: tuple[Choice, ...]
    audience: Audience
    correction_of: int | None
    note: str
    state: str
    reason: str
    made_by: int
    written_by: tuple[int, ...]
    made_at: datetime
    approved_by: int | None
    self_approved: bool
    send_at: datetime | None
    latest_at: datetime | None
    started_at: datetime | None
    watched_from: datetime | None
    ended_at: datetime | None
    attachment: Attachment | None
    payloads: Mapping[str, Payload]
    changes: str


@dataclass(frozen=True, slots=True)
class Counts:
    """The recipients by what became of them, and why: `by_reason` has state, reason, number."""

    by_reason: Sequence[tuple[str, str, int]]
    last_minute: int  # how many were settled in it

    def of(self, *states: str) -> int:
        return sum(number for state, _, number in self.by_reason if state in states)

    @property
    def total(self) -> int:
        return sum(number for _, _, number in self.by_reason)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient."""

    delivery: int
    person: Person
    state: str
    reason: str
    settled_at: datetime | None


_ONE = select(_broadcast).where(_broadcast.c.id == bindparam("of_id"))
_NEWEST = select(_broadcast).order_by(_broadcast.c.id.desc()).limit(bindparam("most"))
_UNFINISHED = (
    select(_broadcast)
    .where(_broadcast.c.state.in_(["scheduled", "running"]))
    .order_by(_broadcast.c.id)
)
_ADD = plain_insert(_broadcast).returning(_broadcast.c.id)
_OPEN = select(literal(1)).where(_OF, _delivery.c.state.in_(schema.literals(schema.UNSETTLED)))
_SENDING = select(literal(1)).where(_OF, schema.SENDING)
_BY_REASON = (
    select(_delivery.c.state, _delivery.c.reason, func.count())
    .where(_OF)
    .group_by(_delivery.c.state, _delivery.c.reason)
    .order_by(_delivery.c.state, _delivery.c.reason)
)
_SINCE = (
    select(func.count())
    .select_from(_delivery)
    .where(
        _OF,
        _delivery.c.state.in_(schema.literals(TRIED)),
        _delivery.c.settled_at > bindparam("since", type_=schema.UtcTime),
    )
)
_LEFT_BEHIND = select(_delivery.c.id).where(
    schema.PENDING,
    _delivery.c.broadcast.in_(select(_broadcast.c.id).where(_broadcast.c.state == "cancelled")),
)
_STRIKE = (
    update(_delivery)
    .where(_delivery.c.id.in_(_LEFT_BEHIND.limit(CHUNK)), schema.PENDING)
    .values(state="cancelled", reason="broadcast cancelled", settled_at=_NOW)
)
_RELEASE = (
    update(_delivery)
    .where(_OF, _delivery.c.state == schema.literal("held"))
    .values(state="pending", reason="", ready_at=_NOW)
)
_AFTER = tuple_(_person.c.channel, _person.c.conversation) > tuple_(
    bindparam("after_channel"), bindparam("after_conversation")
)
_UP_TO = tuple_(_person.c.channel, _person.c.conversation) <= tuple_(
    bindparam("last_channel"), bindparam("last_conversation")
)
_LAST_OF_CHUNK = (
    select(_person.c.channel, _person.c.conversation)
    .where(_AFTER)
    .order_by(_person.c.channel, _person.c.conversation)
    .offset(CHUNK - 1)
    .limit(1)
)
_FAN_OUT_INTO: Final = (
    "channel",
    "conversation",
    "kind",
    "lane",
    "state",
    "payload",
    "due_at",
    "ready_at",
    "created_at",
    "broadcast",
)


async def get(db: AsyncConnection, number: int) -> Broadcast | None:
    row = (await db.execute(_ONE, {"of_id": number})).one_or_none()
    return None if row is None else _read(row)


async def newest(db: AsyncConnection, limit: int) -> Sequence[Broadcast]:
    return [_read(row) for row in await db.execute(_NEWEST, {"most": limit})]


async def unfinished(db: AsyncConnection) -> Sequence[Broadcast]:
    """List what the runner has to look after: scheduled and running ones."""
    return [_read(row) for row in await db.execute(_UNFINISHED)]


async def add(db: AsyncConnection, values: Mapping[str, Any]) -> int:
    return int((await db.execute(_ADD, dict(values))).scalar_one())


async def change(db: AsyncConnection, number: int, **values: Any) -> None:  # noqa: ANN401 - the columns' own types
    await db.execute(update(_broadcast).where(_broadcast.c.id == number).values(**values))


async def fan_out(
    db: AsyncConnection, broadcast: Broadcast, after: Conversation, now: datetime
) -> Conversation | None:
    """Give the next people after `after` their rows; return where to go on, None at the end.

    Repeated from the beginning after a crash, it gives nobody a second row.
    """
    start = {"after_channel": after.channel, "after_conversation": after.id}
    last = (await db.execute(_LAST_OF_CHUNK, start)).one_or_none()
    bounds = [_AFTER, *([_UP_TO] if last else [])]
    where = start | ({"last_channel": last.channel, "last_conversation": last[1]} if last else {})
    meant = audiences.conditions(broadcast.audience, broadcast.correction_of, broadcast.changes)
    chosen = select(
        _person.c.channel,
        _person.c.conversation,
        literal("broadcast"),
        literal(announcing.LANE),
        literal("pending"),
        schema.literal("{}"),
        _NOW,
        _NOW,
        _NOW,
        literal(broadcast.id),
    ).where(*bounds, *meant, _person.c.channel.in_(list(broadcast.payloads)))
    ordered = chosen.order_by(_person.c.channel, _person.c.conversation)
    statement = insert(_delivery).from_select(_FAN_OUT_INTO, ordered).on_conflict_do_nothing()
    await db.execute(statement, where | {"now": now})
    return Conversation(last[0], last[1]) if last else None


async def is_open(db: AsyncConnection, number: int) -> bool:
    """Whether somebody's message is still to be sent, or on its way."""
    return await db.scalar(_OPEN.limit(1), {"of_broadcast": number}) is not None


async def on_its_way(db: AsyncConnection, number: int) -> bool:
    return await db.scalar(_SENDING.limit(1), {"of_broadcast": number}) is not None


async def counts(db: AsyncConnection, number: int, now: datetime) -> Counts:
    """Count the recipients as they stand. The rows of a cancelled broadcast wait for nothing."""
    found = (await db.execute(_BY_REASON, {"of_broadcast": number})).all()
    minute = {"of_broadcast": number, "since": now - timedelta(minutes=1)}
    return Counts([tuple(row) for row in found], int(await db.scalar(_SINCE, minute) or 0))


async def last_settled(
    db: AsyncConnection, number: int, since: datetime, most: int
) -> Sequence[str]:
    """Give the states of the last `most` recipients that were settled after `since`."""
    each = [
        select(_delivery.c.state, _delivery.c.settled_at)
        .where(
            _delivery.c.broadcast == number,
            _delivery.c.state == schema.literal(state),
            _delivery.c.settled_at > since,
        )
        .order_by(_delivery.c.settled_at.desc())
        .limit(most)
        .subquery()
        for state in TRIED
    ]
    latest = union_all(*(select(one) for one in each)).subquery()
    newest_first = select(latest.c.state).order_by(latest.c.settled_at.desc()).limit(most)
    return (await db.scalars(newest_first)).all()


async def release(db: AsyncConnection, number: int, now: datetime) -> None:
    """Let wait again what a restored backup held back."""
    await db.execute(_RELEASE, {"of_broadcast": number, "now": now})


async def left_behind(db: AsyncConnection) -> bool:
    """Whether `strike` would find anything."""
    return await db.scalar(_LEFT_BEHIND.limit(1)) is not None


async def strike(db: AsyncConnection, now: datetime) -> int:
    """Settle up to 5,000 rows that cancelled broadcasts left behind; return how many."""
    return (await db.execute(_STRIKE, {"now": now})).rowcount


async def results(
    db: AsyncConnection, number: int, states: Sequence[str] = schema.STATES
) -> Sequence[Result]:
    """List the recipients in these states, with their names as staff know them."""
    chosen = (
        select(
            _delivery.c.id,
            _delivery.c.channel,
            _delivery.c.conversation,
            _delivery.c.state,
            _delivery.c.reason,
            _delivery.c.settled_at,
        )
        .where(_delivery.c.broadcast == number, _delivery.c.state.in_(states))
        .subquery()
    )
    rows = (await db.execute(audiences.with_names(chosen))).all()
    found: dict[int, Result] = {}
    for row in rows:
        key = Conversation(row.channel, row.conversation)
        person = Person(key, row.contact, row.enterprise, row.tax_code)
        found.setdefault(row.id, Result(row.id, person, row.state, row.reason, row.settled_at))
    return list(found.values())


async def count_as_sent(db: AsyncConnection, number: int, only: Collection[int]) -> int:
    """Settle unsure rows as sent, of `only` where it names any; return how many."""
    values = {"state": "sent", "reason": COUNTED_AS_SENT}
    return (
        await db.execute(update(_delivery).where(*_unsure(number, only)).values(values))
    ).rowcount


async def send_again(db: AsyncConnection, number: int, only: Collection[int], now: datetime) -> int:
    """Let unsure rows wait again, but for those that had their last attempt; return how many."""
    again = (
        update(_delivery)
        .where(*_unsure(number, only), _delivery.c.attempts < MAX_ATTEMPTS)
        .values(state="pending", reason="", settled_at=null(), ready_at=now)
    )
    return (await db.execute(again)).rowcount


def _unsure(number: int, only: Collection[int]) -> list[ColumnElement[bool]]:
    found = [
        _delivery.c.broadcast == number,
        _delivery.c.state == schema.literal("unsure"),
    ]
    return [*found, _delivery.c.id.in_(only)] if only else found


def _read(row: Row[Any]) -> Broadcast:
    return Broadcast(
        id=row.id,
        text=row.text,
        choices=tuple(Choice(label, action) for label, action in row.choices),
        audience=Audience.of_data(row.audience),
        correction_of=row.correction_of,
        note=row.note,
        state=row.state,
        reason=row.reason,
        made_by=row.made_by,
        written_by=tuple(row.written_by),
        made_at=row.made_at,
        approved_by=row.approved_by,
        self_approved=row.self_approved,
        send_at=row.send_at,
        latest_at=row.latest_at,
        started_at=row.started_at,
        watched_from=row.watched_from,
        ended_at=row.ended_at,
        attachment=attached.read(row.attachment),
        payloads=row.payloads,
        changes=row.changes,
    )
