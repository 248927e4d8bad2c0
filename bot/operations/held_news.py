"""What the staff are told, in their own chats, of an announcement that the bot holds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations import course
from bot.operations.recipients import Render
from bot.operations.rights import Right, roles_with
from bot.operations.telling import tell as told
from bot.store import staffing
from handlers.conversation import Choice, Reply
from knowledge.entries import Knowledge

_SHOW: Final = "staff:news:"


async def hold(  # noqa: PLR0913, PLR0917 - which one and why, and the world that tells it
    db: AsyncConnection,
    number: int,
    reason: str,
    knowledge: Knowledge,
    render: Render,
    now: datetime,
) -> None:
    """Hold it as `course.hold` does, and tell whoever wrote and approved it.

    If none of them can be told and let it go on, all who can are told.
    """
    found = await course.hold(db, number, reason, now)
    if found is None:
        return
    why = knowledge.say(f"staff.news.held.{reason}")
    text = knowledge.say("staff.news.held_told", number=found.id, reason=why)
    page = Choice(knowledge.say("staff.news.choice.page"), f"{_SHOW}{found.id}")
    reply = Reply(text, (page,), numbered=False)

    able = roles_with(Right.APPROVE)
    members = await staffing.everyone(db)
    concerned = {*found.written_by, found.approved_by}
    writers = [each for each in members if each.id in concerned and each.role not in able]
    deciders = [each for each in members if each.id in concerned and each.role in able]
    others = [each for each in members if each.id not in concerned and each.role in able]
    await told(db, writers, reply, render, now)
    if not await told(db, deciders, reply, render, now):
        await told(db, others, reply, render, now)
