"""What people asked in vain, as the command line shows and exports it: every cell is text.

It works beside a running bot, on the same grouping as the staff's chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.lead_book import Book, Table, cell, write
from bot.operations import asked
from bot.operations.asked import Group, Listing
from bot.store.learning import Asked, EntryDraft
from bot.terminal import counted
from knowledge.answers import DATE
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

_COLUMNS: Final = (
    "Nhóm",
    "Số người",
    "Số cách hỏi",
    "Câu hỏi",
    "Số lượt",
    "Lý do",
    "Từ ngày",
    "Tới ngày",
    "Câu gần nhất",
    "Khả năng",
)
REASONS: Final[Mapping[str, str]] = {
    "unanswered": "không có câu trả lời",
    "disputed": "không phải các ý gợi ra",
    "lapsed": "quy định đã hết hiệu lực",
    "asked_human": "xin gặp cán bộ",
    "poorly_rated": "chê câu trả lời của cán bộ",
}
_FORMULA: Final = re.compile(r"^(?=[\s'\"]*[=+\-@＝＋－＠])")
_STATES: Final[Mapping[str, str]] = {"draft": "bản nháp", "publishing": "đang kiểm tra để đăng"}


def lines(told: Listing, knowledge: Knowledge, now: datetime) -> list[str]:
    """A line for each group, the most asked first."""
    found = []
    for at, each in enumerate(counted(told.groups, "Tìm câu gần nhất"), start=1):
        near, sure = _nearest(each, knowledge, now)
        nearest = f"; gần nhất: {near} ({sure})" if near else ""
        days = f"{_day(each.first_at)} – {_day(each.last_at)}"
        count = f"{each.people} người hỏi, {len(each.phrasings)} cách hỏi"
        count += ", gộp tay" if each.by_hand else ""
        found.append(f"{at}. {count}, {days}: “{each.phrasings[0].text}”{nearest}")
    if told.left_out:
        found.append(f"(còn {told.left_out} câu cũ hơn chưa xếp)")
    return found


def details(group: Group) -> list[str]:
    """A line for each wording of one group."""
    return [
        f"{len(each.questions):>4} lượt  {each.text}  ({_reasons(each.questions)})"
        for each in group.phrasings
    ]


def draft_lines(drafts: Sequence[EntryDraft]) -> list[str]:
    return [
        f"{each.id}. {_kind(each)} – {_STATES.get(each.state, each.state)}"
        + (f" (lần trước: {each.note.splitlines()[0]})" if each.note else "")
        for each in drafts
    ]


def export(told: Listing, knowledge: Knowledge, now: datetime, target: Path) -> int:
    """Write a row for each wording, whole or not at all; return how many.

    Raises OSError, and ValueError, with a sentence for whoever typed it, for another suffix.
    """
    writer = writer_of(target)
    rows = [
        [cell(each) for each in row]
        for number, group in enumerate(counted(told.groups, "Tìm câu gần nhất"), start=1)
        for row in _rows(number, group, knowledge, now)
    ]
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(writer(rows))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return len(rows)


def writer_of(target: Path) -> Callable[[Sequence[Sequence[str]]], bytes]:
    """What writes this kind of file. Raises ValueError as `export` does."""
    writer = {".xlsx": _xlsx, ".tsv": _tsv}.get(target.suffix.lower())
    if writer is None:
        raise ValueError(f"chỉ xuất được ra tệp .xlsx hoặc .tsv, không phải “{target.name}”")
    return writer


def _rows(number: int, group: Group, knowledge: Knowledge, now: datetime) -> list[list[str]]:
    near, sure = _nearest(group, knowledge, now)
    return [
        [
            str(number),
            str(group.people),
            str(len(group.phrasings)),
            each.text,
            str(len(each.questions)),
            _reasons(each.questions),
            _day(min(question.at for question in each.questions)),
            _day(max(question.at for question in each.questions)),
            near,
            sure,
        ]
        for each in group.phrasings
    ]


def _nearest(group: Group, knowledge: Knowledge, now: datetime) -> tuple[str, str]:
    near = asked.nearest(knowledge, group, now.date())
    return (near[0].entry.label, f"{near[0].probability:.0%}") if near else ("", "")


def _reasons(questions: Sequence[Asked]) -> str:
    found = dict.fromkeys(each.reason for each in questions)
    return ", ".join(REASONS.get(each, each) for each in found)


def _kind(draft: EntryDraft) -> str:
    name = draft.label or draft.entry
    return f"câu mới “{name}”" if draft.kind == "entry" else f"thêm cách hỏi cho “{name}”"


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime(DATE)


def _tsv(rows: Sequence[Sequence[str]]) -> bytes:
    """Tabs between, an apostrophe before what a table would calculate."""
    safe = [[_FORMULA.sub("'", each) for each in row] for row in rows]
    text = "".join("\t".join(row) + "\n" for row in [list(_COLUMNS), *safe])
    return text.encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    labels = {label: label for label in _COLUMNS}
    whole = Table(labels, [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    return write(Book({"Câu chưa trả lời": whole}))
