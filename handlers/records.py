"""Facts of the past that `Lookup` hands to a handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
