"""The duty roster by chat: who is on duty, who stands in, whom unanswered requests reach last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.operations import duty
from bot.operations.duty import DEPUTY, DUTY, HEAD
from bot.operations.rights import Right
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store.desk_rooms import EVERY_DAY
from bot.store.staffing import Member
from handlers.conversation import Step
from handlers.hand_over import WEEKDAYS

# A slot as a choice names it: every day, a day, the deputy, the head.
SLOTS: Final[Mapping[str, tuple[str, int]]] = {
    "all": (DUTY, EVERY_DAY),
    **{name: (DUTY, day) for day, name in enumerate(WEEKDAYS[:5], start=1)},
    "deputy": (DEPUTY, EVERY_DAY),
    "head": (HEAD, EVERY_DAY),
}
PAGE: Final = 8


async def show(turn: StaffTurn) -> Step:
    """The roster; who may, goes on to change it."""
    roster = await duty.roster(turn.db, turn.by)
    lines = [turn.say("staff.duty.title")]
    for slot, place in SLOTS.items():
        lines.append(_line(turn, slot, roster.get(place, ())))
    lines += ["", turn.say("staff.duty.how")]
    choices = [turn.choice("staff.choice.desk", "desk")]
    if may(turn, Right.ARRANGE):
        slots = [turn.named_choice(_name(turn, slot), "duty.of", slot) for slot in SLOTS]
        choices = [*slots, *choices]
    return turn.said("\n".join(lines), *choices)


async def of(turn: StaffTurn) -> Step:
    """Choose who is on for one slot: `duty.of:<slot>[:<page>]`."""
    slot, _, at = turn.argument.partition(":")
    return await _people(turn, slot, number_in(at) if at else 0)


async def put(turn: StaffTurn) -> Step:
    """Put somebody on, or take them off: `duty.put:<slot>:<number>`."""
    slot, _, number = turn.argument.partition(":")
    part, weekday = _place(slot)
    await duty.put(turn.db, part, weekday, number_in(number), turn.by, turn.now)
    return await _people(turn, slot, 0)


async def _people(turn: StaffTurn, slot: str, start: int) -> Step:
    place, roster = _place(slot), await duty.roster(turn.db, turn.by)
    on = roster.get(place, ())
    everyone = await duty.candidates(turn.db)
    choices = [
        turn.named_choice(_label(turn, each, on), "duty.put", f"{slot}:{each.id}")
        for each in everyone[start : start + PAGE]
    ]
    if len(everyone) > start + PAGE:
        choices.append(turn.choice("choice.more", "duty.of", f"{slot}:{start + PAGE}"))
    text = f"{_line(turn, slot, on)}\n{turn.say('staff.duty.who')}"
    return turn.said(text, *choices, turn.choice("staff.choice.back", "duty"))


def _place(slot: str) -> tuple[str, int]:
    if slot not in SLOTS:
        raise Lost(slot)
    return SLOTS[slot]


def _line(turn: StaffTurn, slot: str, on: Sequence[Member]) -> str:
    names = ", ".join(each.name for each in on) or turn.say("staff.duty.nobody")
    return turn.say("staff.duty.line", slot=_name(turn, slot), names=names)


def _name(turn: StaffTurn, slot: str) -> str:
    return turn.say(f"staff.duty.slot_{slot}")


def _label(turn: StaffTurn, member: Member, on: Sequence[Member]) -> str:
    key = "staff.duty.on" if member in on else "staff.duty.off"
    return turn.say(key, name=member.name)


COMMANDS: Final[Mapping[str, Handler]] = {"duty": show}
ACTIONS: Final[Mapping[str, Handler]] = {"duty.of": of, "duty.put": put}
