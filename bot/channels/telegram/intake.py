"""One update on its way into the inbox, by whichever road it came.

What cannot be read is set aside with its raw text. What the inbox keeps failing on is set aside
as well, by the store itself: if that works, the store is sound and the update was the trouble; if
it does not, the store is down and the update must come again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.channels import Inbox
from bot.channels.telegram.updates import (
    NAME,
    NotUnderstoodError,
    Reachability,
    callback_id,
    incoming,
    update_id,
)
from handlers.conversation import Incoming

ATTEMPTS = 3
_MOST_REMEMBERED = 10_000  # failing updates; a webhook can bring any number while a store is down


class Intake:
    """Hands updates to an inbox. `answer` is told at once of every pressed button's id."""

    def __init__(
        self, inbox: Inbox, now: Callable[[], datetime], answer: Callable[[str], object]
    ) -> None:
        self._inbox = inbox
        self._now = now
        self._answer = answer
        self._failures: Counter[int] = Counter()

    async def take(self, raw: object) -> None:
        """Take one decoded update in; return after its commit.

        Nothing is awaited before the inbox is called: tasks started in the order of updates call
        it in the order of updates.

        Raises what the inbox raised while the update is still to come again.
        """
        try:
            found = incoming(raw, self._now())
        except NotUnderstoodError as problem:
            await self.set_aside(_written(raw), str(problem))
            return
        if pressed := callback_id(raw):
            self._answer(pressed)
        try:
            await self._hand_in(found)
        except Exception as problem:
            if not self._hopeless(raw):
                raise
            await self.set_aside(_written(raw), f"the inbox failed: {type(problem).__name__}")
        self._failures.pop(update_id(raw), None)

    async def set_aside(self, raw: str, problem: str) -> None:
        """Keep what cannot be understood; return after the commit."""
        await self._inbox.set_aside(NAME, raw, problem)

    async def _hand_in(self, found: Incoming | Reachability | None) -> None:
        match found:
            case Incoming():
                await self._inbox.receive(found)
            case Reachability():
                await self._inbox.reachable(found.conversation, yes=found.yes, at=found.at)

    def _hopeless(self, raw: object) -> bool:
        if len(self._failures) >= _MOST_REMEMBERED:
            self._failures.clear()
        self._failures[update_id(raw)] += 1
        return self._failures[update_id(raw)] >= ATTEMPTS


def decoded(body: bytes) -> str:
    """Any bytes as text that any database can keep."""
    return body.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _written(raw: object) -> str:
    text = json.dumps(raw, ensure_ascii=False, default=str)
    return decoded(text.encode("utf-8", "backslashreplace"))
