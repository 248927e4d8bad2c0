"""Waiting for a fact without polling: whoever changes something rings, who waits looks again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Bell:
    """Costs nothing to ring while nobody waits: it is rung thousands of times a second."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, fact: Callable[[], T | None], timeout: float | None = None) -> T:  # noqa: ASYNC109 -- the callers' word
        """Return the first value of *fact* that is true; raise `TimeoutError` after *timeout*."""
        async with asyncio.timeout(timeout):
            while not (found := fact()):
                future = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future
        return found
