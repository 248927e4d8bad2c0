from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Store
from knowledge.entries import Knowledge
from tests.new_database import new_database
from tests.staff_chat.office import Office


@pytest.fixture
async def office(tmp_path: Path, shipped: Knowledge) -> AsyncIterator[Office]:
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    try:
        yield Office(store, shipped)
    finally:
        await store.close()
