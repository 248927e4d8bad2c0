"""Submissions, and the enterprises they are about.

One enterprise per tax code, whoever registers it, and one for all that staff merged; one contact
person per enterprise and conversation. A contact belongs to the submissions of their own
conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import lead_index, merged, schema
from bot.store.columns import bound, of_conversation
from handlers.conversation import Conversation
from handlers.effects import SaveSubmission

_submission, _contact, _consent = schema.submission, schema.enterprise_contact, schema.consent

_register = insert(schema.enterprise)
_REGISTER = _register.on_conflict_do_update(
    index_elements=["tax_code"],
    set_={
        # a form that asks no name must not empty the one we know
        "name": func.coalesce(func.nullif(_register.excluded.name, ""), schema.enterprise.c.name),
        "last_at": _register.excluded.last_at,
    },
).returning(schema.enterprise.c.id)
_meet = insert(_contact)
_MEET = _meet.on_conflict_do_update(
    index_elements=["enterprise", "channel", "conversation"],
    set_={
        **{name: _meet.excluded[name] for name in ("name", "position", "phone", "email")},
        # the same number stays the one that its owner shared, whatever form names it again
        "phone_verified": or_(
            _meet.excluded.phone_verified,
            and_(_contact.c.phone_verified, _contact.c.phone == _meet.excluded.phone),
        ),
    },
)
_INSERT = plain_insert(_submission)
_OWN = (
    of_conversation(_submission),
    _submission.c.withdrawn_at.is_(None),
)
_ONE = _submission.c.id == bindparam("of_id")
_ENTERPRISE_OF = select(_submission.c.enterprise).where(_ONE, *_OWN)
_ENTERPRISES = select(_submission.c.enterprise).where(*_OWN, _submission.c.enterprise.is_not(None))
_CHANGE = update(_submission).where(_ONE, *_OWN)
_WITHDRAW = update(_submission).where(_ONE, *_OWN)
_IN_LINE = (
    select(_submission.c.channel, _submission.c.conversation)
    .where(
        _submission.c.form == bindparam("of_form"),
        func.json_extract(_submission.c["values"], bindparam("of_path")) == bindparam("of_option"),
        _submission.c.withdrawn_at.is_(None),
    )
    .order_by(_submission.c.id)
)
_WITHDRAW_ALL = update(_submission).where(
    *_OWN,
    _submission.c.purpose.in_(select(_consent.c.purpose).where(of_conversation(_consent))),
)
_FORGET_CONTACT = delete(_contact).where(
    of_conversation(_contact),
    _contact.c.enterprise == bindparam("of_enterprise"),
    ~exists().where(_submission.c.enterprise == bindparam("of_enterprise"), *_OWN),
)


async def save(
    db: AsyncConnection, conversation: Conversation, sent: SaveSubmission, now: datetime
) -> None:
    """Keep a form. With `replaces`, the old one changes and its id stays; if gone, a new one."""
    enterprise = await _register_enterprise(db, conversation, sent, now)
    content: dict[str, Any] = {
        "form": sent.form,
        "enterprise": enterprise,
        "purpose": sent.purpose,
        "values": dict(sent.values),
        "changed_at": now,
    }
    if sent.replaces is None or not await _change(db, conversation, sent.replaces, content):
        key = {"channel": conversation.channel, "conversation": conversation.id}
        await db.execute(_INSERT, key | content | {"sent_at": now})
    if enterprise is not None:
        await lead_index.renew(db, {enterprise})


async def in_line(
    db: AsyncConnection, form: str, field: str, option: str
) -> Sequence[Conversation]:
    """Give who chose this option and did not withdraw, first come first."""
    chosen = {"of_form": form, "of_path": f"$.{field}", "of_option": option}
    return [Conversation(*row) for row in await db.execute(_IN_LINE, chosen)]


async def withdraw(
    db: AsyncConnection, conversation: Conversation, submission: int, now: datetime
) -> None:
    """Withdraw one submission of this conversation; no other's, no withdrawn one."""
    own = bound(conversation) | {"of_id": submission}
    enterprise = await db.scalar(_ENTERPRISE_OF, own)
    await db.execute(_WITHDRAW, own | {"withdrawn_at": now})
    if enterprise is not None:
        await lead_index.renew(db, {int(enterprise)})


async def withdraw_all(db: AsyncConnection, conversation: Conversation, now: datetime) -> None:
    """Withdraw every submission that rests on a consent of this conversation."""
    enterprises = {int(each) for each in await db.scalars(_ENTERPRISES, bound(conversation))}
    await db.execute(_WITHDRAW_ALL, bound(conversation) | {"withdrawn_at": now})
    await lead_index.renew(db, enterprises)


async def _register_enterprise(
    db: AsyncConnection, conversation: Conversation, sent: SaveSubmission, now: datetime
) -> int | None:
    if not sent.tax_code:
        return None
    facts = {"tax_code": sent.tax_code, "name": sent.enterprise, "first_at": now, "last_at": now}
    registered = (await db.execute(_REGISTER, facts)).scalar_one()
    enterprise = await merged.standing(db, int(registered))
    contact = {
        "enterprise": enterprise,
        "channel": conversation.channel,
        "conversation": conversation.id,
        "name": sent.contact,
        "position": sent.position,
        "phone": sent.phone,
        "phone_verified": sent.phone_verified,
        "email": sent.email,
    }
    await db.execute(_MEET, contact)
    return enterprise


async def _change(
    db: AsyncConnection, conversation: Conversation, submission: int, content: dict[str, Any]
) -> bool:
    """Change an own submission; the contact leaves an enterprise that it is no longer about."""
    own = bound(conversation) | {"of_id": submission}
    before = await db.scalar(_ENTERPRISE_OF, own)
    changed = await db.execute(_CHANGE, own | content)
    if before is not None and before != content["enterprise"]:
        await db.execute(_FORGET_CONTACT, bound(conversation) | {"of_enterprise": before})
        await lead_index.renew(db, {int(before)})
    return changed.rowcount == 1
