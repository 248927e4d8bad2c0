"""What looks after broadcasts while the bot runs: starts them in time, holds them, finishes them.

It keeps nothing in memory: every look begins with what the database says, so a new process goes on
where the last one ended. The sending itself is `bot.delivery`'s.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Final

from bot.channels import Payload
from bot.house import House
from bot.operations import course, held_news, recipients
from bot.operations.broadcasts import Changes
from bot.operations.course import Next
from bot.store import broadcasts
from bot.store.announcing import opens_at
from bot.store.broadcasts import Broadcast
from handlers.conversation import Conversation

LOOK_SECONDS: Final = 2.0  # while one runs or is due
IDLE_SECONDS: Final = 20.0
SOME_MESSAGE: Final = "1"  # to ask a channel whether it can change messages at all

logger = logging.getLogger(__name__)


class Broadcasting:
    """The one who looks after all broadcasts of this process. Call `run` once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._store = house.store
        self._clock = house.clock

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        while True:
            await self._clock.sleep(await self.look())

    async def look(self) -> float:
        """Do for each broadcast what is to be done now; seconds until the next look."""
        unfinished = await self._store.read(broadcasts.unfinished)
        for found in unfinished:
            await self._look_after(found)
        now = self._clock.now()
        if await self._store.read(broadcasts.left_behind):
            while await self._store.write(partial(broadcasts.strike, now=now)) == broadcasts.CHUNK:
                pass
        soon = now + timedelta(seconds=IDLE_SECONDS)
        due = any(each.send_at is None or each.send_at <= soon for each in unfinished)
        return LOOK_SECONDS if due and opens_at(now) <= soon else IDLE_SECONDS

    async def _look_after(self, found: Broadcast) -> None:
        now, number = self._clock.now(), found.id
        standing = await self._store.read(partial(course.standing, found=found, now=now))
        act = course.decide(standing, now)
        if act is not Next.WAIT:
            logger.info("broadcast %d: %s", number, act)
        match act:
            case Next.START:
                await self._start(found)
            case Next.HOLD_LATE:
                await self._hold(number, course.LATE)
            case Next.HOLD_FAILURES:
                await self._hold(number, course.FAILURES)
            case Next.FINISH:
                await self._store.write(partial(course.finish, number=number, now=now))
            case Next.WAIT if standing.is_open and opens_at(now) == now:
                self._house.wake()  # it may have been resumed a moment ago

    async def _start(self, found: Broadcast) -> None:
        """Fix the audience in pieces that leave room for turns, then let it go."""
        number, now = found.id, self._clock.now()
        payloads = self._payloads(found)
        if payloads is None:
            await self._hold(number, course.UNRENDERABLE)
            return
        await self._store.write(partial(course.prepare, number=number, payloads=payloads))
        after: Conversation | None = course.FIRST
        while after is not None:
            piece = partial(course.fan_out, number=number, after=after, now=now)
            after = await self._store.write(piece)
        if await self._store.write(partial(course.begin, number=number, now=now)):
            self._house.wake()

    def _payloads(self, found: Broadcast) -> dict[str, Payload] | None:
        """One message per channel, or None where some channel needs more: one row sends one.

        What changes earlier messages has none for a channel that cannot.
        """
        house = self._house
        ways_out = house.ways_out.items()
        if found.changes == Changes.WITHDRAW:
            return {name: {} for name, way in ways_out if way.withdrawn(SOME_MESSAGE) is not None}
        shaped = recipients.rendered(found, house.knowledge(), house.ways_out, house.render)
        if any(len(messages) != 1 for messages in shaped.values()):
            return None
        said = {channel: messages[0] for channel, messages in shaped.items()}
        if found.changes == Changes.EDIT:
            return {
                name: said[name]
                for name, way in ways_out
                if way.edited(said[name], SOME_MESSAGE) is not None
            }
        return said

    async def _hold(self, number: int, reason: str) -> None:
        logger.warning("broadcast %d is held: %s", number, reason)
        house = self._house
        hold = partial(
            held_news.hold,
            number=number,
            reason=reason,
            knowledge=house.knowledge(),
            render=house.render,
            now=self._clock.now(),
        )
        await self._store.write(hold)
        house.wake()
