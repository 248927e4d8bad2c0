"""What the staff are told of drafts, in their own chats: that one waits, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.recipients import Render
from bot.operations.rights import Actor, Right, roles_with
from bot.operations.telling import tell
from bot.store import staffing
from bot.store.learning import EntryDraft
from bot.store.staffing import Member
from handlers.conversation import Choice, Reply
from knowledge.entries import Knowledge

_SHOW: Final = "staff:learn.draft:"


async def waits(  # noqa: PLR0913, PLR0917 - which draft, and the world that tells it
    db: AsyncConnection, number: int, knowledge: Knowledge, render: Render, by: Actor, now: datetime
) -> None:
    """Tell those who could publish it that a draft waits; not whoever wrote it."""
    roles = roles_with(Right.PUBLISH)
    others = [
        each
        for each in await staffing.everyone(db)
        if each.active and each.role in roles and each.id != by.staff
    ]
    text = knowledge.say("staff.learning.waits", number=number)
    await tell(db, others, _reply(text, number, knowledge), render, now)


async def decided(  # noqa: PLR0913, PLR0917 - as above
    db: AsyncConnection,
    draft: EntryDraft,
    problem: str,
    knowledge: Knowledge,
    render: Render,
    now: datetime,
) -> None:
    """Tell whoever wrote it, and whoever published it, that it is in use or what is not sound."""
    phrase = "staff.learning.not_published" if problem else "staff.learning.published"
    label = draft.label or draft.entry
    text = knowledge.say(phrase, number=draft.id, label=label, problem=problem)
    await tell(db, await _both(db, draft), _reply(text, draft.id, knowledge), render, now)


async def refused(  # noqa: PLR0913, PLR0917 - as above
    db: AsyncConnection,
    draft: EntryDraft,
    reason: str,
    knowledge: Knowledge,
    render: Render,
    now: datetime,
) -> None:
    """Tell whoever wrote it that it will not be published, and why."""
    label = draft.label or draft.entry
    text = knowledge.say("staff.learning.refused", number=draft.id, label=label, reason=reason)
    author = await staffing.member(db, draft.made_by)
    await tell(db, [author] if author else [], _reply(text, draft.id, knowledge), render, now)


async def _both(db: AsyncConnection, draft: EntryDraft) -> list[Member]:
    numbers = dict.fromkeys([draft.made_by, draft.decided_by])
    found = [await staffing.member(db, each) for each in numbers if each is not None]
    return [each for each in found if each is not None]


def _reply(text: str, number: int, knowledge: Knowledge) -> Reply:
    show = Choice(knowledge.say("staff.learning.choice.draft"), f"{_SHOW}{number}")
    return Reply(text, (show,), numbered=False)
