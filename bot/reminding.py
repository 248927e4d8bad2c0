"""What looks after reminders while the bot runs: plans new ones, moves them, judges the late.

It keeps nothing in memory: each look begins with what the database and the knowledge say, so a
reload, a restart and a machine that was off for days are one and the same. The sending itself is
`bot.delivery`'s.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from bot.house import House
from bot.operations.reminders import Outlook, catch_up, plan_some
from bot.operations.waiting import tell_who_moved_up

LOOK_SECONDS: Final = 60.0
CHUNK: Final = 50  # wishes per transaction, so that turns need not wait behind them


class Reminding:
    """The one who looks after all reminders of this process. Call `run` once."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        await self._house.every(LOOK_SECONDS, self.look)

    async def look(self) -> None:
        """Bring what is queued into line with the knowledge and the time."""
        house = self._house
        at = Outlook(house.knowledge(), house.ways_out.keys(), house.render, house.clock.now())
        while await house.store.write(partial(plan_some, at=at, limit=CHUNK)) == CHUNK:
            pass
        moved_up = await house.store.write(partial(tell_who_moved_up, at=at))
        if await house.store.write(partial(catch_up, at=at)) or moved_up:
            house.wake()
