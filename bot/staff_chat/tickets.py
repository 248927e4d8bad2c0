"""Answering enterprises by chat: by quoting a card, by `/traloi`, or from the list of what is open.

In the staff's group only this is done: other business would be read by everybody there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.operations import duty, hand_over
from bot.operations.hand_over import Voice
from bot.operations.rights import Right
from bot.staff_chat.cards import about, acts
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store import desk_rooms, staffing
from bot.store.callers import Caller
from bot.store.handover import Said, Ticket
from handlers.conversation import Step

PAGE: Final = 8
SHOWN: Final = 80  # characters of a reason in the list
ANSWER: Final = "ticket.answer"  # the step at which an answer is typed
_ANSWER: Final = re.compile(r"(?:số )?(\d{1,9})(?:[\s:.,-]+(.+))?", re.DOTALL)
_IN_ROOM: Final = frozenset({"tickets", "answer", "room"})  # commands


async def show(turn: StaffTurn) -> Step:
    """The open tickets, or the one whose number is given."""
    if turn.argument.isdecimal():
        return await one(turn)
    return await _list(turn, 0)


async def page(turn: StaffTurn) -> Step:
    return await _list(turn, turn.number())


async def one(turn: StaffTurn) -> Step:
    """A ticket with what was said, the latest page of it: `ticket.show:<number>[:<before>]`."""
    number, _, before = turn.argument.partition(":")
    limit = number_in(before) if before else 1 << 62
    found = await hand_over.whole(turn.db, number_in(number), turn.by, PAGE + 1, limit)
    ticket, caller, said = found
    shown = said[-PAGE:]
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    lines = [turn.say("staff.ticket.card", number=ticket.id, since=moment(ticket.opened_at))]
    lines += about(turn.knowledge, ticket, caller)
    if ticket.taken_by:
        lines.append(turn.say("staff.ticket.taken", name=names.get(ticket.taken_by, "?")))
    lines += ["", *(_line(turn, each, names) for each in shown)]
    lines.append(_standing(turn, ticket))
    choices = list(acts(turn.knowledge, ticket)[:2]) if ticket.closed_at is None else []
    if len(said) > PAGE:
        before = f"{ticket.id}:{shown[0].id}"
        choices.append(turn.choice("staff.ticket.choice.before", "ticket.show", before))
    if ticket.closed_at is None:
        choices.append(turn.choice("staff.ticket.choice.close", "ticket.close", ticket.id))
    choices.append(turn.choice("staff.ticket.choice.list", "tickets"))
    return turn.said("\n".join(lines), *choices)


async def quoted(turn: StaffTurn) -> Step | None:
    """Answer what is quoted; None where that is no message about a ticket.

    In the staff's group nothing is written to us for another reason, so there it is said.
    """
    incoming = turn.incoming
    if not incoming.quotes or incoming.action or incoming.text.startswith("/"):
        return None
    number = await hand_over.quoted(turn.db, incoming.conversation, incoming.quotes)
    if number is None:
        here = not incoming.private and await has_place(turn, "tickets")
        return turn.said(turn.say("staff.ticket.unclear")) if here else None
    if incoming.unreadable:
        return turn.said(turn.say("staff.ticket.words_only"))
    return await _answer(turn, number, incoming.text)


async def answer(turn: StaffTurn) -> Step:
    """`/traloi <number> <words>`; with the number alone the words are asked for."""
    found = _ANSWER.fullmatch(turn.argument)
    if found is None:
        return await _list(turn, 0)
    if not found[2]:
        return await _ask(turn, int(found[1]))
    return await _answer(turn, int(found[1]), found[2])


async def reply(turn: StaffTurn) -> Step:
    """Ask for the words of an answer; in a group the card is quoted, who writes there is many."""
    if turn.incoming.private:
        return await _ask(turn, turn.number())
    return turn.said(turn.say("staff.ticket.quote", number=turn.number()))


async def typed(turn: StaffTurn) -> Step:
    """The answer that was asked for."""
    number = turn.session.data.get("ticket")
    if turn.incoming.unreadable:
        return turn.said(turn.say("staff.ticket.words_only"))
    if not isinstance(number, int):
        raise Lost(str(number))
    return await _answer(turn, number, turn.incoming.text)


async def take(turn: StaffTurn) -> Step:
    number = turn.number()
    await hand_over.take(turn.db, number, turn.by, turn.now)
    name = turn.member.name if turn.member else ""
    text = turn.say("staff.ticket.taken_now", number=number, name=name)
    return turn.said(text, turn.choice("staff.ticket.choice.reply", "ticket.reply", number))


async def close(turn: StaffTurn) -> Step:
    """Ask once more, then end it: `ticket.close:<number>[:sure]`."""
    number, _, sure = turn.argument.partition(":")
    ticket = number_in(number)
    show_it = turn.choice("staff.ticket.choice.show", "ticket.show", ticket)
    if sure != "sure":
        await hand_over.get(turn.db, ticket, turn.by)
        yes = turn.choice("staff.ticket.choice.close_sure", "ticket.close", f"{ticket}:sure")
        return turn.said(turn.say("staff.ticket.close_sure", number=ticket), yes, show_it)
    await hand_over.close(turn.db, ticket, _voice(turn), turn.by, turn.now)
    back = turn.choice("staff.ticket.choice.list", "tickets")
    return turn.said(turn.say("staff.ticket.closed", number=ticket), back)


async def room(turn: StaffTurn) -> Step:
    """In a group: make it the staff's. Alone with us: say which there are."""
    here = turn.incoming.conversation
    if not turn.incoming.private:
        await duty.use_room(turn.db, here, turn.by, turn.now)
        stop = turn.choice("staff.room.choice.leave", "ticket.no_room")
        return turn.said(turn.say("staff.room.set"), stop)
    known = any(each.channel == here.channel for each in await desk_rooms.rooms(turn.db))
    choices = [turn.choice("staff.choice.desk", "desk")]
    if known and may(turn, Right.ARRANGE):
        choices.insert(0, turn.choice("staff.room.choice.leave", "ticket.no_room"))
    return turn.said(turn.say("staff.room.known" if known else "staff.room.none"), *choices)


async def no_room(turn: StaffTurn) -> Step:
    await duty.leave_room(turn.db, turn.incoming.conversation.channel, turn.by, turn.now)
    return turn.said(turn.say("staff.room.left"))


async def has_place(turn: StaffTurn, command: str) -> bool:
    """Whether this may be done where it is asked for: all alone with us, some in our group."""
    if turn.incoming.private or command == "room":
        return True
    ours = turn.incoming.conversation in await desk_rooms.rooms(turn.db)
    return ours and (command in _IN_ROOM or command.startswith("ticket."))


async def _list(turn: StaffTurn, skip: int) -> Step:
    found = await hand_over.open_tickets(turn.db, turn.by, PAGE + 1, skip)
    shown = found[:PAGE]
    lines = [turn.say("staff.ticket.list"), *(_brief(turn, *each) for each in shown)]
    if not shown:
        lines.append(turn.say("staff.ticket.none"))
    labels = [(turn.say("staff.ticket.number", number=each.id), each.id) for each, _ in shown]
    choices = [turn.named_choice(label, "ticket.show", number) for label, number in labels]
    if len(found) > PAGE:
        choices.append(turn.choice("choice.more", "ticket.page", skip + PAGE))
    if turn.incoming.private:
        choices.append(turn.choice("staff.choice.desk", "desk"))
    return turn.said("\n".join(lines), *choices)


async def _ask(turn: StaffTurn, number: int) -> Step:
    ticket = await hand_over.get(turn.db, number, turn.by)
    if ticket.closed_at is not None:
        return await one(turn)
    show_it = turn.choice("staff.ticket.choice.show", "ticket.show", number)
    return turn.asked(ANSWER, turn.say("staff.ticket.ask", number=number), show_it, ticket=number)


async def _answer(turn: StaffTurn, number: int, text: str) -> Step:
    incoming = turn.incoming
    source = f"{incoming.conversation.channel}:{incoming.external_id}"
    voice = _voice(turn)
    await hand_over.answer(turn.db, number, text, source, voice, turn.by, turn.now)
    choices = [turn.choice("staff.ticket.choice.close", "ticket.close", number)]
    if incoming.private:
        choices.append(turn.choice("staff.ticket.choice.list", "tickets"))
    told = turn.say("staff.ticket.answered", number=number)
    return turn.said(told, *choices, session=turn.session.idle())


def _voice(turn: StaffTurn) -> Voice:
    return Voice(turn.knowledge, turn.render)


def _brief(turn: StaffTurn, ticket: Ticket, caller: Caller) -> str:
    named = ", ".join(name for name, _ in caller.enterprises) or turn.say("staff.ticket.somebody")
    last = caller.asked[-1][1] if caller.asked else ""
    reason = " ".join((ticket.reason or last).split())
    short = reason if len(reason) <= SHOWN else f"{reason[:SHOWN].rstrip()}…"
    standing = _standing(turn, ticket)
    facts = {"number": ticket.id, "who": named, "reason": short or "–", "standing": standing}
    return turn.say("staff.ticket.line", **facts)


def _standing(turn: StaffTurn, ticket: Ticket) -> str:
    if ticket.closed_at is not None:
        rated = turn.say(f"handover.score.{ticket.rated}") if ticket.rated else "–"
        return turn.say("staff.ticket.is_closed", at=moment(ticket.closed_at), rated=rated)
    if ticket.waiting_since is not None:
        return turn.say("staff.ticket.waits", since=moment(ticket.waiting_since))
    return turn.say("staff.ticket.is_answered")


def _line(turn: StaffTurn, said: Said, names: Mapping[int, str]) -> str:
    text = said.text or turn.say("staff.ticket.blank")
    if said.kind == "answer":
        name = names.get(said.staff or 0, "?")
        return turn.say("staff.ticket.said", at=moment(said.at), name=name, text=text)
    if said.kind == "told":
        return turn.say("staff.ticket.heard", at=moment(said.at), text=text)
    return turn.say("staff.ticket.ended_line", at=moment(said.at))


COMMANDS: Final[Mapping[str, Handler]] = {"tickets": show, "answer": answer, "room": room}
ACTIONS: Final[Mapping[str, Handler]] = {
    "ticket.page": page,
    "ticket.show": one,
    "ticket.reply": reply,
    "ticket.take": take,
    "ticket.close": close,
    "ticket.no_room": no_room,
}
TYPED: Final[Mapping[str, Handler]] = {ANSWER: typed}
