"""What happened: everything accepted, everything refused, and when each request arrived.

Faults that a test ordered are kept apart, so that `refusals == []` means: the bot did no wrong.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.telegram_server.waiting import Bell

if TYPE_CHECKING:
    from tests.telegram_server.call import Upload

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands in its chat; edits replace its `payload`, the Bot API's object."""

    chat_id: int
    id: int
    payload: Json
    method: str = ""
    arrived: float = 0.0
    markup: Json | None = None
    upload: Upload | None = None
    versions: list[Json] = field(default_factory=list)
    deleted: bool = False

    @property
    def from_bot(self) -> bool:
        return bool(self.method)

    @property
    def text(self) -> str:
        return str(self.payload.get("text", self.payload.get("caption", "")))

    @property
    def labels(self) -> list[str]:
        """The words on its buttons, row by row."""
        markup = self.markup or {}
        rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
        buttons = [button for row in rows for button in row]
        return [button if isinstance(button, str) else button["text"] for button in buttons]

    def as_json(self) -> Json:
        return {
            "chat_id": self.chat_id,
            "message_id": self.id,
            "method": self.method,
            "text": self.text,
            "markup": self.markup,
            "arrived": self.arrived,
            "edits": len(self.versions),
            "deleted": self.deleted,
            "payload": self.payload,
        }


class Arrival(NamedTuple):
    """One request, at the moment when its last byte was here."""

    at: float
    method: str
    chat: str


class Refusal(NamedTuple):
    """One request that was answered with `ok: false`."""

    at: float
    method: str
    chat: str
    code: int
    reason: str


class Injected(NamedTuple):
    """One fault that was played, because a test asked for it."""

    at: float
    method: str
    chat: str
    what: str


class Record:
    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refusals: list[Refusal] = []
        self.injected: list[Injected] = []
        self.arrivals: list[Arrival] = []
        self.deliveries: list[Json] = []
        self.undelivered: list[Json] = []
        self.altered = 0  # how often a message was edited or deleted
        self.changed = Bell()

    def busiest(self, seconds: float = 1.0, chat: int | None = None) -> int:
        """Return the largest number of accepted messages in any window of *seconds*."""
        window: deque[float] = deque()
        most = 0
        for message in self.sent:
            if chat is not None and message.chat_id != chat:
                continue
            window.append(message.arrived)
            while window[0] <= message.arrived - seconds:
                window.popleft()
            most = max(most, len(window))
        return most
