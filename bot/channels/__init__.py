"""The port every channel implements, and the ways in which sending can fail.

A channel turns its platform's payloads into `Incoming` and `Reply` into payloads, both with pure
functions; it keeps nothing. Each error asks for a different next act of `bot.delivery`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from handlers.conversation import Conversation, Incoming, Reply

Payload = Mapping[str, Any]  # what JSON can hold; one message on the wire
FILE_LOST: Final = "the file is missing or damaged"  # why a message with a file was Rejected


class Gone(Exception):
    """The person blocked us, left, or never existed: stop sending to them."""


class Later(Exception):
    """The platform did not take it, and said or implied when to come back: the queue waits."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after


class Rejected(Exception):
    """The platform will never take this payload: staff must see it."""


class Unsure(Exception):
    """The request went out and no answer came back: it may have been delivered."""


class NotFetched(Exception):
    """A file that somebody sent cannot be had: they may send it once more."""


class NotRunning(Exception):
    """Something came before a channel takes anything in, or after: it must come again."""


class Over(Exception):
    """A channel's input failed for good, by `error`: with it the application ends."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Moved(Exception):
    """The same people now live at another address; the message was not sent."""

    def __init__(self, to: str) -> None:
        super().__init__(f"moved to {to}")
        self.to = to


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform lets us send: overall, and between two messages to one address."""

    per_second: float
    per_address: timedelta

    def between(self, address: str) -> timedelta:  # noqa: ARG002 - a platform may count some apart
        """How long after one message to this address the next may follow."""
        return self.per_address

    def counted_with(self, address: str) -> str:
        """Which addresses share one limit: those for which this is the same."""
        return address


class Inbox(Protocol):
    """What a channel may do with what arrives. Each call returns only after its commit."""

    async def receive(self, incoming: Incoming) -> None:
        """Answer one message. Seen before: nothing happens."""

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        """Keep an update that cannot be understood, with its raw text."""

    async def reachable(self, conversation: Conversation, *, yes: bool, at: datetime) -> None:
        """A person blocked or unblocked us. Older than what they did last: nothing happens."""


class Channel(Protocol):
    """One platform."""

    name: str
    pace: Pace

    async def open(self) -> None:
        """Make sending possible, without waiting for the platform. Again: nothing happens."""

    async def close(self) -> None:
        """End what `open` began, once nothing is sent or taken in any more."""

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into one payload per message, each within the platform's limits."""

    async def send(self, address: str, payload: Payload) -> str:
        """Send one message to a conversation's id and return the platform's own id for it.

        The id is empty where nothing can name the message again.
        Raises Gone, Later, Rejected, Unsure or Moved; anything else is a defect.
        """

    def edited(self, payload: Payload, external_id: str) -> Payload | None:
        """What, sent to the same address, changes an earlier message to this; None: it cannot."""

    def withdrawn(self, external_id: str) -> Payload | None:
        """What, sent to the same address, takes an earlier message back; None: it cannot."""

    def link(self, start: str) -> str:
        """An address that opens a chat with us and says `/start …`; empty where none is known."""

    async def fetch(self, file: str) -> bytes:
        """The content of a file that somebody sent, by the platform's id. Raises NotFetched."""

    async def run(self, inbox: Inbox) -> None:
        """Take messages in until cancelled; on cancellation finish what was already taken.

        Returns by itself only where there will never be more. Called again after an error, but
        for Over.
        """
