"""Registrations as officers read them: on the screen, in Excel, in a CSV file.

Every cell is one line of text. What people typed must not be calculated when the file is opened
(OWASP ASVS 5.0, 1.2.10): an .xlsx cell is written as a string whatever it holds, and a .csv value
that begins like a formula gets an apostrophe.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from bot.store.database import Readers
from bot.store.leads import ACTIVE, Contact, Lead, Wanted, leads
from handlers.fields import shown
from knowledge.answers import DATE
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Form, Knowledge

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

MAX_CELL: Final = 32_767  # characters, Excel's own limit; more and the cell is dropped
NARROWEST, WIDEST = 8, 50  # characters
PROGRAMMES: Final = "programmes"  # the field of a form that names the programmes of interest

_CONTACT: Final = (
    ("tax_code", "Mã số thuế"),
    ("enterprise", "Doanh nghiệp"),
    ("contact", "Người liên hệ"),
    ("position", "Chức vụ"),
    ("phone", "Điện thoại"),
    ("verified", "Số đã xác thực"),
    ("email", "Thư điện tử"),
    ("channel", "Kênh"),
)
_COURSE: Final = (
    ("forms", "Phiếu"),
    ("first", "Gửi lần đầu"),
    ("last", "Cập nhật"),
    ("state", "Tình trạng"),
)
_BRIEF: Final = ("tax_code", "enterprise", "contact", "phone", PROGRAMMES, "last", "state")
_PHONE: Final = Field("phone", "phone", "", "")
# Control characters, half characters, what XML cannot hold, and marks that turn text around.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028-\u202e\u2066-\u2069]+"
)
# A line quoted for commas is cut at ";" where that is the list separator of Windows.
_FORMULA: Final = re.compile(r"(^|;)(?=[\s'\"]*[=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Table:
    """Labels by column, and rows that have a text for each column."""

    labels: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]


def wanted(knowledge: Knowledge, form: str, programme: str, since: datetime | None) -> Wanted:
    """Which leads were asked for; *since* is a day in Viet Nam.

    Raises ValueError, with a sentence for whoever typed it, for a form or programme that is none.
    """
    programmes = {
        option.id
        for each in knowledge.forms.values()
        for field in each.fields
        if field.id == PROGRAMMES
        for option in field.options
    }
    for typed, known, what in ((form, knowledge.forms, "phiếu"), (programme, programmes, "mã")):
        if typed and typed not in known:
            raise ValueError(f"không có {what} “{typed}”; hiện có: {', '.join(sorted(known))}")
    return Wanted(form, programme, since.replace(tzinfo=VIETNAM) if since else None)


def read(database: Path, which: Wanted) -> Sequence[Lead]:
    """The leads of a database, whether a bot is running on it or not.

    Raises FileNotFoundError where there is none yet, and StoreFailed.
    """
    if not database.exists():
        raise FileNotFoundError(database)
    return asyncio.run(_read(database, which))


async def _read(database: Path, which: Wanted) -> Sequence[Lead]:
    readers = Readers(database)
    try:
        return await readers.read(lambda db: leads(db, which))
    finally:
        await readers.close()


def table(found: Sequence[Lead], knowledge: Knowledge) -> Table:
    """One row for each contact of each lead, everything as a person reads it."""
    details = _details(found, knowledge)
    labels = {**dict(_CONTACT), **details, **dict(_COURSE)}
    return Table(labels, [row for lead in found for row in _rows(lead, knowledge, details)])


def show(found: Sequence[Lead], knowledge: Knowledge, out: TextIO) -> None:
    """Print the columns that one looks up: a table on a terminal, else lines with tabs."""
    whole = table(found, knowledge)
    labels = {column: whole.labels[column] for column in _BRIEF if column in whole.labels}
    lines = [[row[column] for column in labels] for row in whole.rows]
    if not out.isatty():
        out.writelines("\t".join(line) + "\n" for line in [list(labels.values()), *lines])
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table as Shown
    from rich.text import Text

    shown_table = Shown(*labels.values(), box=box.SIMPLE_HEAD, caption=f"{len(found)} doanh nghiệp")
    for line in lines:
        shown_table.add_row(*map(Text, line))
    Console(file=out).print(shown_table)


def export(found: Sequence[Lead], knowledge: Knowledge, target: Path) -> int:
    """Write *target*, by its suffix, whole or not at all; return the count of rows.

    Raises OSError, and ValueError, with a sentence for whoever typed it, for another suffix.
    """
    writer = writer_of(target)
    whole = table(found, knowledge)
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(writer(whole))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return len(whole.rows)


def writer_of(target: Path) -> Callable[[Table], bytes]:
    """What writes this kind of file. Raises ValueError as `export` does."""
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        raise ValueError(f"chỉ xuất được ra tệp .xlsx hoặc .csv, không phải “{target.name}”")
    return writer


def _details(found: Sequence[Lead], knowledge: Knowledge) -> dict[str, str]:
    """The form fields that have no column of their own, and values whose field is gone."""
    details: dict[str, str] = {}
    for form in _forms(found, knowledge):
        spoken_for = set(form.roles.values())
        details |= {each.id: each.label for each in form.fields if each.id not in spoken_for}
    known = {field.id for form in _forms(found, knowledge) for field in form.fields}
    gone = {name: name for lead in found for name in lead.values if name not in known}
    return {**details, **gone}


def _forms(found: Sequence[Lead], knowledge: Knowledge) -> list[Form]:
    names = dict.fromkeys(name for lead in found for name in lead.forms)
    return [knowledge.forms[name] for name in names if name in knowledge.forms]


def _rows(
    lead: Lead, knowledge: Knowledge, details: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    forms = _forms([lead], knowledge)
    fields = {field.id: field for form in reversed(forms) for field in form.fields}
    values = {name: _shown(fields.get(name), lead.values.get(name), knowledge) for name in details}
    labels = {form.id: form.label for form in forms}
    course = {
        "forms": ", ".join(labels.get(name, name) for name in lead.forms),
        "first": _day(lead.first_at),
        "last": _day(lead.last_at),
        "state": "đang hiệu lực" if lead.state == ACTIVE else "đã rút",
    }
    for contact in lead.contacts or _without_enterprise(lead, forms):
        person = {
            "tax_code": lead.tax_code,
            "enterprise": lead.enterprise,
            "contact": contact.name,
            "position": contact.position,
            "phone": shown(_PHONE, contact.phone, knowledge) if contact.phone else "",
            "verified": "có" if contact.phone_verified else "",
            "email": contact.email,
            "channel": contact.channel,
        }
        cells = {**person, **values, **course}
        yield {column: _cell(text) for column, text in cells.items()}


def _without_enterprise(lead: Lead, forms: Sequence[Form]) -> list[Contact]:
    """The person in a form that names no enterprise; nobody in a lead that was withdrawn."""
    roles = {role: field for form in reversed(forms) for role, field in form.roles.items()}
    said = {role: str(lead.values.get(field) or "") for role, field in roles.items()}
    name, position, phone, email = (
        said.get(role, "") for role in ("contact", "position", "phone", "email")
    )
    return [Contact(name, position, phone, phone_verified=False, email=email, channel="")]


def _shown(field: Field | None, value: Any, knowledge: Knowledge) -> str:  # noqa: ANN401 - JSON
    if value in (None, "", []):
        return ""
    if field is not None:
        return shown(field, value, knowledge)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime(DATE)


def _cell(text: str) -> str:
    return _UNSAFE.sub(" ", text).strip()[:MAX_CELL]


def _xlsx(whole: Table) -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Đăng ký")
        text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = book.add_format({"bold": True, "valign": "top", "text_wrap": True, "bottom": 1})
        for number, (column, label) in enumerate(whole.labels.items()):
            cells = [row[column] for row in whole.rows]
            widest = max(map(len, (label, *cells)))
            sheet.set_column(number, number, min(max(widest + 2, NARROWEST), WIDEST), text)
            _fill(sheet, number, [label], head, start=0)
            _fill(sheet, number, cells, text, start=1)
        last_row, last_column = len(whole.rows), len(whole.labels) - 1
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last_row, last_column)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})
    return content.getvalue()


def _fill(
    sheet: Worksheet, column: int, cells: Sequence[str], style: Format, *, start: int
) -> None:
    """Write strings, never `write`: it makes formulas and links of what looks like them."""
    for row, cell in enumerate(cells, start=start):
        sheet.write_string(row, column, cell, style)


def _csv(whole: Table) -> bytes:
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(whole.labels.values())
    for row in whole.rows:
        writer.writerow(_FORMULA.sub(r"\1'", row[column]) for column in whole.labels)
    return content.getvalue().encode("utf-8-sig")


_WRITERS: Final[Mapping[str, Callable[[Table], bytes]]] = {".xlsx": _xlsx, ".csv": _csv}
