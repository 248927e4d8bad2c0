"""Enterprises by chat: how many stand where, lists, the search, and a card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.operations import leads
from bot.operations.refusals import NotFound
from bot.operations.rights import Right
from bot.staff_chat import lead_files, lead_pages, lead_words
from bot.staff_chat.desk import may
from bot.staff_chat.lead_pages import DUE, MINE
from bot.staff_chat.lead_place import leave, place
from bot.staff_chat.turn import Handler, StaffTurn
from bot.store.follow_up import Sought
from handlers.conversation import Choice, Step
from knowledge.text import fold

_NUMBER: Final = re.compile(r"#?(\d{1,6})")  # longer ones are looked for in codes and phones
_EXPORT: Final = frozenset({"xuat", "xuat excel", "xuat file", "xuat tep"})
LONGEST: Final = 60  # characters of searched words


async def show(turn: StaffTurn) -> Step:
    """The overview; or what stands behind the command: a number, words, or “xuất”."""
    typed = turn.argument.strip()
    if not typed:
        return await overview(turn)
    if fold(typed) in _EXPORT:
        return await lead_files.export(turn)
    if number := _NUMBER.fullmatch(typed):
        try:
            return await page(leave(turn), int(number[1]))
        except NotFound:
            if typed.startswith("#"):
                raise
    return await search(turn, typed)


async def overview(turn: StaffTurn) -> Step:
    """How many enterprises stand where; every number opens its list."""
    seen = await leads.overview(turn.db, turn.by, turn.now)
    lines = [turn.say("staff.lead.title", count=sum(seen.counts.values()))]
    lines += [
        turn.say("staff.lead.count", status=_status(turn, status), count=count)
        for status, count in seen.counts.items()
    ]
    if not any(seen.counts.values()):
        lines.append(turn.say("staff.lead.empty"))
    lines += [
        turn.say("staff.lead.mine", count=seen.mine),
        turn.say("staff.lead.due", count=seen.due),
        turn.say("staff.lead.how"),
    ]
    choices = [
        turn.named_choice(_status(turn, status), "lead.list", status)
        for status, count in seen.counts.items()
        if count
    ]
    if seen.mine:
        choices.append(turn.choice("staff.lead.choice.mine", "lead.list", MINE))
    if seen.due:
        choices.append(turn.choice("staff.lead.choice.this_week", "lead.list", DUE))
    choices.append(turn.choice("staff.lead.choice.filter", "lead.filter", "new"))
    if seen.views:
        choices.append(turn.choice("staff.lead.choice.views", "lead.views"))
    if may(turn, Right.FOLLOW):
        choices.append(turn.choice("staff.lead.choice.twins", "lead.twins"))
        choices.append(turn.choice("staff.lead.choice.import", "lead.import"))
    if may(turn, Right.EXPORT):
        choices.append(turn.choice("staff.lead.choice.export", "lead.export"))
    back = turn.choice("staff.choice.desk", "desk")
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def card(turn: StaffTurn) -> Step:
    return await page(turn, turn.number())


async def page(turn: StaffTurn, number: int, note: str = "") -> Step:
    """One enterprise, and what can be done about it."""
    found = await leads.card(turn.db, number, turn.by)
    voice, number = await lead_words.voice(turn), found.brief.id
    text = "\n\n".join(filter(None, (note, voice.card(found))))
    choices: list[Choice] = []
    if may(turn, Right.FOLLOW):
        acts = ("status", "owner", "due", "note")
        choices += [turn.choice(f"staff.lead.choice.{act}", f"lead.{act}", number) for act in acts]
        if found.sent:
            choices.append(turn.choice("staff.lead.choice.forms", "lead.forms", number))
        if any(each.phone and not each.verified for each in found.people):
            choices.append(turn.choice("staff.lead.choice.call", "lead.call", number))
        choices.append(turn.choice("staff.lead.choice.same", "lead.same", number))
        if found.merged:
            choices.append(turn.choice("staff.lead.choice.part", "lead.part", number))
    if found.changes or found.notes:
        choices.append(turn.choice("staff.lead.choice.log", "lead.log", number))
    if (seen := place(turn)) is not None:
        choices.append(turn.choice("staff.lead.choice.list", "lead.results", seen.at))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said(text, *choices, back, session=turn.session.idle())


async def search(turn: StaffTurn, words: str) -> Step:
    """What has these words: a card where it is one, else a list."""
    sought = Sought(words=words.strip()[:LONGEST])
    found = await leads.find(turn.db, sought, turn.by, turn.now)
    if found.count == 1:
        return await page(leave(turn), found.page[0].id)
    return await lead_pages.page(turn, sought)


def _status(turn: StaffTurn, status: str) -> str:
    return turn.say(f"staff.lead.status.{status}")


COMMANDS: Final[Mapping[str, Handler]] = {"leads": show}
ACTIONS: Final[Mapping[str, Handler]] = {"lead.card": card}
