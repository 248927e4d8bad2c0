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


SEAT = "seat:"  # begins the subject of a wish to be told of a seat: `seat:<form>.<field>.<option>`


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


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request for a person. `listening`: what is typed goes to the staff, the bot is silent.

    `heard_at` is when the enterprise wrote last, `spoken_at` when the staff did.
    """

    number: int
    opened_at: datetime
    heard_at: datetime
    spoken_at: datetime | None
    listening: bool
    closed_at: datetime | None
    rated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether anybody of the staff may answer, and the last ticket of one conversation."""

    staffed: bool
    ticket: Ticket | None = None

    @property
    def listening(self) -> bool:
        return self.ticket is not None and self.ticket.listening
