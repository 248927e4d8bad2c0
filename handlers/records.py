"""Facts of the past that `Lookup` hands to a handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent, with the latest values."""

    id: int
    form: str
    values: Mapping[str, Any]
    sent_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of the ledger: agreed, and perhaps withdrawn later."""

    purpose: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What somebody wants to be reminded of (`wanted`), or has handed in.

    `due` is when it will be said, soonest first; None where that is still to be planned.
    """

    subject: str
    days_before: tuple[int, ...]
    day: date | None
    wanted: bool
    submitted: bool
    due: tuple[datetime, ...] | None = None
