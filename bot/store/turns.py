"""A turn, kept whole or not at all.

What was asked, where the conversation stands, what it leaves behind and what is to be said are one
call inside one transaction; a message that is already there changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.store import deliveries, effects, schema, sessions
from bot.store.columns import bound, of_conversation
from bot.store.masking import mask
from bot.store.staff_schema import ON_STAFF
from handlers import drafts
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step
from handlers.effects import EraseMe

log = logging.getLogger(__name__)

# Kept where they belong: a submission, a ticket, a note; so that erasing a person reaches them.
WORDLESS = frozenset({Outcome.FORM, Outcome.STAFF})

_SEEN = select(schema.message.c.turn).where(
    schema.message.c.channel == bindparam("channel"),
    schema.message.c.external_id == bindparam("external_id"),
)
_SESSION = select(schema.session.c.state).where(
    schema.session.c.channel == bindparam("channel"),
    schema.session.c.conversation == bindparam("conversation"),
)
_WRITER = select(schema.staff.c.id).where(
    schema.staff.c.channel == bindparam("channel"),
    schema.staff.c.conversation == bindparam("writer"),
    ON_STAFF,
)
# In one statement: each costs more than what it looks for.
_OPENING = select(
    _SEEN.scalar_subquery().label("seen"),
    _SESSION.scalar_subquery().label("state"),
    _WRITER.scalar_subquery().label("member"),
)
_MESSAGE = insert(schema.message).on_conflict_do_nothing(index_elements=["channel", "external_id"])
_here, _there = insert(schema.conversation), schema.conversation.c
_HERE = _here.on_conflict_do_update(
    index_elements=["channel", "conversation"],
    # by the message's own time: one that was late does not undo a block that came after it
    set_={
        "last_seen": func.max(_there.last_seen, _here.excluded.last_seen),
        "reachable": or_(_there.reachable, _here.excluded.last_seen >= _there.last_seen),
    },
)
_stand = insert(schema.session)
_STAND = _stand.on_conflict_do_update(
    index_elements=["channel", "conversation"],
    set_={"state": _stand.excluded.state, "updated_at": _stand.excluded.updated_at},
)
_OFFER = (
    update(schema.session)
    .where(of_conversation(schema.session))
    .values(state=bindparam("as_state"))
)


async def opening(db: AsyncConnection, incoming: Incoming) -> tuple[Session, int | None] | None:
    """Where the conversation stands, and the number of the active member who writes, if one does.

    None for a message that was kept before.
    """
    here = incoming.conversation
    of = {"channel": here.channel, "conversation": here.id, "external_id": incoming.external_id}
    found = (await db.execute(_OPENING, of | {"writer": incoming.sender or here.id})).one()
    return None if found.seen is not None else (_session(found.state), found.member)


async def session_of(db: AsyncConnection, conversation: Conversation) -> Session:
    """Load where a conversation stands; a fresh session where nothing readable is stored."""
    key = {"channel": conversation.channel, "conversation": conversation.id}
    return _session(await db.scalar(_SESSION, key))


async def offer(db: AsyncConnection, conversation: Conversation, reply: Reply) -> Reply:
    """Make what staff says there the latest menu, and no earlier one; return it as it is said.

    Where a form is open its question stays the latest, and what staff says has no numbers.
    """
    session = await session_of(db, conversation)
    if session.dialog:
        return replace(reply, numbered=False)
    state = sessions.dump(replace(session, offered=reply.choices, numbered=reply.numbered))
    await db.execute(_OFFER, bound(conversation) | {"as_state": state})
    return reply


async def keep(  # noqa: PLR0913 - a turn is kept by one call, and these are its parts
    db: AsyncConnection,
    *,
    turn_id: str,
    incoming: Incoming,
    step: Step,
    payloads: Sequence[Payload],
    now: datetime,
    took_ms: float,
) -> bool:
    """Keep one turn: message, session, effects, deliveries, and that the person is here.

    Returns False, and keeps nothing, where the message was kept before. The words of a form's step
    are not stored here: the submission has them, and only once it was sent; nor are those of and
    for the staff, which may be about somebody else. A message that there
    was no room for moves nobody: the turns before it are still deciding where the chat stands.
    """
    conversation = incoming.conversation
    if not await _keep_message(db, turn_id, incoming, step, took_ms):
        return False
    key = {"channel": conversation.channel, "conversation": conversation.id}
    await db.execute(_HERE, key | {"first_seen": now, "last_seen": incoming.at})
    if step.outcome is not Outcome.SLOWED and not any(
        isinstance(effect, EraseMe) for effect in step.effects
    ):
        await db.execute(_STAND, key | {"state": sessions.dump(step.session), "updated_at": now})
    await deliveries.add(db, conversation, "reply", payloads, now, turn=turn_id)
    origin = effects.Origin(conversation, incoming.external_id, turn_id, now)
    for effect in step.effects:
        await effects.keep(db, effect, origin)
    return True


def _session(stored: str | None) -> Session:
    if stored is None:
        return Session()
    try:
        return sessions.load(stored)
    except ValueError as error:
        log.warning("an unreadable session starts afresh: %s", mask(str(error)))
        return Session()


async def _keep_message(
    db: AsyncConnection, turn_id: str, incoming: Incoming, step: Step, took_ms: float
) -> bool:
    kept = await db.execute(
        _MESSAGE,
        {
            "turn": turn_id,
            "channel": incoming.conversation.channel,
            "external_id": incoming.external_id,
            "conversation": incoming.conversation.id,
            "text": "" if step.outcome in WORDLESS else mask(incoming.text),
            "action": incoming.action,
            "outcome": step.outcome.value,
            "entries": list(step.entries),
            "confidence": step.confidence,
            "took_ms": took_ms,
            "at": incoming.at,
            **_in_form(step.session),
        },
    )
    return kept.rowcount == 1


def _in_form(session: Session) -> dict[str, str]:
    """Where the conversation stands in a form, for the figures; empty where in none."""
    if session.dialog != drafts.DIALOG:
        return {"form": "", "step": ""}
    return {"form": str(session.data.get("form", "")), "step": session.step}
