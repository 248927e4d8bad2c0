"""The picture or document that goes along with an announcement: sent here, replaced, taken away.

One message carries it, its words and its buttons: so a row is one message for everybody, and what
is too long to stand under a file is refused, not torn in two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.channels.text import cut
from bot.operations import recipients
from bot.operations.broadcasts import WRITABLE
from bot.operations.rights import RIGHTS, Right, Role
from bot.staff_chat.desk import may
from bot.staff_chat.news import LABEL, LISTED
from bot.staff_chat.news_page import ask, asked_about, back, page, words
from bot.staff_chat.news_writing import brought, change
from bot.staff_chat.turn import DIALOG, Handler, StaffTurn
from handlers.conversation import Session, Step

NAME: Final = 60  # characters of a file's name
# The dialogs of the staff in which a file is waited for; elsewhere none is fetched.
_WAITING: Final = frozenset({"news.write", "news.correct", "news.text", "news.file"})


def waits_for_file(session: Session, role: Role) -> bool:
    waits = session.dialog == DIALOG and session.step in _WAITING
    return waits and Right.COMPOSE in RIGHTS[role]


async def file(turn: StaffTurn) -> Step:
    """Ask for a file, or offer to take away the one that there is."""
    found = await recipients.get(turn.db, turn.number(), turn.by)
    if found.attachment is None:
        return ask(turn, "news.file", turn.say("staff.news.ask_file"), found.id)
    name = cut(found.attachment.name, NAME)
    gone = turn.choice("staff.news.choice.unfile", "news.unfile", found.id)
    text = turn.say("staff.news.ask_other_file", name=name)
    return ask(turn, "news.file", text, found.id, gone)


async def filed(turn: StaffTurn) -> Step:
    """The file that was asked for; words that came with it become the announcement's."""
    number = asked_about(turn)
    if turn.incoming.file is None:
        return turn.said(turn.say("staff.news.no_file", number=number), back(turn, number))
    new = brought(turn)
    await change(turn, number, lambda draft: replace(draft, **new))
    return await page(turn, number, turn.say("staff.news.filed"))


async def unfile(turn: StaffTurn) -> Step:
    number = turn.number()
    await change(turn, number, lambda draft: replace(draft, attachment=None))
    return await page(turn, number, turn.say("staff.news.unfiled"))


def unasked(turn: StaffTurn) -> bool:
    """Whether a file came from a member who may announce, while nothing waits for it."""
    return turn.incoming.file is not None and not turn.session.dialog and may(turn, Right.COMPOSE)


async def came_unasked(turn: StaffTurn) -> Step:
    """Say what a file can be used for here, and offer the drafts that it may belong to."""
    newest = await recipients.newest(turn.db, LISTED, turn.by)
    drafts = [
        turn.named_choice(f"{each.id}: {words(turn, each, LABEL)}", "news.file", each.id)
        for each in newest
        if each.state in WRITABLE and not each.changes
    ]
    write = turn.choice("staff.news.choice.write", "news.write")
    taken = turn.choice("staff.lead.choice.import", "lead.import")  # it may be a list of them
    desk = turn.choice("staff.choice.desk", "desk")
    return turn.said(turn.say("staff.news.file_unasked"), *drafts, write, taken, desk)


ACTIONS: Final[Mapping[str, Handler]] = {"news.file": file, "news.unfile": unfile}
TYPED: Final[Mapping[str, Handler]] = {"news.file": filed}
