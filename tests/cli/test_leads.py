"""`donghanh leads`: what people typed is read back as the text it was, and never calculated."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import lead_list
from bot.store.leads import Contact, Lead
from knowledge import Knowledge
from tests.cli.conftest import Run

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


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert (cells["Doanh nghiệp"].value or "") == lead_list._cell(enterprise)
    assert (cells["Người liên hệ"].value or "") == lead_list._cell(name)
    assert (cells["Ghi chú"].value or "") == lead_list._cell(note)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        assert shown[label].replace("'", "") == lead_list._cell(text).replace("'", "")


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


def test_leads_are_exported_from_the_database(
    process: Callable[..., subprocess.CompletedProcess[str]], database: Path, here: Path
) -> None:
    assert database.exists()

    done = process("leads", "export", "x.xlsx")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "Đã ghi 1 doanh nghiệp, 2 người liên hệ vào x.xlsx\n"
    assert {row[2] for row in sheet(here / "x.xlsx")[1:]} == {"Nguyễn Thị Lan", "=Trần Văn Minh"}


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
