"""The people we talk to: whether they can be reached, and what a handler may ask of their past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import deliveries, following, handover, reminders, schema
from bot.store.columns import bound, of_conversation
from bot.store.database import Store
from handlers.conversation import Conversation
from handlers.records import Consent, Desk, Reminder, Submission

_person, _submission, _consent = schema.conversation, schema.submission, schema.consent
_message = schema.message

_LAST_SEEN = select(_person.c.last_seen).where(of_conversation(_person))
_HEARD = (
    update(_person)
    .where(of_conversation(_person))
    .values(reachable=bindparam("yes"), last_seen=bindparam("at", type_=schema.UtcTime))
)
_SUBSCRIBED = select(_person.c.subscribed).where(of_conversation(_person))
_SUBMISSIONS = (
    select(
        _submission.c.id,
        _submission.c.form,
        _submission.c["values"],
        _submission.c.sent_at,
        _submission.c.changed_at,
    )
    .where(
        of_conversation(_submission),
        _submission.c.withdrawn_at.is_(None),
    )
    .order_by(_submission.c.changed_at.desc(), _submission.c.id.desc())
)
_CONSENTS = (
    select(_consent.c.purpose, _consent.c.version, _consent.c.given_at, _consent.c.withdrawn_at)
    .where(of_conversation(_consent))
    .order_by(_consent.c.given_at, _consent.c.id)
)
_QUEUE = (
    select(_submission.c.id)
    .where(
        _submission.c.form == bindparam("of_form"),
        func.json_extract(_submission.c["values"], bindparam("of_path")) == bindparam("of_option"),
        _submission.c.withdrawn_at.is_(None),
    )
    .order_by(_submission.c.id)
)
_MESSAGES = select(func.count()).select_from(_message).where(of_conversation(_message))


async def reachable(
    db: AsyncConnection, conversation: Conversation, *, yes: bool, at: datetime, now: datetime
) -> None:
    """Note that a person blocked us, which cancels what waits for them, or can be reached again.

    A platform may bring an event again, or late: what is older than the last that we heard from
    this person (a message, or such an event) changes nothing.
    """
    last: datetime | None = await db.scalar(_LAST_SEEN, bound(conversation))
    if last is not None and last > at:
        return
    await db.execute(_HEARD, bound(conversation) | {"yes": yes, "at": at})
    if not yes:
        await deliveries.unreachable(db, conversation, "blocked", now)


async def known(db: AsyncConnection, conversation: Conversation) -> bool:
    """Say whether this conversation was ever had, and not erased since."""
    return await db.scalar(_SUBSCRIBED, bound(conversation)) is not None


class StoreLookup:
    """The past of one conversation, for its handler."""

    def __init__(self, store: Store, conversation: Conversation) -> None:
        self._store = store
        self._conversation = conversation
        self._of = bound(conversation)

    async def submissions(self) -> Sequence[Submission]:
        """Submissions that are not withdrawn, newest first."""
        rows = await self._store.read(lambda db: _rows(db, _SUBMISSIONS, self._of))
        return [Submission(*row) for row in rows]

    async def consents(self) -> Sequence[Consent]:
        """The consent ledger, oldest first."""
        rows = await self._store.read(lambda db: _rows(db, _CONSENTS, self._of))
        return [Consent(*row) for row in rows]

    async def subscribed(self) -> bool:
        """Whether announcements may be sent here."""
        return bool(await self._store.read(lambda db: db.scalar(_SUBSCRIBED, self._of)))

    async def queue(self, form: str, field: str, option: str) -> Sequence[int]:
        """Everyone's submissions of *form* with this option, not withdrawn, first come first."""
        chosen = {"of_form": form, "of_path": f"$.{field}", "of_option": option}
        found = await self._store.read(lambda db: db.scalars(_QUEUE, chosen))
        return list(found)

    async def noted(self) -> int:
        """How many notes and remarks staff keep about the enterprises that were registered here."""
        return await self._store.read(lambda db: following.noted(db, self._conversation))

    async def messages_kept(self) -> int:
        """How many messages of this conversation are still stored."""
        found = await self._store.read(lambda db: db.execute(_MESSAGES, self._of))
        return found.scalar_one()

    async def desk(self) -> Desk:
        """Whether there is staff to talk to, and what was last wanted of them."""
        return await self._store.read(lambda db: handover.desk(db, self._conversation))

    async def reminders(self) -> Sequence[Reminder]:
        """What this person is reminded of, or has handed in."""
        return await self._store.read(lambda db: reminders.of(db, self._conversation))


async def _rows(db: AsyncConnection, statement: Any, of: dict[str, Any]) -> Sequence[Any]:  # noqa: ANN401 - rows are mapped by the caller
    return (await db.execute(statement, of)).all()
