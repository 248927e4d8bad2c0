"""An inbox in memory: remembers what it was given, recognises what it saw, fails when told to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from handlers.conversation import Conversation, Incoming


class StoreDownError(Exception):
    pass


class MemoryInbox:
    """`failures` counts how often each external id (or "aside") is still to fail.

    While `open` is clear, `receive` waits before its commit.
    """

    def __init__(self) -> None:
        self.called: list[str] = []
        self.most_at_once = 0
        self._at_work = 0
        self.received: list[Incoming] = []
        self.aside: list[tuple[str, str, str]] = []
        self.reached: list[tuple[str, bool]] = []
        self.failures: Counter[str] = Counter()
        self.open = asyncio.Event()
        self.open.set()
        self._changed = asyncio.Condition()

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.received]

    async def receive(self, incoming: Incoming) -> None:
        self.called.append(incoming.external_id)
        self._at_work += 1
        self.most_at_once = max(self.most_at_once, self._at_work)
        try:
            await self._note()
            await self.open.wait()
            self._fail(incoming.external_id)
            if all(incoming.external_id != seen.external_id for seen in self.received):
                self.received.append(incoming)
        finally:
            self._at_work -= 1
        await self._note()

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        self._fail("aside")
        self.aside.append((channel, raw, problem))
        await self._note()

    async def reachable(self, conversation: Conversation, *, yes: bool, at: datetime) -> None:
        del at
        self.reached.append((conversation.id, yes))
        await self._note()

    async def until(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(fact)

    def _fail(self, what: str) -> None:
        if self.failures[what] > 0:
            self.failures[what] -= 1
            raise StoreDownError(what)

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()
