"""What only shows when all files are seen together: links, doubles, lengths, and what ages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from knowledge.answers import known_placeholders, placeholders, speak
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.problems import Problem
from knowledge.rules import lapsed_source
from knowledge.text import fold

MAX_SPOKEN = 2000  # the narrowest channel's message (Zalo)
MAX_LABEL = 32
MAX_KEYWORD_SYLLABLES = 3
FORM_LINK = "form:"


def cross_check(knowledge: Knowledge) -> Iterator[Problem]:
    """Every problem that one file alone cannot show. The knowledge needs no index yet."""
    for entry in knowledge.entries.values():
        yield from _links(knowledge, entry)
        yield from _shape(knowledge, entry)
    yield from _doubles(knowledge.entries.values())
    yield from _registers(knowledge)


def lengths(knowledge: Knowledge, now: datetime) -> Iterator[Problem]:
    """Answers that would not fit one message, as they are said at *now*."""
    for entry in knowledge.entries.values():
        length = len(speak(knowledge, entry, now).text)
        if length > MAX_SPOKEN:
            message = f"câu trả lời “{entry.id}” dài {length} ký tự (kể cả dòng nguồn)"
            yield _at(entry, message, f"rút gọn còn tối đa {MAX_SPOKEN} ký tự")


def ageing(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    """Warnings: what still works today but should be looked at by a person."""
    for entry in knowledge.entries.values():
        if entry.review_by < today:
            message = f"“{entry.id}” quá hạn rà soát ({entry.review_by:%d/%m/%Y})"
            yield _at(entry, message, "đối chiếu lại rồi sửa verified_on và review_by")
        lapsed = lapsed_source(knowledge, entry, today)
        if lapsed and not entry.past:
            message = f"“{entry.id}” dẫn {lapsed.short} đã hết hiệu lực như quy định hiện hành"
            yield _at(entry, message, "viết lại theo văn bản mới, hoặc thêm “past: true”")


def unreachable(knowledge: Knowledge) -> Iterator[Problem]:
    """Warnings: entries that their own question, typed without accents, does not reach."""
    for entry in knowledge.entries.values():
        bare = fold(entry.question)
        first = next(iter(knowledge.index.rank(bare, 1)), None)
        if first is None or first[0] != entry.id:
            other = f"ra “{first[0]}”" if first else "không ra câu nào"
            message = f"hỏi không dấu “{bare}” {other} chứ không ra “{entry.id}”"
            yield _at(entry, message, "thêm cách hỏi nêu rõ điểm khác, hoặc bỏ cách hỏi trùng ý")


def _at(entry: Entry, message: str, remedy: str) -> Problem:
    return Problem(entry.file, entry.line, message, remedy)


def _links(knowledge: Knowledge, entry: Entry) -> Iterator[Problem]:
    if entry.topic not in knowledge.topics and entry.topic not in (SMALLTALK, OUT_OF_SCOPE):
        yield _at(entry, f"không có chủ đề “{entry.topic}”", "dùng một mã trong topics.yaml")
    for citation in entry.citations:
        if citation.source not in knowledge.sources:
            message = f"“{entry.id}” dẫn nguồn không có: “{citation.source}”"
            yield _at(entry, message, "thêm nguồn vào sources.yaml hoặc sửa mã nguồn")
    for link in entry.follow_ups:
        if not _leads_somewhere(knowledge, link):
            yield _at(entry, f"“{entry.id}” dẫn tới “{link}” không có", "sửa hoặc bỏ liên kết")
    if entry.supersedes and entry.supersedes not in knowledge.entries:
        message = f"“{entry.id}” thay cho “{entry.supersedes}” không có"
        yield _at(entry, message, "sửa mã ở mục supersedes")


def _leads_somewhere(knowledge: Knowledge, link: str) -> bool:
    if link.startswith(FORM_LINK):
        return link.removeprefix(FORM_LINK) in knowledge.forms
    return link in knowledge.entries


def _shape(knowledge: Knowledge, entry: Entry) -> Iterator[Problem]:
    allowed = known_placeholders(knowledge)
    for name in placeholders(entry.answer):
        if name not in allowed:
            remedy = f"dùng một trong: {', '.join(sorted(allowed))}"
            yield _at(entry, f"“{entry.id}” có chỗ trống không ai điền: {{{name}}}", remedy)
    if len(entry.label) > MAX_LABEL:
        message = f"nhãn nút “{entry.label}” dài {len(entry.label)} ký tự"
        yield _at(entry, message, f"rút còn tối đa {MAX_LABEL} ký tự")
    if entry.valid_from and entry.valid_until and entry.valid_until <= entry.valid_from:
        yield _at(entry, f"“{entry.id}” hết hạn trước khi bắt đầu", "sửa valid_from, valid_until")
    for keyword in entry.keywords:
        if not 1 <= len(fold(keyword).split()) <= MAX_KEYWORD_SYLLABLES:
            message = f"từ khoá “{keyword}” của “{entry.id}” không có 1 đến 3 tiếng"
            yield _at(entry, message, "chuyển xuống variants")


def _doubles(entries: Iterable[Entry]) -> Iterator[Problem]:
    asked: dict[str, Entry] = {}
    for entry in entries:
        lines = dict.fromkeys(map(fold, (entry.question, *entry.variants, *entry.keywords)))
        for line in lines:
            other = asked.setdefault(line, entry)
            if other is not entry:
                message = f"câu hỏi “{line}” của “{entry.id}” trùng với “{other.id}”"
                yield _at(entry, message, f"giữ ở một nơi (xem {other.file}, dòng {other.line})")


def _registers(knowledge: Knowledge) -> Iterator[Problem]:
    for topic in knowledge.topics.values():
        if topic.opens not in knowledge.entries:
            message = f"chủ đề “{topic.id}” mở tới “{topic.opens}” không có"
            yield Problem("topics.yaml", 1, message, "dùng mã của một câu trả lời")
    for source in knowledge.sources.values():
        if source.replaced_by and source.replaced_by not in knowledge.sources:
            message = f"nguồn “{source.id}” được thay bởi “{source.replaced_by}” không có"
            yield Problem("sources.yaml", 1, message, "sửa mã ở mục replaced_by")
    for deadline in knowledge.deadlines:
        programme = knowledge.programmes.get(deadline.programme)
        known = {milestone.id for milestone in programme.milestones} if programme else set()
        if deadline.milestone not in known:
            message = f"không có mốc “{deadline.programme}.{deadline.milestone}”"
            yield Problem(deadline.file, deadline.line, message, "khai báo ở mục programmes")
        if deadline.source and deadline.source not in knowledge.sources:
            message = f"hạn dẫn nguồn không có: “{deadline.source}”"
            yield Problem(deadline.file, deadline.line, message, "sửa mã nguồn")
