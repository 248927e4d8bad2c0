"""A real database file, virtual time, and short words for one chat and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from bot.delivery import Delivery
from bot.store import deliveries, schema
from bot.store.database import Store
from handlers.conversation import Conversation, Incoming
from knowledge.entries import Knowledge
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore
from tests.new_database import new_database

LAN = Conversation("telegram", "100001")
MINH = Conversation("telegram", "100002")
AN = Conversation("telegram", "100003")
PHRASES = {
    "failed": "Xin lỗi, tôi gặp lỗi.",
    "slow_down": "Anh/chị gửi nhanh quá.",
    "not_recorded": "Tạm thời không ghi nhận được.",
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[WatchedStore]:
    store = await WatchedStore.open(new_database(tmp_path / "donghanh.db"))
    yield store
    store.full = False
    await store.close()


@pytest.fixture
def clock(store: WatchedStore) -> FakeClock:
    return FakeClock(store)


@pytest.fixture
def channel(clock: FakeClock) -> FakeChannel:
    return FakeChannel(clock)


@pytest.fixture
def delivery(store: Store, channel: FakeChannel, clock: FakeClock) -> Delivery:
    return Delivery(store, channel, clock)


@pytest.fixture(scope="session")
def words() -> Knowledge:
    """A knowledge that knows nothing but what the engine itself says."""
    return saying(PHRASES)


def saying(phrases: Mapping[str, str], fingerprint: str = "test") -> Knowledge:
    """A knowledge with these phrases and nothing else, whatever else one may hold."""
    nothing: dict[str, Any] = {part.name: {} for part in fields(Knowledge)}
    return Knowledge(**nothing | {"phrases": phrases, "fingerprint": fingerprint})


def message(number: int | str, text: str = "", who: Conversation = LAN) -> Incoming:
    return Incoming(who, str(number), START, text=text or f"câu {number}")


async def queue(
    store: Store,
    *texts: str,
    to: Conversation = LAN,
    kind: str = "reply",
    now: datetime = START,
    after: float = 0.0,
) -> None:
    """Put messages into the queue, due *after* seconds from *now*."""
    payloads = [{"text": text} for text in texts]
    due_at = now + timedelta(seconds=after)
    await store.write(lambda db: deliveries.add(db, to, kind, payloads, now, due_at))


async def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    """Read a whole table, in the order in which it was written."""
    found = await store.read(lambda db: db.execute(select(table)))
    return [dict(row._mapping) for row in found]  # SQLAlchemy's public name for a row as a mapping


async def states(store: Store) -> list[str]:
    """The state of each delivery, with its reason where it has one."""
    return [
        f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]
        for row in await rows(store, schema.delivery)
    ]


@asynccontextmanager
async def sending(delivery: Delivery) -> AsyncIterator[asyncio.Task[None]]:
    """A way out at work for as long as the block lasts."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(delivery.run())
        try:
            yield task
        finally:
            task.cancel()


def has_sent(channel: FakeChannel, count: int) -> Callable[[], bool]:
    return lambda: len(channel.sent) >= count
