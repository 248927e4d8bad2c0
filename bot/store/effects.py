"""What a turn leaves behind: one function per member of `handlers.effects.Effect`.

Each is idempotent, and fails for no reason that a user could mend: what is no longer there to be
changed or withdrawn is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert as plain_insert
from sqlalchemy import update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import deliveries, erasure, handover, learning, reminders, schema, submissions
from bot.store.columns import bound, of_conversation
from bot.store.masking import mask
from handlers.conversation import Conversation
from handlers.effects import (
    Effect,
    EndHandOver,
    EraseMe,
    GiveConsent,
    HandOver,
    MarkSubmitted,
    NoteChoice,
    NoteUnanswered,
    PlanReminders,
    RateHandOver,
    SaveSubmission,
    StopReminders,
    Subscribe,
    TellStaff,
    WithdrawConsent,
    WithdrawSubmission,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The turn that an effect comes from."""

    conversation: Conversation
    external_id: str
    turn: str
    now: datetime

    @property
    def key(self) -> dict[str, Any]:
        return {"channel": self.conversation.channel, "conversation": self.conversation.id}

    @property
    def source(self) -> str:
        """The message itself, as one word."""
        return f"{self.conversation.channel}:{self.external_id}"


_CONSENT = insert(schema.consent).on_conflict_do_nothing()
_NO_CONSENT = update(schema.consent).where(
    of_conversation(schema.consent),
    schema.consent.c.withdrawn_at.is_(None),
)
_UNANSWERED = plain_insert(schema.unanswered)
_CHOICE = plain_insert(schema.choice_made)
_SUBSCRIBED = update(schema.conversation).where(of_conversation(schema.conversation))


async def keep(db: AsyncConnection, effect: Effect, origin: Origin) -> None:
    """Keep one effect of the turn `origin`."""
    await KEEPERS[type(effect)](db, effect, origin)


async def _give_consent(db: AsyncConnection, effect: GiveConsent, origin: Origin) -> None:
    line = {
        "purpose": effect.purpose,
        "version": effect.version,
        "wording": effect.wording,
        "wording_sha256": hashlib.sha256(effect.wording.encode()).hexdigest(),
        "external_id": origin.external_id,
        "given_at": origin.now,
    }
    await db.execute(_CONSENT, origin.key | line)


async def _withdraw_consent(db: AsyncConnection, _effect: WithdrawConsent, origin: Origin) -> None:
    of = bound(origin.conversation)
    await submissions.withdraw_all(db, origin.conversation, origin.now)
    await db.execute(_NO_CONSENT, of | {"withdrawn_at": origin.now})
    await _subscribe(db, Subscribe(wanted=False), origin)


async def _save_submission(db: AsyncConnection, effect: SaveSubmission, origin: Origin) -> None:
    await submissions.save(db, origin.conversation, effect, origin.now)


async def _withdraw_submission(
    db: AsyncConnection, effect: WithdrawSubmission, origin: Origin
) -> None:
    await submissions.withdraw(db, origin.conversation, effect.submission, origin.now)


async def _erase(db: AsyncConnection, _effect: EraseMe, origin: Origin) -> None:
    await erasure.erase(db, origin.conversation, origin.now, turn=origin.turn)


async def _note_unanswered(db: AsyncConnection, effect: NoteUnanswered, origin: Origin) -> None:
    note = {
        "turn": origin.turn,
        "question": mask(effect.question),
        "reason": effect.reason,
        "candidates": list(effect.candidates),
        "at": origin.now,
    }
    await db.execute(_UNANSWERED, origin.key | note)


async def _note_choice(db: AsyncConnection, effect: NoteChoice, origin: Origin) -> None:
    note = {"question": mask(effect.question), "entry": effect.entry, "at": origin.now}
    await db.execute(_CHOICE, note)


async def _subscribe(db: AsyncConnection, effect: Subscribe, origin: Origin) -> None:
    of = bound(origin.conversation)
    state = {"subscribed": effect.wanted, "subscribed_at": origin.now}
    await db.execute(_SUBSCRIBED, of | state)
    if not effect.wanted:  # announcements stop in this very transaction
        await deliveries.cancel_announcements(db, origin.conversation, origin.now)


async def _plan_reminders(db: AsyncConnection, effect: PlanReminders, origin: Origin) -> None:
    await reminders.ask(db, origin.conversation, effect, origin.now)


async def _stop_reminders(db: AsyncConnection, effect: StopReminders, origin: Origin) -> None:
    await reminders.stop(db, origin.conversation, effect.subject, origin.now)


async def _mark_submitted(db: AsyncConnection, effect: MarkSubmitted, origin: Origin) -> None:
    of = (origin.conversation, effect.subject, origin.now)
    await reminders.mark_submitted(db, *of, yes=effect.yes)


async def _hand_over(db: AsyncConnection, effect: HandOver, origin: Origin) -> None:
    of = (origin.conversation, effect.reason, origin.source)
    await handover.hand_over(db, *of, origin.now)


async def _tell_staff(db: AsyncConnection, effect: TellStaff, origin: Origin) -> None:
    await handover.tell(db, origin.conversation, effect.text, origin.source, origin.now)


async def _end_hand_over(db: AsyncConnection, _effect: EndHandOver, origin: Origin) -> None:
    await handover.end(db, origin.conversation, origin.now)


async def _rate_hand_over(db: AsyncConnection, effect: RateHandOver, origin: Origin) -> None:
    await handover.rate(db, origin.conversation, effect.ticket, effect.score, origin.now)
    await learning.note_poor(db, origin.conversation, effect.ticket, origin.now)


KEEPERS: Mapping[type[Any], Callable[[AsyncConnection, Any, Origin], Awaitable[None]]] = {
    GiveConsent: _give_consent,
    WithdrawConsent: _withdraw_consent,
    SaveSubmission: _save_submission,
    WithdrawSubmission: _withdraw_submission,
    EraseMe: _erase,
    NoteUnanswered: _note_unanswered,
    NoteChoice: _note_choice,
    Subscribe: _subscribe,
    PlanReminders: _plan_reminders,
    StopReminders: _stop_reminders,
    MarkSubmitted: _mark_submitted,
    HandOver: _hand_over,
    TellStaff: _tell_staff,
    EndHandOver: _end_hand_over,
    RateHandOver: _rate_hand_over,
}
