"""The department's own list: any file is read or refused, any row gets one verdict."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot import lead_import, lead_sheet
from bot.lead_import import Row, Verdict, judged, met_again
from bot.lead_sheet import UnreadableError, parsed
from bot.operations.lead_listing import take_in
from bot.operations.rights import Actor
from bot.store import audiences, erasure, lead_cards, schema, submissions
from bot.store.database import Store
from bot.store.follow_up import brief
from bot.store.listing import Listed
from handlers.conversation import Conversation
from handlers.effects import SaveSubmission
from knowledge.entries import Knowledge
from tests.effort import examples
from tests.new_database import new_database

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HEAD = ["STT", "Tên doanh nghiệp", "MÃ SỐ THUẾ", "Người liên hệ", "SĐT", "Email", "Xã/Phường"]
GOOD = ["1", "Công ty An Hòa", "0101243150", "Nguyễn Thị Lan", "0912345678", "a@b.vn", "Hải Vân"]
CONSOLE = Actor(None, "dòng lệnh")


def xlsx(*rows: Sequence[Any]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(content)
    return content.getvalue()


def csv_of(*rows: Sequence[str], comma: str = ",", coding: str = "utf-8-sig") -> bytes:
    content = io.StringIO()
    csv.writer(content, delimiter=comma).writerows(rows)
    return content.getvalue().encode(coding)


def rows(
    content: bytes,
    knowledge: Knowledge,
    suffix: str = ".xlsx",
    known: Collection[str] = (),
) -> list[Row]:
    return met_again(judged(parsed(content, suffix), knowledge), known)


@pytest.mark.parametrize("comma", [",", ";", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_file_is_read_however_excel_wrote_it(
    shipped: Knowledge, comma: str, coding: str
) -> None:
    (row,) = rows(csv_of(HEAD, GOOD, comma=comma, coding=coding), shipped, ".csv")

    assert (row.verdict, row.number, row.remark) == (Verdict.NEW, 2, "")
    assert row.listed is not None
    assert (row.listed.phone, row.listed.commune) == ("+84912345678", "Hải Vân")


def test_columns_are_known_without_accents_in_any_order_below_a_title(shipped: Knowledge) -> None:
    content = xlsx(
        ["DANH SÁCH DOANH NGHIỆP NĂM 2026"],
        [],
        ["dien thoai", "MST", "ten doanh nghiep", "Vốn"],
        [912345678, 101243150, "Công ty An Hòa", 5.5],
    )

    sheet = parsed(content, ".xlsx")
    (row,) = judged(sheet, shipped)

    assert sheet.ignored == ["Vốn"]
    assert (row.verdict, row.number) == (Verdict.NEW, 4)
    assert row.tax_code == "0101243150"  # Excel took both for numbers and dropped their zero
    assert row.listed is not None
    assert row.listed.phone == "+84912345678"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({2: ""}, "thiếu mã số thuế"),
        ({2: "0101243151"}, "chưa đúng"),
        ({2: "12345"}, "5"),
        ({2: "không rõ"}, "chữ"),
        ({2: "1.01E+08"}, "Văn bản (Text)"),
        ({2: "#N/A"}, "báo lỗi"),
        ({1: ""}, "thiếu tên doanh nghiệp"),
        ({1: "x" * 250}, "dài quá 200"),
        ({3: '=HYPERLINK("http://x")'}, "công thức"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    shipped: Knowledge, changed: dict[int, str], reason: str
) -> None:
    cells = [changed.get(at, cell) for at, cell in enumerate(GOOD)]

    for content, suffix in ((xlsx(HEAD, cells), ".xlsx"), (csv_of(HEAD, cells), ".csv")):
        (row,) = rows(content, shipped, suffix)
        assert row.verdict is Verdict.INVALID
        assert row.listed is None
        assert reason in row.remark


def test_a_bad_number_is_left_out_and_said_while_the_enterprise_is_kept(shipped: Knowledge) -> None:
    cells = [*GOOD[:4], "123", "khong phai thu", ""]

    (row,) = rows(xlsx(HEAD, cells), shipped)

    assert row.verdict is Verdict.NEW
    assert row.remark == "bỏ số điện thoại không đọc được; bỏ thư điện tử không đọc được"


def test_known_enterprises_and_repeated_rows_are_existing(shipped: Knowledge) -> None:
    other = ["2", "Nam Ô", "0400101394", "", "", "", ""]

    first, second, third = rows(xlsx(HEAD, GOOD, GOOD, other), shipped, known={"0400101394"})

    assert [each.verdict for each in (first, second, third)] == [
        Verdict.NEW,
        Verdict.EXISTING,
        Verdict.EXISTING,
    ]
    assert second.remark == "cùng mã số thuế với dòng 2"
    again = [*GOOD[:1], "An Hoà JSC", *GOOD[2:]]
    assert rows(xlsx(HEAD, GOOD, again), shipped)[1].remark == (
        "cùng mã số thuế với dòng 2 (dòng ấy tên là Công ty An Hòa)"
    )


def tcvn_windows(text: str) -> bytes:
    """As a Vietnamese Windows writes it: a letter with its shape, then its tone."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = unicodedata.normalize("NFD", text)
    letters = re.findall(r".[\u0300-\u036f]*", apart, re.DOTALL)
    return "".join(
        unicodedata.normalize("NFC", "".join(c for c in each if c not in tones))
        + "".join(c for c in each if c in tones)
        for each in letters
    ).encode("cp1258")


def sheets(*titled: tuple[str, Sequence[Sequence[Any]]], hidden: str = "") -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, lines in titled:
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
        for line in lines:
            sheet.append(list(line))
    book.active = len(titled) - 1
    book.save(content)
    return content.getvalue()


WORDY = [
    "TT",
    "TÊN TỔ CHỨC, DOANH NGHIỆP",
    "MÃ SỐ THUẾ (MST)",
    "Ngày cấp mã số thuế",
    "HỌ VÀ TÊN NGƯỜI LIÊN HỆ",
    "Số điện\nthoại người liên hệ",
    "Email liên hệ",
    "PHƯỜNG/XÃ (mới)",
]
WORDED = ["1", "Công ty An Hòa", "0101243150", "1/1/2020"]
WORDED += ["Nguyễn Thị Lan", "0912 345 678 - 0987654321", "a@b.vn; c@d.vn", "Hải Vân"]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (sheets(("ẩn", [["rác"]]), ("DS", [HEAD, GOOD]), hidden="ẩn"), ".xlsx"),
        (sheets(("ẩn", [HEAD, GOOD, GOOD]), ("DS", [HEAD, GOOD]), hidden="ẩn"), ".xlsx"),
        (sheets(("Hướng dẫn", [["Xem trang sau"]]), ("DS", [HEAD, GOOD])), ".xlsx"),
        (sheets(("Trống", []), ("DS", [[], ["Tiêu đề"], HEAD, GOOD])), ".xlsx"),
        (sheets(("DS", [["STT", "Doanh nghiệp", None, "Liên hệ"], HEAD, GOOD])), ".xlsx"),
        (sheets(("DS", [WORDY, WORDED])), ".xlsx"),
        (tcvn_windows(csv_of(HEAD, GOOD, comma=";", coding="utf-8").decode()), ".csv"),
        (b"sep=;\r\n" + csv_of(HEAD, GOOD, comma=";", coding="utf-8"), ".csv"),
    ],
)
def test_a_list_is_found_wherever_a_department_keeps_it(
    shipped: Knowledge, content: bytes, suffix: str
) -> None:
    (row,) = rows(content, shipped, suffix)

    assert row.listed == Listed(
        "0101243150",
        "Công ty An Hòa",
        contact="Nguyễn Thị Lan",
        phone="+84912345678",
        email="a@b.vn",
        commune="Hải Vân",
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (101243150, "0101243150"),
        (101243150.0, "0101243150"),
        ("1.01243150E+08", "0101243150"),
        ("1,0124315e8", "0101243150"),
        (" 0101\u00a0243 150\u200b", "0101243150"),
        ("'0101243150", "0101243150"),
        ("MST: 0101243150", "0101243150"),
        (101243150001, "0101243150-001"),
        (49090001234, "049090001234"),
    ],
)
def test_what_excel_did_to_a_tax_code_is_undone(
    shipped: Knowledge, written: str | float, expected: str
) -> None:
    (row,) = rows(xlsx(HEAD, ["1", "An Hòa", written, "-", "không", "", "."]), shipped)

    assert (row.verdict, row.tax_code) == (Verdict.NEW, expected)
    assert row.listed is not None
    assert (row.listed.contact, row.listed.commune) == ("", "")


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (lead_sheet.MOST_UNPACKED + 1))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix", "said"),
    [
        (b"", ".xlsx", "không phải tệp .xlsx"),
        (b"PK\x03\x04 not really", ".xlsx", "không phải tệp .xlsx"),
        (b"a,b\n1,2\n", ".csv", "không thấy dòng tiêu đề"),
        (b"\xff\xfea", ".csv", "UTF-8"),
        ("Tên doanh nghiệp".encode("utf-16-be"), ".csv", "không"),
        (b"x", ".xls", "lưu lại thành .xlsx"),
        ("Tên doanh nghiệp".encode("cp1258", "replace"), ".csv", "CSV UTF-8"),
        (csv_of(HEAD, *[["x"]] * (lead_sheet.MOST_ROWS + 1)), ".csv", "hơn 20000 dòng"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    content: bytes, suffix: str, said: str
) -> None:
    with pytest.raises(UnreadableError, match=said):
        parsed(content, suffix)


def test_a_small_file_that_becomes_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    content = bomb()

    assert len(content) < lead_sheet.MOST_UNPACKED / 500
    with pytest.raises(UnreadableError, match="phình"):
        parsed(content, ".xlsx")
    large = tmp_path / "x.csv"
    large.write_bytes(b" " * (lead_sheet.MOST_BYTES + 1))
    with pytest.raises(UnreadableError, match="MiB"):
        lead_sheet.opened(large)


def test_a_sheet_that_names_a_far_cell_is_not_filled_up_to_it() -> None:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.cell(1_048_576, 16_384, "x")
    book.save(content)

    with pytest.raises(UnreadableError, match="dòng"):
        parsed(content.getvalue(), ".xlsx")


cell = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["0101243150", "101243150", "0400101394", "", "=1+1", "0912345678", "a@b.vn"]),
)


@settings(max_examples=examples(40), deadline=None)
@given(table=st.lists(st.lists(cell, max_size=8), max_size=12), known=st.booleans())
def test_every_row_of_any_table_has_exactly_one_verdict(
    shipped: Knowledge, table: list[list[str]], *, known: bool
) -> None:
    sheet = parsed(csv_of(HEAD, *table), ".csv")
    found = met_again(judged(sheet, shipped), {"0101243150"} if known else ())

    assert [each.number for each in found] == [number for number, _ in sheet.rows]
    for each in found:
        assert each.verdict in set(Verdict)
        assert (each.listed is None) == (each.verdict is Verdict.INVALID)
        assert each.remark or each.listed
    assert sum(lead_import.counts(found).values()) == len(found)


@settings(max_examples=examples(40), deadline=None)
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)),
    suffix=st.sampled_from([".xlsx", ".csv"]),
)
def test_any_bytes_are_read_or_refused(shipped: Knowledge, content: bytes, suffix: str) -> None:
    with suppress(UnreadableError):
        judged(parsed(content, suffix), shipped)


@settings(max_examples=examples(30), deadline=None)
@given(at=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused(shipped: Knowledge, at: float, byte: int) -> None:
    content = bytearray(WHOLE)
    content[int(at * (len(content) - 1))] = byte
    with warnings.catch_warnings(action="error"), suppress(UnreadableError):
        judged(parsed(bytes(content), ".xlsx"), shipped)


WHOLE = xlsx(HEAD, GOOD)


async def test_what_is_taken_in_twice_is_there_once_and_can_be_written_to_by_nobody(
    tmp_path: Path, shipped: Knowledge
) -> None:
    listed = parsed(xlsx(HEAD, GOOD, [*GOOD[:3], "Trần Văn Minh", "0987654321"]), ".xlsx")
    sheet = judged(listed, shipped)
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    try:
        taken = [await store.write(lambda db: take_in(db, sheet, CONSOLE, NOW)) for _ in range(2)]
        assert [each.people for each in taken] == [2, 0]
        assert lead_import.counts(taken[1].rows)[Verdict.EXISTING] == 2

        found = await store.read(lambda db: brief(db, 1))
        assert found is not None
        assert (found.status, found.communes) == ("new", ("Hải Vân",))
        card = await store.read(lambda db: lead_cards.card(db, found))
        assert [each.name for each in card.people] == ["Nguyễn Thị Lan", "Trần Văn Minh"]
        assert {each.verified for each in card.people} == {""}
        for table in (schema.conversation, schema.consent, schema.submission, schema.delivery):
            counted = select(func.count()).select_from(table)
            assert await store.read(lambda db, one=counted: db.scalar(one)) == 0  # type: ignore[misc]  # mypy loses a lambda's default
        assert await store.read(lambda db: audiences.count(db, audiences.EVERYBODY)) == 0
    finally:
        await store.close()


async def test_an_enterprise_of_the_list_outlives_the_person_who_erases_themselves(
    tmp_path: Path, shipped: Knowledge
) -> None:
    sheet = judged(parsed(xlsx(HEAD, GOOD), ".xlsx"), shipped)
    form = SaveSubmission(
        "register",
        {},
        "p",
        tax_code="0101243150",
        enterprise="An Hòa JSC",
        contact="Lan",
        phone="+84912345678",
    )
    lan = Conversation("telegram", "12345678")
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    try:
        await store.write(lambda db: take_in(db, sheet, CONSOLE, NOW))
        await store.write(lambda db: submissions.save(db, lan, form, NOW))
        await store.write(lambda db: erasure.erase(db, lan, NOW))

        found = await store.read(lambda db: brief(db, 1))
        assert found is not None
        assert (found.tax_code, found.name) == ("0101243150", "An Hòa JSC")
        assert (await store.read(lambda db: lead_cards.card(db, found))).people == ()
    finally:
        await store.close()
