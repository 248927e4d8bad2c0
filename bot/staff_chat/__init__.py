"""What staff do by chat: a table of contents, as `handlers` is for everybody else.

A member's message is one transaction from first to last: who they are is looked up, the act done,
its audit line written, the words about it queued and the message kept, or nothing of it. So an act
that a killed process had begun is done once when the platform brings the message again. The acts
themselves are `bot.operations`'; here they only get words. A stranger never comes here, but with an
invitation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from bot.operations.refusals import Refused
from bot.staff_chat import (
    answering,
    asked,
    auditing,
    dates,
    desk,
    drafts,
    duty,
    figures,
    lead_acts,
    lead_files,
    lead_filters,
    lead_listing,
    lead_pages,
    lead_twins,
    leads,
    news,
    news_files,
    news_results,
    news_writing,
    team,
    tickets,
)
from bot.staff_chat.turn import ACTION, DIALOG, Handler, Lost, StaffTurn, refusal
from bot.store.staffing import Member
from handlers import named, remember_menu
from handlers.conversation import Incoming, Session, Step, Turn
from handlers.menu import read_choice
from knowledge.clock import VIETNAM
from knowledge.entries import Command, Knowledge
from knowledge.text import fold

_SLASH: Final = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)

COMMANDS: Final[Mapping[str, Handler]] = {
    **desk.COMMANDS,
    **tickets.COMMANDS,
    **duty.COMMANDS,
    **news.COMMANDS,
    **figures.COMMANDS,
    **leads.COMMANDS,
    **asked.COMMANDS,
    **drafts.COMMANDS,
    **dates.COMMANDS,
    **team.COMMANDS,
    **auditing.COMMANDS,
}
# A command is also a choice, by its id.
ACTIONS: Final[Mapping[str, Handler]] = {
    **COMMANDS,
    **tickets.ACTIONS,
    **duty.ACTIONS,
    **news.ACTIONS,
    **news_writing.ACTIONS,
    **news_files.ACTIONS,
    **news_results.ACTIONS,
    **figures.ACTIONS,
    **leads.ACTIONS,
    **lead_acts.ACTIONS,
    **lead_twins.ACTIONS,
    **lead_pages.ACTIONS,
    **lead_filters.ACTIONS,
    **lead_files.ACTIONS,
    **lead_listing.ACTIONS,
    **asked.ACTIONS,
    **answering.ACTIONS,
    **drafts.ACTIONS,
    **dates.ACTIONS,
    **team.ACTIONS,
}
# What is typed while a dialog of ours is open, by the step that it stands at.
TYPED: Final[Mapping[str, Handler]] = {
    **tickets.TYPED,
    **news.TYPED,
    **news_writing.TYPED,
    **news_files.TYPED,
    **news_results.TYPED,
    **dates.TYPED,
    **lead_acts.TYPED,
    **lead_twins.TYPED,
    **lead_filters.TYPED,
    **lead_listing.TYPED,
    **asked.TYPED,
    **figures.TYPED,
    **answering.TYPED,
    **drafts.TYPED,
}


# Commands whose names may be followed by words without a slash, where those say so.
FOLLOWED: Final[Mapping[str, Callable[[str, date], bool]]] = {"stats": figures.named}


def concerns(incoming: Incoming, member: Member | None) -> bool:
    """Whether a message may be meant for here: a member's, or one that brings an invitation."""
    return member is not None or bool(team.invitation_in(incoming))


async def route(turn: StaffTurn) -> Step | None:
    """Do what a member asked for; None where it is not for the staff's desk."""
    if turn.member is None:
        joined = await team.join(turn)
        return remember_menu(joined) if joined else None
    handler, turn = await _wanted(turn)
    if handler is None:
        return None
    try:
        async with turn.db.begin_nested():
            step = await handler(turn)
    except Refused as refused:
        back = turn.choice("staff.choice.desk", "desk")
        step = turn.said(refusal(turn.knowledge, refused), back)
    except Lost:
        step = await desk.gone(turn)
    return remember_menu(step)


async def _wanted(turn: StaffTurn) -> tuple[Handler | None, StaffTurn]:
    """Who answers what is quoted, else what was chosen, commanded or typed, where that may be.

    The turn that comes with it has left a dialog from which a quoted message or a command leads.
    """
    if (handler := await tickets.quoted(turn)) is not None:
        return handler, replace(turn, turn=replace(turn.turn, session=_left(turn.session)))
    name, handler, turn = _handler_of(replace(turn, turn=read_choice(turn.turn)))
    if handler is not None and not await tickets.has_place(turn, name):
        return tickets.out_of_place, turn
    return handler, turn


def elsewhere(turn: Turn) -> Turn:
    """The turn for everybody's handlers: a dialog of ours is over.

    An invitation that opened nothing is a plain start, so its words are nobody's question.
    """
    token = team.invitation_in(turn.incoming)
    incoming = replace(turn.incoming, text="/start") if token else turn.incoming
    return replace(turn, incoming=incoming, session=_left(turn.session))


def _left(session: Session) -> Session:
    return session.idle() if session.dialog == DIALOG else session


def _handler_of(turn: StaffTurn) -> tuple[str, Handler | None, StaffTurn]:
    """What is wanted by its name, who does it (nobody of ours: None), and the turn for them."""
    action = turn.incoming.action
    if action.startswith(ACTION):
        verb, _, argument = action.removeprefix(ACTION).partition(":")
        return verb, ACTIONS.get(verb, desk.gone), replace(turn, argument=argument)
    if action:
        return "", None, turn
    today = turn.now.astimezone(VIETNAM).date()
    command, argument = _command(turn.knowledge, turn.incoming.text, today)
    if command:
        elsewhere = replace(turn.turn, session=_left(turn.session))
        return command.id, COMMANDS[command.id], replace(turn, turn=elsewhere, argument=argument)
    if news_files.unasked(turn):
        return "news.file", news_files.came_unasked, turn
    if turn.session.dialog != DIALOG:
        return "", None, turn
    other = named(turn.turn)
    if other is not None and other.id in {"cancel", "back"}:
        return other.id, desk.leave, turn
    if other is not None and turn.incoming.text.strip().startswith("/"):
        return other.id, None, turn  # the words of a command may be what is asked for here
    step = turn.session.step
    return step, TYPED.get(step, desk.gone), turn


def _command(knowledge: Knowledge, text: str, today: date) -> tuple[Command | None, str]:
    """The command of the staff that *text* is, and what stands behind it."""
    slash = _SLASH.fullmatch(text.strip())
    words = fold(slash[1] if slash else text)
    for command in knowledge.staff_commands.values():
        if slash and words == command.slash:
            return command, (slash[2] or "").strip()
        if not slash and words in command.names:
            return command, ""
        if not slash and (follows := FOLLOWED.get(command.id)):
            for rest in _behind(command.names, text):
                if follows(rest, today):
                    return command, rest
    return None, ""


def _behind(names: Iterable[str], text: str) -> Iterator[str]:
    """What stands behind one of these names at the beginning of a text, for each that does."""
    words = text.split()
    for name in names:
        length = len(name.split())
        if fold(" ".join(words[:length])) == name:
            yield " ".join(words[length:])
