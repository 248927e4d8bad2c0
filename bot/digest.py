"""The weekly digest: last week's figures to everybody of the staff, once, on Monday morning.

What was sent stands in the database beside the rows that send it, so a restart sends nothing twice;
a machine that was off on Monday sends it when it is back, by day and while the week lasts.
"""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.house import House
from bot.operations import figures
from bot.operations.periods import Period, week_before
from bot.operations.rights import Actor
from bot.operations.telling import tell
from bot.staff_chat import figure_words
from bot.store import instance, staffing
from handlers.conversation import Reply
from knowledge.clock import VIETNAM

AT: Final = time(8, 0)
UNTIL: Final = time(17, 0)
LOOK_SECONDS: Final = 600.0
SENT: Final = "digest"  # the last Monday whose digest went out
BOT: Final = Actor(None, "bot")


class Digest:
    """The one who sends the digests of this process. Call `run` once."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        await self._house.every(LOOK_SECONDS, self.look)

    async def look(self) -> None:
        """Send this week's digest, if it is time and it was not sent."""
        now = self._house.clock.now()
        here = now.astimezone(VIETNAM)
        if not AT <= here.time() < UNTIL:
            return
        week = week_before(here.date())
        if await self._house.store.read(partial(_is_sent, week=week)):
            return
        if await self._house.store.write(partial(self._send, week=week, now=now)):
            self._house.wake()

    async def _send(self, db: AsyncConnection, week: Period, now: datetime) -> bool:
        """Queue it for whoever can be reached; whether anybody was. Not yet sent where nobody is.

        A week in which nobody wrote at all is passed over: a bot just set up has nothing to tell.
        """
        knowledge = self._house.knowledge()
        found = await figures.gather(db, week, knowledge, BOT)
        if found.people:
            text = f"{knowledge.say('staff.stats.digest')}\n{figure_words.told(knowledge, found)}"
            reply = Reply(text, attachment=figure_words.picture(knowledge, found))
            if not await tell(db, await staffing.everyone(db), reply, self._house.render, now):
                return False
        await instance.tell(db, SENT, week.first.isoformat())
        return bool(found.people)


async def _is_sent(db: AsyncConnection, week: Period) -> bool:
    return await instance.told(db, SENT) >= week.first.isoformat()
