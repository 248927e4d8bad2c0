"""Duplicates by chat: what may be one enterprise, both side by side, and parting them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.operations import lead_merging, lead_twins, leads
from bot.operations.lead_twins import Shared
from bot.operations.leads import PAGE
from bot.operations.refusals import NotAllowed, Unfit, Why
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.leads import page
from bot.staff_chat.turn import Handler, StaffTurn, number_in
from bot.store.follow_up import Brief, Sought
from handlers.conversation import Step

ALL: Final = ":all"  # behind a pair that was opened in the list of all pairs
NAME: Final = 70
PEOPLE: Final = 3  # of each, side by side


async def all_(turn: StaffTurn) -> Step:
    """Pairs that may be one enterprise, among all: `lead.twins[:<page>]`."""
    at = turn.number() if turn.argument else 0
    return await _all(turn, at)


async def _all(turn: StaffTurn, at: int, note: str = "") -> Step:
    count, shown = await lead_twins.pairs(turn.db, turn.by, at)
    lines = [note] if note else []
    lines.append(turn.say("staff.lead.twins" if count else "staff.lead.no_twins", count=count))
    for each in shown:
        both = (each.one, each.other)
        names = " ↔ ".join(f"#{side.id} {lead_words.short(side.name, 60)}" for side in both)
        lines.append(turn.say("staff.lead.twin", names=names, why=_why(turn, each.shared)))
    choices = [
        turn.named_choice(
            f"#{each.one.id} ↔ #{each.other.id}", "lead.pair", f"{each.one.id}:{each.other.id}:all"
        )
        for each in shown
    ]
    if count > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.twins", at + 1))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def same(turn: StaffTurn) -> Step:
    """What may be the same enterprise; another one can be typed: `lead.same:<number>`."""
    number = turn.number()
    found = await leads.standing(turn.db, number)
    suggested = await lead_twins.suggestions(turn.db, number, turn.by)
    voice = await lead_words.voice(turn)
    none = "" if suggested else "_none"
    lines = [turn.say(f"staff.lead.same{none}", name=found.name)]
    for each in suggested:
        why = _why(turn, each.shared)
        lines.append(turn.say("staff.lead.same_line", line=voice.line(each.other), why=why))
    lines.append(turn.say(f"staff.lead.same_how{none}"))
    choices = [
        turn.named_choice(lead_words.label(each.other), "lead.pair", f"{number}:{each.other.id}")
        for each in suggested
    ]
    back = turn.choice("staff.choice.back", "lead.card", number)
    return turn.asked("lead.same", "\n".join(lines), *choices, back, number=number)


async def named(turn: StaffTurn) -> Step:
    """The other enterprise was typed: its tax code, or words that only it has."""
    number, typed = int(turn.session.data["number"]), turn.incoming.text.strip()
    found = await leads.find(turn.db, Sought(words=typed), turn.by, turn.now)
    others = [each for each in found.page if each.id != number]
    back = turn.choice("staff.choice.back", "lead.card", number)
    if len(others) == 1:
        return await _pair(turn, number, others[0].id)
    choices = [
        turn.named_choice(lead_words.label(each), "lead.pair", f"{number}:{each.id}")
        for each in others
    ]
    phrase = "staff.lead.same_which" if others else "staff.lead.none"
    return turn.said(turn.say(phrase), *choices, back)


async def pair(turn: StaffTurn) -> Step:
    """Both, side by side: `lead.pair:<one>:<other>[:all]`, the last from the list of all pairs."""
    one, other, among = _two(turn)
    return await _pair(turn, one, other, among)


async def apart(turn: StaffTurn) -> Step:
    """They are two: never suggested again. `lead.apart:<one>:<other>[:all]`."""
    one, other, among = _two(turn)
    await lead_merging.tell_apart(turn.db, one, other, turn.by, turn.now)
    told = turn.say("staff.lead.told_apart", one=one, other=other)
    return await (_all(turn, 0, told) if among else page(turn, one, told))


async def merge(turn: StaffTurn) -> Step:
    """Make them one: `lead.merge:<kept>:<gone>[:all]`."""
    kept, gone, among = _two(turn)
    await lead_merging.merge(turn.db, kept, gone, turn.by, turn.now)
    if among:
        return await _all(turn, 0, turn.say("staff.lead.merged_into", number=gone, into=kept))
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


async def _pair(turn: StaffTurn, one: int, other: int, among: str = "") -> Step:
    await _may(turn)
    if one == other:
        raise Unfit(Why.SAME_ENTERPRISE)
    first = await leads.standing(turn.db, one)
    second = await leads.standing(turn.db, other)
    voice = await lead_words.voice(turn)
    why = _why(turn, await lead_twins.shared_by(turn.db, one, other))
    sides = [await _side(turn, voice, each) for each in (first, second)]
    text = turn.say(
        "staff.lead.pair",
        one=sides[0],
        other=sides[1],
        why=why or turn.say("staff.lead.shared.nothing"),
    )
    choices = [
        turn.named_choice(
            turn.say("staff.lead.choice.keep", number=kept), "lead.merge", f"{kept}:{gone}{among}"
        )
        for kept, gone in ((one, other), (other, one))
    ]
    choices.append(turn.choice("staff.lead.choice.not_same", "lead.apart", f"{one}:{other}{among}"))
    where = ("lead.twins", "") if among else ("lead.same", one)
    back = turn.choice("staff.lead.choice.later", *where)
    step = turn.said(text, *choices, back, session=turn.session.idle())
    # The choices have numbers of enterprises in them: a typed "2" would keep another one.
    return replace(step, replies=(replace(step.replies[0], numbered=False),))


async def _side(turn: StaffTurn, voice: lead_words.Voice, each: Brief) -> str:
    """One of both: its line, its people, and how much was written about it."""
    card = await leads.card(turn.db, each.id, turn.by)
    lines = [turn.say("staff.lead.card", number=each.id, name=lead_words.short(each.name, NAME))]
    lines.append(voice.about(each))
    lines += map(voice.person, card.people[:PEOPLE])
    written = {"forms": card.sent, "changes": card.changes, "notes": card.notes}
    if any(written.values()):
        counts = {name: len(kept) for name, kept in written.items()}
        lines.append(turn.say("staff.lead.written", **counts))
    return "\n".join(lines)


def _two(turn: StaffTurn) -> tuple[int, int, str]:
    one, _, rest = turn.argument.partition(":")
    other, _, among = rest.partition(":")
    return number_in(one), number_in(other), ALL if f":{among}" == ALL else ""


def _why(turn: StaffTurn, shared: Sequence[Shared]) -> str:
    return ", ".join(turn.say(f"staff.lead.shared.{each}") for each in shared)


async def _may(turn: StaffTurn) -> None:
    if not await leads.sees_people(turn.db, turn.by):
        raise NotAllowed(Why.NO_RIGHT, right=Right.FOLLOW)


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.twins": all_,
    "lead.same": same,
    "lead.pair": pair,
    "lead.apart": apart,
    "lead.merge": merge,
    "lead.part": part,
    "lead.undo": undo,
}
TYPED: Final[Mapping[str, Handler]] = {"lead.same": named}
