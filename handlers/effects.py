"""What a turn leaves behind besides its replies: a closed union that `bot.store.effects` keeps.

An effect is a decision already made. Keeping one never fails for a reason that a user could mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """A person agreed to exactly this `wording`; both version and text are kept as proof."""

    purpose: str
    version: str
    wording: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """All consents of this conversation end now; submissions resting on them are withdrawn.

    Announcements are no longer wanted either: who takes everything back did not mean to keep them.
    """


@dataclass(frozen=True, slots=True)
class SaveSubmission:
    """A form was sent. With `replaces`, that submission's values change and its id stays.

    `tax_code` and `enterprise` name the enterprise it is about (empty where the form asks none):
    one enterprise exists per tax code, whoever registers it.
    """

    form: str
    values: Mapping[str, Any]
    purpose: str
    tax_code: str = ""
    enterprise: str = ""
    contact: str = ""
    position: str = ""
    phone: str = ""
    phone_verified: bool = False
    email: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class WithdrawSubmission:
    """One submission of this conversation is taken back by its sender."""

    submission: int


@dataclass(frozen=True, slots=True)
class EraseMe:
    """Remove this conversation's personal data everywhere; counts stay, the person does not."""


@dataclass(frozen=True, slots=True)
class NoteUnanswered:
    """A question that staff should see. `reason`: unanswered, lapsed, disputed or asked_human."""

    question: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteChoice:
    """A person asked this and then chose that entry: evidence for a new variant."""

    question: str
    entry: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Announcements are wanted (`wanted`) or no longer wanted here."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class PlanReminders:
    """Remind of `subject`, the key of a deadline, so many days before its last day.

    With `day` it is about that day instead, and is said once, when it has come. Wished for again,
    the new days count.
    """

    subject: str
    days_before: tuple[int, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class StopReminders:
    """Remind no more of `subject`; of nothing at all, but of a seat, where it is empty."""

    subject: str = ""


@dataclass(frozen=True, slots=True)
class MarkSubmitted:
    """What the deadline `subject` asks for was handed in (`yes`), or was not after all."""

    subject: str
    yes: bool = True


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person is wanted, for `reason` (perhaps empty). An open ticket is taken up again."""

    reason: str


@dataclass(frozen=True, slots=True)
class TellStaff:
    """One more message for those who listen."""

    text: str


@dataclass(frozen=True, slots=True)
class EndHandOver:
    """The enterprise ends its conversation with the staff."""


@dataclass(frozen=True, slots=True)
class RateHandOver:
    """How the enterprise found it: `score` is good, fair or poor. It may be changed for a day."""

    ticket: int
    score: str


Effect = (
    GiveConsent
    | WithdrawConsent
    | SaveSubmission
    | WithdrawSubmission
    | EraseMe
    | NoteUnanswered
    | NoteChoice
    | Subscribe
    | PlanReminders
    | StopReminders
    | MarkSubmitted
    | HandOver
    | TellStaff
    | EndHandOver
    | RateHandOver
)
