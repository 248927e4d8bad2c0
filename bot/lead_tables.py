"""The department's whole knowledge of its enterprises as tables, one of each kind, and as counts.

Each row begins with the enterprise's number, so that the tables can be joined again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.lead_book import Book, Chart, Table, write
from bot.operations.rights import Actor, Right, allowed
from bot.store import follow_up, lead_cards, staffing
from bot.store.database import Readers
from bot.store.follow_up import Sought
from bot.store.follow_up_schema import LIST, STATUSES
from bot.store.lead_cards import Card, Change, Note, Person, Sent
from handlers import form_pages
from handlers.fields import shown
from knowledge.answers import DATE
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Knowledge

MOST_COMMUNES: Final = 25  # bars that one can still read
UNKNOWN: Final = "(chưa rõ)"
ABOUT: Final = "Tệp này"
STATUS_WORDS: Final[Mapping[str, str]] = dict(
    zip(
        STATUSES,
        (
            "Mới",
            "Đã liên hệ",
            "Đang hướng dẫn",
            "Đã đăng ký",
            "Hồ sơ đủ",
            "Đã nộp",
            "Có kết quả",
        ),
        strict=True,
    )
)
VERIFIED: Final = {"": "", "shared": "chính chủ chia sẻ", "called": "cán bộ đã gọi"}
_PHONE: Final = Field("phone", "phone", "", "")
_KEY: Final = ("Số", "Mã số thuế", "Doanh nghiệp")
_ENTERPRISES: Final = (*_KEY, "Xã, phường", "Quan tâm", "Trạng thái", "Phụ trách", "Hạn", "Đã gộp")
_PEOPLE: Final = (*_KEY, "Người liên hệ", "Chức vụ", "Điện thoại", "Xác thực", "Thư", "Nguồn")
_SENT: Final = (*_KEY, "Phiếu", "Gửi", "Cập nhật", "Tình trạng", "Nội dung")
_CHANGES: Final = (*_KEY, "Lúc", "Ai", "Từ", "Sang", "Ghi thêm")
_NOTES: Final = (*_KEY, "Lúc", "Ai", "Ghi chú")


async def read(
    db: AsyncConnection, knowledge: Knowledge, only: Collection[str] | None = None
) -> Book:
    """Read the tables, of these tax codes *only* where some are given."""
    found = await follow_up.find(db, Sought(), date.max)
    wanted = [each for each in found if only is None or each.tax_code in only]
    return book(await lead_cards.cards(db, wanted), knowledge, await _names(db))


def workbook(database: Path, load: Callable[[], Knowledge], content: Mapping[str, Any]) -> bytes:
    """Make the file that the content of an `attachments.LEADS` stands for, as things are now.

    Raises NotAllowed where the member may not export any more, and what `Readers` raises.
    """
    return asyncio.run(_workbook(database, load(), content))


async def _workbook(database: Path, knowledge: Knowledge, content: Mapping[str, Any]) -> bytes:
    by, sought = Actor(int(content["staff"]), "tệp"), Sought.of_data(content["sought"])

    async def work(db: AsyncConnection) -> Book:
        await allowed(db, by, Right.EXPORT)
        found = await follow_up.find(db, sought, date.fromisoformat(content["until"]))
        cards, names = await lead_cards.cards(db, found), await _names(db)
        tables = book(cards, knowledge, names)
        return Book({ABOUT: _about(content, cards, names), **tables.sheets}, tables.charts)

    readers = Readers.beside(database)
    try:
        return write(await readers.read(work))
    finally:
        await readers.close()


async def _names(db: AsyncConnection) -> Mapping[int, str]:
    return {each.id: each.name for each in await staffing.everyone(db)}


def _about(content: Mapping[str, Any], cards: Sequence[Card], names: Mapping[int, str]) -> Table:
    """What the file holds, so that it can be read alone: which list, when, whose, how many."""
    told = (
        ("Danh sách", str(content["words"])),
        ("Lấy lúc", str(content["asked_at"])),
        ("Người lấy", names.get(int(content["staff"]), "?")),
        ("Số doanh nghiệp", str(len(cards))),
        ("Số người liên hệ", str(sum(len(each.people) for each in cards))),
        ("Số phiếu", str(sum(len(each.sent) for each in cards))),
        ("Lưu ý", "Tệp có dữ liệu cá nhân: giữ như hồ sơ, dùng xong thì xoá."),
    )
    return _table(("Mục", "Nội dung"), told)


def book(cards: Sequence[Card], knowledge: Knowledge, names: Mapping[int, str]) -> Book:
    """Put the cards into tables; `names` are the staff's."""
    sheets = {
        "Doanh nghiệp": _table(_ENTERPRISES, (_enterprise(c, knowledge, names) for c in cards)),
        "Người liên hệ": _table(
            _PEOPLE, (_person(c, each, knowledge) for c in cards for each in c.people)
        ),
        "Phiếu": _table(_SENT, (_sent(c, each, knowledge) for c in cards for each in c.sent)),
        "Nhật ký trạng thái": _table(
            _CHANGES, (_change(c, each, names) for c in cards for each in c.changes)
        ),
        "Ghi chú": _table(_NOTES, (_note(c, each, names) for c in cards for each in c.notes)),
    }
    return Book(sheets, _charts(cards, knowledge))


def _charts(cards: Sequence[Card], knowledge: Knowledge) -> list[Chart]:
    """Counts of enterprises; one that is interested in two programmes counts in both."""
    status = Counter(each.brief.status for each in cards)
    programmes = Counter(p for each in cards for p in each.brief.programmes or [UNKNOWN])
    communes = Counter((each.brief.communes or (UNKNOWN,))[0] for each in cards)
    labels = _programmes(knowledge)
    return [
        Chart(
            "Theo trạng thái", {w: status[each] for each, w in STATUS_WORDS.items()}, lying=False
        ),
        Chart(
            "Theo chương trình quan tâm",
            {labels.get(each, each): count for each, count in programmes.most_common()},
            lying=True,
        ),
        Chart("Theo xã, phường", dict(communes.most_common(MOST_COMMUNES)), lying=True),
    ]


def _table(labels: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    named = {label: label for label in labels}
    return Table(named, [dict(zip(labels, row, strict=True)) for row in rows])


def _key(card: Card) -> tuple[str, str, str]:
    return str(card.brief.id), card.brief.tax_code, card.brief.name


def _enterprise(card: Card, knowledge: Knowledge, names: Mapping[int, str]) -> Sequence[str]:
    brief, labels = card.brief, _programmes(knowledge)
    return (
        *_key(card),
        ", ".join(brief.communes),
        ", ".join(labels.get(each, each) for each in brief.programmes),
        STATUS_WORDS[brief.status],
        names.get(brief.owner, "") if brief.owner else "",
        brief.due_on.strftime(DATE) if brief.due_on else "",
        ", ".join(each.tax_code for each in card.merged),
    )


def _person(card: Card, person: Person, knowledge: Knowledge) -> Sequence[str]:
    return (
        *_key(card),
        person.name,
        person.position,
        shown(_PHONE, person.phone, knowledge) if person.phone else "",
        VERIFIED[person.verified],
        person.email,
        "danh sách của Sở" if person.channel == LIST else person.channel,
    )


def _sent(card: Card, sent: Sent, knowledge: Knowledge) -> Sequence[str]:
    form = knowledge.forms.get(sent.form)
    lines = form_pages.lines(knowledge, form, sent.values) if form and sent.values else []
    return (
        *_key(card),
        form.label if form else sent.form,
        _moment(sent.sent_at),
        _moment(sent.changed_at),
        "đã rút" if sent.withdrawn else "đang hiệu lực",
        "; ".join(line.removeprefix("- ") for line in lines),
    )


def _change(card: Card, each: Change, names: Mapping[int, str]) -> Sequence[str]:
    before, after = STATUS_WORDS[each.before], STATUS_WORDS[each.after]
    return (*_key(card), _moment(each.at), _who(each.by, names), before, after, each.remark)


def _note(card: Card, each: Note, names: Mapping[int, str]) -> Sequence[str]:
    return (*_key(card), _moment(each.at), _who(each.by, names), each.text)


def _programmes(knowledge: Knowledge) -> dict[str, str]:
    return {
        option.id: option.label
        for form in knowledge.forms.values()
        for field in form.fields
        if field.id == "programmes"
        for option in field.options
    }


def _who(staff: int | None, names: Mapping[int, str]) -> str:
    return names.get(staff, "?") if staff is not None else "dòng lệnh"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
