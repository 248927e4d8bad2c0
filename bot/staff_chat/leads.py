"""Enterprises by chat: how many stand where, lists, the search, a card, and all of it as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.operations import lead_export, leads
from bot.operations.refusals import NotFound
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store.follow_up import Brief, Sought
from bot.store.follow_up_schema import STATUSES
from handlers import attachments
from handlers.conversation import Choice, Outcome, Reply, Step
from knowledge.text import fold

PAGE: Final = 8
MINE, DUE, ALL = "mine", "due", "all"
_NUMBER: Final = re.compile(r"#?(\d{1,6})")  # longer ones are looked for in codes and phones
_EXPORT: Final = frozenset({"xuat", "xuat excel", "xuat file", "xuat tep"})
_LONGEST: Final = 40  # bytes of searched words that a button can carry


async def show(turn: StaffTurn) -> Step:
    """The overview; or what stands behind the command: a number, words, or “xuất”."""
    typed = turn.argument.strip()
    if not typed:
        return await overview(turn)
    if fold(typed) in _EXPORT:
        return await export(turn)
    if number := _NUMBER.fullmatch(typed):
        try:
            return await page(turn, int(number[1]))
        except NotFound:
            if typed.startswith("#"):
                raise
    return await _found(turn, typed, 0)


async def overview(turn: StaffTurn) -> Step:
    """How many enterprises stand where; every number opens its list."""
    seen = await leads.overview(turn.db, turn.by, turn.now)
    lines = [turn.say("staff.lead.title", count=sum(seen.counts.values()))]
    lines += [
        turn.say("staff.lead.count", status=_status(turn, status), count=count)
        for status, count in seen.counts.items()
    ]
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
    choices.append(turn.choice("staff.lead.choice.filter", "lead.filter"))
    if seen.views:
        choices.append(turn.choice("staff.lead.choice.views", "lead.views"))
    if may(turn, Right.FOLLOW):
        choices.append(turn.choice("staff.lead.choice.twins", "lead.twins"))
    if may(turn, Right.EXPORT):
        choices.append(turn.choice("staff.lead.choice.export", "lead.export"))
    back = turn.choice("staff.choice.desk", "desk")
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def listed(turn: StaffTurn) -> Step:
    """A list of one status, of one's own, of what is due: `lead.list:<which>:<page>`."""
    which, _, start = turn.argument.partition(":")
    sought = _sought(turn, which)
    found = await leads.find(turn.db, sought, turn.by, turn.now)
    title = _status(turn, which) if which in STATUSES else turn.say(f"staff.lead.list.{which}")
    return await pages(turn, title, found, "lead.list", f"{which}:", start)


async def searched(turn: StaffTurn) -> Step:
    """Another page of a search: `lead.find:<page>:<words>`."""
    start, _, words = turn.argument.partition(":")
    return await _found(turn, words, number_in(start))


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
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said(text, *choices, back, session=turn.session.idle())


async def export(turn: StaffTurn) -> Step:
    """Everything as a file, drawn when it is sent: what is queued holds no person."""
    count = await lead_export.export(turn.db, turn.by, turn.now)
    file = attachments.leads(
        f"doanh-nghiep-{turn.now:%Y-%m-%d}",
        {"staff": turn.by.staff or 0},
        caption=turn.say("staff.lead.exported", count=count),
        instead=turn.say("staff.lead.not_exported"),
    )
    back = turn.choice("staff.lead.choice.overview", "leads")
    reply = Reply(turn.say("staff.lead.export_care"), (back,), attachment=file)
    return Step((reply,), turn.session.idle(), Outcome.STAFF)


async def pages(  # noqa: PLR0913, PLR0917 - a list and the way through it
    turn: StaffTurn, title: str, found: Sequence[Brief], verb: str, before: str, start: str
) -> Step:
    """One page of a list; the argument of the choice to the next is *before* and a number."""
    at = number_in(start) if start else 0
    shown = found[at * PAGE : (at + 1) * PAGE]
    voice = await lead_words.voice(turn)
    lines = [turn.say("staff.lead.listed", title=title, count=len(found)), *map(voice.line, shown)]
    choices = [turn.named_choice(lead_words.label(each), "lead.card", each.id) for each in shown]
    if len(found) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", verb, f"{before}{at + 1}"))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def _found(turn: StaffTurn, words: str, at: int) -> Step:
    found = await leads.find(turn.db, Sought(words=words), turn.by, turn.now)
    back = turn.choice("staff.lead.choice.overview", "leads")
    if not found:
        return turn.said(turn.say("staff.lead.none"), back, session=turn.session.idle())
    if len(found) == 1:
        return await page(turn, found[0].id)
    shown = found[at * PAGE : (at + 1) * PAGE]
    voice, carried = await lead_words.voice(turn), fold(words)
    title = turn.say("staff.lead.listed", title=turn.say("staff.lead.found"), count=len(found))
    lines = [title, *map(voice.line, shown)]
    choices = [turn.named_choice(lead_words.label(each), "lead.card", each.id) for each in shown]
    if len(found) > (at + 1) * PAGE:
        if len(carried) <= _LONGEST:
            choices.append(turn.choice("choice.more", "lead.find", f"{at + 1}:{carried}"))
        else:
            lines.append(turn.say("staff.lead.narrow"))
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


def _sought(turn: StaffTurn, which: str) -> Sought:
    known = {MINE: Sought(owner=turn.by.staff), DUE: Sought(due=True), ALL: Sought()}
    if which in STATUSES:
        return Sought(status=which)
    if which not in known:
        raise Lost(which)
    return known[which]


def _status(turn: StaffTurn, status: str) -> str:
    return turn.say(f"staff.lead.status.{status}")


COMMANDS: Final[Mapping[str, Handler]] = {"leads": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.list": listed,
    "lead.find": searched,
    "lead.card": card,
    "lead.export": export,
}
