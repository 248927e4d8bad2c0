"""A broadcast to many: how fast its audience is fixed, and how fast messages leave unpaced.

What leaves is claimed, sent and settled, each durable; beside it, in the same run and against the
same server, python-telegram-bot with its default transport and a bare aiohttp client, which keep
nothing. "Per core" is what the processor time of our process would allow on a machine that does
nothing else: the machine is shared with the server, and perhaps with others.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.telegram import Phrases, Settings, TelegramChannel
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.operations import course
from bot.serving import leave_alone_what_stays
from bot.store import broadcasts, deliveries, schema, staffing
from bot.store.audiences import EVERYBODY
from bot.store.database import Store
from handlers.conversation import Conversation
from tests.bench.telegram import PATIENCE, TOKEN, Telegram, resident, telegram

IN_FLIGHT: Final = 100
TEXT: Final = "Thông báo"
LATENCIES: Final = (0.0, 0.08)


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second, by the clock on the wall and by the processor's."""

    wall: float
    core: float

    def __str__(self) -> str:
        return f"{self.wall:.0f} messages/s ({self.core:.0f} per core)"


async def send(server: Telegram, number: int, folder: Path) -> Rate:
    """Send to *number* people, from the first claim to the last one settled."""
    store, clock = await Store.open(folder / "bench.db"), SystemClock()
    settings = Settings(TOKEN, server.url, connections=IN_FLIGHT, per_second=1e6)
    channel = TelegramChannel(settings, Phrases("", ""), clock.now)
    await channel.open()
    now = clock.now()
    await store.write(lambda db: _queue(db, number, now))
    delivery = Delivery(store, channel, clock, in_flight=IN_FLIGHT)
    delivery.drain(PATIENCE)
    rate = await _measured(number, delivery.run)
    counted = await store.read(deliveries.counts)
    assert counted["reply"]["sent"] == number, counted
    await channel.close()
    await store.close()
    return rate


async def library(server: Telegram, number: int) -> Rate:
    """The same messages through python-telegram-bot as it comes."""
    request = HTTPXRequest(connection_pool_size=IN_FLIGHT, pool_timeout=PATIENCE)
    bot = Bot(TOKEN, base_url=f"{server.url}/bot", request=request)
    async with bot:

        async def one(person: int) -> None:
            await bot.send_message(person, TEXT)

        return await _measured(number, lambda: _all_of(number, one))


async def bare(server: Telegram, number: int) -> Rate:
    """The same messages through aiohttp and nothing else."""
    url = f"{server.url}/bot{TOKEN}/sendMessage"
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def one(person: int) -> None:
            async with http.post(url, data={"chat_id": str(person), "text": TEXT}) as answer:
                assert (await answer.json())["ok"]

        return await _measured(number, lambda: _all_of(number, one))


async def fan_out(people: int, folder: Path) -> float:
    """Seconds from "start" until the audience of *people* is fixed, one row each."""
    store, now = await Store.open(folder / "bench.db"), SystemClock().now()
    known = {"channel": "telegram", "first_seen": now, "last_seen": now, "subscribed": True}
    rows = [known | {"conversation": str(person)} for person in range(people)]
    await store.write(lambda db: db.execute(insert(schema.conversation), rows))
    who = Conversation("telegram", "staff")
    await store.write(lambda db: staffing.add(db, who, "Hoa", "admin", None, now))
    made = {
        "text": TEXT,
        "choices": [],
        "audience": EVERYBODY.as_data(),
        "state": "scheduled",
        "made_by": 1,
        "made_at": now,
        "written_by": [1],
        "send_at": now,
        "latest_at": now + timedelta(hours=1),
        "payloads": {"telegram": {"text": TEXT}},
    }
    number = await store.write(lambda db: broadcasts.add(db, made))
    began = time.perf_counter()
    after: Conversation | None = course.FIRST
    while after is not None:
        at = after
        after = await store.write(lambda db, at=at: course.fan_out(db, number, at, now))  # type: ignore[misc]  # mypy loses a lambda's default
    took = time.perf_counter() - began
    counted = await store.read(lambda db: broadcasts.counts(db, number, now))
    assert counted.total == people
    await store.close()
    return took


async def _measured(number: int, act: Callable[[], Awaitable[None]]) -> Rate:
    began, worked = time.perf_counter(), time.process_time()
    await act()
    return Rate(number / (time.perf_counter() - began), number / (time.process_time() - worked))


async def _all_of(number: int, one: Callable[[int], Awaitable[None]]) -> None:
    """Everybody once, `IN_FLIGHT` at a time."""
    people = iter(range(1, number + 1))

    async def some() -> None:
        for person in people:
            await one(person)

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(some())


async def _queue(db: AsyncConnection, number: int, now: datetime) -> None:
    payload = {"method": "sendMessage", "text": TEXT}
    for person in range(1, number + 1):
        who = Conversation("telegram", str(person))
        await deliveries.add(db, who, "reply", [payload], now)


@contextmanager
def crowd(number: int, latency: float = 0.0) -> Iterator[Telegram]:
    """A fresh Telegram where so many people have written to the bot."""
    with telegram(latency=latency) as server:
        server.tell("crowd", first=1, count=number, text="/start")
        yield server


def main(number: int = 3000, audience: int = 100_000) -> None:
    leave_alone_what_stays()
    with tempfile.TemporaryDirectory() as made:
        print(f"fan-out to {audience:,}: {asyncio.run(fan_out(audience, Path(made))):.2f} s")
    for latency in LATENCIES:
        print(f"at {latency * 1000:.0f} ms, {IN_FLIGHT} in flight, {number} messages:")
        with tempfile.TemporaryDirectory() as made, crowd(number, latency) as server:
            before = resident(os.getpid())
            rate = asyncio.run(send(server, number, Path(made)))
            grown = resident(os.getpid()) - before
        print(f"  ours: {rate}; resident memory {before:.0f} MB before, {grown:+.0f} MB after")
        for name, act, share in (("python-telegram-bot", library, 10), ("bare aiohttp", bare, 1)):
            with crowd(number, latency) as server:
                print(f"  {name}: {asyncio.run(act(server, number // share))}")
