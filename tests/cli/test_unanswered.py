"""`donghanh unanswered`, beside a running bot: on the screen and as files whose cells are text."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlalchemy import insert

from bot.operations import drafting, staff
from bot.operations.drafting import OFFICE, Written
from bot.operations.rights import Actor, Role
from bot.store import schema
from bot.store.database import Store
from bot.store.lock import ProcessLock
from handlers.conversation import Conversation
from knowledge import Knowledge
from tests.cli.conftest import Run
from tests.new_database import new_database

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ROOM = ("có được mượn phòng họp của Sở không", "phòng họp của Sở có cho mượn không")
FORMULA = "=1+1 là bao nhiêu vậy ạ 0912345678"


@pytest.fixture
def database(here: Path, knowledge: Knowledge) -> Path:
    """Three people asked in vain, two of them the same; and a draft waits."""
    path = here / "data" / "donghanh.db"
    asyncio.run(_fill(new_database(path), knowledge))
    return path


async def _fill(path: Path, knowledge: Knowledge) -> None:
    store = await Store.open(path)
    rows = [
        {
            "channel": "telegram",
            "conversation": str(number),
            "turn": str(number),
            "question": question,
            "reason": "disputed",
            "candidates": [],
            "at": NOW,
        }
        for number, question in enumerate((*ROOM, FORMULA))
    ]
    written = Written("contact", "Mượn phòng họp", ROOM[0], "Được ạ.", (), OFFICE)
    try:
        await store.write(lambda db: db.execute(insert(schema.unanswered), rows))
        where, console = Conversation("telegram", "9"), Actor(None, "test")
        await store.write(lambda db: staff.add(db, where, "Hoa", Role.OFFICER, console, NOW))
        hoa = Actor(1, "telegram")
        await store.write(lambda db: drafting.draft_entry(db, written, knowledge, hoa, NOW))
    finally:
        await store.close()


def test_the_groups_are_listed_while_the_bot_runs(donghanh: Run, database: Path) -> None:
    running = ProcessLock(database)
    running.acquire()
    try:
        done = donghanh("unanswered", "list")
    finally:
        running.release()

    first, second = done.stdout.splitlines()
    assert first.startswith("1. 2 người hỏi, 2 cách hỏi, 20/11/2026 – 20/11/2026: “")
    assert second.startswith("2. 1 người hỏi")
    assert "0912345678" not in done.stdout


def test_one_group_is_shown_in_all_its_wordings(donghanh: Run, database: Path) -> None:
    assert database.exists()
    done = donghanh("unanswered", "show", "1")

    assert all(words in done.stdout for words in ROOM)
    assert "không phải các ý gợi ra" in done.stdout
    assert donghanh("unanswered", "show", "7").exit_code == 1


def test_the_drafts_that_wait_are_listed(donghanh: Run, database: Path) -> None:
    assert database.exists()

    assert donghanh("unanswered", "drafts").stdout == "1. câu mới “Mượn phòng họp” – bản nháp\n"


def test_every_exported_cell_is_text(donghanh: Run, database: Path, here: Path) -> None:
    assert database.exists()
    donghanh("unanswered", "export", "a.xlsx")
    donghanh("unanswered", "export", "a.tsv")

    sheet = load_workbook(here / "a.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    lines = (here / "a.tsv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert any("\t'=1+1" in line for line in lines)


def test_another_kind_of_file_is_refused(donghanh: Run, database: Path) -> None:
    assert database.exists()
    done = donghanh("unanswered", "export", "a.pdf")

    assert done.exit_code == 2
    assert ".xlsx hoặc .tsv" in done.stderr


def test_without_a_database_there_is_nothing_to_show(donghanh: Run) -> None:
    assert donghanh("unanswered", "list").exit_code == 1
