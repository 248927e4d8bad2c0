"""The department's own list of enterprises, as a file that nobody promised anything about.

A file is read within limits, or refused with a sentence for whoever gave it. Each row that holds
anything gets one verdict: new, existing, or invalid with the reason. A formula is never calculated
and never believed: its row is invalid.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bot.channels.text import one_line
from bot.store.listing import Listed
from handlers.fields import Bad, read
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Knowledge
from knowledge.text import fold

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNPACKED: Final = 50 * 1024 * 1024  # what a small archive may become
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 20_000, 60, 300
HEADER_WITHIN: Final = 20  # rows: above it stand titles
LONGEST: Final = 200  # of a name, as in the form
FORMULA: Final = "\0formula"  # what a cell with a formula is read as: no typed text holds a NUL
_TAX_CODE: Final = Field("tax_code", "tax_code", "", "")
_PHONE: Final = Field("phone", "phone", "", "")
_EMAIL: Final = Field("email", "email", "", "")
_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=VIETNAM)  # a tax code does not depend on the day
_ZERO_LOST: Final = 9  # digits of a tax code that Excel took for a number

# The heads of columns, folded; of several that could be meant, the first that is there.
HEADS: Final[Mapping[str, Sequence[str]]] = {
    "tax_code": ("ma so thue", "mst", "ma so doanh nghiep", "ma so dn", "ma so", "ma thue"),
    "name": (
        "ten doanh nghiep",
        "doanh nghiep",
        "ten don vi",
        "ten cong ty",
        "ten co so",
        "ten to chuc",
        "don vi",
        "cong ty",
        "ten dn",
        "ten",
    ),
    "contact": ("nguoi lien he", "nguoi dai dien", "ho va ten", "ho ten", "dai dien", "lien he"),
    "position": ("chuc vu", "chuc danh"),
    "phone": ("dien thoai", "so dien thoai", "sdt", "so dt", "di dong", "dt", "dien thoai lien he"),
    "email": ("thu dien tu", "email", "e mail", "dia chi email", "thu"),
    "province": ("tinh thanh pho", "tinh thanh", "tinh", "tinh tp"),
    "commune": ("xa phuong", "phuong xa", "xa", "phuong", "dia ban", "xa phuong dac khu"),
}


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    EXISTING = "existing"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, by its number there. `listed` is what would be kept of a good one.

    `remark` is the reason of an invalid row, and of another what was left out of it.
    """

    number: int
    verdict: Verdict
    tax_code: str
    name: str
    remark: str = ""
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows by their numbers, each with its cells by column; heads that said nothing."""

    rows: Sequence[tuple[int, Mapping[str, str]]]
    ignored: Sequence[str] = field(default=())


class UnreadableError(ValueError):
    """The file cannot be used; the message is for whoever gave it."""


def opened(path: Path) -> Sheet:
    """Read a .xlsx or .csv file. Raises UnreadableError and OSError."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UnreadableError(f"tệp lớn {size // 2**20} MiB; nhiều nhất {MOST_BYTES // 2**20} MiB")
    return parsed(path.read_bytes(), path.suffix)


def parsed(content: bytes, suffix: str) -> Sheet:
    """The same of a file's bytes."""
    readers: Mapping[str, Callable[[bytes], Iterable[list[str]]]] = {".xlsx": _xlsx, ".csv": _csv}
    reader = readers.get(suffix.lower())
    if reader is None:
        raise UnreadableError("chỉ đọc được tệp .xlsx hoặc .csv")
    rows = list(islice(reader(content), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise UnreadableError(f"tệp có hơn {MOST_ROWS} dòng; hãy chia nhỏ")
    return _sheet(rows)


def judged(sheet: Sheet, known: Mapping[str, int], knowledge: Knowledge) -> list[Row]:
    """One verdict for each row; `known` are the tax codes that are there already."""
    found: list[Row] = []
    first: dict[str, int] = {}
    for number, cells in sheet.rows:
        row = _judge(number, cells, known, knowledge)
        if row.verdict is Verdict.NEW and row.tax_code in first:
            remark = f"cùng mã số thuế với dòng {first[row.tax_code]}"
            remark = "; ".join(filter(None, (remark, row.remark)))
            row = Row(number, Verdict.EXISTING, row.tax_code, row.name, remark, row.listed)
        if row.verdict is not Verdict.INVALID:
            first.setdefault(row.tax_code, number)
        found.append(row)
    return found


def _judge(
    number: int, cells: Mapping[str, str], known: Mapping[str, int], knowledge: Knowledge
) -> Row:
    written, name = cells.get("tax_code", ""), cells.get("name", "")

    def invalid(reason: str) -> Row:
        shown = {each: "" if text == FORMULA else text for each, text in cells.items()}
        return Row(
            number, Verdict.INVALID, shown.get("tax_code", ""), shown.get("name", ""), reason
        )

    if FORMULA in cells.values():
        return invalid("có ô là công thức; hãy chép rồi dán dạng giá trị")
    if not written:
        return invalid("thiếu mã số thuế")
    if written.isdecimal() and len(written) == _ZERO_LOST:
        written = f"0{written}"
    code = read(_TAX_CODE, written, knowledge, _NOON)
    if isinstance(code, Bad):
        return invalid(one_line(knowledge.say(code.phrase, **code.values)))
    if not 0 < len(name) <= LONGEST:
        return invalid("thiếu tên doanh nghiệp" if not name else f"tên dài quá {LONGEST} ký tự")
    parts, left_out = _person(cells, knowledge)
    listed = Listed(
        str(code.value),
        name,
        position=cells.get("position", ""),
        contact=cells.get("contact", ""),
        province=cells.get("province", ""),
        commune=cells.get("commune", ""),
        **parts,
    )
    verdict = Verdict.EXISTING if listed.tax_code in known else Verdict.NEW
    return Row(number, verdict, listed.tax_code, name, "; ".join(left_out), listed)


def _person(cells: Mapping[str, str], knowledge: Knowledge) -> tuple[dict[str, str], list[str]]:
    """Phone and mail address where they are good; what was left out, in words."""
    kept, left_out = {}, []
    for asked, label in ((_PHONE, "số điện thoại"), (_EMAIL, "thư điện tử")):
        if written := cells.get(asked.id, ""):
            value = read(asked, written, knowledge, _NOON)
            if isinstance(value, Bad):
                left_out.append(f"bỏ {label} không đọc được")
            else:
                kept[asked.id] = str(value.value)
    return kept, left_out


def _sheet(rows: Sequence[Sequence[str]]) -> Sheet:
    """Find the heads, then give each row below its cells by column."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        columns = _columns(row)
        if {"tax_code", "name"} <= columns.keys():
            taken = set(columns.values())
            ignored = [head for at, head in enumerate(row) if head and at not in taken]
            return Sheet(tuple(_below(rows, number + 1, columns)), ignored)
    raise UnreadableError(
        "không thấy dòng tiêu đề có cột “Mã số thuế” và cột “Tên doanh nghiệp” trong "
        f"{HEADER_WITHIN} dòng đầu"
    )


def _below(
    rows: Sequence[Sequence[str]], start: int, columns: Mapping[str, int]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, row in enumerate(rows[start:], start=start + 1):
        cells = {name: row[at] for name, at in columns.items() if at < len(row) and row[at]}
        if cells:
            yield number, cells


def _columns(row: Sequence[str]) -> dict[str, int]:
    heads: dict[str, int] = {}
    for at, head in enumerate(row):
        heads.setdefault(fold(head), at)
    found = {}
    for each in fields(Listed):
        met = [heads[word] for word in HEADS[each.name] if word in heads]
        if met:
            found[each.name] = met[0]
    return found


def _xlsx(content: bytes) -> list[list[str]]:
    """The rows of the first sheet, as text."""
    import openpyxl  # type: ignore[import-untyped]

    _within_limits(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # what it cannot keep, it says: we only read
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS), MOST_ROWS + 1)
            return [[_text(cell.value, cell.data_type) for cell in row] for row in rows]
    except Exception as error:
        # Anything can be in the file, and openpyxl raises whatever its parts raise.
        raise UnreadableError(
            "tệp .xlsx hỏng hoặc có mật khẩu; hãy mở bằng Excel, lưu lại"
        ) from error


def _within_limits(content: bytes) -> None:
    """Look at an archive before it is unpacked: a few bytes can become gigabytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise UnreadableError("đây không phải tệp .xlsx; hãy mở bằng Excel, lưu lại") from None
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableError("tệp .xlsx phình quá lớn khi mở ra; hãy chép phần cần vào tệp mới")


def _csv(content: bytes) -> Iterator[list[str]]:
    """The rows of a file with commas, semicolons or tabs, in UTF-8 or as Excel's "Unicode text"."""
    coding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        raise UnreadableError(
            "tệp .csv không phải UTF-8; trong Excel chọn “CSV UTF-8” khi lưu"
        ) from None
    text = text.replace("\0", " ")
    head = text[:10_000]
    comma = max(",;\t", key=head.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma):
            yield [_text(each, "f" if each.startswith("=") else "s") for each in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise UnreadableError(f"tệp .csv hỏng: {error}") from error


def _text(value: Any, kind: str) -> str:  # noqa: ANN401 - whatever a cell holds
    """A cell as one line of text, cut where it is no cell of a list any more."""
    if kind == "f":
        return FORMULA
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        value = f"{value:%d/%m/%Y}"
    text = unicodedata.normalize("NFC", str(value)[: 4 * MOST_CELL])
    return one_line(text)[:MOST_CELL].strip()


def counts(rows: Iterable[Row]) -> dict[Verdict, int]:
    found = dict.fromkeys(Verdict, 0)
    for row in rows:
        found[row.verdict] += 1
    return found
