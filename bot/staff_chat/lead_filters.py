"""Filters by chat: put together choice by choice, looked at, kept under a name.

What is put together is the list that is looked at (`lead_place`), so that a button names only the
one thing it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.operations import lead_views, leads
from bot.operations.leads import PAGE
from bot.operations.rights import Right
from bot.staff_chat import lead_pages, lead_words
from bot.staff_chat.desk import may
from bot.staff_chat.lead_place import current, keep, mark
from bot.staff_chat.leads import LONGEST as LONGEST_WORDS
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store.follow_up import Sought
from bot.store.follow_up_schema import STATUSES
from handlers.conversation import Choice, Step
from knowledge.text import fold

STEP: Final = "lead.filter"
LONGEST: Final = 40  # characters of a commune's name that a button can carry
_FACETS: Final = ("status", "owner", "commune", "programme")


async def show(turn: StaffTurn) -> Step:
    """The filter as it stands; what is typed now becomes its words: `lead.filter[:new]`."""
    return await _shown(turn, Sought() if turn.argument == "new" else current(turn))


async def typed(turn: StaffTurn) -> Step:
    words = turn.incoming.text.strip()[:LONGEST_WORDS]
    return await _shown(turn, replace(current(turn), words=words))


async def facet(turn: StaffTurn) -> Step:
    """What a part of the filter can be: `lead.facet:<part>[:<page>]`."""
    part, _, start = turn.argument.partition(":")
    at = number_in(start) if start else 0
    options = await _options(turn, part)
    choices = [
        turn.named_choice(lead_words.short(label, 30), "lead.pick", f"{part}:{value}")
        for value, label in options[at * PAGE : (at + 1) * PAGE]
    ]
    if len(options) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.facet", f"{part}:{at + 1}"))
    any_ = turn.choice("staff.lead.choice.any", "lead.pick", f"{part}:")
    back = turn.choice("staff.choice.back", "lead.filter")
    text = turn.say(f"staff.lead.facet.{part}")
    return turn.asked(STEP, text, *choices, any_, back)


async def pick(turn: StaffTurn) -> Step:
    """Set a part of the filter, or free it: `lead.pick:<part>:<value>`."""
    part, _, value = turn.argument.partition(":")
    sought = current(turn)
    if part == "due":
        return await _shown(turn, replace(sought, due=not sought.due))
    if part == "words":
        return await _shown(turn, replace(sought, words=""))
    if part == "owner":
        return await _shown(turn, replace(sought, owner=number_in(value) if value else None))
    if part not in _FACETS or (value and value not in dict(await _options(turn, part))):
        raise Lost(turn.argument)
    return await _shown(turn, Sought.of_data({**sought.as_data(), part: value}))


async def save(turn: StaffTurn) -> Step:
    """Ask for a name: `lead.save:<own|shared>`."""
    if turn.argument not in {"own", "shared"}:
        raise Lost(turn.argument)
    back = turn.choice("staff.choice.back", "lead.filter")
    text = turn.say("staff.lead.ask_view", most=leads.LONGEST_NAME)
    return turn.asked("lead.view", text, back, shared=turn.argument == "shared")


async def saved(turn: StaffTurn) -> Step:
    sought, shared = current(turn), bool(turn.session.data.get("shared"))
    name = turn.incoming.text
    await lead_views.save(turn.db, name, sought, turn.by, turn.now, shared=shared)
    return await views(turn)


async def views(turn: StaffTurn) -> Step:
    """The filters that were kept, one's own first: `lead.views[:<page>]`."""
    at = turn.number() if turn.argument.isdecimal() else 0
    seen = await leads.overview(turn.db, turn.by, turn.now)
    choices = [
        turn.named_choice(view.name, "lead.view", view.id)
        for view in seen.views[at * PAGE : (at + 1) * PAGE]
    ]
    if len(seen.views) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.views", at + 1))
    back = turn.choice("staff.lead.choice.overview", "leads")
    text = turn.say("staff.lead.views" if seen.views else "staff.lead.no_views")
    return turn.said(text, *choices, back, session=turn.session.idle())


async def view(turn: StaffTurn) -> Step:
    """What a kept filter finds; it becomes the list that is looked at."""
    found = await lead_views.get(turn.db, turn.number(), turn.by)
    step = await lead_pages.page(turn, found.sought)
    if not may(turn, Right.FOLLOW):
        return step
    (reply,) = step.replies
    drop = turn.choice("staff.lead.choice.drop", "lead.drop", found.id)
    choices = (*reply.choices[:-1], drop, reply.choices[-1])
    return replace(step, replies=(replace(reply, choices=choices),))


async def drop(turn: StaffTurn) -> Step:
    await lead_views.drop(turn.db, turn.number(), turn.by, turn.now)
    return await views(replace(turn, argument=""))


async def _shown(turn: StaffTurn, sought: Sought) -> Step:
    found = await leads.find(turn.db, sought, turn.by, turn.now)
    words = await lead_pages.in_words(turn, sought)
    text = turn.say("staff.lead.filter", filter=words, count=found.count)
    choices: list[Choice] = []
    if found.count:
        label = turn.say("staff.lead.choice.results", count=found.count)
        choices.append(turn.named_choice(label, "lead.results", f"0:{mark(sought)}"))
    choices += [turn.choice(f"staff.lead.choice.{part}_is", "lead.facet", part) for part in _FACETS]
    due = "staff.lead.choice.due_any" if sought.due else "staff.lead.choice.due_is"
    choices.append(turn.choice(due, "lead.pick", "due"))
    if sought.words:
        choices.append(turn.choice("staff.lead.choice.words_any", "lead.pick", "words"))
    if sought != Sought():
        choices.append(turn.choice("staff.lead.choice.anew", "lead.filter", "new"))
        if may(turn, Right.FOLLOW):
            choices.append(turn.choice("staff.lead.choice.save_own", "lead.save", "own"))
            choices.append(turn.choice("staff.lead.choice.save_shared", "lead.save", "shared"))
    if found.count and may(turn, Right.EXPORT):
        choices.append(turn.choice("staff.lead.choice.export_these", "lead.export", mark(sought)))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return keep(turn.asked(STEP, text, *choices, back), sought)


async def _options(turn: StaffTurn, part: str) -> list[tuple[str, str]]:
    """What a part can be, as values and labels; communes by how many are there."""
    voice = await lead_words.voice(turn)
    match part:
        case "status":
            return [(each, voice.status(each)) for each in STATUSES]
        case "owner":
            return [(str(number), name) for number, name in voice.names.items()]
        case "commune":
            met = await leads.met(turn.db, "communes", turn.by)
            return [(fold(each), each) for each in met if len(fold(each)) <= LONGEST]
        case "programme":
            met = await leads.met(turn.db, "programmes", turn.by)
            return [(each, voice.programmes([each])) for each in met]
    raise Lost(part)


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.filter": show,
    "lead.facet": facet,
    "lead.pick": pick,
    "lead.save": save,
    "lead.views": views,
    "lead.view": view,
    "lead.drop": drop,
}
TYPED: Final[Mapping[str, Handler]] = {STEP: typed, "lead.view": saved}
