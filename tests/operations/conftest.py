"""A department of four, and short words for what its staff do. Times are arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert

from bot.operations import broadcasts, course, recipients, staff
from bot.operations.broadcasts import Draft
from bot.operations.rights import Actor, Role
from bot.store import deliveries, schema
from bot.store.announcing import opens_at
from bot.store.broadcasts import Broadcast
from bot.store.database import Store
from bot.store.deliveries import Due
from handlers.conversation import Conversation
from knowledge.clock import VIETNAM
from tests.doubles import FakeClock, WatchedStore
from tests.new_database import new_database

T = TypeVar("T")

DAY = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
CONSOLE = Actor(None, "dòng lệnh")
HOA, LAN, MINH, NGA = (Actor(number, "telegram") for number in (1, 2, 3, 4))  # by rank, the first
ROLES = {HOA: Role.VIEWER, LAN: Role.OFFICER, MINH: Role.APPROVER, NGA: Role.ADMIN}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "donghanh.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[WatchedStore]:
    store = await WatchedStore.open(new_database(path))
    yield store
    await store.close()


@pytest.fixture
async def office(store: WatchedStore) -> WatchedStore:
    """The store of a department with a viewer, an officer, an approver and an admin."""
    for actor, role in ROLES.items():
        await take_in(store, f"staff {actor.staff}", role)
    return store


@pytest.fixture
def clock(store: WatchedStore) -> FakeClock:
    """Time that passes only when nobody has anything to do, this store included."""
    return FakeClock(store)


def at(**later: float) -> datetime:
    return DAY + timedelta(**later)


async def do(
    store: Store, act: Callable[..., Awaitable[T]], *given: Any, now: datetime = DAY, **more: Any
) -> T:
    """Do one act of staff, as every way in does: in one transaction."""
    return await store.write(lambda db: act(db, *given, now=now, **more))


async def take_in(store: Store, chat: str, role: Role) -> int:
    where = Conversation("telegram", chat)
    return await do(store, staff.add, where, chat, role, CONSOLE)


async def subscribe(store: Store, *chats: str, **facts: Any) -> None:
    rows = [
        {
            "channel": "telegram",
            "conversation": chat,
            "first_seen": DAY,
            "last_seen": DAY,
            "subscribed": True,
        }
        | facts
        for chat in chats
    ]
    await store.write(lambda db: db.execute(insert(schema.conversation), rows))


async def approved(store: Store, draft: Draft, now: datetime = DAY) -> int:
    """Lan writes and submits it, Minh approves it."""
    number = await do(store, broadcasts.compose, draft, LAN, now=now)
    await do(store, broadcasts.submit, number, LAN, now=now)
    people, _ = await store.read(lambda db: recipients.meant(db, number, 0, MINH))
    await do(store, broadcasts.approve, number, people, MINH, now=now)
    return number


async def start(store: Store, number: int, now: datetime = DAY) -> None:
    """Let the bot start it, as its runner does."""
    assert opens_at(now) == now
    payloads = {"telegram": {"text": "tin"}}
    await store.write(partial(course.prepare, number=number, payloads=payloads))
    after: Conversation | None = course.FIRST
    while after is not None:
        piece = partial(course.fan_out, number=number, after=after, now=now)
        after = await store.write(piece)
    await store.write(partial(course.begin, number=number, now=now))


async def running(store: Store, *chats: str, draft: Draft | None = None) -> int:
    """A broadcast to these new subscribers that has just been started."""
    await subscribe(store, *chats)
    number = await approved(store, draft or Draft("Hạn nộp hồ sơ"))
    await start(store, number)
    return number


async def claim(store: Store, now: datetime = DAY, limit: int = 10) -> list[Due]:
    return await store.write(lambda db: deliveries.claim(db, "telegram", now, limit))


async def sent(store: Store, rows: list[Due], now: datetime = DAY) -> list[str]:
    """Settle rows as sent; to whom they went."""
    for row in rows:
        await store.write(partial(deliveries.sent, taken=[(row.id, "x", now)]))
    return sorted(row.conversation.id for row in rows)


async def found(store: Store, number: int) -> Broadcast:
    return await store.read(lambda db: recipients.get(db, number, CONSOLE))


async def look(store: Store, number: int, now: datetime = DAY) -> course.Next:
    """What the runner would do about it at this moment."""
    broadcast = await found(store, number)
    standing = await store.read(partial(course.standing, found=broadcast, now=now))
    return course.decide(standing, now)
