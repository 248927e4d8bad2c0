"""The vocabulary of a conversation: ten types and no more.

Handlers decide with these values and nothing else; `bot` acts on them. All are frozen: a turn
cannot change what another turn sees, and a handler cannot leave anything behind but its `Step`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from handlers.attachments import Attachment, SentFile
    from handlers.effects import Effect
    from handlers.records import Consent, Desk, Reminder, Submission
    from knowledge.entries import Knowledge

MAX_ACTION_BYTES = 64  # Telegram's callback_data, the narrowest channel
BACK = "back"  # one step back; the choice that is number 0 of a menu
BACK_TO = "back:"  # the same, with the action that leads there: `back:group:award`


@dataclass(frozen=True, slots=True)
class Conversation:
    """The key of everything stored about one chat: unique together, stable for ever."""

    channel: str
    id: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message: typed words, a pressed choice, or a phone number that its owner shared.

    `external_id` is unique within the channel: the same one is answered once. `phone` is set only
    when the platform vouches that it is the sender's own. `unreadable` marks what carries no
    words (a picture, a voice message, a sticker). In a chat that is not one person's alone
    (`private` is false) `sender` is the conversation that its writer has with us alone. `quotes` is
    our message that it answers, by the id that the platform gave it. `name` is what the writer
    calls themselves there: it proves nothing. `file` is one that came along, words or not, in a
    chat that is one person's alone; `beside` says that something else came with the words, which
    is not in `file`.
    """

    conversation: Conversation
    external_id: str
    at: datetime
    text: str = ""
    action: str = ""
    phone: str = ""
    unreadable: bool = False
    private: bool = True
    sender: str = ""
    quotes: str = ""
    name: str = ""
    file: SentFile | None = None
    beside: bool = False

    @property
    def more_than_words(self) -> bool:
        """Whether something came with the words that whoever passes on words would lose."""
        return self.file is not None or self.beside


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to press. `action` is meaningful and stable: an old button still does what it said.

    One that was `told` stands in the text already, with its number: only buttons show it again.
    Raises ValueError when the action would not fit the narrowest channel.
    """

    label: str
    action: str
    told: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.action.encode()) <= MAX_ACTION_BYTES:
            raise ValueError(f"action must have 1 to {MAX_ACTION_BYTES} bytes: {self.action!r}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, before a channel has shaped it.

    Markup is `**bold**` and lines that start with "- "; everything else is literal text.
    `numbered` is false where a number typed next means itself (a count of months), not a choice.
    An attachment goes before the words, which never depend on it; one of `attachments.STORED`
    carries them if it can, and without it nothing is said. `answers` is the message of the same
    chat, by its platform's id, under which it is shown where the platform can.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    numbered: bool = True
    asks_phone: bool = False
    attachment: Attachment | None = None
    answers: str = ""


def numbered(choices: Sequence[Choice]) -> tuple[tuple[str, Choice], ...]:
    """Give each choice the number that selects it: 1, 2, 3 … in order, and 0 for going back."""
    back = [("0", choice) for choice in choices if f"{choice.action}:".startswith(BACK_TO)]
    others = [choice for choice in choices if ("0", choice) not in back]
    return (*((str(n), choice) for n, choice in enumerate(others, start=1)), *back)


@dataclass(frozen=True, slots=True)
class Session:
    """Where a conversation stands.

    `dialog`, `step` and `data` belong to the running dialog; `shelf` keeps drafts that wait to be
    resumed, by `Draft.key`. `offered` is the latest menu, so that a typed "2" can mean a choice
    (where `numbered`) and a typed label always does.
    `topic` (until `topic_at` is too old) and `asked` let the next question leave its subject out.
    `data` and `shelf` hold only what JSON can hold.
    """

    dialog: str = ""
    step: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    shelf: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    offered: tuple[Choice, ...] = ()
    numbered: bool = True
    topic: str = ""
    topic_at: datetime | None = None
    asked: str = ""
    asked_at: datetime | None = None

    def idle(self) -> Session:
        """The same session with no dialog running; the shelf stays."""
        return replace(self, dialog="", step="", data={})


class Lookup(Protocol):
    """The few questions a handler may ask of the past, all about its own conversation."""

    async def submissions(self) -> Sequence[Submission]:
        """Submissions that are not withdrawn, newest first."""

    async def consents(self) -> Sequence[Consent]:
        """The consent ledger, oldest first."""

    async def subscribed(self) -> bool:
        """Whether announcements may be sent here."""

    async def queue(self, form: str, field: str, option: str) -> Sequence[int]:
        """Everyone's submissions of *form* with this option, not withdrawn, first come first.

        The one question about others: it gives numbers of submissions, and no people.
        """

    async def reminders(self) -> Sequence[Reminder]:
        """What this person wants to be reminded of, or has handed in, oldest first."""

    async def noted(self) -> int:
        """How many notes and remarks staff keep about the enterprises that were registered here."""

    async def messages_kept(self) -> int:
        """How many messages of this conversation are still stored."""

    async def desk(self) -> Desk:
        """Whether there is staff to talk to, and this conversation's last request for them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """All that a handler may look at. `now` is aware, in Asia/Ho_Chi_Minh."""

    incoming: Incoming
    session: Session
    knowledge: Knowledge
    now: datetime
    lookup: Lookup


class Outcome(StrEnum):
    """What became of a message. Reports count these, so the list is closed."""

    ANSWERED = "answered"  # one entry, or two where two things were asked
    OFFERED = "offered"  # "did you mean"
    UNANSWERED = "unanswered"  # nothing fits; noted for staff
    LAPSED = "lapsed"  # the entry that fits rests on a rule that no longer holds; noted for staff
    REFUSED = "refused"  # another office's or another award's business, declined by name
    SMALLTALK = "smalltalk"
    CONTACT = "contact"  # a person was asked for
    MENU = "menu"  # start, help, topics, forms already sent, a number of an old menu
    FORM = "form"  # a step of a form
    GUIDE = "guide"  # the checklist, the deadlines, reminders
    PRIVACY = "privacy"  # my data, withdraw, erase
    SUBSCRIPTION = "subscription"  # announcements on or off
    STAFF = "staff"  # an act of the staff, or a message that went to them
    SLOWED = "slowed"  # too many messages at once
    FAILED = "failed"  # a defect of ours; an apology was sent


@dataclass(frozen=True, slots=True)
class Step:
    """All that a handler may decide. `entries` and `confidence` say which answer was given."""

    replies: tuple[Reply, ...]
    session: Session
    outcome: Outcome
    effects: tuple[Effect, ...] = ()
    entries: tuple[str, ...] = ()
    confidence: float | None = None
