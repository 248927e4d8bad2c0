"""Erase a person, keep the counts.

Everything of the conversation moves to a random id that leads nowhere, and loses its content. What
is still needed for a moment, the reply that says so, is blanked the moment it is settled. What
staff noted about them goes too (`bot.store.forgetting`). Consent stays as proof under a salted
hash: who holds the id and the salt can show that it was given and ended, nobody can read from it
who gave it. Backups made before are not reached from here.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import (
    Text,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import (
    forgetting,
    instance,
    lead_index,
    learning,
    merged,
    schema,
    staff_sessions,
    ticket_erasing,
)
from bot.store.columns import ERASED, bound, of_conversation
from handlers.conversation import Conversation

RECOGNISABLE = 5  # a shorter id would be found in anybody's raw update

_message, _delivery, _contact = schema.message, schema.delivery, schema.enterprise_contact
_submission, _consent = schema.submission, schema.consent
_GONE = bindparam("gone", type_=Text)
_NOW = bindparam("now", type_=schema.UtcTime)
_TURN = bindparam("of_turn", type_=Text)


# The turn that asks for erasure keeps its external id, so that it is not answered twice.
_MESSAGES = (
    update(_message)
    .where(of_conversation(_message))
    .values(
        conversation=_GONE,
        text="",
        external_id=case(
            (_message.c.turn == _TURN, _message.c.external_id),
            else_=literal(ERASED) + _message.c.turn,
        ),
    )
)
_PERSON = (
    update(schema.conversation)
    .where(of_conversation(schema.conversation))
    .values(conversation=_GONE, reachable=False, subscribed=False)
)
_SESSION = delete(schema.session).where(of_conversation(schema.session))
_ON_ITS_WAY = schema.SENDING | (schema.PENDING & (_delivery.c.turn == _TURN))
_DELIVERIES_ON_THEIR_WAY = (
    update(_delivery).where(of_conversation(_delivery), _ON_ITS_WAY).values(erase_as=_GONE)
)
_UNSENT = _delivery.c.state.in_(schema.literals(schema.UNSENT))
_DELIVERIES = (
    update(_delivery)
    .where(of_conversation(_delivery), _delivery.c.erase_as.is_(None))
    .values(
        conversation=_GONE,
        payload={},
        external_id="",
        state=case((_UNSENT, schema.literal("cancelled")), else_=_delivery.c.state),
        reason=case((_UNSENT, schema.literal("erased")), else_=schema.literal("")),
        settled_at=func.coalesce(_delivery.c.settled_at, _NOW),
    )
)
_CONTACT_OF = select(_contact).where(of_conversation(_contact))
_CONTACTS = delete(_contact).where(of_conversation(_contact))
_SUBMISSIONS = (
    update(_submission)
    .where(of_conversation(_submission))
    .values(
        conversation=_GONE,
        values={},
        withdrawn_at=func.coalesce(_submission.c.withdrawn_at, _NOW),
    )
)
_ABOUT = select(_submission.c.enterprise).where(
    _submission.c.channel == bindparam("of_channel"),
    _submission.c.conversation == bindparam("of_gone"),
    _submission.c.enterprise.is_not(None),
)
_CONSENTS = (
    update(_consent)
    .where(of_conversation(_consent))
    .values(
        conversation=bindparam("proof"),
        external_id=null(),
        withdrawn_at=func.coalesce(_consent.c.withdrawn_at, _NOW),
    )
)
_unanswered = schema.unanswered
_UNANSWERED = (
    update(_unanswered)
    .where(of_conversation(_unanswered))
    # masked, but still their words; and nobody is left to be answered
    .values(
        conversation=_GONE,
        question="",
        settled_at=func.coalesce(_unanswered.c.settled_at, _NOW),
    )
)
_reminder, _reminder_day = schema.reminder, schema.reminder_day
_REMINDER_DAYS = delete(_reminder_day).where(
    _reminder_day.c.reminder.in_(select(_reminder.c.id).where(of_conversation(_reminder)))
)
_REMINDERS = delete(_reminder).where(of_conversation(_reminder))
_QUARANTINE = delete(schema.quarantine).where(
    schema.quarantine.c.channel == bindparam("of_channel"),
    schema.quarantine.c.raw.contains(bindparam("of_conversation"), autoescape=False),
)


async def erase(
    db: AsyncConnection, conversation: Conversation, now: datetime, *, turn: str = ""
) -> None:
    """Remove this conversation's personal data everywhere; doing it twice does it once.

    Replies of `turn`, the one that asks, still go out. What was waiting besides is cancelled.
    """
    await learning.forget(db, conversation)  # while questions still say which words are theirs
    gone = ERASED + secrets.token_hex(16)
    own = bound(conversation)
    for statement in (_MESSAGES, _DELIVERIES_ON_THEIR_WAY):
        await db.execute(statement, own | {"gone": gone, "of_turn": turn})
    await db.execute(_PERSON, own | {"gone": gone})
    for statement in (_DELIVERIES, _SUBMISSIONS, _UNANSWERED):
        await db.execute(statement, own | {"gone": gone, "now": now})
    await ticket_erasing.erase(db, conversation, gone, now)
    await staff_sessions.forget(db, now + timedelta(days=1))  # all: any may be about this person
    for of_theirs in (_SESSION, _REMINDER_DAYS, _REMINDERS):
        await db.execute(of_theirs, own)
    await _forget_contact(db, own, gone)
    proof = await proof_of(db, conversation)
    await db.execute(_CONSENTS, own | {"proof": proof, "now": now})
    if len(conversation.id) >= RECOGNISABLE:
        await db.execute(_QUARANTINE, own)


async def proof_of(db: AsyncConnection, conversation: Conversation) -> str:
    """Name an erased conversation as its lines of the consent ledger do."""
    salt = await instance.fact(db, "salt")
    key = f"{salt}\n{conversation.channel}\n{conversation.id}"
    return ERASED + hashlib.sha256(key.encode()).hexdigest()


async def _forget_contact(db: AsyncConnection, own: dict[str, str], gone: str) -> None:
    contacts = (await db.execute(_CONTACT_OF, own)).all()
    await db.execute(_CONTACTS, own)
    for contact in contacts:
        enterprise = await merged.standing(db, contact.enterprise)
        await forgetting.forget_person(db, enterprise, contact)
        await forgetting.forget_enterprise(db, enterprise, lambda: ERASED + secrets.token_hex(16))
    about = (await db.scalars(_ABOUT, {"of_channel": own["of_channel"], "of_gone": gone})).all()
    await lead_index.renew(db, {*about, *(contact.enterprise for contact in contacts)})
