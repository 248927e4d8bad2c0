"""Why an act of staff is not done: five classes, because a caller does five different things.

`why` is a closed list too, so that every way in can have its own words for each.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Why(StrEnum):
    """The reason of a refusal; `facts` of the refusal fill the words for it."""

    NO_RIGHT = "no_right"
    NO_SUCH_MEMBER = "no_such_member"
    NO_SUCH_BROADCAST = "no_such_broadcast"
    NO_SUCH_INVITATION = "no_such_invitation"
    LAST_ADMIN = "last_admin"  # the department must keep one
    ALREADY_STAFF = "already_staff"
    HAS_LEFT = "has_left"
    STATE = "state"  # of a broadcast: `state`, and what it would have to be, `needed`
    NOT_RECEIVED = "not_received"  # nobody received what is to be corrected
    NAME = "name"  # empty, or longer than `most`
    TEXT = "text"  # the same
    CHOICES = "choices"  # more than `most`
    NOTE = "note"
    COUNT = "count"  # the audience is `now` people, not as many as were confirmed
    NOBODY = "nobody"
    LATE = "late"  # the latest time has passed, or is before the first moment of sending
    FOUR_EYES = "four_eyes"  # somebody else must approve: `approvers` says who can
    NOTHING_UNSURE = "nothing_unsure"


class Refused(Exception):
    """An act was not done, and nothing changed."""

    def __init__(self, why: Why, **facts: Any) -> None:  # noqa: ANN401 - facts for the words
        super().__init__(why.value, facts)
        self.why = why
        self.facts = facts


class NotAllowed(Refused):
    """Whoever asks may not: tell a stranger nothing, a member of the staff whom to ask."""


class NotFound(Refused):
    """There is no such thing: whatever was given names nothing that can be used."""


class NotNow(Refused):
    """It stands otherwise than the caller believes: show how it stands."""


class Unfit(Refused):
    """What was given cannot be used: ask for it again."""


class NeedsAnother(Refused):
    """Another person has to do it: pass it on to them."""
