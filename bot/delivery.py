"""Everything the bot says leaves through here: replies first, the rest when there is room.

A row is claimed, committed, before its message is sent, and settled after. So a crash loses
nothing, and can double at most the messages that were in flight at that moment. One transaction
settles all that has ended since the last and claims what takes its place: with two of them, and a
savepoint for each message, half as many left per second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Channel, Gone, Later, Moved, Payload, Rejected, Unsure
from bot.clock import Clock
from bot.pacing import Pacer, Patience
from bot.store import deliveries
from bot.store.database import Store
from bot.store.deliveries import MAX_UNSURE, Due, Taken
from bot.store.errors import StoreFailed
from handlers.conversation import Conversation, Reply

logger = logging.getLogger(__name__)

IN_FLIGHT = 4
LOOK_AHEAD = 0.5  # seconds a claimed row may wait for its slot: replies cannot overtake it then
IDLE = 30.0  # seconds between two looks when nothing is due
MOMENT = 0.001  # seconds: less could be nothing on a clock that has run for months
AFTER_STORE_FAILURE = 1.0
UNSURE_PAUSE = timedelta(seconds=5)
SAY_NOW_SECONDS = 5.0

Settle = Callable[[AsyncConnection], Awaitable[None]]
Outcome = Taken | Settle  # most are taken, and those are settled as one


class Delivery:
    """The way out of one channel. Call `run` once; `wake` whenever something was queued."""

    def __init__(
        self, store: Store, channel: Channel, clock: Clock, *, in_flight: int = IN_FLIGHT
    ) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._pacer = Pacer(channel.pace)
        self._patience = Patience()
        self._in_flight = in_flight
        self._busy: set[str] = set()  # the addresses of what is in flight
        self._ended: list[tuple[Due, Outcome]] = []  # what of it is still to be settled
        self._wake = asyncio.Event()
        self._drained_by: float | None = None

    def wake(self) -> None:
        self._wake.set()

    def edited(self, payload: Payload, external_id: str) -> Payload | None:
        """See `bot.channels.Channel`."""
        return self._channel.edited(payload, external_id)

    def withdrawn(self, external_id: str) -> Payload | None:
        """See `bot.channels.Channel`."""
        return self._channel.withdrawn(external_id)

    def drain(self, seconds: float) -> None:
        """Let `run` end when the replies that are due have been sent, or after *seconds*.

        Either way what is in flight then is settled first. What waits for later stays queued.
        """
        self._drained_by = self._clock.steady() + seconds
        self.wake()

    async def run(self) -> None:
        """Send what is due until drained."""
        async with asyncio.TaskGroup() as sending:
            while True:
                self._wake.clear()
                try:
                    seconds = await self._look(sending)
                except Exception:
                    logger.exception("%s: the queue cannot be read", self._channel.name)
                    seconds = AFTER_STORE_FAILURE
                if seconds is None:
                    break
                if seconds:
                    await self._woken(seconds)
        for row, outcome in self._ended:
            await self._settle(row, outcome)

    async def say_now(self, conversation: Conversation, reply: Reply) -> None:
        """Try once to say that nothing can be kept. For when the store itself is the trouble."""
        steady = self._clock.steady()
        address = conversation.id
        if address in self._pacer.cooling(steady) or not self._pacer.room(steady, LOOK_AHEAD):
            return
        try:
            async with asyncio.timeout(SAY_NOW_SECONDS):
                for payload in self._channel.render(reply):
                    await self._clock.sleep(self._pacer.take(address, steady) - steady)
                    await self._channel.send(address, payload)
        except Exception as error:  # noqa: BLE001 - the caller's own failure is the one that counts
            logger.warning("could not even say so: %r", error)

    async def _look(self, sending: asyncio.TaskGroup) -> float | None:
        """Start what may be sent now; seconds until the next look, None when drained.

        Everything is judged as it stood when the look began, and the wait is measured from there:
        what happens meanwhile (a row becomes due, another is settled) falls between no two looks.
        A settled row and `wake` cut the wait short.
        """
        now, steady = self._clock.now(), self._clock.steady()
        drained_by, ended = self._drained_by, self._ended
        if drained_by is not None and steady >= drained_by:
            return None
        shut = self._busy - {row.conversation.id for row, _ in ended}
        cooling = self._pacer.cooling(steady)
        free = self._in_flight - len(shut)
        if not free and not ended:
            return IDLE
        room = min(free, self._pacer.room(steady, LOOK_AHEAD))
        claim = partial(
            deliveries.claim,
            channel=self._channel.name,
            now=now,
            busy=cooling,
            replies_only=drained_by is not None,
        )
        due, at = await self._turn_over(claim, room)
        for row in due:
            self._busy.add(row.conversation.id)
            sending.create_task(self._deliver(row), name=f"delivery {row.id}")
        if due and len(due) == room:
            return 0.0
        wait = self._next_look(now, steady, at)
        # Only a look that knew of the drain, with nothing in flight, can say that nothing is left.
        if drained_by is None or self._busy or self._ended:
            return wait
        left = at is not None and at <= now and steady + wait < min(drained_by, steady + IDLE)
        return wait if left else None

    async def _turn_over(
        self, claim: Callable[..., Awaitable[list[Due]]], room: int
    ) -> tuple[list[Due], datetime | None]:
        """Settle what has ended and claim what takes its place, at once or not at all.

        Says also, if there was room for more, when the first row that waits then is ready. While
        the store fails, what has ended stays so and its addresses busy.
        """
        ended, self._ended = self._ended, []

        async def work(db: AsyncConnection) -> tuple[list[Due], datetime | None]:
            await deliveries.sent(db, [each for _, each in ended if isinstance(each, tuple)])
            for _, outcome in ended:
                if not isinstance(outcome, tuple):
                    await outcome(db)
            due = await claim(db, limit=room)
            filled = due and len(due) == room
            return due, None if filled else await deliveries.next_due(db, self._channel.name)

        try:
            turned = await self._store.write(work)
        except StoreFailed:
            self._ended = ended + self._ended
            raise
        except Exception:
            for row, outcome in ended:
                await self._settle(row, outcome)
            raise
        self._busy -= {row.conversation.id for row, _ in ended}
        return turned

    def _next_look(self, now: datetime, steady: float, at: datetime | None) -> float:
        """Seconds until something can be claimed that could not at this look.

        *at* is when the first row that waits is ready.
        """
        paced = [self._pacer.free_at() - LOOK_AHEAD]
        if (cool_at := self._pacer.cool_at()) is not None:
            paced.append(cool_at)
        waits = [instant - steady for instant in paced if instant > steady]
        if at is not None and at > now:
            waits.append((at - now).total_seconds())
        return max(MOMENT, min([IDLE, *waits]))

    async def _woken(self, seconds: float) -> None:
        """Wait so long, or until woken; to the end of a drain, at most."""
        if self._drained_by is not None:
            seconds = min(seconds, max(MOMENT, self._drained_by - self._clock.steady()))
        async with asyncio.TaskGroup() as either:
            alarm = either.create_task(self._clock.sleep(seconds))
            waiting = either.create_task(self._wake.wait())
            await asyncio.wait({alarm, waiting}, return_when=asyncio.FIRST_COMPLETED)
            alarm.cancel()
            waiting.cancel()

    async def _deliver(self, row: Due) -> None:
        """Send one claimed row; what became of it waits for the next look."""
        outcome = await self._sent(row)
        self._ended.append((row, outcome))
        self.wake()

    async def _settle(self, row: Due, outcome: Outcome) -> None:
        """Settle one row by itself; whatever happens, its address is free again."""
        settle: Settle = (
            (lambda db: deliveries.sent(db, [outcome])) if isinstance(outcome, tuple) else outcome
        )
        try:
            await self._keep(settle)
        except Exception as error:
            logger.exception("delivery %d could not be settled as it should", row.id)
            await self._keep(self._failed(row, repr(error)))
        finally:
            self._busy.discard(row.conversation.id)

    async def _sent(self, row: Due) -> Outcome:
        """Send one message in its slot; what is to be kept of it."""
        address = row.conversation.id
        steady = self._clock.steady()
        if wait := self._pacer.wait(address, steady):
            return self._postpone(row, timedelta(seconds=wait + MOMENT), counts=False)
        slot = self._pacer.take(address, steady)
        if slot > steady:
            await self._clock.sleep(slot - steady)
        if self._pacer.halted(self._clock.steady()):
            # Not tried yet, so it goes back: a crash during the halt must not make it unsure.
            return self._postpone(row, timedelta(0), counts=False)
        try:
            external_id = await self._channel.send(address, self._shaped(row))
        except Exception as error:  # noqa: BLE001 - what is not the port's is logged there
            return self._refused(row, error)
        self._patience.sent(address)
        return row.id, external_id, self._clock.now()

    def _shaped(self, row: Due) -> Payload:
        """What is sent for a row: its words, or the change of its earlier message."""
        if not row.earlier:
            return row.payload
        edits = bool(row.payload)
        shaped = self.edited(row.payload, row.earlier) if edits else self.withdrawn(row.earlier)
        if shaped is None:
            raise Rejected("the channel cannot change what it sent")
        return shaped

    def _refused(self, row: Due, error: Exception) -> Settle:
        address, now = row.conversation.id, self._clock.now()
        match error:
            case Later():
                return self._wait(row, error)
            case Unsure():
                return self._unsure(row, str(error))
        self._patience.forget(address)
        match error:
            case Gone():
                return lambda db: deliveries.gone(db, row.id, row.conversation, str(error), now)
            case Moved(to=to):
                return lambda db: deliveries.moved(db, row.conversation, to, row.id, now)
            case Rejected():
                logger.error("delivery %d was rejected: %s", row.id, error)
                return self._failed(row, str(error))
            case _:
                logger.error("delivery %d met a defect of ours", row.id, exc_info=error)
                return self._failed(row, repr(error))

    def _wait(self, row: Due, later: Later) -> Settle:
        """Nothing was taken: the row keeps its place, and the whole channel keeps still."""
        seconds = later.after.total_seconds()
        logger.warning("%s wants us to wait %.1f s: %s", self._channel.name, seconds, later)
        self._pacer.halt(self._clock.steady() + seconds)
        wait = self._patience.wait(row.conversation.id, later.after)
        return self._postpone(row, wait, counts=False)

    def _unsure(self, row: Due, reason: str) -> Settle:
        """A reply goes once more: an answer twice harms nobody. So does what is for the staff."""
        logger.warning("delivery %d may or may not have arrived: %s", row.id, reason)
        if row.kind == "reply" and row.attempts < MAX_UNSURE:
            return self._postpone(row, UNSURE_PAUSE, counts=True)
        now = self._clock.now()
        return lambda db: deliveries.unsure(db, row.id, reason, now, now + UNSURE_PAUSE)

    def _failed(self, row: Due, reason: str) -> Settle:
        now = self._clock.now()
        return lambda db: deliveries.failed(db, row.id, reason, now)

    def _postpone(self, row: Due, wait: timedelta, *, counts: bool) -> Settle:
        until = self._clock.now() + wait
        return lambda db: deliveries.postpone(db, row.id, until, counts=counts)

    async def _keep(self, settle: Settle) -> None:
        """Keep what became of a message; while the store fails, its address stays busy."""
        failures = 0
        while True:
            try:
                return await self._store.write(settle)
            except StoreFailed as error:
                failures += 1
                if failures == 1:
                    logger.error("what became of a message cannot be kept yet: %s", error)  # noqa: TRY400 - the store has logged where
            await self._clock.sleep(AFTER_STORE_FAILURE)
