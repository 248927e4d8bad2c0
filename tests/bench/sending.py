"""How fast messages leave when no pace holds them back: claim, send, settle, each one durable."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.telegram import Phrases, Settings, TelegramChannel
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.store import deliveries
from bot.store.database import Store
from handlers.conversation import Conversation
from tests.bench.telegram import PATIENCE, TOKEN, Telegram, telegram

IN_FLIGHT = 100


async def send(server: Telegram, number: int, folder: Path) -> float:
    """Messages per second for *number* people, from the first claim to the last one settled."""
    for person in range(number):
        server.tell("users", id=person + 1, first_name="An", started=True)
    store = await Store.open(folder / "bench.db")
    clock = SystemClock()
    settings = Settings(TOKEN, server.url, connections=IN_FLIGHT, per_second=1e6)
    channel = TelegramChannel(settings, Phrases("", ""), clock.now)
    await channel.open()
    now = clock.now()
    await store.write(lambda db: _queue(db, number, now))
    delivery = Delivery(store, channel, clock, in_flight=IN_FLIGHT)
    began = time.perf_counter()
    delivery.drain(PATIENCE)
    await delivery.run()
    took = time.perf_counter() - began
    await channel.close()
    await store.close()
    return number / took


async def _queue(db: AsyncConnection, number: int, now: datetime) -> None:
    payload = {"method": "sendMessage", "text": "Thông báo"}
    for person in range(number):
        who = Conversation("telegram", str(person + 1))
        await deliveries.add(db, who, "reply", [payload], now)


def main(number: int = 3000) -> None:
    for latency in (0.0, 0.08):
        with tempfile.TemporaryDirectory() as made, telegram(latency=latency) as server:
            rate = asyncio.run(send(server, number, Path(made)))
        print(
            f"sending ceiling: {rate:.0f} messages/s at {latency * 1000:.0f} ms, "
            f"{IN_FLIGHT} in flight"
        )
