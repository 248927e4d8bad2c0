"""The queue of everything that is said: `pending -> sending -> sent | failed | unsure`.

A row is claimed, and its attempt counted, before the call and settled after it. Replies go first.
Per address there is one row on its way at a time, and rows of one kind go in the order in which
they are due; a row that was postponed keeps its place, and those behind it wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import addresses, announcing, desk_rooms, lanes, reminders, schema
from bot.store.announcing import Recipient
from bot.store.columns import EPOCH, MILLISECOND, bound, listed, of_conversation
from handlers.conversation import Conversation

MAX_ATTEMPTS: Final = 3  # per recipient, ever
GAVE_UP: Final = f"gave up after {MAX_ATTEMPTS} attempts"
Taken = tuple[int, str, datetime]  # a row, the platform's id for its message, and when
# A reply that was on its way when the process was killed may never have left it: three kills in a
# row lost 3 answers in 40 kills. Given up is only one that seems to be what ends the process.
MAX_RECOVERIES: Final = 20
MAX_UNSURE: Final = 2  # attempts of what goes once more where it may have arrived

_delivery = schema.delivery
_BLANK = schema.literal("")
_NOW = bindparam("now", type_=schema.UtcTime)
_WHY: ColumnElement[str] = bindparam("why")


@dataclass(frozen=True, slots=True)
class Due:
    """A row to be sent now. `attempts` includes this one; `earlier` see `announcing.Recipient`."""

    id: int
    conversation: Conversation
    kind: str
    payload: Payload
    attempts: int
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was on its way when the process ended: what goes again, and what staff must judge."""

    again: int
    unsure: int


def _settled(
    state: str,
    now: ColumnElement[Any] = _NOW,
    why: ColumnElement[str] = _WHY,
    platform_id: ColumnElement[str] = _BLANK,
) -> dict[str, Any]:
    """Close a row; what is of staff, or of a person erased meanwhile, is blanked with it."""
    erased = _delivery.c.erase_as.is_not(None)
    return {
        "state": state,
        "reason": case((erased, _BLANK), else_=why),
        "external_id": case((erased, _BLANK), else_=platform_id),
        "payload": case((erased | schema.AT_DESK, schema.literal("{}")), else_=_delivery.c.payload),
        "conversation": func.coalesce(_delivery.c.erase_as, _delivery.c.conversation),
        "erase_as": null(),
        "settled_at": now,
    }


_ONE = _delivery.c.id == bindparam("of_id")
_OF_ADDRESS = of_conversation(_delivery)
_ADD = insert(_delivery)
_CLAIM = (
    update(_delivery)
    .where(_delivery.c.id.in_(listed("ids")), schema.PENDING)
    .values(state="sending", attempts=_delivery.c.attempts + 1)
    .returning(*(_delivery.c[name] for name in ("id", "kind", "payload", "attempts")))
)
_TAKEN = func.json_each(bindparam("taken", type_=JSON)).table_valued("value", name="taken")
_ROW, _ID, _AT = (func.json_extract(_TAKEN.c.value, f"$[{place}]") for place in range(3))
_SENT = (
    update(_delivery)
    .where(_delivery.c.id == _ROW, schema.SENDING)
    .values(_settled("sent", _AT, _BLANK, _ID))
)
_FAILED = update(_delivery).where(_ONE, schema.SENDING).values(_settled("failed"))
_UNSURE = update(_delivery).where(_ONE, schema.SENDING).values(_settled("unsure"))
_GIVE_UP = _FAILED.where(_delivery.c.attempts >= MAX_ATTEMPTS)
_POSTPONE = (
    update(_delivery)
    .where(_ONE, schema.SENDING)
    .values(
        state="pending",
        ready_at=bindparam("until", type_=schema.UtcTime),
        attempts=_delivery.c.attempts - bindparam("back"),
    )
)
_CANCEL = update(_delivery).where(_OF_ADDRESS, schema.PENDING).values(_settled("cancelled"))
_CANCEL_ANNOUNCEMENTS = (
    update(_delivery)
    .where(
        _OF_ADDRESS,
        _delivery.c.state.in_(schema.literals(schema.UNSENT)),
        _delivery.c.kind == schema.literal("broadcast"),
    )
    .values(_settled("cancelled"))
)
_UNREACHABLE = (
    update(schema.conversation).where(of_conversation(schema.conversation)).values(reachable=False)
)
_GOES_AGAIN = or_(_delivery.c.kind == schema.literal("reply"), desk_rooms.FOR_STAFF)
_EXHAUSTED = (
    update(_delivery)
    .where(schema.SENDING, _GOES_AGAIN, _delivery.c.attempts >= MAX_RECOVERIES)
    .values(_settled("failed"))
)
_AGAIN = update(_delivery).where(schema.SENDING, _GOES_AGAIN).values(state="pending")
_LOST_SIGHT = update(_delivery).where(schema.SENDING).values(_settled("unsure"))  # after _AGAIN
_ONCE_MORE = (
    update(_delivery)
    .where(_ONE, schema.SENDING, desk_rooms.FOR_STAFF, _delivery.c.attempts < MAX_UNSURE)
    .values(state="pending", ready_at=bindparam("until", type_=schema.UtcTime))
)
_COUNTS = select(_delivery.c.kind, _delivery.c.state, func.count()).group_by(
    _delivery.c.kind, _delivery.c.state
)


async def add(  # noqa: PLR0913, PLR0917 - a row's fields, in the order in which one says them
    db: AsyncConnection,
    conversation: Conversation,
    kind: str,
    payloads: Sequence[Payload],
    now: datetime,
    due_at: datetime | None = None,
    *,
    turn: str | None = None,
) -> None:
    """Queue messages for one address, to be sent in this order and not before `due_at`."""
    rows = [
        {
            "channel": conversation.channel,
            "conversation": conversation.id,
            "kind": kind,
            "lane": 0 if kind == "reply" else 1,
            "state": "pending",
            "payload": dict(payload),
            "due_at": due_at or now,
            "ready_at": due_at or now,
            "created_at": now,
            "turn": turn,
        }
        for payload in payloads
    ]
    if rows:
        await db.execute(_ADD, rows)


async def claim(  # noqa: PLR0913 - what may go out now, and each of these is a limit to it
    db: AsyncConnection,
    channel: str,
    now: datetime,
    limit: int,
    busy: Collection[str] = (),
    *,
    replies_only: bool = False,
) -> list[Due]:
    """Mark up to `limit` rows as sending and count the attempt; none for an address in `busy`.

    Replies come first, then whatever has been due longest, then announcements. At most one row per
    address. A reminder leaves by day, on the day on which it is due.
    """
    chosen = await lanes.ready(db, channel, now, limit, busy, replies_only=replies_only)
    announced: dict[int, Recipient] = {}
    if not replies_only:
        for each in await announcing.ready(db, channel, now, limit - len(chosen), [*busy, *chosen]):
            chosen[each.conversation] = each.id
            announced[each.id] = each
    if not chosen:
        return []
    claimed = {row.id: row for row in await db.execute(_CLAIM, {"ids": list(chosen.values())})}
    return [
        _due(Conversation(channel, who), claimed[row], announced.get(row))
        for who, row in chosen.items()
    ]


async def sent(db: AsyncConnection, taken: Iterable[Taken]) -> None:
    """Settle what the platform took. Settled rows stay as they are, here and below."""
    rows = [(row, found, (at - EPOCH) // MILLISECOND) for row, found, at in taken]
    if rows:
        await db.execute(_SENT, {"taken": rows})


async def failed(db: AsyncConnection, id: int, reason: str, now: datetime) -> None:  # noqa: A002 - the column's word
    """Settle a row that will never be taken: staff see the reason."""
    await db.execute(_FAILED, _closing(id, reason, now))


async def unsure(
    db: AsyncConnection,
    id: int,  # noqa: A002 - the column's word
    reason: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Settle a row that may have been delivered: it is never sent again by itself.

    One for the staff itself goes once more at *until*.
    """
    if (await db.execute(_ONCE_MORE, {"of_id": id, "until": until or now})).rowcount:
        return
    await db.execute(_UNSURE, _closing(id, reason, now))


async def postpone(db: AsyncConnection, id: int, until: datetime, *, counts: bool) -> None:  # noqa: A002 - the column's word
    """Put a row back in its place, to be tried again at `until`.

    With `counts` the attempt was made, and after the last one the row fails; without, it is given
    back.
    """
    if counts and (await db.execute(_GIVE_UP, _closing(id, GAVE_UP, until))).rowcount:
        return
    await db.execute(_POSTPONE, {"of_id": id, "until": until, "back": 0 if counts else 1})


async def gone(
    db: AsyncConnection,
    id: int,  # noqa: A002 - the column's word
    conversation: Conversation,
    reason: str,
    now: datetime,
) -> None:
    """Fail a row whose person cannot be reached any more, and cancel what else waits for them."""
    await failed(db, id, reason, now)
    await unreachable(db, conversation, reason, now)


async def unreachable(
    db: AsyncConnection, conversation: Conversation, reason: str, now: datetime
) -> None:
    """Note that a person cannot be reached, and cancel what waits for them."""
    await db.execute(_UNREACHABLE, bound(conversation))
    await reminders.lay_down(db, conversation)
    await db.execute(_CANCEL, bound(conversation) | _why(reason, now))


async def cancel_announcements(
    db: AsyncConnection, conversation: Conversation, now: datetime
) -> None:
    """Cancel the broadcasts that wait, or are held, for a person who no longer wants them."""
    await db.execute(_CANCEL_ANNOUNCEMENTS, bound(conversation) | _why("unsubscribed", now))


async def moved(
    db: AsyncConnection,
    conversation: Conversation,
    to: str,
    id: int,  # noqa: A002 - the column's word
    now: datetime,
) -> None:
    """Move a conversation to its new address; the unsent row waits there, uncounted."""
    await postpone(db, id, now, counts=False)
    await addresses.move(db, conversation, to)


async def next_due(db: AsyncConnection, channel: str) -> datetime | None:
    """Say when `claim` can next give a row, should nothing on its way be settled before.

    An announcement counts as due while the night holds it back.
    """
    queued = await lanes.next_ready(db, channel)
    announced = await announcing.next_ready(db, channel)
    return min((at for at in (queued, announced) if at is not None), default=None)


async def recover(db: AsyncConnection, now: datetime) -> Recovered:
    """Judge what was on its way when the process ended. Only at start, before any claim."""
    await db.execute(_EXHAUSTED, _why(f"gave up after {MAX_RECOVERIES} attempts", now))
    again = await db.execute(_AGAIN)
    others = await db.execute(_LOST_SIGHT, _why("the process ended while it was sent", now))
    return Recovered(again=again.rowcount, unsure=others.rowcount)


async def counts(db: AsyncConnection) -> Mapping[str, Mapping[str, int]]:
    """Count the rows by kind and state; every kind and state is there, if only with 0."""
    table = {kind: dict.fromkeys(schema.STATES, 0) for kind in schema.KINDS}
    for kind, state, number in await db.execute(_COUNTS):
        table[kind][state] = number
    return table


def _due(address: Conversation, row: Any, announced: Recipient | None) -> Due:  # noqa: ANN401 - a row
    """What is sent for a claimed row; what an announcement says stands in its broadcast."""
    if announced is None:
        return Due(row.id, address, row.kind, row.payload, row.attempts)
    return Due(row.id, address, row.kind, announced.payload, row.attempts, announced.earlier)


def _why(reason: str, now: datetime) -> dict[str, Any]:
    return {"why": reason, "now": now}


def _closing(id: int, reason: str, now: datetime) -> dict[str, Any]:  # noqa: A002 - the column's word
    return {"of_id": id} | _why(reason, now)
