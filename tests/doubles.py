"""Small doubles with the real signatures: a clock that a test moves, a channel that remembers.

Time passes in `FakeClock.until`, from one sleeper to the next, and only when nobody has anything
to do: neither the event loop nor the database thread of a `WatchedStore`. So hours pass in a
moment, and each thing happens at exactly the time for which it was planned.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.channels import Inbox, Later, NotFetched, Pace, Payload
from bot.store.database import Store, Work
from bot.store.errors import StoreFull
from handlers.conversation import Incoming, Reply
from knowledge.clock import VIETNAM

T = TypeVar("T")

START = datetime(2026, 11, 20, 8, 0, tzinfo=VIETNAM)
MOST_STEPS = 1_000_000  # a busy loop ends as a failed test, not as a hanging one


class WatchedStore(Store):
    """The real store, which knows whether somebody waits for it, and can be told to fail."""

    working = 0
    full = False
    operations = 0

    async def write(self, work: Work[T]) -> T:
        return await self._watched(super().write, work)

    async def read(self, work: Work[T]) -> T:
        return await self._watched(super().read, work)

    async def _watched(self, run: Callable[[Work[T]], object], work: Work[T]) -> T:
        if self.full:
            raise StoreFull("no room, says the test")
        self.working += 1
        self.operations += 1
        try:
            return await run(work)  # type: ignore[no-any-return,misc]  # one of the two above
        finally:
            self.working -= 1


class FakeClock:
    """See `bot.clock.Clock`."""

    def __init__(self, store: WatchedStore | None = None) -> None:
        self.passed = 0.0
        self.sleeps = 0
        self._store = store
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def steady(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.passed + seconds, next(self._number), woken))
        await woken

    async def until(self, fact: Callable[[], object], within: float = 86_400.0) -> None:
        """Let time pass until *fact* holds. Raises TimeoutError after *within* seconds of it."""
        end = self.passed + within
        for _ in range(MOST_STEPS):
            await self._quiet()
            if fact():
                return
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)  # whoever slept there was cancelled
            if not self._sleepers or self._sleepers[0][0] > end:
                break
            self.passed, _, woken = heapq.heappop(self._sleepers)
            woken.set_result(None)
        raise TimeoutError(f"it did not come true in {self.passed:.1f} s")

    async def pass_by(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.passed + seconds
        try:
            await self.until(lambda: False, seconds)
        except TimeoutError:
            self.passed = end
        await self._quiet()

    async def _quiet(self) -> None:
        """Return when the event loop has nothing to do but to wait for us."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public says whether a loop is idle
        while True:
            await asyncio.sleep(0)
            if self._store is not None and self._store.working:
                await asyncio.sleep(0.0001)  # the database thread calls back in real time
            elif not ready:
                return


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the platform took; `changes` is the id of an earlier one."""

    at: float
    address: str
    text: str
    changes: str = ""


class FakeChannel:
    """See `bot.channels.Channel`. `answers` are raised, or awaited, one per send to an address."""

    def __init__(self, clock: FakeClock, name: str = "telegram", pace: Pace | None = None) -> None:
        self.name = name
        self.pace = pace or Pace(1000.0, timedelta(0))
        self.sent: list[Sent] = []
        self.tried: list[Sent] = []
        self.answers: dict[str, deque[Exception | asyncio.Event]] = defaultdict(deque)
        self.takes = 0.0  # seconds, for each send
        self.down_until = 0.0
        self.typed: asyncio.Queue[Incoming | Exception | None] = asyncio.Queue()
        self.opened = 0
        self.closed = 0
        self._clock = clock

    async def open(self) -> None:
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        return ({"text": reply.text},)

    def edited(self, payload: Payload, external_id: str) -> Payload | None:
        return {**payload, "edits": external_id}

    def withdrawn(self, external_id: str) -> Payload | None:
        return {"text": "", "edits": external_id}

    def link(self, start: str) -> str:  # noqa: ARG002 - the port's signature
        return ""

    async def fetch(self, file: str) -> bytes:
        raise NotFetched(file)

    async def send(self, address: str, payload: Payload) -> str:
        message = Sent(self._clock.steady(), address, payload["text"], payload.get("edits", ""))
        self.tried.append(message)
        await self._clock.sleep(self.takes)
        if self._clock.steady() < self.down_until:
            raise Later(timedelta(seconds=10), "no route")
        if self.answers[address]:
            answer = self.answers[address].popleft()
            if isinstance(answer, Exception):
                raise answer
            await answer.wait()
        self.sent.append(message)
        return str(len(self.sent))

    async def run(self, inbox: Inbox) -> None:
        """Hand in what was typed: an exception ends it by that error, None as input that ends."""
        while (typed := await self.typed.get()) is not None:
            if isinstance(typed, Exception):
                raise typed
            await inbox.receive(typed)

    def texts(self, address: str) -> list[str]:
        return [message.text for message in self.sent if message.address == address]


class Silent:
    """A `bot.channels.Channel` over which nothing goes out: what waits stays in the database."""

    pace = Pace(1000.0, timedelta(0))

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        raise AssertionError(reply)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def edited(self, payload: Payload, external_id: str) -> Payload | None:  # noqa: ARG002 - what waits is not sent
        return payload

    def withdrawn(self, external_id: str) -> Payload | None:
        return {"withdraws": external_id}

    def link(self, start: str) -> str:
        raise AssertionError(start)

    async def fetch(self, file: str) -> bytes:
        raise AssertionError(file)

    async def send(self, address: str, payload: Payload) -> str:
        raise AssertionError(f"{address}: {payload}")

    async def run(self, inbox: Inbox) -> None:
        raise AssertionError(inbox)


class FastClock:
    """Real time, run faster: what waits a second waits a twentieth of one."""

    def __init__(self, times: float = 20.0) -> None:
        self._times = times
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.steady())

    def steady(self) -> float:
        return (self._loop.time() - self._began) * self._times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)
