"""Duplicates by chat: what may be one enterprise, both side by side, and parting them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.operations import lead_merging, leads
from bot.operations.lead_merging import Shared
from bot.operations.refusals import NotAllowed, Unfit, Why
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.leads import PAGE, page
from bot.staff_chat.turn import Handler, StaffTurn, number_in
from bot.store.follow_up import Sought
from handlers.conversation import Step


async def all_(turn: StaffTurn) -> Step:
    """Pairs that may be one enterprise, among all: `lead.twins[:<page>]`."""
    at = turn.number() if turn.argument else 0
    found = await lead_merging.pairs(turn.db, turn.by)
    shown = found[at * PAGE : (at + 1) * PAGE]
    lines = [turn.say("staff.lead.twins" if found else "staff.lead.no_twins", count=len(found))]
    for one, each in shown:
        names = " ↔ ".join(f"#{b.id} {lead_words.short(b.name, 60)}" for b in (one, each.other))
        lines.append(turn.say("staff.lead.twin", names=names, why=_why(turn, each.shared)))
    choices = [
        turn.named_choice(f"#{one.id} ↔ #{each.other.id}", "lead.pair", f"{one.id}:{each.other.id}")
        for one, each in shown
    ]
    if len(found) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.twins", at + 1))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def same(turn: StaffTurn) -> Step:
    """What may be the same enterprise; another one can be typed: `lead.same:<number>`."""
    number = turn.number()
    found = await leads.standing(turn.db, number)
    suggested = (await lead_merging.suggestions(turn.db, number, turn.by))[:PAGE]
    voice = await lead_words.voice(turn)
    title = "staff.lead.same" if suggested else "staff.lead.same_none"
    lines = [turn.say(title, name=found.name)]
    for each in suggested:
        why = _why(turn, each.shared)
        lines.append(turn.say("staff.lead.same_line", line=voice.line(each.other), why=why))
    lines.append(turn.say("staff.lead.same_how"))
    choices = [
        turn.named_choice(lead_words.label(each.other), "lead.pair", f"{number}:{each.other.id}")
        for each in suggested
    ]
    back = turn.choice("staff.choice.back", "lead.card", number)
    return turn.asked("lead.same", "\n".join(lines), *choices, back, number=number)


async def named(turn: StaffTurn) -> Step:
    """The other enterprise was typed: by number, tax code or words that only it has."""
    number, typed = int(turn.session.data["number"]), turn.incoming.text.strip()
    bare = typed.removeprefix("#")
    if bare.isdecimal() and len(bare) < 10:  # noqa: PLR2004 - shorter than a tax code
        return await _pair(turn, number, number_in(bare))
    found = await leads.find(turn.db, Sought(words=typed), turn.by, turn.now)
    others = [each for each in found if each.id != number]
    back = turn.choice("staff.choice.back", "lead.card", number)
    if len(others) == 1:
        return await _pair(turn, number, others[0].id)
    choices = [
        turn.named_choice(lead_words.label(each), "lead.pair", f"{number}:{each.id}")
        for each in others[:PAGE]
    ]
    phrase = "staff.lead.same_which" if others else "staff.lead.none"
    return turn.said(turn.say(phrase), *choices, back)


async def pair(turn: StaffTurn) -> Step:
    """Both, side by side: `lead.pair:<one>:<other>`."""
    one, other = map(number_in, turn.argument.partition(":")[::2])
    return await _pair(turn, one, other)


async def merge(turn: StaffTurn) -> Step:
    """Make them one: `lead.merge:<kept>:<gone>`."""
    kept, gone = map(number_in, turn.argument.partition(":")[::2])
    await lead_merging.merge(turn.db, kept, gone, turn.by, turn.now)
    return await page(turn, kept, turn.say("staff.lead.merged", number=gone))


async def part(turn: StaffTurn) -> Step:
    """Choose what to part from an enterprise: `lead.part:<number>`."""
    number = turn.number()
    await _may(turn)
    card = await leads.card(turn.db, number, turn.by)
    choices = [
        turn.named_choice(
            lead_words.short(f"{each.tax_code} {each.name}", 30), "lead.undo", each.merge
        )
        for each in card.merged[:PAGE]
    ]
    back = turn.choice("staff.choice.back", "lead.card", number)
    text = turn.say("staff.lead.ask_part", name=card.brief.name)
    return turn.said(text, *choices, back, session=turn.session.idle())


async def undo(turn: StaffTurn) -> Step:
    number = await lead_merging.undo(turn.db, turn.number(), turn.by, turn.now)
    return await page(turn, number, turn.say("staff.lead.parted"))


async def _pair(turn: StaffTurn, one: int, other: int) -> Step:
    await _may(turn)
    if one == other:
        raise Unfit(Why.SAME_ENTERPRISE)
    first = await leads.standing(turn.db, one)
    second = await leads.standing(turn.db, other)
    voice = await lead_words.voice(turn)
    why = _why(turn, lead_merging.in_common(first, second))
    text = turn.say(
        "staff.lead.pair",
        one=voice.line(first),
        other=voice.line(second),
        why=why or turn.say("staff.lead.shared.nothing"),
    )
    choices = [
        turn.named_choice(
            turn.say("staff.lead.choice.keep", number=kept), "lead.merge", f"{kept}:{gone}"
        )
        for kept, gone in ((one, other), (other, one))
    ]
    back = turn.choice("staff.lead.choice.not_same", "lead.card", one)
    return turn.said(text, *choices, back, session=turn.session.idle())


def _why(turn: StaffTurn, shared: Sequence[Shared]) -> str:
    return ", ".join(turn.say(f"staff.lead.shared.{each}") for each in shared)


async def _may(turn: StaffTurn) -> None:
    if not await leads.sees_people(turn.db, turn.by):
        raise NotAllowed(Why.NO_RIGHT, right=Right.FOLLOW)


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.twins": all_,
    "lead.same": same,
    "lead.pair": pair,
    "lead.merge": merge,
    "lead.part": part,
    "lead.undo": undo,
}
TYPED: Final[Mapping[str, Handler]] = {"lead.same": named}
