"""What the staff does about tickets: read, take, answer, close.

An answer reaches the enterprise signed by what the staff is, never by who. The audit says who did
what to which ticket, and nothing of what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.recipients import Render
from bot.operations.refusals import NotFound, NotNow, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import answer_fates, callers, desk_rooms, handover, staffing, turns
from bot.store.callers import Caller
from bot.store.handover import Said, Ticket
from handlers.conversation import Conversation, Reply
from handlers.hand_over import answered, closed, reopened
from knowledge.entries import Knowledge

LONGEST: Final = 1500  # characters of an answer: with its signature it is one message anywhere


@dataclass(frozen=True, slots=True)
class Voice:
    """What is needed to speak to an enterprise."""

    knowledge: Knowledge
    render: Render


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, who it is from, and the names of who took it and who had taken their last one."""

    ticket: Ticket
    caller: Caller
    taker: str
    taker_before: str


async def open_tickets(db: AsyncConnection, by: Actor, most: int, skip: int = 0) -> Sequence[Case]:
    """List the open tickets, those that wait longest first. Raises NotAllowed."""
    await allowed(db, by, Right.TALK)
    return [await case_of(db, each) for each in await handover.open_tickets(db, most, skip)]


async def get(db: AsyncConnection, number: int, by: Actor) -> Ticket:
    """Give one ticket. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.TALK)
    found = await handover.get(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_TICKET, number=number)
    return found


async def whole(
    db: AsyncConnection, number: int, by: Actor, most: int, before: int = 1 << 62
) -> tuple[Case, Sequence[Said]]:
    """Give a ticket, who it is from, and a page of what was said. Raises NotAllowed, NotFound."""
    ticket = await get(db, number, by)
    return await case_of(db, ticket), await handover.exchange(db, number, most, before)


async def quoted(db: AsyncConnection, here: Conversation, external_id: str) -> int | None:
    """Name the ticket that a message of ours in this chat is about."""
    return await desk_rooms.quoted(db, here, external_id)


async def answer(  # noqa: PLR0913, PLR0917 - what is said, to whom, by whom
    db: AsyncConnection,
    number: int,
    text: str,
    source: str,
    voice: Voice,
    by: Actor,
    now: datetime,
) -> None:
    """Answer the enterprise; the same `source`, the message it was written in, does it once.

    Raises NotAllowed, NotFound, Unfit for the text, NotNow where the ticket is closed or its
    channel does not run.
    """
    ticket = await _open(db, number, by)
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Unfit(Why.TEXT, most=LONGEST, now=len(text))
    if not await handover.answer(db, number, text, source, by.staff, now):
        return
    sent = await say(db, ticket, answered(voice.knowledge, text), voice.render, now)
    await answer_fates.follow(db, source, sent[-1])
    await note(db, by, "answer", f"ticket:{number}", now, after={"characters": len(text)})


async def take(
    db: AsyncConnection, number: int, by: Actor, now: datetime, *, instead_of: int | None = None
) -> None:
    """Make a ticket one's own; one that `instead_of` has taken changes hands.

    Raises as `answer` does, and NotNow where somebody else has taken it.
    """
    case = await case_of(db, await _open(db, number, by))
    taken_by = case.ticket.taken_by
    if taken_by == by.staff:
        return
    if taken_by not in {None, instead_of}:
        raise NotNow(Why.TAKEN, number=number, name=case.taker)
    await handover.take(db, number, by.staff)
    before, after = {"taken_by": taken_by}, {"taken_by": by.staff}
    await note(db, by, "take", f"ticket:{number}", now, before=before, after=after)


async def reopen(db: AsyncConnection, number: int, voice: Voice, by: Actor, now: datetime) -> None:
    """Open a closed ticket again, and tell the enterprise and whoever had taken it.

    One that is open stays as it is. Raises NotAllowed, NotFound; NotNow where its person was
    erased, or has another ticket since, or its channel does not run.
    """
    ticket = await get(db, number, by)
    if ticket.closed_at is None:
        return
    if ticket.closed_by == "erased":
        raise NotNow(Why.TICKET_CLOSED, number=number)
    last = await handover.last_of(db, ticket.conversation)
    if last is not None and last.id != number:
        raise NotNow(Why.NEWER_TICKET, number=number, newer=last.id)
    await handover.reopen(db, number, now)
    if ticket.taken_by == by.staff:
        await handover.told_again(db, number)
    await say(db, ticket, reopened(voice.knowledge, number), voice.render, now)
    await note(db, by, "reopen", f"ticket:{number}", now)


async def close(db: AsyncConnection, number: int, voice: Voice, by: Actor, now: datetime) -> None:
    """End it, tell the enterprise and ask how it was. Raises as `answer` does."""
    ticket = await _open(db, number, by)
    await handover.close(db, number, "staff", now)
    reply = closed(voice.knowledge, number, "handover.closed")
    await say(db, ticket, reply, voice.render, now)
    await note(db, by, "close", f"ticket:{number}", now)


async def say(
    db: AsyncConnection, ticket: Ticket, reply: Reply, render: Render, now: datetime
) -> Sequence[int]:
    """Queue what the enterprise is told; give the deliveries' numbers.

    Raises NotNow where its channel does not run.
    """
    here = ticket.conversation
    reply = await turns.offer(db, here, reply)
    try:
        payloads = render(here.channel, reply)
    except KeyError:
        raise NotNow(Why.NO_WAY, number=ticket.id, channel=here.channel) from None
    return await desk_rooms.queue(db, here, payloads, now, now)


async def case_of(db: AsyncConnection, ticket: Ticket) -> Case:
    """What else is known about a ticket."""
    caller = await callers.caller(db, ticket.conversation, ticket.opened_at)
    before = caller.before.taken_by if caller.before else None
    return Case(ticket, caller, await _name(db, ticket.taken_by), await _name(db, before))


async def _name(db: AsyncConnection, staff: int | None) -> str:
    found = await staffing.member(db, staff) if staff is not None else None
    return found.name if found else ""


async def _open(db: AsyncConnection, number: int, by: Actor) -> Ticket:
    ticket = await get(db, number, by)
    if ticket.closed_at is not None:
        raise NotNow(Why.TICKET_CLOSED, number=number)
    return ticket
