"""Telegram's flood control: 30 messages a second in all, 1 to a chat, 20 a minute to a group.

Whoever is told to wait and does not wait is refused again: a limit stays closed until the time that
was named has passed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import ceil

from tests.telegram_server.errors import too_many

COUNTED = {"sendmessage", "sendphoto", "senddocument", "copymessage"}


@dataclass(slots=True)
class Window:
    """At most *most* events in any *seconds*."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0

    def wait(self, now: float) -> float:
        """Return how long the window stays shut; 0 means that there is room."""
        if now < self.closed_until:
            return self.closed_until - now
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) < self.most:
            return 0.0
        return self.times[0] + self.seconds - now


@dataclass(slots=True)
class Flood:
    """The limits in force; `per_chat_burst` messages may share a chat's seconds."""

    overall: int = 30
    per_chat_burst: int = 1
    per_group_minute: int = 20
    _all: Window = field(init=False)
    _chats: dict[int, list[Window]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._all = Window(self.overall, 1.0)

    def admit(self, chat_id: int, now: float) -> None:
        """Count one message, or refuse it and name the whole seconds to wait."""
        windows = [self._all, *self._windows(chat_id)]
        for window in windows:
            if wait := window.wait(now):
                retry_after = max(1, ceil(wait))
                if now >= window.closed_until:
                    window.closed_until = now + retry_after
                raise too_many(retry_after)
        for window in windows:
            window.times.append(now)

    def _windows(self, chat_id: int) -> list[Window]:
        if chat_id not in self._chats:
            burst = self.per_chat_burst
            windows = [Window(burst, float(burst))]
            if chat_id < 0:
                windows.append(Window(self.per_group_minute, 60.0))
            self._chats[chat_id] = windows
        return self._chats[chat_id]
