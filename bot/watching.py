"""Live progress: who watches an announcement has one message, which is edited as it goes out.

Which message, and what it says by now, stands in the database, so it goes on after a restart. The
edits leave through `bot.delivery` like everything else, one at a time and at most every 5 seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.house import House
from bot.operations import recipients, rights
from bot.operations.broadcasts import ENDED
from bot.operations.rights import Actor
from bot.staff_chat.progress import report
from bot.store import watches
from bot.store.schema import GOING_OUT
from bot.store.watches import Watch

LOOK_SECONDS: Final = 1.0  # while somebody watches
IDLE_SECONDS: Final = 20.0
EVERY: Final = timedelta(seconds=5)
LOST: Final = {"failed", "cancelled", "held"}
BOT: Final = Actor(None, "bot")


class Watching:
    """The one who edits these messages in this process. Call `run` once."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        while True:
            await self._house.clock.sleep(await self.look())

    async def look(self) -> float:
        """Queue what each message should say by now; seconds until the next look."""
        house, now = self._house, self._house.clock.now()
        under_way = await house.store.read(watches.under_way)
        for watch in under_way:
            if {watch.post_state, watch.edit_state} & {*GOING_OUT}:
                continue
            if watch.shown_at is not None and now < watch.shown_at + EVERY:
                continue
            if await house.store.write(partial(self._tell, watch=watch, now=now)):
                house.ways_out[watch.address.channel].wake()
        return LOOK_SECONDS if under_way else IDLE_SECONDS

    async def _tell(self, db: AsyncConnection, watch: Watch, now: datetime) -> bool:
        """Whether there was something new to say. Whoever has left the staff is told no more."""
        member = await rights.identify(db, watch.address)
        way_out = self._house.ways_out.get(watch.address.channel)
        lost = {watch.post_state, watch.edit_state} & LOST
        if member is None or way_out is None or lost or not watch.external_id:
            await watches.end(db, watch, now)
            return False
        progress = await recipients.progress(db, watch.broadcast, BOT, now)
        reply = report(self._house.knowledge(), progress)
        if reply.text == watch.words:
            if progress.broadcast.state in ENDED and not progress.left:
                await watches.end(db, watch, now)
            return False
        (shaped,) = self._house.render(watch.address.channel, reply)
        payload = way_out.edited(shaped, watch.external_id)
        if payload is None:
            await watches.end(db, watch, now)
            return False
        await watches.change(db, watch, payload, reply.text, now)
        return True
