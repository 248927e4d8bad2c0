"""What all who work in this process share: the books, what is known, the doors out, the clock.

`bot.app` makes it once; whoever works with all of it takes it whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.delivery import Delivery
from bot.lead_import import SentList
from bot.operations.recipients import Render
from bot.operations.refusals import Unfit, Why
from bot.store.database import Store
from handlers.attachments import Attachment, SentFile
from knowledge.entries import Knowledge


def _no_link(_channel: str, _start: str) -> str:
    return ""


async def _no_files(_channel: str, _file: SentFile) -> Attachment:
    raise Unfit(Why.FILE_NOT_FETCHED)


async def _no_lists(_channel: str, _sent: SentFile | str) -> SentList:
    raise Unfit(Why.FILE_NOT_FETCHED)


async def _nothing_kept(_key: str) -> None:
    """Where no list can be read, none is kept."""


@dataclass(frozen=True, slots=True)
class House:
    """`knowledge` is asked anew each time, since a reload replaces it; `ways_out` by channel.

    `link` is `Channel.link` of the channel of that name. `staff_called` is set by turns after
    which the staff may have to be told something. `keep_file` fetches what somebody sent on the
    channel of that name and keeps it, to go along with an announcement: it raises Unfit.
    `read_list` reads a list of enterprises: one that was sent there, or again by its key;
    `drop_list` forgets it.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    ways_out: Mapping[str, Delivery]
    render: Render
    clock: Clock
    link: Callable[[str, str], str] = _no_link
    staff_called: asyncio.Event = field(default_factory=asyncio.Event)
    keep_file: Callable[[str, SentFile], Awaitable[Attachment]] = _no_files
    read_list: Callable[[str, SentFile | str], Awaitable[SentList]] = _no_lists
    drop_list: Callable[[str], Awaitable[None]] = _nothing_kept

    def wake(self) -> None:
        """Something may be queued: every way out looks again."""
        for way_out in self.ways_out.values():
            way_out.wake()

    async def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look, and again that long after each look, until cancelled. Raises what `look` does."""
        while True:
            await look()
            await self.clock.sleep(seconds)
