"""Lists of enterprises by chat: a page, the way on, and what can be done with the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.operations import leads
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.desk import may
from bot.staff_chat.lead_place import current, keep, mark
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store.follow_up import Sought
from bot.store.follow_up_schema import STATUSES
from handlers.conversation import Step
from knowledge.text import fold

MINE, DUE, ALL = "mine", "due", "all"


async def listed(turn: StaffTurn) -> Step:
    """A list of one status, of one's own, of what is due, of all: `lead.list:<which>`."""
    known = {MINE: Sought(owner=turn.by.staff), DUE: Sought(due=True), ALL: Sought()}
    known |= {status: Sought(status=status) for status in STATUSES}
    if turn.argument not in known:
        raise Lost(turn.argument)
    return await page(turn, known[turn.argument])


async def results(turn: StaffTurn) -> Step:
    """The list that was looked at last: `lead.results[:<page>[:<mark>]]`, of another mark anew."""
    start, _, marked = turn.argument.partition(":")
    sought = current(turn)
    at = number_in(start) if start and marked in {"", mark(sought)} else 0
    return await page(turn, sought, at)


async def page(turn: StaffTurn, sought: Sought, at: int = 0) -> Step:
    """One page of a list, each enterprise a choice."""
    found = await leads.find(turn.db, sought, turn.by, turn.now, at)
    voice = await lead_words.voice(turn)
    title = await in_words(turn, sought)
    lines = [turn.say("staff.lead.listed", title=title, count=found.count)]
    if not found.count:
        lines.append(turn.say("staff.lead.none"))
    lines += map(voice.line, found.page)
    choices = [turn.named_choice(lead_words.label(e), "lead.card", e.id) for e in found.page]
    if found.more:
        choices.append(turn.choice("choice.more", "lead.results", f"{at + 1}:{mark(sought)}"))
    if at:
        before = f"{at - 1}:{mark(sought)}"
        choices.append(turn.choice("staff.lead.choice.before", "lead.results", before))
    choices.append(turn.choice("staff.lead.choice.narrow", "lead.filter"))
    if found.count and may(turn, Right.EXPORT):
        choices.append(turn.choice("staff.lead.choice.export_these", "lead.export", mark(sought)))
    choices.append(turn.choice("staff.lead.choice.overview", "leads"))
    return keep(turn.said("\n".join(lines), *choices, session=turn.session.idle()), sought, at)


async def in_words(turn: StaffTurn, sought: Sought) -> str:
    """What a filter asks, for people."""
    voice = await lead_words.voice(turn)
    mine = sought.owner is not None and sought.owner == turn.by.staff
    owner = turn.say("staff.lead.list.mine") if mine else voice.owner(sought.owner)
    told = [
        *([voice.status(sought.status)] if sought.status else []),
        *([owner] if sought.owner is not None else []),
        *([turn.say("staff.lead.list.due")] if sought.due else []),
        *([await commune(turn, sought.commune)] if sought.commune else []),
        *([voice.programmes([sought.programme])] if sought.programme else []),
        *([turn.say("staff.lead.words", words=sought.words)] if sought.words else []),
    ]
    return "; ".join(told) or turn.say("staff.lead.list.all")


async def commune(turn: StaffTurn, folded: str) -> str:
    """A commune as people write it."""
    met = await leads.met(turn.db, "communes", turn.by)
    return next((each for each in met if fold(each) == folded), folded)


ACTIONS: Final[Mapping[str, Handler]] = {"lead.list": listed, "lead.results": results}
