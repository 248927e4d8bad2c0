"""What looks after tickets while the bot runs: woken by turns, and by the time that passes.

It looks after answers to people who had asked in vain, too. It keeps nothing in memory; see
`bot.operations.attendance` and `asker_fates`. The sending itself is `bot.delivery`'s.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from bot.house import House
from bot.operations import asker_fates
from bot.operations.attendance import Outlook, Patience, attend
from bot.staff_chat import cards
from bot.store import asker_fates as fates
from bot.store import handover

LOOK_SECONDS: Final = 60.0


class Attending:
    """The one who looks after all tickets of this process. Call `run` once."""

    def __init__(self, house: House, patience: Patience) -> None:
        self._house = house
        self._patience = patience

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        while True:
            self._house.staff_called.clear()
            await self.look()
            await self._called()

    async def look(self) -> None:
        """Do for every ticket, and every answer on its way, what is to be done now."""
        house = self._house
        if await house.store.read(fates.ended):
            told = partial(
                asker_fates.report,
                knowledge=house.knowledge(),
                render=house.render,
                now=house.clock.now(),
            )
            if await house.store.write(told):
                house.wake()
        if not await house.store.read(handover.to_attend):
            return
        now, channels = house.clock.now(), house.ways_out.keys()
        at = Outlook(house.knowledge(), channels, house.render, cards, self._patience, now)
        if await house.store.write(partial(attend, at=at)):
            house.wake()

    async def _called(self) -> None:
        """Wait for the time of the next look, or until somebody wants the staff."""
        async with asyncio.TaskGroup() as either:
            alarm = either.create_task(self._house.clock.sleep(LOOK_SECONDS))
            called = either.create_task(self._house.staff_called.wait())
            await asyncio.wait({alarm, called}, return_when=asyncio.FIRST_COMPLETED)
            alarm.cancel()
            called.cancel()
