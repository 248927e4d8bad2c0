"""What all who work in this process share: the books, what is known, the doors out, the clock.

`bot.app` makes it once; whoever works with all of it takes it whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.delivery import Delivery
from bot.operations.recipients import Render
from bot.store.database import Store
from knowledge.entries import Knowledge


def _no_link(_channel: str, _start: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class House:
    """`knowledge` is asked anew each time, since a reload replaces it; `ways_out` by channel.

    `link` is `Channel.link` of the channel of that name. `staff_called` is set by turns after
    which the staff may have to be told something.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    ways_out: Mapping[str, Delivery]
    render: Render
    clock: Clock
    link: Callable[[str, str], str] = _no_link
    staff_called: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something may be queued: every way out looks again."""
        for way_out in self.ways_out.values():
            way_out.wake()

    async def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look, and again that long after each look, until cancelled. Raises what `look` does."""
        while True:
            await look()
            await self.clock.sleep(seconds)
