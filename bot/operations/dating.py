"""Ordering a date into the knowledge, and telling what came of the order.

The file is changed by `bot.dating`, beside the loop: checking the folder takes seconds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import deadline_file
from bot.operations.recipients import Render
from bot.operations.refusals import NotAllowed, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.operations.telling import tell
from bot.store import dating, staffing
from bot.store.dating import Order, Ordered
from handlers.conversation import Reply
from knowledge.entries import Deadline, Knowledge, Source
from knowledge.rules import last_valid_day

LONGEST_LETTER: Final = 60


def outcome(knowledge: Knowledge, order: Order, today: date) -> tuple[Deadline, Source]:
    """What an order makes of this knowledge: what is shown before it is given, and what is written.

    Raises ValueError where the letter is none, or where the deadline is no longer as it was then.
    """
    source = deadline_file.letter_source(knowledge, order.letter, order.issued_on, today)
    before = deadline_file.there(knowledge, order.key, order.province)
    if (last_valid_day(before) if before else None) != order.extends:
        raise ValueError(f"hạn {order.key} vừa được ghi ngày khác; xem lại rồi làm lại từ đầu")
    if before is None:
        before = deadline_file.fresh(knowledge, order.key, order.province)
    if order.extends is None:
        after = deadline_file.announced(
            before,
            opens_on=before.opens_on,
            closes_on=order.closes_on,
            closes_at=order.closes_at,
            inclusive=True,
            letter=order.letter,
            source=source.id,
        )
    else:
        after = deadline_file.extended(
            before,
            closes_on=order.closes_on,
            closes_at=order.closes_at,
            letter=order.letter,
            source=source.id,
        )
    return after, source


async def order(db: AsyncConnection, wanted: Order, by: Actor, now: datetime) -> int:
    """Have a date written. Raises NotAllowed, and Unfit for a letter without a number."""
    await allowed(db, by, Right.DATE)
    if by.staff is None:
        raise NotAllowed(Why.NO_RIGHT, right=Right.DATE)
    if not 0 < len(wanted.letter) <= LONGEST_LETTER:
        raise Unfit(Why.LETTER, most=LONGEST_LETTER)
    number = await dating.add(db, wanted, by.staff, now)
    await note(db, by, "order a date", f"deadline:{wanted.key}", now, after=wanted.as_data())
    return number


async def settle(  # noqa: PLR0913, PLR0917 - an order, what came of it, and who tells it how
    db: AsyncConnection,
    ordered: Ordered,
    problem: str,
    knowledge: Knowledge,
    render: Render,
    now: datetime,
) -> None:
    """Close an order once, note it, and tell whoever gave it."""
    if not await dating.settle(db, ordered.id, problem, now):
        return
    act = "refuse a date" if problem else "write a date"
    after = {"problem": problem} if problem else ordered.order.as_data()
    by = Actor(ordered.made_by, "bot")
    await note(db, by, act, f"deadline:{ordered.order.key}", now, after=after)
    member = await staffing.member(db, ordered.made_by)
    key = "staff.dates.refused" if problem else "staff.dates.written"
    reply = Reply(knowledge.say(key, problem=problem, key=ordered.order.key))
    await tell(db, [member] if member else [], reply, render, now)
