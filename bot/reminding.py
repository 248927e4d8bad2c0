"""What looks after reminders while the bot runs: plans new ones, moves them, judges the late.

It keeps nothing in memory: each look begins with what the database and the knowledge say, so a
reload, a restart and a machine that was off for days are one and the same. The sending itself is
`bot.delivery`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bot.clock import Clock
from bot.delivery import Delivery
from bot.operations.recipients import Render
from bot.operations.reminders import Outlook, catch_up, plan_some
from bot.store.database import Store
from knowledge.entries import Knowledge

LOOK_SECONDS: Final = 60.0
CHUNK: Final = 50  # wishes per transaction, so that turns need not wait behind them


class Reminding:
    """The one who looks after all reminders of this process. Call `run` once."""

    def __init__(
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        ways_out: Mapping[str, Delivery],
        render: Render,
        clock: Clock,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._ways_out = ways_out
        self._render = render
        self._clock = clock

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Bring what is queued into line with the knowledge and the time."""
        channels = self._ways_out.keys()
        at = Outlook(self._knowledge(), channels, self._render, self._clock.now())
        while await self._store.write(partial(plan_some, at=at, limit=CHUNK)) == CHUNK:
            pass
        if await self._store.write(partial(catch_up, at=at)):
            for way_out in self._ways_out.values():
                way_out.wake()
