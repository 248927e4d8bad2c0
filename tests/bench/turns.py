"""One turn in the engine, from the message to its durable commit: lock, load, decide, keep."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from bot.channels import Pace
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.engine import Engine
from bot.house import House
from bot.store.database import Store
from handlers.conversation import Conversation, Incoming
from knowledge.entries import Knowledge
from tests.bench.figures import Seconds
from tests.doubles import FakeChannel, FakeClock
from tests.shipped import shipped

CHATS = 50


async def turns(knowledge: Knowledge, count: int, folder: Path) -> list[Seconds]:
    """One after the other, first commands, then a different question each time."""
    store = await Store.open(folder / "bench.db")
    clock = SystemClock()
    channel = FakeChannel(FakeClock(), pace=Pace(1000.0, timedelta(0)))
    ways_out = {"telegram": Delivery(store, channel, clock)}
    house = House(store, lambda: knowledge, ways_out, lambda _, reply: channel.render(reply), clock)
    engine = Engine(house)
    entries = knowledge.entries.values()
    asked = [variant for entry in entries for variant in entry.variants]
    found = []
    for name, texts in (("/start", ["/start"]), ("a question", asked)):
        took = []
        words = cycle(texts)
        for number in range(count):
            who = Conversation("telegram", str(number % CHATS))
            incoming = Incoming(who, f"{name} {number}", clock.now(), text=next(words))
            began = time.perf_counter()
            await engine.receive(incoming)
            took.append(time.perf_counter() - began)
        found.append(Seconds(f"one turn with a durable commit, {name}", took))
    await store.close()
    return found


def main(count: int = 2000) -> None:
    with tempfile.TemporaryDirectory() as made:
        for line in asyncio.run(turns(shipped(), count, Path(made))):
            print(line)
