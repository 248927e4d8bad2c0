"""Telling owners in the morning that the day of an enterprise has come: once for each day set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations import telling
from bot.operations.leads import can_own
from bot.operations.recipients import Render
from bot.store import following, staffing
from bot.store.announcing import opens_at
from bot.store.following import Due
from handlers.conversation import Choice, Reply
from knowledge.answers import DATE
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

SHOWN: Final = 8  # enterprises in one message; the others are counted
OPEN: Final = "staff:lead.card:"  # the action of a choice that opens a card


async def tell(db: AsyncConnection, knowledge: Knowledge, render: Render, now: datetime) -> int:
    """Queue one message to each owner with enterprises that are due; say how many messages.

    By day only. A day that passed while the bot was off is told of late. An owner who may not
    follow leads up any more is not told: the enterprise shows as overdue to all.
    """
    if opens_at(now) != now:
        return 0
    told, today = 0, now.astimezone(VIETNAM).date()
    found = await following.due(db, today)
    for owner, group in groupby(found, key=lambda each: each.owner):
        member, due = await staffing.member(db, owner), list(group)
        if member is None or not can_own(member):
            continue
        if not await telling.tell(db, [member], _message(knowledge, due, today), render, now):
            continue
        for each in due:
            await following.told(db, each.enterprise)
        told += 1
    return told


def _message(knowledge: Knowledge, due: Sequence[Due], today: date) -> Reply:
    lines = [knowledge.say("staff.lead.due_title")]
    for each in due[:SHOWN]:
        phrase = "staff.lead.due_line" if each.due_on == today else "staff.lead.due_line_late"
        day = each.due_on.strftime(DATE)
        lines.append(knowledge.say(phrase, number=each.enterprise, name=each.name, day=day))
    if len(due) > SHOWN:
        lines.append(knowledge.say("staff.lead.due_more", count=len(due) - SHOWN))
    lines.append(knowledge.say("staff.lead.due_how"))
    choices = tuple(
        Choice(
            knowledge.say("staff.lead.choice.open", number=each.enterprise),
            f"{OPEN}{each.enterprise}",
        )
        for each in due[:SHOWN]
    )
    return Reply("\n".join(lines), choices)
