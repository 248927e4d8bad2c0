"""The whole way of an announcement on the command line, beside a running bot and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from typer.testing import CliRunner

from bot import desk
from bot.cli import cli
from bot.failures import BUSY, DATA, FAILED
from bot.operations.refusals import Refused, Why
from bot.operations.rights import Role
from bot.store import schema, staff_schema
from bot.store.database import Store
from tests.operations.conftest import subscribe

Run = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONGHANH_DATA_FOLDER", str(tmp_path))
    return tmp_path / "donghanh.db"


@pytest.fixture
def run(database: Path) -> Run:
    """Run a command on that database; give what it printed, where it ended as expected."""
    assert database.name

    def command(*words: str, code: int = 0) -> str:
        ended = CliRunner().invoke(cli, words)
        assert ended.exit_code == code, ended.output
        return ended.output

    return command


@pytest.fixture
def office(database: Path, run: Run) -> Run:
    """Lan may write, Minh may approve, two people want announcements."""

    async def two_people() -> None:
        store = await Store.open(database)
        await subscribe(store, "77", "88")
        await store.close()

    run("staff", "add", "Lan", "--chat", "1", "--role", "officer")
    run("staff", "add", "Minh", "--chat", "2")
    asyncio.run(two_people())
    return run


def test_an_announcement_goes_from_its_draft_to_its_hour(office: Run, tmp_path: Path) -> None:
    office("broadcast", "compose", "--as", "1", "--text", "Hạn nộp là 30/11")
    assert "2 người" in office("broadcast", "audience", "1")
    office("broadcast", "submit", "1", "--as", "1")
    office("broadcast", "approve", "1", "--count", "2", "--as", "2")
    office("broadcast", "start", "1", "--as", "2")

    assert "chờ giờ gửi" in office("broadcast", "status", "1")
    assert "Hạn nộp là 30/11" in office("broadcast", "status")
    office("broadcast", "results", "1", str(tmp_path / "r.xlsx"))
    office("broadcast", "cancel", "1", "--as", "2")
    assert "đã huỷ" in office("broadcast", "status", "1")


def test_a_refusal_is_a_sentence_and_an_exit_code(office: Run) -> None:
    office("broadcast", "compose", "--as", "2", "--text", "tin")
    office("broadcast", "submit", "1", "--as", "2")

    assert "Không có tin số 9" in office("broadcast", "status", "9", code=FAILED)
    assert "không phải 3" in office(
        "broadcast", "approve", "1", "--count", "3", "--as", "2", code=FAILED
    )
    assert "duy nhất" in office("staff", "end", "2", code=FAILED)
    assert "bản nháp" not in office("broadcast", "pause", "1", "--as", "1", code=FAILED)


def test_beside_a_running_bot_one_may_look_and_not_write(office: Run, database: Path) -> None:
    office("broadcast", "compose", "--as", "1", "--text", "tin")

    async def while_it_runs() -> None:
        bot = await Store.open(database)
        for words in (("staff", "list"), ("staff", "audit"), ("broadcast", "status")):
            await asyncio.to_thread(office, *words)
        told = await asyncio.to_thread(office, "broadcast", "submit", "1", "--as", "1", code=BUSY)
        assert "hãy dừng nó trước" in told
        await bot.close()

    asyncio.run(while_it_runs())


def test_the_audit_names_the_way_in_and_shows_tampering(office: Run, database: Path) -> None:
    assert "dòng lệnh (" in office("staff", "audit")
    assert "mã cuối" in office("staff", "audit", "--verify")

    async def tamper() -> None:
        store = await Store.open(database)
        drop = staff_schema.AUDIT_GUARDS[0].split(" BEFORE ")[0].replace("CREATE", "DROP")
        await store.write(lambda db: db.exec_driver_sql(drop))
        await store.write(lambda db: db.execute(schema.audit.update().values(who=1)))
        await store.close()

    asyncio.run(tamper())
    assert "HỎNG" in office("staff", "audit", "--verify", code=DATA)


def test_a_result_is_text_in_excel_whatever_it_holds(tmp_path: Path) -> None:
    from bot.broadcast_report import HEADINGS, _xlsx

    hostile = ["=1+1", "+84912", "@x", "http://x.vn", "-2", "0912", "\t=2", "{=3}"]
    (tmp_path / "r.xlsx").write_bytes(_xlsx([hostile]))

    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[0]
    head, row = [list(cells) for cells in sheet.iter_rows()]
    assert [cell.value for cell in head] == list(HEADINGS)
    assert {cell.data_type for cell in row} == {"s"}
    assert [cell.value for cell in row] == hostile


def test_every_reason_role_state_and_outcome_has_its_words() -> None:
    from bot.broadcast_report import OUTCOMES

    assert set(desk.WORDS) == set(Why)
    assert set(desk.ROLES) == set(schema.ROLES) == set(map(str, Role))
    assert set(desk.STATES) == set(schema.BROADCAST_STATES)
    assert set(OUTCOMES) == set(schema.STATES)


def test_a_refusal_fills_its_words() -> None:
    refused = Refused(Why.FOUR_EYES, approvers=["Lan", "Minh"])

    assert desk.said(refused).endswith("Lan, Minh.")
