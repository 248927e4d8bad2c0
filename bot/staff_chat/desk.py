"""The staff's desk: what a member may do, and the way out of what was begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.operations.rights import RIGHTS, Right, Role
from bot.staff_chat.turn import ACTION, Handler, StaffTurn
from handlers.conversation import Choice, Step

# What each command of `staff_commands.yaml` needs at least, so that the desk offers no closed door.
NEEDS: Final[Mapping[str, Right]] = {
    "desk": Right.READ,
    "news": Right.READ,
    "stats": Right.READ,
    "leads": Right.READ,
    "tickets": Right.TALK,
    "answer": Right.TALK,
    "duty": Right.READ,
    "room": Right.READ,
    "unanswered": Right.READ,
    "drafts": Right.READ,
    "dates": Right.DATE,
    "team": Right.READ,
    "audit": Right.AUDIT,
}


async def show(turn: StaffTurn) -> Step:
    """The desk: each command that this member may use, pressed or typed."""
    lines = [turn.say("staff.desk.title", role=role(turn), name=name(turn))]
    choices = []
    for command in turn.knowledge.staff_commands.values():
        if command.id != "desk" and may(turn, NEEDS[command.id]):
            lines.append(turn.say("help.command", slash=command.slash, what=command.vi))
            choices.append(Choice(command.vi, ACTION + command.id))
    return turn.said("\n".join(lines), *choices)


async def leave(turn: StaffTurn) -> Step:
    """Put down what was begun; nothing of it is done."""
    back = turn.choice("staff.choice.desk", "desk")
    return turn.said(turn.say("staff.desk.left"), back, session=turn.session.idle())


async def gone(turn: StaffTurn) -> Step:
    """A choice or a step of an earlier version."""
    back = turn.choice("staff.choice.desk", "desk")
    return turn.said(turn.say("staff.desk.gone"), back, session=turn.session.idle())


def may(turn: StaffTurn, right: Right) -> bool:
    """Whether the member has the right, to offer a choice; doing it asks again."""
    return turn.member is not None and right in RIGHTS[Role(turn.member.role)]


def role(turn: StaffTurn) -> str:
    return turn.say(f"staff.role.{turn.member.role}") if turn.member else ""


def name(turn: StaffTurn) -> str:
    return turn.member.name if turn.member else ""


COMMANDS: Final[Mapping[str, Handler]] = {"desk": show}
