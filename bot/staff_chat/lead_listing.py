"""The department's own list by chat: sent as a file, looked at row by row, and only then kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.lead_import import Row, SentList, Verdict, counts
from bot.operations import lead_listing
from bot.operations.leads import PAGE
from bot.operations.rights import RIGHTS, Right, Role, allowed
from bot.staff_chat.lead_words import short
from bot.staff_chat.turn import ACTION, DIALOG, Handler, Lost, StaffTurn, number_in
from handlers.conversation import Choice, Session, Step

STEP: Final = "lead.import"
NAME, REMARK = 40, 120  # characters in a line
_DONE_WITH: Final = re.compile(rf"{ACTION}lead\.(?:take|untake):(\w+)")
_AGAIN: Final = re.compile(rf"{ACTION}lead\.(?:take|rows:\w+:\d+):(\w+)")


def waits_for_list(session: Session) -> bool:
    return session.dialog == DIALOG and session.step == STEP


def wanted_again(action: str) -> str:
    """The key of the list that a choice is about; empty where it is about none."""
    found = _AGAIN.fullmatch(action)
    return found[1] if found else ""


def done_with(action: str, role: Role) -> str:
    """The key of the list that a choice of this role takes in or throws away; empty for others."""
    found = _DONE_WITH.fullmatch(action) if Right.FOLLOW in RIGHTS[role] else None
    return found[1] if found else ""


async def ask(turn: StaffTurn) -> Step:
    await allowed(turn.db, turn.by, Right.FOLLOW)
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.asked(STEP, turn.say("staff.lead.ask_list"), back)


async def sent(turn: StaffTurn) -> Step:
    """The file that was asked for: what would become of it. Nothing is kept of it yet."""
    if turn.incoming.file is None:
        back = turn.choice("staff.lead.choice.overview", "leads")
        return turn.said(turn.say("staff.lead.no_list"), back)
    found = turn.list_()
    seen = await lead_listing.preview(turn.db, found.rows, turn.by)
    lines = [turn.say("staff.lead.list_seen", **_counted(seen))]
    if found.sheet:
        lines.append(turn.say("staff.lead.list_sheet", name=found.sheet))
    if found.ignored:
        heads = ", ".join(short(each, NAME) for each in found.ignored[:PAGE])
        lines.append(turn.say("staff.lead.list_ignored", heads=heads))
    return turn.said("\n".join(lines), *_ways(turn, found, seen), session=turn.session.idle())


async def rows(turn: StaffTurn) -> Step:
    """The rows of one verdict, a page at a time: `lead.rows:<verdict>:<page>:<key>`."""
    verdict, _, rest = turn.argument.partition(":")
    found, at = turn.list_(), number_in(rest.partition(":")[0])
    if verdict not in set(Verdict):
        raise Lost(verdict)
    seen = await lead_listing.preview(turn.db, found.rows, turn.by)
    those = [each for each in seen if each.verdict == verdict]
    title = turn.say(f"staff.lead.row.{verdict}", count=len(those))
    lines = [title, *(_line(turn, each) for each in those[at * PAGE : (at + 1) * PAGE])]
    ways = []
    if len(those) > (at + 1) * PAGE:
        ways.append(turn.choice("choice.more", "lead.rows", f"{verdict}:{at + 1}:{found.key}"))
    return turn.said("\n".join(lines), *ways, *_ways(turn, found, seen))


async def take(turn: StaffTurn) -> Step:
    """Keep what can be kept of it: `lead.take:<key>`."""
    found = turn.list_()
    taken = await lead_listing.take_in(turn.db, found.rows, turn.by, turn.now)
    text = turn.say("staff.lead.list_taken", people=taken.people, **_counted(taken.rows))
    back = turn.choice("staff.lead.choice.overview", "leads")
    return turn.said(text, back, session=turn.session.idle())


async def drop(turn: StaffTurn) -> Step:
    """Throw it away: `lead.untake:<key>`. Its file goes when this turn is kept."""
    await allowed(turn.db, turn.by, Right.FOLLOW)
    back = turn.choice("staff.lead.choice.overview", "leads")
    text = turn.say("staff.lead.list_dropped")
    return turn.said(text, back, session=turn.session.idle())


def _ways(turn: StaffTurn, found: SentList, seen: Sequence[Row]) -> list[Choice]:
    found_of = counts(seen)
    ways = []
    if good := found_of[Verdict.NEW] + found_of[Verdict.EXISTING]:
        label = turn.say("staff.lead.choice.take", count=good)
        ways.append(turn.named_choice(label, "lead.take", found.key))
    ways += [
        turn.choice(f"staff.lead.choice.rows_{verdict}", "lead.rows", f"{verdict}:0:{found.key}")
        for verdict in (Verdict.INVALID, Verdict.NEW, Verdict.EXISTING)
        if found_of[verdict]
    ]
    return [*ways, turn.choice("staff.lead.choice.not_taken", "lead.untake", found.key)]


def _line(turn: StaffTurn, row: Row) -> str:
    parts = (row.tax_code, short(row.name, NAME), short(row.remark, REMARK))
    told = " – ".join(filter(None, parts))
    return turn.say("staff.lead.row", number=row.number, told=told)


def _counted(seen: Sequence[Row]) -> dict[str, int]:
    return {"count": len(seen)} | {str(verdict): n for verdict, n in counts(seen).items()}


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.import": ask,
    "lead.rows": rows,
    "lead.take": take,
    "lead.untake": drop,
}
TYPED: Final[Mapping[str, Handler]] = {STEP: sent}
