"""Telling whoever answered what people asked in vain, to whom of them it did not come."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations import telling
from bot.operations.recipients import Render
from bot.store import asker_fates, staffing
from handlers.conversation import Reply
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge


async def report(db: AsyncConnection, knowledge: Knowledge, render: Render, now: datetime) -> bool:
    """Tell each who answered, once, how many of theirs are not or may not be there.

    Names and questions are left out: what is said stays in a chat that no erasure reaches. Says
    whether there is anything to send.
    """
    lost: Counter[tuple[int, datetime, str]] = Counter()
    for fate in await asker_fates.ended(db):
        await asker_fates.known(db, fate.delivery)
        if fate.state != "sent" and fate.reason != "erased":
            lost[fate.staff, fate.at, "unsure" if fate.state == "unsure" else "failed"] += 1
    for (staff, at, how), people in lost.items():
        member = await staffing.member(db, staff)
        text = knowledge.say(
            f"staff.learning.lost_{how}", at=f"{at.astimezone(VIETNAM):%H:%M %d/%m}", people=people
        )
        if member is not None:
            await telling.tell(db, [member], Reply(text, numbered=False), render, now)
    return bool(lost)
