"""Registrations as officers read them: on the screen, in Excel, in a CSV file.

Every cell is one line of text (`bot.lead_book`). A .csv value that begins like a formula gets an
apostrophe, so that it is not calculated when the file is opened.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from bot.lead_book import Book, Table, cell, write
from bot.store.database import Readers
from bot.store.leads import ACTIVE, Contact, Lead, Wanted, leads
from handlers.fields import shown
from knowledge.answers import DATE
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Form, Knowledge

SHEET: Final = "Đăng ký"
NOTHING: Final = Book({})
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
# A line quoted for commas is cut at ";" where that is the list separator of Windows.
_FORMULA: Final = re.compile(r"(^|;)(?=[\s'\"]*[=+\-@＝＋－＠])")


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

    Raises FileNotFoundError where there is none yet, and what `Readers` raises.
    """
    if not database.exists():
        raise FileNotFoundError(database)
    return asyncio.run(_read(database, which))


async def _read(database: Path, which: Wanted) -> Sequence[Lead]:
    readers = Readers.beside(database)
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
    looked_up = (*_BRIEF, *_seated(found, knowledge))
    labels = {column: whole.labels[column] for column in looked_up if column in whole.labels}
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


def export(
    found: Sequence[Lead], knowledge: Knowledge, target: Path, beside: Book = NOTHING
) -> int:
    """Write *target*, by its suffix, whole or not at all; return the count of its first rows.

    Tables and charts *beside* follow in a workbook; a .csv file has no room for them.

    Raises OSError, and ValueError, with a sentence for whoever typed it, for another suffix.
    """
    writer = writer_of(target)
    whole = table(found, knowledge)
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(writer(Book({SHEET: whole, **beside.sheets}, beside.charts)))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return len(whole.rows)


def writer_of(target: Path) -> Callable[[Book], bytes]:
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


def _seated(found: Sequence[Lead], knowledge: Knowledge) -> list[str]:
    """The questions whose answers have a place in a line."""
    fields = (field for form in _forms(found, knowledge) for field in form.fields)
    return [each.id for each in fields if any(o.seats is not None for o in each.options)]


def _forms(found: Sequence[Lead], knowledge: Knowledge) -> list[Form]:
    names = dict.fromkeys(name for lead in found for name in lead.forms)
    return [knowledge.forms[name] for name in names if name in knowledge.forms]


def _rows(
    lead: Lead, knowledge: Knowledge, details: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    forms = _forms([lead], knowledge)
    fields = {field.id: field for form in reversed(forms) for field in form.fields}
    values = {
        name: _shown(fields.get(name), lead.values.get(name), knowledge)
        + _place(fields.get(name), lead.values.get(name), lead.places.get(name))
        for name in details
    }
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
        yield {column: cell(text) for column, text in cells.items()}


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


def _place(field: Field | None, value: object, place: int | None) -> str:
    """Whether there is a seat, where seats are counted."""
    option = next((each for each in field.options if each.id == value), None) if field else None
    if option is None or option.seats is None or place is None:
        return ""
    if place > option.seats:
        return f" – chờ, thứ {place - option.seats}"
    return f" – có chỗ, thứ {place}/{option.seats}"


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime(DATE)


def _csv(book: Book) -> bytes:
    """The first table only: a .csv file holds one."""
    whole = next(iter(book.sheets.values()))
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(whole.labels.values())
    for row in whole.rows:
        writer.writerow(_FORMULA.sub(r"\1'", row[column]) for column in whole.labels)
    return content.getvalue().encode("utf-8-sig")


_WRITERS: Final[Mapping[str, Callable[[Book], bytes]]] = {".xlsx": write, ".csv": _csv}
