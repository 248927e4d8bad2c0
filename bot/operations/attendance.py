"""What the bot itself does about tickets: cards, messages to the staff, escalation, an end.

Each look begins with what the database says and does what is missing, so a restart in between is
nothing special: a card that was queued is not queued again, and each escalation is noted in the
transaction that queues it. Nobody is pressed outside working hours.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.duty import DEPUTY, HEAD, People, people
from bot.operations.hand_over import Case, case_of, say
from bot.operations.recipients import Render
from bot.operations.rights import Actor, note
from bot.store import answer_fates, desk_rooms, handover
from bot.store.announcing import opens_at
from bot.store.answer_fates import ARRIVED, Fate
from bot.store.desk_rooms import Card
from bot.store.handover import Said, Ticket
from handlers.conversation import Conversation, Reply
from handlers.hand_over import closed, waited
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge
from knowledge.workhours import WorkingTime, working_time

ITSELF: Final = Actor(None, handover.ITSELF)
REMEMBERED: Final = timedelta(days=30)  # so long who helped somebody is told that they are back

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """In working time: until the deputy is told (the head after twice that), and until the end."""

    answer: timedelta
    silence: timedelta


class Words(Protocol):
    """How the staff is told."""

    def card(self, knowledge: Knowledge, case: Case, why: str) -> Reply:
        """The card; `why` is "deputy" or "head" where nobody answered, "again" or "back"."""

    def relay(self, knowledge: Knowledge, ticket: Ticket, said: Said, answers: str) -> Reply:
        """One message of the enterprise, under the card whose id is `answers`."""

    def taken(self, knowledge: Knowledge, case: Case, answers: str) -> Reply:
        """That somebody has taken it."""

    def lost(self, knowledge: Knowledge, case: Case, fate: Fate) -> Reply:
        """That an answer did not arrive, or may not have."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next moves depend on at one moment."""

    knowledge: Knowledge
    channels: Collection[str]
    render: Render
    words: Words
    patience: Patience
    now: datetime


async def attend(db: AsyncConnection, at: Outlook) -> bool:
    """Do for every ticket what is to be done now; whether any may have something to send."""
    tickets = await handover.to_attend(db)
    if not tickets:
        return False
    who, hours = await people(db, at.channels), working_time(at.knowledge)
    for ticket in tickets:
        try:
            async with db.begin_nested():
                await _attend(db, ticket, who, hours, at)
        except Exception:
            logger.exception("ticket %d cannot be attended to", ticket.id)
    return True


async def _attend(
    db: AsyncConnection, ticket: Ticket, who: People, hours: WorkingTime, at: Outlook
) -> None:
    cards = [each for each in await desk_rooms.cards(db, ticket.id) if who.may_read(each.address)]
    live = [each for each in cards if each.live]
    if not live and ticket.closed_at is None:
        failed = {each.address for each in cards}
        live = await _send_card(db, ticket, who, failed, at)
    if ticket.reopened_at is not None and ticket.closed_at is None:
        live = await _tell_again(db, ticket, live, who, at)
    for said in await handover.unrelayed(db, ticket.id) if live or ticket.closed_at else ():
        await _relay(db, ticket, said, live, who, at)
    for fate in await answer_fates.ended(db, ticket.id):
        await _tell_fate(db, ticket, fate, live, who, at)
    if ticket.taken_by != ticket.taken_told:
        await _tell_taken(db, ticket, live, who, at)
    if ticket.closed_at is None:
        await _escalate(db, ticket, who, hours, at)
        await _let_go(db, ticket, hours, at)


async def _send_card(
    db: AsyncConnection,
    ticket: Ticket,
    who: People,
    failed: Collection[Conversation],
    at: Outlook,
) -> list[Card]:
    """The first card, or another one where the first never came; one to who helped them lately."""
    weekday = at.now.astimezone(VIETNAM).isoweekday()
    first = [each for each in who.first(weekday) if each not in failed]
    to = first or [each for each in who.privately(weekday) if each not in failed]
    case = await case_of(db, ticket)
    await _post_card(db, case, to, "", who, at)
    before = case.caller.before
    if before and not failed and at.now - before.closed_at < REMEMBERED:
        helped = [each for each in who.own_chat(before.taken_by) if each not in to]
        await _post_card(db, case, helped, "back", who, at)
        to = [*to, *helped]
    return [Card(each, "", live=True) for each in to]


async def _tell_again(
    db: AsyncConnection, ticket: Ticket, live: Sequence[Card], who: People, at: Outlook
) -> list[Card]:
    """Whoever handled it has a card again, wherever the first one was."""
    handled = who.own_chat(ticket.taken_by)
    await _post_card(db, await case_of(db, ticket), handled, "again", who, at)
    await handover.told_again(db, ticket.id)
    others = [each for each in live if each.address not in handled]
    return [*others, *(Card(each, "", live=True) for each in handled)]


async def _tell_fate(  # noqa: PLR0913, PLR0917 - what became of what, and who is told
    db: AsyncConnection,
    ticket: Ticket,
    fate: Fate,
    live: Sequence[Card],
    who: People,
    at: Outlook,
) -> None:
    """Whoever answered hears that it did not arrive; where they are gone, who has the card."""
    if fate.state != ARRIVED:
        reply = at.words.lost(at.knowledge, await case_of(db, ticket), fate)
        for address in who.own_chat(fate.staff) or [each.address for each in live]:
            await _post(db, ticket, address, reply, who, at, card=False)
    await answer_fates.known(db, fate.answer)


async def _tell_taken(
    db: AsyncConnection, ticket: Ticket, live: Sequence[Card], who: People, at: Outlook
) -> None:
    """The others who have the card to themselves; in a group it was seen."""
    case = await case_of(db, ticket)
    taker = who.own_chat(ticket.taken_by)
    for card in live:
        if card.address not in who.rooms and card.address not in taker:
            reply = at.words.taken(at.knowledge, case, card.external_id)
            await _post(db, ticket, card.address, reply, who, at, card=False)
    await handover.told_taken(db, ticket.id)


async def _relay(  # noqa: PLR0913, PLR0917 - what is passed on, to whom
    db: AsyncConnection,
    ticket: Ticket,
    said: Said,
    cards: Sequence[Card],
    who: People,
    at: Outlook,
) -> None:
    for card in cards:
        reply = at.words.relay(at.knowledge, ticket, said, card.external_id)
        await _post(db, ticket, card.address, reply, who, at, card=False)
    await handover.relayed(db, said.id, at.now)


async def _escalate(
    db: AsyncConnection, ticket: Ticket, who: People, hours: WorkingTime, at: Outlook
) -> None:
    """Tell the deputy, and later the head, once each, of what nobody answered."""
    if ticket.waiting_since is None or not hours.is_on(at.now):
        return
    waits = hours.passed(ticket.waiting_since, at.now)
    told = {DEPUTY: ticket.deputy_at, HEAD: ticket.head_at}
    for part, after in ((DEPUTY, at.patience.answer), (HEAD, 2 * at.patience.answer)):
        if told[part] is None and waits >= after:
            await _post_card(db, await case_of(db, ticket), who.next(part), part, who, at)
            await handover.escalated(db, ticket.id, part, at.now)
            minutes = int(waits.total_seconds() // 60)
            after_words = {"to": part, "minutes": minutes}
            await note(db, ITSELF, "escalate", f"ticket:{ticket.id}", at.now, after=after_words)


async def _let_go(db: AsyncConnection, ticket: Ticket, hours: WorkingTime, at: Outlook) -> None:
    """After long silence of the staff the bot speaks again; what was answered comes to its end."""
    last = max(ticket.spoken_at or ticket.called_at, ticket.called_at)
    here = ticket.conversation.channel in at.channels
    if ticket.released_at or not here or not hours.is_on(at.now):
        return
    if hours.passed(last, at.now) < at.patience.silence:
        return
    if ticket.waiting_since is None:
        await handover.close(db, ticket.id, "silence", at.now)
        reply = closed(at.knowledge, ticket.id, "handover.silent")
        await note(db, ITSELF, "close", f"ticket:{ticket.id}", at.now)
    else:
        await handover.release(db, ticket.id, at.now)
        reply = waited(at.knowledge, ticket.id)
    await say(db, ticket, reply, at.render, at.now)


async def _post_card(  # noqa: PLR0913, PLR0917 - what is told, to whom
    db: AsyncConnection,
    case: Case,
    to: Iterable[Conversation],
    why: str,
    who: People,
    at: Outlook,
) -> None:
    reply = at.words.card(at.knowledge, case, why)
    for address in to:
        await _post(db, case.ticket, address, reply, who, at, card=True)


async def _post(  # noqa: PLR0913, PLR0917 - what is told, to whom
    db: AsyncConnection,
    ticket: Ticket,
    address: Conversation,
    reply: Reply,
    who: People,
    at: Outlook,
    *,
    card: bool,
) -> None:
    """Queue it: for a group at once, for a person's own chat by day."""
    due = at.now if address in who.rooms else opens_at(at.now)
    payloads = at.render(address.channel, reply)
    await desk_rooms.post(db, address, ticket.id, payloads, at.now, due, card=card)
