"""The rows of the department's own list, judged: one verdict for each that holds anything.

New, existing, or invalid with the reason. What Excel did to a number is undone where that is
certain, and said where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.channels.text import one_line
from bot.lead_sheet import FORMULA, Sheet
from bot.store.listing import Listed
from handlers.fields import Bad, read
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Knowledge

LONGEST: Final = 200  # of a name, as in the form
_TAX_CODE: Final = Field("tax_code", "tax_code", "", "")
_PHONE: Final = Field("phone", "phone", "", "")
_EMAIL: Final = Field("email", "email", "", "")
_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=VIETNAM)  # a tax code does not depend on the day
# Digits of a tax code that Excel took for a number: an enterprise's and a household's begin with
# a zero, and so does a branch's where it has no zero now (a household's always has).
_ZERO_LOST: Final = re.compile(r"\d{9}|\d{11}|[1-9]\d{11}")
_SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d+)", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*[;,/|]\s*|\s+[-–]\s+")


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
class SentList:
    """A list that somebody sent, judged; `key` finds it again. The rest is as in `Sheet`."""

    key: str
    rows: Sequence[Row]
    ignored: Sequence[str]
    sheet: str


def judged(sheet: Sheet, knowledge: Knowledge) -> list[Row]:
    """One verdict for each row, as if no enterprise were there yet (`met_again`)."""
    found: list[Row] = []
    first: dict[str, Row] = {}
    for number, cells in sheet.rows:
        row = _judge(number, cells, knowledge)
        earlier = first.get(row.tax_code)
        if row.verdict is not Verdict.INVALID and earlier is not None:
            other = "" if earlier.name == row.name else f" (dòng ấy tên là {earlier.name})"
            remark = f"cùng mã số thuế với dòng {earlier.number}{other}"
            remark = "; ".join(filter(None, (remark, row.remark)))
            row = Row(number, Verdict.EXISTING, row.tax_code, row.name, remark, row.listed)
        if row.verdict is not Verdict.INVALID:
            first.setdefault(row.tax_code, row)
        found.append(row)
    return found


def met_again(rows: Iterable[Row], known: Collection[str]) -> list[Row]:
    """The same rows, those whose tax codes are there already being existing."""
    return [
        replace(row, verdict=Verdict.EXISTING)
        if row.verdict is Verdict.NEW and row.tax_code in known
        else row
        for row in rows
    ]


def _judge(number: int, cells: Mapping[str, str], knowledge: Knowledge) -> Row:
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
    if written.startswith("#"):
        return invalid("ô mã số thuế báo lỗi trong Excel")
    if (whole := _whole(written)) is None:
        return invalid(
            "Excel đã đổi mã số thuế thành số rút gọn, mất chữ số; hãy đặt cột ấy là Văn bản"
            " (Text) rồi nhập lại"
        )
    code = read(_TAX_CODE, whole, knowledge, _NOON)
    if isinstance(code, Bad):
        return invalid(_first_sentence(knowledge.say(code.phrase, **code.values)))
    if not 0 < len(name) <= LONGEST:
        return invalid("thiếu tên doanh nghiệp" if not name else f"tên dài quá {LONGEST} ký tự")
    parts, left_out = _person(cells, knowledge)
    listed = Listed(
        str(code.value),
        name,
        **{part: _said(cells, part) for part in ("position", "contact", "province", "commune")},
        **parts,
    )
    return Row(number, Verdict.NEW, listed.tax_code, name, "; ".join(left_out), listed)


def _whole(written: str) -> str | None:
    """A tax code with what Excel took from it; None where that cannot be known."""
    if found := _SCIENTIFIC.fullmatch(written):
        digits, length = found[1] + (found[2] or ""), int(found[3]) + 1
        if len(digits) > length or len(digits) < length - 1:
            return None
        written = digits.ljust(length, "0")
    return f"0{written}" if _ZERO_LOST.fullmatch(written) else written


def _person(cells: Mapping[str, str], knowledge: Knowledge) -> tuple[dict[str, str], list[str]]:
    """Phone and mail address, the first that is good of several; what was left out, in words."""
    kept, remarks = {}, []
    for asked, label in ((_PHONE, "số điện thoại"), (_EMAIL, "thư điện tử")):
        if not (written := _said(cells, asked.id)):
            continue
        for at, each in enumerate(_each(written)):
            value = read(asked, each, knowledge, _NOON)
            if not isinstance(value, Bad):
                kept[asked.id] = str(value.value)
                if at:
                    remarks.append(f"giữ {label} đầu, bỏ phần còn lại")
                break
        else:
            remarks.append(f"bỏ {label} không đọc được")
    return kept, remarks


def _each(written: str) -> Iterator[str]:
    """A cell as one value, then what it may hold of several."""
    yield written
    yield from filter(None, _SEVERAL.split(written))
    yield from written.split()


def _said(cells: Mapping[str, str], part: str) -> str:
    """What a cell says; nothing where it holds only a dash or a dot."""
    text = cells.get(part, "")
    return text if any(map(str.isalnum, text)) else ""


def _first_sentence(text: str) -> str:
    """What is wrong, without the request that goes with it in a chat."""
    return one_line(text).partition(". ")[0].removesuffix(".")


def counts(rows: Iterable[Row]) -> dict[Verdict, int]:
    found = dict.fromkeys(Verdict, 0)
    for row in rows:
        found[row.verdict] += 1
    return found
