"""The department's own list of enterprises, as a file that nobody promised anything about.

A file is read within limits, or refused with a sentence for whoever gave it. A formula is never
calculated and never believed: a cell that holds one says so.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bot.channels.text import one_line
from knowledge.text import fold

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNPACKED: Final = 50 * 1024 * 1024  # what a small archive may become
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 20_000, 60, 300
MOST_SHEETS: Final = 20
SUFFIXES: Final = (".xlsx", ".csv")
OTHER_FILE: Final = (
    "chỉ đọc được tệp .xlsx hoặc .csv; tệp .xls đời cũ thì mở bằng Excel, lưu lại thành .xlsx"
)
HEADER_WITHIN: Final = 20  # rows: above it stand titles
FORMULA: Final = "\0formula"  # what a cell with a formula is read as: no typed text holds a NUL

# The heads of columns, folded; of several that could be meant, the first that is there. A head that
# is none of these may have one within: looked for field by field in this order.
HEADS: Final[Mapping[str, Sequence[str]]] = {
    "tax_code": ("ma so thue", "mst", "ma so doanh nghiep", "ma so dn", "ma thue", "ma so"),
    "email": ("thu dien tu", "email", "e mail", "dia chi email", "thu"),
    "phone": ("dien thoai", "so dien thoai", "sdt", "so dt", "di dong", "dt", "dien thoai lien he"),
    "position": ("chuc vu", "chuc danh"),
    "name": (
        "ten doanh nghiep",
        "doanh nghiep",
        "ten don vi",
        "ten cong ty",
        "ten co so",
        "ten to chuc",
        "ten hop tac xa",
        "don vi",
        "cong ty",
        "ten dn",
        "ten",
    ),
    "contact": (
        "nguoi lien he",
        "nguoi dai dien",
        "ho va ten",
        "ho ten",
        "dai dien",
        "chu co so",
        "lien he",
    ),
    "commune": ("xa phuong", "phuong xa", "xa", "phuong", "dia ban", "xa phuong dac khu"),
    "province": ("tinh thanh pho", "tinh thanh", "tinh", "tinh tp"),
}
_NEEDED: Final = frozenset({"tax_code", "name"})
_OTHER: Final = re.compile(r"\b(?:ngay|noi|nganh|loai|so luong)\b")  # a head about something else
_BOM_16: Final = frozenset({b"\xff\xfe", b"\xfe\xff"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows by their numbers, each with its cells by column.

    `ignored` are heads that said nothing; `name` is the sheet's in a workbook of several.
    """

    rows: Sequence[tuple[int, Mapping[str, str]]]
    ignored: Sequence[str] = field(default=())
    name: str = ""


class UnreadableError(ValueError):
    """The file cannot be used; the message is for whoever gave it."""


def opened(path: Path) -> Sheet:
    """Read a .xlsx or .csv file. Raises UnreadableError and OSError."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UnreadableError(f"tệp lớn {size // 2**20} MiB; nhiều nhất {MOST_BYTES // 2**20} MiB")
    return parsed(path.read_bytes(), path.suffix)


def parsed(content: bytes, suffix: str) -> Sheet:
    """The same of a file's bytes: of the first visible sheet that has the heads."""
    readers: Mapping[str, Callable[[bytes], Iterable[tuple[str, list[list[str]]]]]] = {
        ".xlsx": _xlsx,
        ".csv": _csv,
    }
    reader = readers.get(suffix.lower())
    if reader is None:
        raise UnreadableError(OTHER_FILE)
    for name, rows in reader(content):
        if (found := _sheet(rows)) is not None:
            if len(rows) > MOST_ROWS:
                raise UnreadableError(f"tệp có hơn {MOST_ROWS} dòng; hãy chia nhỏ")
            return replace(found, name=name)
    raise UnreadableError(
        "không thấy dòng tiêu đề có cột “Mã số thuế” và cột “Tên doanh nghiệp” trong "
        f"{HEADER_WITHIN} dòng đầu"
    )


def _sheet(rows: Sequence[Sequence[str]]) -> Sheet | None:
    """Find the heads, then give each row below its cells by column."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        columns = _columns(row)
        if columns.keys() >= _NEEDED:
            taken = set(columns.values())
            ignored = [head for at, head in enumerate(row) if head and at not in taken]
            return Sheet(tuple(_below(rows, number + 1, columns)), ignored)
    return None


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
    for name, known in HEADS.items():
        met = [heads[word] for word in known if word in heads]
        if met:
            found[name] = met[0]
    for name, known in HEADS.items():
        left = [head for head, at in heads.items() if at not in found.values()]
        if name not in found and (within := _within(known, left)):
            found[name] = heads[within]
    return found


def _within(known: Sequence[str], heads: Sequence[str]) -> str:
    """The head that has one of these among its words; empty where none has."""
    for word in known:
        for head in heads:
            if f" {word} " in f" {head} " and not _OTHER.search(head):
                return head
    return ""


def _xlsx(content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """The rows of each visible sheet, as text."""
    import openpyxl  # type: ignore[import-untyped]

    _within_limits(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # what it cannot keep, it says: we only read
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
            seen = [each for each in book.worksheets if each.sheet_state == "visible"]
            for sheet in seen[:MOST_SHEETS]:
                sheet.reset_dimensions()  # what a file says of its own size is not believed
                rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS), MOST_ROWS + 1)
                read = [[_text(cell.value, cell.data_type) for cell in row] for row in rows]
                yield (sheet.title if len(seen) > 1 else ""), read
    except UnreadableError:
        raise
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


def _csv(content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """The rows of a file with commas, semicolons or tabs, whatever Excel wrote it in."""
    text = _decoded(content).replace("\0", " ")
    head = text[:10_000]
    comma = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=comma)
    try:
        yield (
            "",
            [
                [_text(each, "f" if each.startswith("=") else "s") for each in row[:MOST_COLUMNS]]
                for row in islice(rows, MOST_ROWS + 1)
            ],
        )
    except csv.Error as error:
        raise UnreadableError(f"tệp .csv hỏng: {error}") from error


def _decoded(content: bytes) -> str:
    """UTF-8, "Unicode text", or the code page of a Vietnamese Windows, where it makes a list."""
    codings = ["utf-16"] if content[:2] in _BOM_16 else ["utf-8-sig", "cp1258"]
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if coding != "cp1258" or "thue" in fold(text[:10_000]) or "mst" in fold(text[:10_000]):
            return text
    raise UnreadableError("tệp .csv không phải UTF-8; trong Excel chọn “CSV UTF-8” khi lưu")


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
