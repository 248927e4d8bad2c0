"""Answering enterprises by chat: by quoting a card, by `/traloi`, or from the list of what is open.

In the staff's group only this is done: other business would be read by everybody there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.channels.text import cut, one_line
from bot.operations import duty, hand_over
from bot.operations.hand_over import Case, Voice
from bot.operations.refusals import NotNow, Why
from bot.operations.rights import Right
from bot.staff_chat.cards import about, acts
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store import desk_rooms, staffing
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
    case, said = await hand_over.whole(turn.db, number_in(number), turn.by, PAGE + 1, limit)
    ticket, shown = case.ticket, said[-PAGE:]
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    lines = [turn.say("staff.ticket.card", number=ticket.id, since=moment(ticket.opened_at))]
    lines += about(turn.knowledge, case)
    lines += ["", *(_line(turn, each, names) for each in shown)]
    lines.append(_standing(turn, ticket))
    choices = []
    if ticket.closed_at is None:
        mine = turn.member is not None and ticket.taken_by == turn.member.id
        choices = list(acts(turn.knowledge, ticket)[: 1 if mine else 2])
    if len(said) > PAGE:
        before = f"{ticket.id}:{shown[0].id}"
        choices.append(turn.choice("staff.ticket.choice.before", "ticket.show", before))
    if ticket.closed_at is None:
        choices.append(turn.choice("staff.ticket.choice.close", "ticket.close", ticket.id))
    elif ticket.closed_by != "erased":
        choices.append(turn.choice("staff.ticket.choice.reopen", "ticket.reopen", ticket.id))
    choices.append(turn.choice("staff.ticket.choice.list", "tickets"))
    still_asked = turn.session.step == ANSWER and turn.session.data.get("ticket") == ticket.id
    if still_asked and ticket.closed_at is None:
        lines += ["", turn.say("staff.ticket.ask", number=ticket.id)]
        return turn.said("\n".join(lines), *choices, session=turn.session)
    return turn.said("\n".join(lines), *choices)


async def quoted(turn: StaffTurn) -> Handler | None:
    """Who answers what is quoted; None where that is no message about a ticket.

    In the staff's group nothing is written to us for another reason, so there it is said.
    """
    incoming = turn.incoming
    if not incoming.quotes or incoming.action or incoming.text.startswith("/"):
        return None
    number = await hand_over.quoted(turn.db, incoming.conversation, incoming.quotes)
    if number is None:
        here = not incoming.private and await has_place(turn, "tickets")
        return _unclear if here else None
    return lambda turn: _answer(turn, number, incoming.text)


async def _unclear(turn: StaffTurn) -> Step:
    return turn.said(turn.say("staff.ticket.unclear"))


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
    if not isinstance(number, int):
        raise Lost(str(number))
    return await _answer(turn, number, turn.incoming.text)


async def take(turn: StaffTurn) -> Step:
    """Take it; from a colleague only after a second press: `ticket.take:<number>[:<colleague>]`."""
    number, _, colleague = turn.argument.partition(":")
    ticket, instead_of = number_in(number), number_in(colleague) if colleague else None
    reply = turn.choice("staff.ticket.choice.reply", "ticket.reply", ticket)
    try:
        await hand_over.take(turn.db, ticket, turn.by, turn.now, instead_of=instead_of)
    except NotNow as refused:
        if refused.why is not Why.TAKEN:
            raise
        taken = await hand_over.get(turn.db, ticket, turn.by)
        argument = f"{ticket}:{taken.taken_by}"
        over = turn.choice("staff.ticket.choice.take_over", "ticket.take", argument)
        show_it = turn.choice("staff.ticket.choice.show", "ticket.show", ticket)
        return turn.said(turn.say("staff.ticket.taken_before", **refused.facts), over, show_it)
    name = turn.member.name if turn.member else ""
    return turn.said(turn.say("staff.ticket.taken_now", number=ticket, name=name), reply)


async def reopen(turn: StaffTurn) -> Step:
    """Open a closed one again, and show it: `ticket.reopen:<number>`."""
    number = turn.number()
    await hand_over.reopen(turn.db, number, _voice(turn), turn.by, turn.now)
    reply = turn.choice("staff.ticket.choice.reply", "ticket.reply", number)
    show_it = turn.choice("staff.ticket.choice.show", "ticket.show", number)
    return turn.said(turn.say("staff.ticket.reopened", number=number), reply, show_it)


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


async def out_of_place(turn: StaffTurn) -> Step:
    return turn.said(turn.say("staff.room.elsewhere"))


async def _list(turn: StaffTurn, skip: int) -> Step:
    found = await hand_over.open_tickets(turn.db, turn.by, PAGE + 1, skip)
    shown = found[:PAGE]
    lines = [turn.say("staff.ticket.list"), *(_brief(turn, each) for each in shown)]
    if not shown:
        lines.append(turn.say("staff.ticket.none"))
    numbers = [each.ticket.id for each in shown]
    choices = [
        turn.named_choice(turn.say("staff.ticket.number", number=number), "ticket.show", number)
        for number in numbers
    ]
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
    text = turn.say("staff.ticket.ask", number=number)
    return turn.asked(ANSWER, text + await _by_another(turn, ticket), show_it, ticket=number)


async def _answer(turn: StaffTurn, number: int, text: str) -> Step:
    incoming = turn.incoming
    if incoming.unreadable:
        return turn.said(turn.say("staff.ticket.words_only"))
    source = f"{incoming.conversation.channel}:{incoming.external_id}"
    voice = _voice(turn)
    await hand_over.answer(turn.db, number, text, source, voice, turn.by, turn.now)
    choices = [turn.choice("staff.ticket.choice.close", "ticket.close", number)]
    if incoming.private:
        choices.append(turn.choice("staff.ticket.choice.list", "tickets"))
    told = turn.say("staff.ticket.answered", number=number)
    if incoming.more_than_words:
        told += "\n" + turn.say("staff.ticket.file_left")
    told += await _by_another(turn, await hand_over.get(turn.db, number, turn.by))
    return turn.said(told, *choices, session=turn.session.idle())


async def _by_another(turn: StaffTurn, ticket: Ticket) -> str:
    """A sentence where a colleague has taken it, so that two do not answer unawares."""
    if ticket.taken_by is None or ticket.taken_by == turn.by.staff:
        return ""
    taker = await staffing.member(turn.db, ticket.taken_by)
    return "\n" + turn.say("staff.ticket.by_another", name=taker.name if taker else "?")


def _voice(turn: StaffTurn) -> Voice:
    return Voice(turn.knowledge, turn.render)


def _brief(turn: StaffTurn, case: Case) -> str:
    ticket, caller = case.ticket, case.caller
    named = ", ".join(name for name, _ in caller.enterprises) or turn.say("staff.ticket.somebody")
    last = caller.asked[-1][1] if caller.asked else ""
    short = cut(one_line(ticket.reason or last), SHOWN)
    standing = _standing(turn, ticket)
    if case.taker:
        standing += " " + turn.say("staff.ticket.is_taken", name=case.taker)
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
    "ticket.reopen": reopen,
    "ticket.close": close,
    "ticket.no_room": no_room,
}
TYPED: Final[Mapping[str, Handler]] = {ANSWER: typed}
