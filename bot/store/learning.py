"""Questions that staff are still to settle, and what they wrote for the knowledge.

Questions were masked when they were kept; they are masked again as they are read, so that a
database written before a mask learnt something shows no more than one written today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import bound, of_conversation
from bot.store.learning_schema import PUBLISHING
from bot.store.masking import mask
from handlers.conversation import Conversation
from knowledge.text import fold

_asked, _draft, _person = schema.unanswered, schema.entry_draft, schema.conversation
_message = schema.message
_OPEN = and_(_asked.c.settled_at.is_(None), _asked.c.question != schema.literal(""))
_ASKED = (
    select(_asked, _person.c.reachable)
    .outerjoin(_person, schema.same_conversation(_person, _asked))
    .where(_OPEN)
    .order_by(_asked.c.at, _asked.c.id)
)
_THESE = _ASKED.where(_asked.c.id.in_(bindparam("ids", expanding=True)))
_SETTLE = (
    update(_asked)
    .where(_asked.c.id.in_(bindparam("ids", expanding=True)), _asked.c.settled_at.is_(None))
    .values(settled_at=bindparam("now", type_=schema.UtcTime), draft=bindparam("of_draft"))
)
_SAME = (
    update(_asked)
    .where(_asked.c.id.in_(bindparam("ids", expanding=True)), _asked.c.settled_at.is_(None))
    .values(same_as=bindparam("of_mark"))
)
_ADD = insert(_draft).returning(_draft.c.id)
_ONE = select(_draft).where(_draft.c.id == bindparam("of_id"))
_UNDECIDED = (
    select(_draft)
    .where(_draft.c.state.in_(schema.literals(["draft", "publishing"])))
    .order_by(_draft.c.id.desc())
)
_TO_PUBLISH = select(_draft).where(PUBLISHING).order_by(_draft.c.decided_at, _draft.c.id)
_ASKERS = (
    select(_asked.c.channel, _asked.c.conversation)
    .where(_asked.c.draft == bindparam("of_id"))
    .distinct()
)
_ANSWERED = (
    select(_message.c.text)
    .where(
        _message.c.outcome == schema.literal("answered"),
        _message.c.text != schema.literal(""),
        _message.c.action == schema.literal(""),
    )
    .order_by(_message.c.at.desc())
    .limit(bindparam("most"))
)
_OF_PERSON = of_conversation(_asked)
_THEIR_WORDS = select(_asked.c.draft, _asked.c.question).where(
    _OF_PERSON, _asked.c.draft.is_not(None)
)
_OTHERS_WORDS = select(_asked.c.question).where(
    _asked.c.draft == bindparam("of_id"),
    ~of_conversation(_asked),
)


_ticket, _said = schema.ticket, schema.ticket_message
# What a person had asked whom the staff served badly: why they wanted a person, else their first
# words; noted once, whatever they say next.
_FIRST_WORDS = (
    select(_said.c.text)
    .where(
        _said.c.ticket == bindparam("of_id"),
        _said.c.kind == schema.literal("told"),
        _said.c.text != schema.literal(""),
    )
    .order_by(_said.c.id)
    .limit(1)
    .scalar_subquery()
)
_POOR = select(func.coalesce(func.nullif(_ticket.c.reason, ""), _FIRST_WORDS)).where(
    _ticket.c.id == bindparam("of_id"),
    of_conversation(_ticket),
    _ticket.c.rated == schema.literal("poor"),
    ~exists().where(_OF_PERSON, _asked.c.turn == bindparam("of_turn")),
)
_NOTE = insert(_asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that nobody has settled; `reachable` is whether its person still can be told."""

    id: int
    conversation: Conversation
    question: str
    reason: str
    at: datetime
    reachable: bool
    same_as: int | None = None  # shared by those of which staff said that they ask the same


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What staff wrote for the knowledge: an entry to be, or more variants of one (`kind`)."""

    id: int
    kind: str
    state: str
    entry: str
    topic: str
    label: str
    question: str
    answer: str
    variants: tuple[str, ...]
    source: str
    article: str
    made_by: int
    made_at: datetime
    written_by: tuple[int, ...]
    decided_by: int | None
    note: str


async def asked(db: AsyncConnection) -> Sequence[Asked]:
    """List what is to be settled, oldest first."""
    return [_as_asked(row) for row in await db.execute(_ASKED)]


async def still_open(db: AsyncConnection, ids: Sequence[int]) -> Sequence[Asked]:
    """Those of *ids* that are still to be settled, oldest first."""
    return [_as_asked(row) for row in await db.execute(_THESE, {"ids": list(ids)})]


async def settle(
    db: AsyncConnection, ids: Sequence[int], now: datetime, draft: int | None = None
) -> None:
    """Note that these were dealt with, and what came of them."""
    await db.execute(_SETTLE, {"ids": list(ids), "now": now, "of_draft": draft})


async def mark_same(db: AsyncConnection, ids: Sequence[int], mark: int | None) -> None:
    """Note that these ask the same, by a mark that they share; none takes that back."""
    await db.execute(_SAME, {"ids": list(ids), "of_mark": mark})


async def add(db: AsyncConnection, values: dict[str, Any]) -> int:
    """Keep a new draft; return its number."""
    return int((await db.execute(_ADD, values)).scalar_one())


async def get(db: AsyncConnection, number: int) -> EntryDraft | None:
    row = (await db.execute(_ONE, {"of_id": number})).one_or_none()
    return _as_draft(row) if row else None


async def change(db: AsyncConnection, number: int, **values: Any) -> None:  # noqa: ANN401 - the columns' own types
    await db.execute(update(_draft).where(_draft.c.id == number).values(**values))


async def undecided(db: AsyncConnection) -> Sequence[EntryDraft]:
    """Drafts that wait for somebody, or for their publication; the newest first."""
    return [_as_draft(row) for row in await db.execute(_UNDECIDED)]


async def to_publish(db: AsyncConnection) -> Sequence[EntryDraft]:
    """Drafts whose publication was asked for and is not settled, in that order."""
    return [_as_draft(row) for row in await db.execute(_TO_PUBLISH)]


async def askers(db: AsyncConnection, number: int) -> int:
    """How many people's questions a draft goes back to."""
    return len((await db.execute(_ASKERS, {"of_id": number})).all())


async def answered(db: AsyncConnection, most: int) -> Sequence[str]:
    """Words that were typed and answered, the latest first, each once."""
    found = await db.scalars(_ANSWERED, {"most": most})
    return list({fold(text): text for text in found}.values())


async def note_poor(
    db: AsyncConnection, conversation: Conversation, ticket: int, now: datetime
) -> None:
    """Have what was asked answered again, where the staff's answer was found poor. Idempotent."""
    own = bound(conversation)
    turn = f"ticket:{ticket}"
    question = await db.scalar(_POOR, own | {"of_id": ticket, "of_turn": turn})
    if question:
        note = {"question": mask(question), "reason": "poorly_rated", "candidates": []}
        here = {"channel": conversation.channel, "conversation": conversation.id}
        await db.execute(_NOTE, here | note | {"turn": turn, "at": now})


async def forget(db: AsyncConnection, conversation: Conversation) -> None:
    """Take a person's words out of the drafts, where nobody else used the same. Before erasing."""
    own = bound(conversation)
    words: dict[int, set[str]] = {}
    for number, question in (await db.execute(_THEIR_WORDS, own)).all():
        words.setdefault(number, set()).add(fold(question))
    for number, theirs in words.items():
        others = {fold(text) for text in await db.scalars(_OTHERS_WORDS, own | {"of_id": number})}
        found = await get(db, number)
        if found is not None:
            gone = theirs - others
            left: dict[str, Any] = {
                "variants": [each for each in found.variants if fold(each) not in gone]
            }
            if found.kind == "entry" and fold(found.question) in gone:
                made = fold(found.question).startswith(fold(found.label))
                left |= {"question": ""} | ({"label": ""} if made else {})
            await change(db, number, **left)


def _as_asked(row: Any) -> Asked:  # noqa: ANN401 - a row
    return Asked(
        row.id,
        Conversation(row.channel, row.conversation),
        mask(row.question),
        row.reason,
        row.at,
        bool(row.reachable),
        row.same_as,
    )


def _as_draft(row: Any) -> EntryDraft:  # noqa: ANN401 - a row
    return EntryDraft(
        row.id,
        row.kind,
        row.state,
        row.entry,
        row.topic,
        row.label,
        row.question,
        row.answer,
        tuple(row.variants),
        row.source,
        row.article,
        row.made_by,
        row.made_at,
        tuple(row.written_by),
        row.decided_by,
        row.note,
    )
