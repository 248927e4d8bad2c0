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
    NOTHING_TO_CHANGE = "nothing_to_change"  # no message that was sent can be edited or withdrawn
    SAYS_NOTHING = "says_nothing"  # a withdrawal has no words, no choices and nothing to try
    WITHOUT_FILE = "without_file"  # what changes earlier messages brings no file
    NAME = "name"  # empty, or longer than `most`
    TEXT = "text"  # the same
    CHOICES = "choices"  # more than `most`
    NOTE = "note"
    FILE = "file"  # of a kind that is not sent, or not what its name says
    FILE_SIZE = "file_size"  # more than `most` MB
    FILE_SHAPE = "file_shape"  # a picture of more than `most` pixels round, or of `times` its width
    LIST = "list"  # a list of enterprises cannot be read: `problem` says why, in words
    LIST_GONE = "list_gone"  # it was sent too long ago
    LIST_LONG = "list_long"  # it has `now` rows, more than `most`
    FILE_NOT_FETCHED = "file_not_fetched"  # the platform did not give what was sent
    CAPTION = "caption"  # words and choices of `now` units are longer than `most` under a file
    CHANGED_SINCE = "changed_since"  # it is not what was looked at any more
    COUNT = "count"  # the audience is `now` people, not as many as were confirmed
    NOBODY = "nobody"
    LETTER = "letter"  # a letter's number is missing, or longer than `most`
    LATE = "late"  # the latest time has passed, or is before the first moment of sending
    NO_APPROVER = "no_approver"  # somebody else must approve, and nobody else may
    FOUR_EYES = "four_eyes"  # somebody else must approve: `approvers` says who can
    NOTHING_UNSURE = "nothing_unsure"
    NO_SUCH_ENTERPRISE = "no_such_enterprise"
    NO_SUCH_CONTACT = "no_such_contact"  # or one without a number
    NO_SUCH_MERGE = "no_such_merge"  # or one that was undone, or rests under a later one
    NO_SUCH_VIEW = "no_such_view"
    NO_SUCH_STATUS = "no_such_status"
    MERGED = "merged"  # into the enterprise `into`
    SAME_ENTERPRISE = "same_enterprise"
    NOT_AN_OFFICER = "not_an_officer"  # `name` may not follow leads up
    DAY = "day"  # before today, or too far ahead
    NO_SUCH_GROUP = "no_such_group"  # or one whose questions were settled meanwhile
    NO_SUCH_DRAFT = "no_such_draft"
    NO_SUCH_ENTRY = "no_such_entry"
    NO_SUCH_SOURCE = "no_such_source"
    NO_SUCH_TOPIC = "no_such_topic"
    DRAFT_STATE = "draft_state"  # of a draft: `state`, and what it would have to be, `needed`
    CHANGED = "changed"  # it is not what the member was shown
    NO_QUESTION = "no_question"  # a draft says not yet what it answers
    WORDING = "wording"  # empty, too long, or with something of a person in it
    MARKS = "marks"  # braces or a lone ** in an answer
    NO_SUCH_TICKET = "no_such_ticket"
    TICKET_CLOSED = "ticket_closed"
    TAKEN = "taken"  # `name` has taken the ticket
    NEWER_TICKET = "newer_ticket"  # the same person has a later one, `newer`
    NO_SUCH_DUTY = "no_such_duty"
    MAY_NOT_TALK = "may_not_talk"  # `name`'s role answers nobody
    NO_WAY = "no_way"  # the enterprise's channel does not run


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
