"""Everything the bot says leaves through here: replies first, the rest when there is room.

A row is claimed, committed, before its message is sent, and settled after. So a crash loses
nothing, and can double at most the messages that were in flight at that moment.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.channels import Channel, Gone, Later, Moved, Rejected, Unsure
from bot.clock import Clock
from bot.pacing import Pacer
from bot.store import deliveries
from bot.store.database import Store
from bot.store.deliveries import Due
from bot.store.errors import StoreFailed
from handlers.conversation import Conversation, Reply

logger = logging.getLogger(__name__)

IN_FLIGHT = 4
LOOK_AHEAD = (
    0.5  # seconds a claimed row may wait for its slot: a claimed row is unsure after a crash
)
IDLE = 30.0  # seconds: the longest look-ahead when nothing is due
AFTER_STORE_FAILURE = 1.0
UNSURE_PAUSE = timedelta(seconds=5)


@dataclass(slots=True)
class _Slots:
    """What is in flight: which addresses, at most so many."""

    most: int
    busy: set[str]

    def free(self) -> int:
        return self.most - len(self.busy)


class Delivery:
    """The way out of one channel. Call `run` once; `wake` whenever something was queued."""

    def __init__(
        self, store: Store, channel: Channel, clock: Clock, *, in_flight: int = IN_FLIGHT
    ) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._pacer = Pacer(channel.pace)
        self._slots = _Slots(in_flight, set())
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Send what is due until `stop`; then finish what is in flight."""
        async with asyncio.TaskGroup() as sending:
            while not self._stopping:
                self._wake.clear()
                try:
                    due = await self._claim()
                except StoreFailed:
                    logger.exception("nothing can be claimed")
                    await self._clock.sleep(AFTER_STORE_FAILURE)
                    continue
                for row in due:
                    self._slots.busy.add(row.conversation.id)
                    sending.create_task(self._deliver(row), name=f"delivery {row.id}")
                if not due:
                    await self._rest()

    async def drain(self) -> None:
        """Wait until nothing is due or in flight any more."""
        while self._slots.busy or await self._is_due():
            await self._clock.sleep(0.01)

    def stop(self) -> None:
        """Claim nothing more; `run` ends when what is in flight has been settled."""
        self._stopping = True
        self.wake()

    async def say_now(self, conversation: Conversation, reply: Reply) -> None:
        """Try once to say that nothing can be kept. For when the store itself is the trouble."""
        for payload in self._channel.render(reply):
            try:
                await self._channel.send(conversation.id, payload)
            except (Gone, Later, Moved, Rejected, Unsure) as error:
                logger.warning("could not even say so: %s", error)

    async def _claim(self) -> list[Due]:
        free, steady = self._slots.free(), self._clock.steady()
        if not free or self._pacer.wait(steady) > LOOK_AHEAD:
            return []
        shut = self._slots.busy | self._pacer.cooling(steady)
        claim = partial(
            deliveries.claim,
            channel=self._channel.name,
            now=self._clock.now(),
            limit=free,
            busy=shut,
        )
        return await self._store.write(claim)

    async def _is_due(self) -> bool:
        at = await self._store.read(partial(deliveries.next_due, channel=self._channel.name))
        return at is not None and at <= self._clock.now()

    async def _rest(self) -> None:
        """Sleep until woken, or until the next row, address or slot is ready."""
        waits = [IDLE]
        if self._slots.free():
            steady = self._clock.steady()
            at = await self._store.read(partial(deliveries.next_due, channel=self._channel.name))
            if at is not None:
                waits.append((at - self._clock.now()).total_seconds())
            if (cool_at := self._pacer.cool_at()) is not None:
                waits.append(cool_at - steady)
            waits.append(self._pacer.wait(steady))
        await self._woken(min(wait for wait in waits if wait > 0))

    async def _woken(self, seconds: float) -> None:
        async with asyncio.TaskGroup() as either:
            alarm = either.create_task(self._clock.sleep(seconds))
            waiting = either.create_task(self._wake.wait())
            await asyncio.wait({alarm, waiting}, return_when=asyncio.FIRST_COMPLETED)
            alarm.cancel()
            waiting.cancel()

    async def _deliver(self, row: Due) -> None:
        """Send one claimed row and settle it; whatever happens, the slot is freed."""
        address = row.conversation.id
        try:
            await self._wait_for_slot(address)
            await self._send(row)
        except StoreFailed:
            # The row stays "sending"; the next start judges it.
            logger.exception("delivery %d could not be settled", row.id)
        finally:
            self._slots.busy.discard(address)
            self.wake()

    async def _wait_for_slot(self, address: str) -> None:
        while True:
            slot = self._pacer.take(address, self._clock.steady())
            await self._clock.sleep(max(0.0, slot - self._clock.steady()))
            if not self._pacer.halted(self._clock.steady()):
                return

    async def _send(self, row: Due) -> None:
        """Send one message and settle its row by what became of it."""
        try:
            external = await self._channel.send(row.conversation.id, row.payload)
        except Gone as error:
            settle = partial(deliveries.gone, conversation=row.conversation, reason=str(error))
        except Later as error:
            await self._wait(row, error)
            return
        except Moved as error:
            settle = partial(deliveries.moved, conversation=row.conversation, to=error.to)
        except Unsure as error:
            await self._unsure(row, str(error))
            return
        except Rejected as error:
            logger.exception("delivery %d was rejected", row.id)
            settle = partial(deliveries.failed, reason=str(error))
        except Exception as error:
            logger.exception("delivery %d met a defect of ours", row.id)
            settle = partial(deliveries.failed, reason=repr(error))
        else:
            settle = partial(deliveries.sent, external_id=external)
        await self._store.write(lambda db: settle(db, id=row.id, now=self._clock.now()))

    async def _wait(self, row: Due, later: Later) -> None:
        """Nothing was taken: the row keeps its place, and the whole channel keeps still."""
        seconds = later.after.total_seconds()
        logger.warning("%s wants us to wait %.1f s: %s", self._channel.name, seconds, later)
        self._pacer.halt(self._clock.steady() + seconds)
        until = self._clock.now() + later.after
        await self._store.write(lambda db: deliveries.postpone(db, row.id, until, counts=False))

    async def _unsure(self, row: Due, reason: str) -> None:
        """A reply goes again: an answer twice harms nobody. Nothing else does."""
        now = self._clock.now()
        logger.warning("delivery %d may or may not have arrived: %s", row.id, reason)
        if row.kind == "reply":
            until = now + UNSURE_PAUSE
            await self._store.write(lambda db: deliveries.postpone(db, row.id, until, counts=True))
        else:
            await self._store.write(lambda db: deliveries.unsure(db, row.id, reason, now))
