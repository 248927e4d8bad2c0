"""What people asked and the knowledge did not settle by itself: evidence for its authors.

Questions were masked when they were kept; they are masked again as they are read, so that a
database written before a mask learnt something shows no more than one written today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.masking import mask

_choice, _unanswered = schema.choice_made, schema.unanswered
_UNSETTLED = ("unanswered", "disputed")  # a lapsed rule or a wish for a person lacks no phrasing


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of somebody, and the entry that they then chose, if they chose one."""

    question: str
    entry: str
    at: datetime


async def chosen(db: AsyncConnection, since: datetime | None = None) -> Sequence[Asked]:
    """List what was asked before a choice among "did you mean", oldest first."""
    query = select(_choice.c.question, _choice.c.entry, _choice.c.at).order_by(_choice.c.id)
    if since is not None:
        query = query.where(_choice.c.at >= since)
    return [Asked(mask(row.question), row.entry, row.at) for row in await db.execute(query)]


async def unanswered(db: AsyncConnection, since: datetime | None = None) -> Sequence[Asked]:
    """List what nothing fitted, or none of the offered, and nobody settled yet; oldest first."""
    query = (
        select(_unanswered.c.question, _unanswered.c.at)
        .where(_unanswered.c.reason.in_(_UNSETTLED), _unanswered.c.settled_at.is_(None))
        .order_by(_unanswered.c.id)
    )
    if since is not None:
        query = query.where(_unanswered.c.at >= since)
    return [Asked(mask(row.question), "", row.at) for row in await db.execute(query)]
