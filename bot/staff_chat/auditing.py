"""Reading the audit by chat, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.operations import auditing
from bot.staff_chat.audit_words import Teller
from bot.staff_chat.turn import Handler, StaffTurn, moment
from bot.store import staffing
from bot.store.audit import Line
from handlers.conversation import Step

PAGE: Final = 8


async def show(turn: StaffTurn) -> Step:
    """The newest lines, or those before the one in the argument."""
    before = turn.number() if turn.argument else None
    lines = await auditing.lines(turn.db, turn.by, PAGE + 1, before_id=before)
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    text = [turn.say("staff.audit.title")]
    teller = Teller(turn.knowledge, names)
    text += [_line(teller, line) for line in lines[:PAGE]]
    if not lines:
        text.append(turn.say("staff.audit.none"))
    more = [turn.choice("choice.more", "audit", lines[PAGE - 1].id)] if len(lines) > PAGE else []
    return turn.said("\n".join(text), *more, turn.choice("staff.choice.desk", "desk"))


def _line(teller: Teller, line: Line) -> str:
    changed = "; ".join(teller.changed(line))
    return teller.knowledge.say(
        "staff.audit.line",
        at=moment(line.at),
        who=f"{teller.who(line)}{teller.via(line)}",
        act=teller.act(line),
        about=teller.about(line),
        changed=f" – {changed}" if changed else "",
    )


COMMANDS: Final[Mapping[str, Handler]] = {"audit": show}
