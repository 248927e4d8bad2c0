"""`donghanh leads`: what people typed is read back as the text it was, and never calculated."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import app, lead_book, lead_list
from bot.clock import SystemClock
from bot.drawing import NotDrawnError
from bot.operations import leads, staff
from bot.operations.rights import Actor, Role
from bot.settings import read
from bot.store.database import Store
from bot.store.follow_up import Sought
from bot.store.leads import Contact, Lead
from handlers import attachments
from handlers.conversation import Conversation
from knowledge import Knowledge
from tests.cli.conftest import Run
from tests.effort import examples

MOMENT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # already the 21st in Viet Nam
FORMULAS = "=+-@＝＋－＠\t\r\0"
hostile = st.builds(
    str.__add__,
    st.sampled_from(
        ["", *FORMULAS, '"', ";=", ",=", " =", "'=", "\n=", "http://x ", "_x0041_", "{="]
    ),
    st.text(st.characters(exclude_categories=()), max_size=20),
)


def lead(**given: object) -> Lead:
    parts: dict[str, object] = {
        "tax_code": "0101243150",
        "enterprise": "Công ty An Hòa",
        "forms": ("register",),
        "values": {"programmes": ["award"], "months_operating": 40, "note": ""},
        "contacts": (contact("Nguyễn Thị Lan"),),
        "first_at": MOMENT,
        "last_at": MOMENT,
        "state": "active",
        **given,
    }
    return Lead(**parts)  # type: ignore[arg-type]


def contact(name: str) -> Contact:
    return Contact(
        name, "Giám đốc", "+84912345678", phone_verified=True, email="", channel="telegram"
    )


def sheet(file: Path) -> list[list[str]]:
    rows = openpyxl.load_workbook(file).active.iter_rows()
    return [[cell.value or "" for cell in row] for row in rows]


def table(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


def test_every_contact_of_an_enterprise_has_a_row_that_a_person_can_read(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    two = lead(contacts=(contact("Nguyễn Thị Lan"), contact("Trần Văn Minh")))

    assert lead_list.export([two], knowledge, tmp_path / "x.xlsx") == 2

    header, first, second = sheet(tmp_path / "x.xlsx")
    lan, minh = (dict(zip(header, row, strict=True)) for row in (first, second))
    assert (lan["Người liên hệ"], minh["Người liên hệ"]) == ("Nguyễn Thị Lan", "Trần Văn Minh")
    assert lan["Mã số thuế"] == "0101243150"
    assert lan["Điện thoại"] == "0912 345 678"
    assert lan["Chương trình quan tâm"] == "Giải thưởng Chất lượng Quốc gia"
    assert lan["Thời gian hoạt động"] == "40 tháng"
    assert lan["Gửi lần đầu"] == "21/11/2026"
    assert lan["Ghi chú"] == ""


def test_a_withdrawn_lead_is_a_row_without_people(tmp_path: Path, knowledge: Knowledge) -> None:
    gone = lead(values={}, contacts=(), state="withdrawn")

    lead_list.export([gone], knowledge, tmp_path / "x.csv")

    header, row = table(tmp_path / "x.csv")
    shown = dict(zip(header, row, strict=True))
    assert shown["Người liên hệ"] == ""
    assert shown["Tình trạng"] == "đã rút"


def test_a_sign_up_says_whether_it_has_a_seat_or_waits(knowledge: Knowledge) -> None:
    form = knowledge.forms["training"]
    course, *others = form.fields
    option = replace(course.options[0], seats=1)
    changed = replace(form, fields=(replace(course, options=(option,)), *others))
    small = replace(knowledge, forms={**knowledge.forms, "training": changed})
    signed = {"forms": ("training",), "values": {"course": option.id}}
    out = io.StringIO()

    lead_list.show(
        [lead(**signed, places={"course": 1}), lead(**signed, places={"course": 3})], small, out
    )

    head, first, second = out.getvalue().splitlines()
    assert head.endswith("\tLớp")
    assert first.endswith(f"\t{option.label} – có chỗ, thứ 1/1")
    assert second.endswith(f"\t{option.label} – chờ, thứ 2")


def test_a_shared_checklist_is_a_column_that_says_how_far_it_is(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    state = "5/8 mục, tính đến 20/11/2026. Còn thiếu: Số liệu kết quả nhiều năm."
    shared = lead(forms=("dossier-2026",), values={"dossier-2026": state})

    lead_list.export([shared], knowledge, tmp_path / "x.csv")

    header, row = table(tmp_path / "x.csv")
    shown = dict(zip(header, row, strict=True))
    assert (shown["Phiếu"], shown["Danh mục hồ sơ"]) == ("Danh mục hồ sơ", state)


def test_a_value_whose_field_is_gone_is_not_lost(tmp_path: Path, knowledge: Knowledge) -> None:
    old = lead(forms=("gone",), values={"fax": ["1", "2"]})

    lead_list.export([old], knowledge, tmp_path / "x.csv")

    header, row = table(tmp_path / "x.csv")
    assert dict(zip(header, row, strict=True))["fax"] == "1, 2"


def test_the_sheet_has_a_fixed_header_and_a_filter(tmp_path: Path, knowledge: Knowledge) -> None:
    lead_list.export([lead()], knowledge, tmp_path / "x.xlsx")

    active = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert active.freeze_panes == "A2"
    assert active.auto_filter.ref.startswith("A1:")
    assert active.auto_filter.ref.endswith("2")


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hostile, min_size=3, max_size=3))
def test_hostile_text_is_text_in_excel(
    tmp_path: Path, knowledge: Knowledge, texts: list[str]
) -> None:
    enterprise, name, note = texts
    found = lead(enterprise=enterprise, contacts=(contact(name),), values={"note": note})

    lead_list.export([found], knowledge, tmp_path / "x.xlsx")

    header, row = openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows()
    cells = {label.value: cell for label, cell in zip(header, row, strict=True)}
    assert {cell.data_type for cell in row} <= {"s", "n"}  # "n" without a value is an empty cell
    assert not any(isinstance(cell.value, int | float) for cell in row)
    assert (cells["Doanh nghiệp"].value or "") == lead_book.cell(enterprise)
    assert (cells["Người liên hệ"].value or "") == lead_book.cell(name)
    assert (cells["Ghi chú"].value or "") == lead_book.cell(note)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hostile, min_size=3, max_size=3))
def test_hostile_text_is_text_in_a_csv_file(
    tmp_path: Path, knowledge: Knowledge, texts: list[str]
) -> None:
    enterprise, name, note = texts
    found = lead(enterprise=enterprise, contacts=(contact(name),), values={"note": note})

    lead_list.export([found], knowledge, tmp_path / "x.csv")

    header, row = table(tmp_path / "x.csv")
    shown = dict(zip(header, row, strict=True))
    assert not any(re.match(r"[=+\-@＝＋－＠\t\r\0]", cell) for cell in row)
    assert not any(re.search(r";\s*[=+\-@＝＋－＠]", cell) for cell in row)
    for label, text in (("Doanh nghiệp", enterprise), ("Người liên hệ", name), ("Ghi chú", note)):
        assert shown[label].replace("'", "") == lead_book.cell(text).replace("'", "")


def test_a_csv_file_begins_with_the_mark_that_excel_needs(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    lead_list.export([], knowledge, tmp_path / "x.csv")

    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_another_suffix_is_refused_with_the_ones_there_are(donghanh: Run) -> None:
    done = donghanh("leads", "export", "x.ods")

    assert done.exit_code == 2
    assert ".xlsx hoặc .csv" in done.stderr


def test_an_unknown_programme_is_refused_with_the_ones_there_are(
    donghanh: Run, database: Path
) -> None:
    assert database.exists()

    done = donghanh("leads", "list", "--programme", "awrd")

    assert done.exit_code == 2
    assert "award" in done.stderr


def test_leads_are_exported_from_the_database(donghanh: Run, database: Path, here: Path) -> None:
    assert database.exists()

    done = donghanh("leads", "export", "x.xlsx")

    assert done.exit_code == 0, done.stderr
    assert done.stdout == "Đã ghi 1 doanh nghiệp, 2 người liên hệ vào x.xlsx\n"
    assert {row[2] for row in sheet(here / "x.xlsx")[1:]} == {"Nguyễn Thị Lan", "=Trần Văn Minh"}


def test_a_workbook_has_a_sheet_for_each_table_and_charts_of_counts(
    donghanh: Run, database: Path, here: Path
) -> None:
    asyncio.run(follow_up(database))

    assert donghanh("leads", "export", "x.xlsx").exit_code == 0

    book = openpyxl.load_workbook(here / "x.xlsx")
    assert book.sheetnames == [
        "Đăng ký",
        "Doanh nghiệp",
        "Người liên hệ",
        "Phiếu",
        "Nhật ký trạng thái",
        "Ghi chú",
        "Biểu đồ",
    ]
    read = {name: read_back(book[name]) for name in book.sheetnames[1:-1]}
    key = {"Số": "1", "Mã số thuế": "0101243150", "Doanh nghiệp": "Công ty An Hòa"}
    assert all(key.items() <= row.items() for rows in read.values() for row in rows)
    assert [row["Trạng thái"] for row in read["Doanh nghiệp"]] == ["Đang hướng dẫn"]
    assert [row["Người liên hệ"] for row in read["Người liên hệ"]] == [
        "Nguyễn Thị Lan",
        "=Trần Văn Minh",
    ]
    assert len(read["Phiếu"]) == 2
    (changed,) = read["Nhật ký trạng thái"]
    assert (changed["Từ"], changed["Sang"]) == ("Mới", "Đang hướng dẫn")
    assert changed["Ghi thêm"] == "=1+1"
    assert [row["Ghi chú"] for row in read["Ghi chú"]] == ["@SUM(A1)"]
    assert {cell.data_type for row in book["Ghi chú"].iter_rows() for cell in row} == {"s"}

    charts = book["Biểu đồ"]._charts  # openpyxl has no public way to what it read
    counted = {row[0]: row[1] for row in charts_numbers(book)}
    assert len(charts) == 3
    assert counted["Đang hướng dẫn"] == 1
    assert counted["Mới"] == 0
    assert counted["Giải thưởng Chất lượng Quốc gia"] == 1


async def follow_up(database: Path) -> None:
    store, by = await Store.open(database), Actor(None, "dòng lệnh")
    try:
        await store.write(lambda db: leads.set_status(db, 1, "guided", "=1+1", by, MOMENT))
        await store.write(lambda db: leads.add_note(db, 1, "@SUM(A1)", by, MOMENT))
    finally:
        await store.close()


def read_back(of_book: Any) -> list[dict[str, str]]:
    header, *rows = ([cell.value or "" for cell in row] for row in of_book.iter_rows())
    return [dict(zip(header, row, strict=True)) for row in rows]


def charts_numbers(book: Any) -> list[tuple[str, int]]:
    rows = book["Biểu đồ"].iter_rows(max_col=2, values_only=True)
    return [(name, count) for name, count in rows if count is not None]


def test_a_workbook_of_some_leads_names_no_others(
    donghanh: Run, database: Path, here: Path
) -> None:
    assert database.exists()

    donghanh("leads", "export", "x.xlsx", "--programme", "training")

    book = openpyxl.load_workbook(here / "x.xlsx")
    assert [book[name].max_row for name in book.sheetnames[:-1]] == [1] * 6
    (noted,) = (here / "data" / "acts").glob("*.json")  # for the audit, with filter and count
    act = json.loads(noted.read_text(encoding="utf-8"))
    assert (act["act"], act["about"]) == ("export", "enterprises")
    assert act["after"] == {"enterprises": 0, "programme": "training"}


async def test_a_file_asked_for_by_chat_shows_the_moment_in_which_it_is_sent(
    database: Path,
) -> None:
    await follow_up(database)
    asked = file_of(Sought())
    drawer = app.drawer(read(), SystemClock())

    with pytest.raises(NotDrawnError, match="no_right"):  # nobody of the staff asks any more
        await drawer.draw(asked.kind, asked.content)
    await appoint(database)
    made = openpyxl.load_workbook(io.BytesIO(await drawer.draw(asked.kind, asked.content)))
    assert "0101243150" not in str(asked)
    assert read_back(made["Doanh nghiệp"])[0]["Trạng thái"] == "Đang hướng dẫn"


def file_of(sought: Sought) -> attachments.Attachment:
    content: attachments.LeadsContent = {
        "staff": 1,
        "sought": sought.as_data(),
        "until": "2026-11-22",
        "words": "Mới; =1+1",
        "asked_at": "09:00 20/11/2026",
    }
    return attachments.leads("x", content, caption="c", instead="i")


async def test_a_file_holds_the_list_that_was_asked_for_and_says_which(database: Path) -> None:
    await follow_up(database)
    await appoint(database)
    drawer = app.drawer(read(), SystemClock())

    for sought, names in (
        (Sought(words="an hoa", status="guided"), ["Công ty An Hòa"]),
        (Sought(status="result"), []),
    ):
        asked = file_of(sought)
        made = openpyxl.load_workbook(io.BytesIO(await drawer.draw(asked.kind, asked.content)))
        assert made.sheetnames[0] == "Tệp này"
        about = {row["Mục"]: row["Nội dung"] for row in read_back(made["Tệp này"])}
        assert about["Danh sách"] == "Mới; =1+1"
        assert (about["Lấy lúc"], about["Người lấy"]) == ("09:00 20/11/2026", "Hoa")
        assert about["Số doanh nghiệp"] == str(len(names))
        assert [row["Doanh nghiệp"] for row in read_back(made["Doanh nghiệp"])] == names
        assert all(cell.data_type != "f" for row in made["Tệp này"].rows for cell in row)
        assert charts_numbers(made)[:1] == [("Mới", 0)]


async def appoint(database: Path) -> None:
    store, by = await Store.open(database), Actor(None, "dòng lệnh")
    where = Conversation("telegram", "9")
    try:
        await store.write(lambda db: staff.add(db, where, "Hoa", Role.OFFICER, by, MOMENT))
    finally:
        await store.close()


def test_a_list_is_previewed_and_only_then_taken_in(
    donghanh: Run, database: Path, here: Path
) -> None:
    assert database.exists()
    rows = "MST,Tên doanh nghiệp,Vốn\n0101243150,An Hòa,1\n0400101394,Nam Ô,2\n123,Xấu,3\n"
    (here / "list.csv").write_text(rows, encoding="utf-8")

    seen = donghanh("leads", "import", "list.csv")
    assert seen.exit_code == 0
    assert seen.stdout.splitlines()[:2] == [
        "dòng 2\tđã có\t0101243150\tAn Hòa",
        "dòng 3\tmới\t0400101394\tNam Ô",
    ]
    assert "dòng 4\tkhông hợp lệ\t123\tXấu\t" in seen.stdout
    assert "Cột không dùng: Vốn" in seen.stdout
    assert "mới: 1, đã có: 1, không hợp lệ: 1" in seen.stdout
    assert "chưa ghi gì" in seen.stdout

    assert "mới: 1" in donghanh("leads", "import", "list.csv", "--apply").stdout
    again = donghanh("leads", "import", "list.csv", "--apply").stdout
    assert "mới: 0, đã có: 2" in again
    assert "An Hòa" in donghanh("leads", "list").stdout


@pytest.mark.parametrize(("name", "said"), [("x.xls", ".xlsx hoặc .csv"), ("x.xlsx", "hãy mở")])
def test_a_list_that_cannot_be_read_is_refused_with_a_sentence(
    donghanh: Run, here: Path, name: str, said: str
) -> None:
    (here / name).write_bytes(b"nothing")

    done = donghanh("leads", "import", name)

    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ([], 2),
        (["--programme", "award"], 2),
        (["--programme", "training"], 0),
        (["--form", "register"], 2),
        (["--since", "2026-11-20"], 2),
        (["--since", "2026-11-21"], 0),
    ],
)
def test_leads_are_listed_as_asked(donghanh: Run, asked: list[str], count: int) -> None:
    done = donghanh("leads", "list", *asked)

    header, *rows = done.stdout.splitlines()
    assert header.split("\t")[:2] == ["Mã số thuế", "Doanh nghiệp"]
    assert len(rows) == count


def test_on_a_terminal_leads_are_a_table(knowledge: Knowledge) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    lead_list.show([lead(enterprise="[red]An\x1b[31m Hòa")], knowledge, out)

    assert "[red]An" in out.getvalue()
    assert "1 doanh nghiệp" in out.getvalue()


def test_without_a_database_the_missing_file_is_named(donghanh: Run) -> None:
    done = donghanh("leads", "list")

    assert done.exit_code == 1
    assert done.stderr == "data/donghanh.db: không có tệp hoặc thư mục này\n"
