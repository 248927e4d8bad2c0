"""A database that an earlier release wrote: what only reads says so, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.failures import FAILED
from bot.store.schema import HEAD
from bot.store.upgrade import upgrade, version_of
from tests.cli.conftest import Run

FIRST = "0001"


@pytest.mark.parametrize(
    "command", ["leads list", "leads export to.csv", "staff list", "broadcast status", "suggest"]
)
def test_reading_an_older_database_says_how_it_is_brought_up_to_date(
    donghanh: Run, here: Path, command: str
) -> None:
    database = here / "data" / "donghanh.db"
    upgrade(database, head=FIRST)

    done = donghanh(*command.split())

    assert done.exit_code == FAILED
    assert "hãy chạy donghanh run một lần để nâng cấp" in done.stderr
    assert "Traceback" not in done.stderr
    assert version_of(database) == FIRST != HEAD
