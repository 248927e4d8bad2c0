"""Filters by chat: put together choice by choice, looked at, kept under a name.

What is put together waits in the session, so that a button names only the one thing it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.operations import lead_views, leads
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.desk import may
from bot.staff_chat.leads import PAGE, pages
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store.follow_up import Sought
from bot.store.follow_up_schema import STATUSES
from handlers.conversation import Choice, Step
from knowledge.text import fold

STEP: Final = "lead.filter"
LONGEST: Final = 40  # characters of a commune's name that a button can carry
_FACETS: Final = ("status", "owner", "commune", "programme")


async def show(turn: StaffTurn) -> Step:
    """The filter as it stands; what is typed now becomes its words."""
    return await _shown(turn, _current(turn))


async def typed(turn: StaffTurn) -> Step:
    return await _shown(turn, replace(_current(turn), words=turn.incoming.text.strip()[:60]))


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
    return turn.asked(STEP, text, *choices, any_, back, **_current(turn).as_data())


async def pick(turn: StaffTurn) -> Step:
    """Set a part of the filter, or free it: `lead.pick:<part>:<value>`."""
    part, _, value = turn.argument.partition(":")
    sought = _current(turn)
    if part == "due":
        return await _shown(turn, replace(sought, due=not sought.due))
    if part == "owner":
        return await _shown(turn, replace(sought, owner=number_in(value) if value else None))
    if part not in _FACETS or (value and value not in dict(await _options(turn, part))):
        raise Lost(turn.argument)
    return await _shown(turn, Sought.of_data({**sought.as_data(), part: value}))


async def results(turn: StaffTurn) -> Step:
    """What the filter finds: `lead.results[:<page>]`."""
    sought = _current(turn)
    found = await leads.find(turn.db, sought, turn.by, turn.now)
    title = await _in_words(turn, sought)
    step = await pages(turn, title, found, "lead.results", "", turn.argument)
    return replace(step, session=turn.session)


async def save(turn: StaffTurn) -> Step:
    """Ask for a name: `lead.save:<own|shared>`."""
    if turn.argument not in {"own", "shared"}:
        raise Lost(turn.argument)
    back = turn.choice("staff.choice.back", "lead.filter")
    text = turn.say("staff.lead.ask_view", most=leads.LONGEST_NAME)
    sought = _current(turn).as_data()
    return turn.asked("lead.view", text, back, **sought, shared=turn.argument == "shared")


async def saved(turn: StaffTurn) -> Step:
    sought, shared = _current(turn), bool(turn.session.data.get("shared"))
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
    """Take up a kept filter: it becomes the current one."""
    found = await lead_views.get(turn.db, turn.number(), turn.by)
    step = await _shown(turn, found.sought)
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
    text = turn.say("staff.lead.filter", filter=await _in_words(turn, sought), count=len(found))
    choices: list[Choice] = []
    if found:
        label = turn.say("staff.lead.choice.results", count=len(found))
        choices.append(turn.named_choice(label, "lead.results"))
    choices += [turn.choice(f"staff.lead.choice.{part}_is", "lead.facet", part) for part in _FACETS]
    due = "staff.lead.choice.due_any" if sought.due else "staff.lead.choice.due_is"
    choices.append(turn.choice(due, "lead.pick", "due"))
    if may(turn, Right.FOLLOW) and sought != Sought():
        choices.append(turn.choice("staff.lead.choice.save_own", "lead.save", "own"))
        choices.append(turn.choice("staff.lead.choice.save_shared", "lead.save", "shared"))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.asked(STEP, text, *choices, back, **sought.as_data())


def _current(turn: StaffTurn) -> Sought:
    """The filter that waits in the session; none where another thing is going on there."""
    data = turn.session.data if turn.session.step in {STEP, "lead.view"} else {}
    return Sought.of_data({name: value for name, value in data.items() if name != "shared"})


async def _options(turn: StaffTurn, part: str) -> list[tuple[str, str]]:
    """What a part can be, as values and labels; communes by how many are there."""
    voice = await lead_words.voice(turn)
    match part:
        case "status":
            return [(each, voice.status(each)) for each in STATUSES]
        case "owner":
            return [(str(number), name) for number, name in voice.names.items()]
        case "commune" | "programme":
            return await _met(turn, part, voice)
    raise Lost(part)


async def _met(turn: StaffTurn, part: str, voice: lead_words.Voice) -> list[tuple[str, str]]:
    found = await leads.find(turn.db, Sought(), turn.by, turn.now)
    if part == "programme":
        ids = Counter(each for brief in found for each in brief.programmes)
        return [(each, voice.programmes([each])) for each, _ in ids.most_common()]
    names = {fold(each): each for brief in found for each in brief.communes}
    counted = Counter(fold(each) for brief in found for each in brief.communes)
    return [(each, names[each]) for each, _ in counted.most_common() if len(each) <= LONGEST]


async def _in_words(turn: StaffTurn, sought: Sought) -> str:
    voice = await lead_words.voice(turn)
    communes = dict(await _met(turn, "commune", voice)) if sought.commune else {}
    told = [
        *([voice.status(sought.status)] if sought.status else []),
        *([voice.owner(sought.owner)] if sought.owner is not None else []),
        *([turn.say("staff.lead.list.due")] if sought.due else []),
        *([communes.get(sought.commune, sought.commune)] if sought.commune else []),
        *([voice.programmes([sought.programme])] if sought.programme else []),
        *([turn.say("staff.lead.words", words=sought.words)] if sought.words else []),
    ]
    return "; ".join(told) or turn.say("staff.lead.list.all")


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.filter": show,
    "lead.facet": facet,
    "lead.pick": pick,
    "lead.results": results,
    "lead.save": save,
    "lead.views": views,
    "lead.view": view,
    "lead.drop": drop,
}
TYPED: Final[Mapping[str, Handler]] = {STEP: typed, "lead.view": saved}
