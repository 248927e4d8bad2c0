"""Who is on the staff, invitations, roles; and coming in by an invitation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.operations import staff
from bot.operations.refusals import NotFound, Unfit
from bot.operations.rights import Right, Role
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store.staffing import Member
from handlers.conversation import Incoming, Step

_INVITATION: Final = re.compile(rf"(?:/start(?:@\w+)?\s+)?({staff.PREFIX}[\w-]{{20,60}})", re.ASCII)


def invitation_in(incoming: Incoming) -> str:
    """The token that a message brings, in a chat that is one person's alone; otherwise empty."""
    found = _INVITATION.fullmatch(incoming.text.strip()) if incoming.private else None
    return found[1] if found else ""


async def join(turn: StaffTurn) -> Step | None:
    """Take in who brings a good invitation; None for a bad one, which is told nothing."""
    token, where = invitation_in(turn.incoming), turn.incoming.conversation
    name = turn.incoming.name[: staff.LONGEST_NAME].strip() or turn.say("staff.team.unnamed")
    try:
        async with turn.db.begin_nested():
            member = await staff.accept(turn.db, token, where, name, where.channel, turn.now)
    except (NotFound, Unfit):
        return None
    text = turn.say(
        "staff.team.welcome", name=member.name, role=turn.say(f"staff.role.{member.role}")
    )
    return turn.said(text, turn.choice("staff.choice.desk", "desk"), session=turn.session.idle())


async def show(turn: StaffTurn) -> Step:
    """Everybody, and what may be done about them."""
    members = await staff.everyone(turn.db, turn.by)
    lines = [turn.say("staff.team.title"), *(_line(turn, each) for each in members)]
    choices = [turn.choice("staff.choice.desk", "desk")]
    if may(turn, Right.MANAGE):
        others = [each for each in members if each.active and each.id != turn.by.staff]
        choices = [
            turn.choice("staff.team.choice.invite", "team.invite"),
            *([turn.choice("staff.team.choice.change", "team.change")] if others else []),
            *choices,
        ]
    return turn.said("\n".join(lines), *choices)


async def invite(turn: StaffTurn) -> Step:
    """Ask for the role, or make the invitation where it is given."""
    if turn.argument not in set(Role):
        choices = [turn.choice(f"staff.role.{each}", "team.invite", each) for each in Role]
        back = turn.choice("staff.choice.back", "team")
        return turn.said(turn.say("staff.team.invite_as"), *choices, back)
    made = await staff.invite(turn.db, Role(turn.argument), turn.by, turn.now)
    link = turn.link(made.token)
    text = turn.say(
        "staff.team.invited_by_link" if link else "staff.team.invited",
        role=turn.say(f"staff.role.{turn.argument}"),
        until=moment(made.expires_at),
        token=link or made.token,
    )
    return turn.said(text, turn.choice("staff.choice.back", "team"))


async def change(turn: StaffTurn) -> Step:
    """Choose whom to change, then what is to change about them."""
    members = {str(each.id): each for each in await staff.everyone(turn.db, turn.by)}
    chosen = members.get(turn.argument)
    back = turn.choice("staff.choice.back", "team")
    if chosen is None or not chosen.active:
        others = [each for each in members.values() if each.active and each.id != turn.by.staff]
        whom = [turn.named_choice(each.name, "team.change", each.id) for each in others]
        return turn.said(turn.say("staff.team.change_whom"), *whom, back)
    roles = [
        turn.choice(f"staff.role.{role}", "team.role", f"{chosen.id}:{role}")
        for role in Role
        if role != chosen.role
    ]
    ends = turn.choice("staff.team.choice.end", "team.end", chosen.id)
    text = turn.say(
        "staff.team.change_what", name=chosen.name, role=turn.say(f"staff.role.{chosen.role}")
    )
    return turn.said(text, *roles, ends, back)


async def set_role(turn: StaffTurn) -> Step:
    number, _, role = turn.argument.partition(":")
    if role not in set(Role):
        raise Lost(turn.argument)
    await staff.change_role(turn.db, number_in(number), Role(role), turn.by, turn.now)
    return await show(turn)


async def end(turn: StaffTurn) -> Step:
    """Ask once more, then let go: `team.end:<number>` and `team.end:<number>:sure`."""
    asked, _, sure = turn.argument.partition(":")
    number = number_in(asked)
    if sure != "sure":
        yes = turn.choice("staff.team.choice.end_sure", "team.end", f"{number}:sure")
        back = turn.choice("staff.choice.back", "team")
        return turn.said(turn.say("staff.team.end_sure"), yes, back)
    await staff.end(turn.db, number, turn.by, turn.now)
    return await show(turn)


def _line(turn: StaffTurn, member: Member) -> str:
    key = "staff.team.line" if member.active else "staff.team.line_left"
    role = turn.say(f"staff.role.{member.role}")
    return turn.say(key, number=member.id, name=member.name, role=role)


COMMANDS: Final[Mapping[str, Handler]] = {"team": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "team.invite": invite,
    "team.change": change,
    "team.role": set_role,
    "team.end": end,
}
