"""The whole way of an announcement on the command line, beside a running bot and without one."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from bot import desk
from bot.cli import cli
from bot.clock import SystemClock
from bot.failures import BUSY, DATA, FAILED
from bot.operations.refusals import Refused, Why
from bot.operations.rights import Role
from bot.store import schema, staff_schema
from bot.store.audiences import Person
from bot.store.broadcasts import Result
from bot.store.database import Store
from handlers.conversation import Conversation
from knowledge.entries import Knowledge
from tests.new_database import new_database
from tests.operations.conftest import subscribe
from tests.shipped import lend_cache

Run = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert knowledge.entries, "it is compiled by now"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONGHANH_DATA_FOLDER", str(tmp_path))
    lend_cache(tmp_path)
    return new_database(tmp_path / "donghanh.db")


@pytest.fixture
def run(database: Path) -> Run:
    """Run a command on that database; give what it printed, where it ended as expected."""
    assert database.name

    def command(*words: str, code: int = 0, typed: str = "\n") -> str:
        ended = CliRunner().invoke(cli, words, input=typed)
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
    shown = office("broadcast", "approve", "1", "--as", "2", typed="duyệt")
    assert "Hạn nộp là 30/11" in shown
    assert "mọi người đang nhận tin – 2 người" in shown
    office("broadcast", "start", "1", "--as", "2")

    assert "gửi khi trợ lý chạy" in office("broadcast", "status", "1")
    assert "Hạn nộp là 30/11" in office("broadcast", "status")
    office("broadcast", "results", "1", str(tmp_path / "r.xlsx"))
    (noted,) = (tmp_path / "acts").glob("*.json")
    assert json.loads(noted.read_text("utf-8"))["act"] == "export"
    office("broadcast", "cancel", "1", "--as", "2")
    assert "đã huỷ" in office("broadcast", "status", "1")


def test_what_was_sent_is_edited_or_withdrawn_only_by_name(office: Run, database: Path) -> None:
    office("broadcast", "compose", "--as", "1", "--text", "tin sai")
    withdraw = ("broadcast", "compose", "--as", "1", "--withdraw")
    office(*withdraw, code=2)
    office(*withdraw, "--correction-of", "1", "--text", "lời", code=2)
    office(*withdraw, "--correction-of", "1", "--edit", code=2)
    assert "bản nháp" in office(*withdraw, "--correction-of", "1", code=FAILED)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE broadcast SET state = 'done', started_at = made_at")
        db.execute(
            "INSERT INTO delivery (channel, conversation, kind, lane, state, payload, due_at,"
            " ready_at, created_at, external_id, broadcast)"
            " VALUES ('telegram', '77', 'broadcast', 2, 'sent', '{}', 0, 0, 0, '5', 1)"
        )

    office(*withdraw, "--correction-of", "1")
    assert "Sẽ nhận: 1 người" in office("broadcast", "audience", "2")
    assert "Thu hồi tin số 1" in office("broadcast", "preview", "2")
    assert "(thu hồi tin số 1)" in office("broadcast", "status")
    edit = ("broadcast", "compose", "--as", "1", "--correction-of", "1", "--edit")
    office(*edit, "--text", "tin đúng")
    assert "Sẽ nhận: 1 người" in office("broadcast", "audience", "3")


def test_a_refusal_is_a_sentence_and_an_exit_code(office: Run) -> None:
    office("broadcast", "compose", "--as", "1", "--text", "tin")
    office("broadcast", "submit", "1", "--as", "1")

    assert "Không có tin số 9" in office("broadcast", "status", "9", code=FAILED)
    assert "Chưa duyệt" in office("broadcast", "approve", "1", "--as", "2", code=FAILED)
    assert "duy nhất" in office("staff", "end", "2", code=FAILED)
    assert "bản nháp" not in office("broadcast", "pause", "1", "--as", "1", code=FAILED)


def test_by_its_code_only_what_was_shown_is_approved(office: Run, tmp_path: Path) -> None:
    paper = tmp_path / "Thư mời.pdf"
    paper.write_bytes(b"%PDF-1.7")
    given = ("--as", "1", "--text", "Mời họp", "--attach", str(paper), "--stage", "none")
    office("broadcast", "compose", *given)
    office("broadcast", "submit", "1", "--as", "1")
    approve = ("broadcast", "approve", "1", "--as", "2")
    shown = office(*approve, code=FAILED)
    assert "Tệp kèm: Thư mời.pdf" in shown
    assert "Chưa gửi phiếu nào – 2 người" in shown
    (code,) = re.findall(r"Mã duyệt: (\S+)", shown)

    office(*approve, "--digest", "abc", code=2)
    assert "không phải 3" in office(*approve, "--digest", code.replace("2-", "3-"), code=FAILED)
    office("broadcast", "edit", "1", "--as", "1", "--text", "Mời họp sớm")
    office("broadcast", "submit", "1", "--as", "1")
    assert "được sửa sau khi xem" in office(*approve, "--digest", code, code=FAILED)
    (code,) = re.findall(r"Mã duyệt: (\S+)", office(*approve, code=FAILED))
    assert "đã duyệt" in office(*approve, "--digest", code)


def test_a_document_goes_along_until_it_is_taken_away(office: Run, tmp_path: Path) -> None:
    paper = tmp_path / "Thư mời.pdf"
    paper.write_bytes(b"%PDF-1.7")
    with_paper = ("--as", "1", "--attach", str(paper))
    office("broadcast", "compose", "--text", "Mời họp", *with_paper)
    assert "Thư mời.pdf" in office("broadcast", "preview", "1")
    office("broadcast", "edit", "1", "--as", "1", "--text", "Mời họp sớm")
    assert "Thư mời.pdf" in office("broadcast", "preview", "1")

    office("broadcast", "edit", "1", "--as", "1", "--no-attach")
    assert "Thư mời.pdf" not in office("broadcast", "preview", "1")
    office("broadcast", "edit", "1", *with_paper)
    assert "Thư mời.pdf" in office("broadcast", "preview", "1")
    office("broadcast", "edit", "1", "--no-attach", *with_paper, code=2)


def test_a_file_that_is_not_sent_is_refused_in_words(office: Run, tmp_path: Path) -> None:
    paper = tmp_path / "a.pdf"
    given = ("broadcast", "compose", "--as", "1", "--attach", str(paper), "--text")
    assert "không có tệp" in office(*given, "tin", code=FAILED)
    paper.write_bytes(b"MZ a program")
    assert "đúng nội dung" in office(*given, "tin", code=FAILED)
    paper.write_bytes(b"%PDF-1.7")
    assert "tối đa 960" in office(*given, "x" * 1_000, code=FAILED)
    assert "tin số" not in office("broadcast", "status").lower()


def test_the_rows_behind_the_figures_are_printed_in_words(office: Run, database: Path) -> None:
    async def asked() -> None:
        store = await Store.open(database)
        here = {"channel": "telegram", "conversation": "77", "turn": "t", "external_id": "1"}
        said = {"text": "hồ sơ gồm những gì", "action": "", "form": "", "step": ""}
        known = {"outcome": "answered", "entries": ["dossier.items"], "took_ms": 1.0}
        row = here | said | known | {"at": SystemClock().now()}
        await store.write(lambda db: db.execute(insert(schema.message), row))
        await store.close()

    asyncio.run(asked())
    columns, row = office("stats", "rows", "questions", "hôm nay").splitlines()
    assert columns == "Lúc\tCâu hỏi\tKết quả\tMục"
    assert row.split("\t")[1:3] == ["hồ sơ gồm những gì", "Trả lời ngay"]
    assert "1 câu hỏi" in office("stats", "show", "hôm nay")
    for what in ("left", "submitted", "stood", "calls", "broadcasts"):
        assert len(office("stats", "rows", what, "tuần trước").splitlines()) == 1
    office("stats", "rows", "people", code=2)


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
    assert "Người vận hành (dòng lệnh (" in office("staff", "audit")
    assert "\tadd\tstaff:2\t{} → " in office("staff", "audit", "--raw", "--limit", "1")
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
    from bot.broadcast_book import HEADINGS, write

    hostile = Person(Conversation("http://x.vn", "-2"), "@x", "=1+1", "+84912")
    (tmp_path / "r.xlsx").write_bytes(write([Result(1, hostile, "failed", "{=3}", None)]))

    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[0]
    head, row = [list(cells) for cells in sheet.iter_rows()]
    assert [cell.value for cell in head] == list(HEADINGS)
    assert {cell.data_type for cell in row} == {"s"}
    told = ["=1+1", "+84912", "@x", "http://x.vn", "-2", "không gửi được", "{=3}", "–"]
    assert [cell.value for cell in row] == told


def test_every_reason_role_state_and_outcome_has_its_words() -> None:
    from bot.broadcast_book import OUTCOMES

    assert set(desk.WORDS) == set(Why)
    assert set(desk.ROLES) == set(schema.ROLES) == set(map(str, Role))
    assert set(desk.STATES) == set(schema.BROADCAST_STATES)
    assert set(OUTCOMES) == set(schema.STATES)


def test_a_refusal_fills_its_words() -> None:
    refused = Refused(Why.FOUR_EYES, approvers=["Lan", "Minh"])

    assert desk.said(refused).endswith("Lan, Minh.")


def test_a_draft_is_tried_sent_back_and_changed_in_parts(
    office: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office("broadcast", "compose", "--as", "1", "--text", "Lớp ngày 27/11", "--note", "gấp")
    office("broadcast", "test", "1", "--as", "1", code=2)
    monkeypatch.setenv("DONGHANH_TELEGRAM_TOKEN", "123456:TEST-TOKEN")
    office("broadcast", "test", "1", "--as", "1")
    office("broadcast", "submit", "1", "--as", "1")
    office("broadcast", "send-back", "1", "--as", "2", "--note", "Ghi rõ giờ")
    office("broadcast", "edit", "1", "--as", "1", code=2)
    office("broadcast", "edit", "1", "--as", "1", "--text", "Lớp 8h ngày 27/11")

    with closing(sqlite3.connect(database)) as connection:
        (kept,) = connection.execute("SELECT text, note, state FROM broadcast")
        (tried,) = connection.execute("SELECT conversation, kind FROM delivery")
    assert kept == ("Lớp 8h ngày 27/11", "Ghi rõ giờ", "draft")
    assert tried == ("1", "staff")
