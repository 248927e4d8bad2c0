"""A real database file per test, and short words for what goes into it. Times are arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from bot.channels import Payload
from bot.store import turns
from bot.store.database import Store
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step
from handlers.effects import Effect
from tests.new_database import new_database

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LAN = Conversation("telegram", "987654321")
MINH = Conversation("telegram", "123456789")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "donghanh.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = await Store.open(new_database(path))
    yield store
    await store.close()


def later(**ago: float) -> datetime:
    return NOW + timedelta(**ago)


async def seen(store: Store, channel: str, external_id: str) -> bool:
    """Whether the engine takes such a message for one that was kept."""
    again = Incoming(Conversation(channel, LAN.id), external_id, NOW)
    return await store.read(lambda db: turns.opening(db, again)) is None


async def say(  # noqa: PLR0913 - a turn's parts, each with a default
    store: Store,
    *effects: Effect,
    who: Conversation = LAN,
    external_id: str = "1",
    text: str = "xin chào",
    payloads: Sequence[Payload] = (),
    session: Session | None = None,
    outcome: Outcome = Outcome.ANSWERED,
    now: datetime = NOW,
) -> bool:
    """Keep one turn of `who`, as the engine does."""
    step = Step((Reply("vâng"),), session or Session(), outcome, effects)
    incoming = Incoming(who, external_id, now, text=text)
    return await store.write(
        lambda db: turns.keep(
            db,
            turn_id=f"turn-{who.channel}-{external_id}",
            incoming=incoming,
            step=step,
            payloads=payloads,
            now=now,
            took_ms=1.5,
        )
    )


async def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    """Read a whole table, in the order in which it was written."""
    found = await store.read(lambda db: db.execute(select(table)))
    return [dict(row._mapping) for row in found]  # SQLAlchemy's public name for a row as a mapping
