"""Reading the audit by chat, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.operations import auditing
from bot.operations.course import BOT
from bot.staff_chat.turn import Handler, StaffTurn, moment
from bot.store import staffing
from bot.store.audit import Line
from handlers.conversation import Step

PAGE: Final = 8
SHOWN: Final = 60  # characters of one value: the command line shows it whole


async def show(turn: StaffTurn) -> Step:
    """The newest lines, or those before the one in the argument."""
    before = turn.number() if turn.argument else None
    lines = await auditing.lines(turn.db, turn.by, PAGE + 1, before_id=before)
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    text = [turn.say("staff.audit.title")]
    text += [_line(turn, line, names) for line in lines[:PAGE]]
    if not lines:
        text.append(turn.say("staff.audit.none"))
    more = [turn.choice("choice.more", "audit", lines[PAGE - 1].id)] if len(lines) > PAGE else []
    return turn.said("\n".join(text), *more, turn.choice("staff.choice.desk", "desk"))


def _line(turn: StaffTurn, line: Line, names: Mapping[int, str]) -> str:
    by_hand = turn.say("staff.audit.system" if line.via == BOT.via else "staff.audit.administrator")
    who = by_hand if line.who is None else names.get(line.who, "?")
    changed = [
        f"{name}: {before} → {after}" if before else f"{name}: {after}"
        for name in dict.fromkeys([*line.before, *line.after])
        for before, after in [(_short(line.before.get(name)), _short(line.after.get(name)))]
        if before or after
    ]
    return turn.say(
        "staff.audit.line",
        at=moment(line.at),
        who=who,
        via=line.via,
        act=_act(turn, line.act),
        about=_about(turn, line.object),
        changed=f" – {'; '.join(changed)}" if changed else "",
    )


def _act(turn: StaffTurn, act: str) -> str:
    """An act in words; one of the command line or of a later version stands as it was written."""
    return turn.knowledge.phrases.get(f"staff.audit.act.{act.replace(' ', '_')}", act)


def _about(turn: StaffTurn, about: str) -> str:
    kind, _, number = about.partition(":")
    words = turn.knowledge.phrases.get(f"staff.audit.about.{kind}")
    return words.format(number=number) if words else about


def _short(value: Any) -> str:  # noqa: ANN401 - what JSON holds
    if isinstance(value, dict):
        value = "; ".join(f"{key}: {_short(each)}" for key, each in value.items() if each)
    if isinstance(value, list):
        value = ", ".join(map(_short, value))
    text = "" if value is None else str(value).replace("\n", " ")
    return f"{text[:SHOWN]}…" if len(text) > SHOWN else text


COMMANDS: Final[Mapping[str, Handler]] = {"audit": show}
