"""What tells owners while the bot runs that the day of an enterprise has come.

It keeps nothing in memory: who was told of which day stands in the database.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from bot.house import House
from bot.operations.lead_due import tell

LOOK_SECONDS: Final = 300.0


class LeadDue:
    """The one who looks after due days of this process. Call `run` once."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        await self._house.every(LOOK_SECONDS, self.look)

    async def look(self) -> None:
        """Tell whoever is to be told now."""
        house = self._house
        telling = partial(
            tell,
            knowledge=house.knowledge(),
            render=house.render,
            now=house.clock.now(),
        )
        if await house.store.write(telling):
            house.wake()
