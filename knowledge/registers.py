"""The registers beside the entries: sources, topics, deadlines, places, phrases, abbreviations.

Each function reads one parsed file into values and reports what is wrong with that file alone;
what only shows when files are seen together is found in `knowledge.checks`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from knowledge.contract import GROUPS, MAX_SPOKEN
from knowledge.entries import (
    Citation,
    Command,
    Deadline,
    Entry,
    Holidays,
    Milestone,
    Organisation,
    Programme,
    Province,
    Source,
    Topic,
)
from knowledge.parsing import Node
from knowledge.reading import LAST_YEAR, Reader, Record
from knowledge.text import fold

MAX_MILESTONE = 35  # characters of "programme.milestone", so that a button carries it and more
POLICIES = ("chặt", "vừa", "rộng")
MAX_QUESTION = 256  # as much of a message as is read (`knowledge.text.LIMIT`)
SOURCE_KINDS = (
    "law",
    "decree",
    "circular",
    "decision",
    "standard",
    "notice",
    "article",
    "office",
)

_ENTRY_KEYS = (
    "id",
    "label",
    "question",
    "variants",
    "answer",
    "sources",
    "follow_ups",
    "verified_on",
    "review_by",
)
_ENTRY_OPTIONS = ("keywords", "valid_from", "valid_until", "past", "supersedes")
_DEADLINE_OPTIONS = (
    "province",
    "opens_on",
    "closes_on",
    "closes_at",
    "inclusive",
    "extended_from",
    "letter",
    "source",
)


def sources(reader: Reader, node: Node) -> list[tuple[int, Source]]:
    found = []
    required = ("id", "kind", "short", "title", "checked_on")
    days = ("issued_on", "in_force_from", "in_force_until")
    optional = (*days, "replaced_by", "url", "articles", "clauses")
    for record in reader.record(node, ["sources"]).records("sources", required, optional):
        source = Source(
            id=record.identifier(),
            kind=record.one_of("kind", SOURCE_KINDS),
            short=record.filled("short"),
            title=record.filled("title"),
            issued_on=record.day("issued_on"),
            in_force_from=record.day("in_force_from"),
            in_force_until=record.day("in_force_until"),
            replaced_by=record.text("replaced_by"),
            url=record.text("url"),
            checked_on=record.needed_day("checked_on"),
            articles=_articles(record),
            clauses=_clauses(record),
        )
        _check_source(record, source)
        found.append((record.line, source))
    return found


def _articles(record: Record) -> frozenset[int]:
    """The numbers in "12, 56–65"."""
    text = record.text("articles")
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", text)):
        span = re.fullmatch(r"(\d{1,3})(?:[–-](\d{1,3}))?", part)
        if span is None:
            record.report("articles", f"“{part}” không phải số điều", "viết như: 12, 56–65")
        else:
            found |= set(range(int(span[1]), int(span[2] or span[1]) + 1))
    return frozenset(found)


def _clauses(record: Record) -> tuple[tuple[int, int], ...]:
    """An article and its last clause, for each in "12/5, 57/3"."""
    found = []
    for part in filter(None, re.split(r"[,\s]+", record.text("clauses"))):
        pair = re.fullmatch(r"(\d{1,3})/(\d{1,2})", part)
        if pair is None:
            record.report(
                "clauses", f"“{part}” không phải số điều/số khoản", "viết như: 12/5, 57/3"
            )
        else:
            found.append((int(pair[1]), int(pair[2])))
    return tuple(found)


def _check_source(record: Record, source: Source) -> None:
    start, end = source.in_force_from or source.issued_on, source.in_force_until
    if start and end and end <= start:
        message = "ngày hết hiệu lực không sau ngày có hiệu lực"
        record.report("in_force_until", message, "sửa lại hai ngày này")
    if source.in_force_from and source.issued_on and source.in_force_from < source.issued_on:
        message = "ngày có hiệu lực trước ngày ban hành"
        record.report("in_force_from", message, "sửa lại hai ngày này")
    if source.url and not re.match(r"https?://[^\s]+$", source.url):
        record.report("url", f"“{source.url}” không phải địa chỉ web", "viết đầy đủ, từ https://")


def topics(reader: Reader, node: Node) -> list[tuple[int, Topic]]:
    required = ("id", "label", "group", "opens")
    return [
        (
            record.line,
            Topic(
                record.identifier(),
                record.label(),
                record.one_of("group", GROUPS),
                record.filled("opens"),
            ),
        )
        for record in reader.record(node, ["topics"]).records("topics", required)
    ]


def entries(reader: Reader, node: Node) -> list[Entry]:
    root = reader.record(node, ["topic", "entries"])
    topic = root.filled("topic")
    return [
        _entry(record, topic) for record in root.records("entries", _ENTRY_KEYS, _ENTRY_OPTIONS)
    ]


def _entry(record: Record, topic: str) -> Entry:
    """One entry, with empty values where something is wrong: others may well link to it."""
    citations = tuple(
        Citation(item.filled("source"), item.text("article"))
        for item in record.records("sources", ("source", "article"))
    )
    if "sources" in record and not citations:
        remedy = "thêm ít nhất một nguồn: {source: …, article: …}"
        record.report("sources", "câu trả lời không dẫn nguồn nào", remedy)
    entry = Entry(
        id=record.identifier(),
        topic=topic,
        label=record.label(),
        question=record.filled("question"),
        variants=record.texts("variants"),
        answer=record.filled("answer"),
        citations=citations,
        follow_ups=record.texts("follow_ups"),
        verified_on=record.needed_day("verified_on"),
        review_by=record.needed_day("review_by"),
        keywords=record.texts("keywords"),
        valid_from=record.day("valid_from"),
        valid_until=record.day("valid_until"),
        past=record.flag("past", default=False),
        supersedes=record.text("supersedes"),
        file=record.reader.file,
        line=record.line,
    )
    _check_entry(record, entry)
    return entry


def _check_entry(record: Record, entry: Entry) -> None:
    if date.min < entry.review_by <= entry.verified_on:
        message = "hạn rà soát không sau ngày đối chiếu"
        record.report("review_by", message, "đặt review_by sau verified_on")
    if entry.valid_from and entry.valid_until and entry.valid_until <= entry.valid_from:
        message = "câu trả lời hết hạn trước khi bắt đầu"
        record.report("valid_until", message, "sửa valid_from hoặc valid_until")
    for key, lines in (
        ("question", (entry.question,)),
        ("variants", entry.variants),
        ("keywords", entry.keywords),
    ):
        for line in lines:
            if len(line) > MAX_QUESTION:
                message = f"“{line[:40]}…” dài {len(line)} ký tự"
                record.report(key, message, f"rút còn tối đa {MAX_QUESTION} ký tự")
    if entry.answer.count("**") % 2:
        record.report("answer", "câu trả lời có dấu ** lẻ", "mỗi chữ đậm cần ** ở hai đầu")


def deadlines(reader: Reader, node: Node) -> tuple[list[tuple[int, Programme]], list[Deadline]]:
    root = reader.record(node, ["programmes", "deadlines"])
    programmes = []
    for record in root.records("programmes", ("id", "label", "milestones"), ["interest"]):
        milestones = tuple(
            Milestone(item.identifier(dots=False), item.filled("label"))
            for item in record.records("milestones", ("id", "label"))
        )
        if len({milestone.id for milestone in milestones}) < len(milestones):
            record.report("milestones", "có hai mốc cùng mã", "giữ lại một")
        name, label = record.identifier(dots=False), record.filled("label")
        programme = Programme(name, label, milestones, record.text("interest"), record.line)
        if max((len(f"{name}.{each.id}") for each in milestones), default=0) > MAX_MILESTONE:
            remedy = f"rút ngắn: hai mã cộng lại tối đa {MAX_MILESTONE - 1} ký tự"
            record.report("milestones", "mã chương trình và mã mốc dài quá nút bấm", remedy)
        programmes.append((record.line, programme))
    found: dict[tuple[str, str, int, str], Deadline] = {}
    for record in root.records("deadlines", ("programme", "milestone", "year"), _DEADLINE_OPTIONS):
        deadline = _deadline(record)
        key = (deadline.programme, deadline.milestone, deadline.year, deadline.province)
        first = found.setdefault(key, deadline)
        if first is not deadline:
            message = f"hạn này đã khai ở dòng {first.line} cho cùng năm và cùng nơi"
            reader.report(record.line, message, "giữ một; gia hạn thì dùng extended_from")
    return programmes, list(found.values())


def _deadline(record: Record) -> Deadline:
    deadline = Deadline(
        programme=record.filled("programme"),
        milestone=record.filled("milestone"),
        year=record.whole("year", 2000, LAST_YEAR) or 0,
        province=record.text("province"),
        opens_on=record.day("opens_on"),
        closes_on=record.day("closes_on"),
        closes_at=record.hour("closes_at"),
        inclusive=record.flag("inclusive", default=True),
        extended_from=record.day("extended_from"),
        letter=record.text("letter"),
        source=record.text("source"),
        file=record.reader.file,
        line=record.line,
    )
    _check_days(record, deadline)
    return deadline


def _check_days(record: Record, deadline: Deadline) -> None:
    opens, closes, before = deadline.opens_on, deadline.closes_on, deadline.extended_from
    if opens and closes and closes < opens + timedelta(days=0 if deadline.inclusive else 1):
        record.report("closes_on", "hạn kết thúc trước ngày mở", "sửa opens_on hoặc closes_on")
    if before and (closes is None or closes <= before):
        message = "hạn đã gia hạn phải sau hạn cũ"
        record.report("extended_from", message, "sửa closes_on hoặc extended_from")
    if closes and not deadline.source:
        message = "hạn có ngày cụ thể mà không dẫn nguồn"
        record.report("closes_on", message, "thêm source: và letter: (số công văn)")
    if closes is None and (opens or deadline.closes_at):
        message = "có ngày mở hoặc giờ chốt mà chưa có ngày kết thúc"
        record.report("milestone", message, "thêm closes_on, hoặc bỏ opens_on và closes_at")
    if deadline.closes_at and not deadline.inclusive:
        message = "“trước ngày” (inclusive: false) không đi cùng giờ chốt"
        record.report(
            "closes_at", message, "bỏ closes_at, hoặc ghi closes_on là ngày cuối còn nhận"
        )


def provinces(reader: Reader, node: Node) -> list[tuple[int, Province]]:
    root = reader.record(node, ["provinces"])
    return [
        (record.line, Province(record.filled("name"), record.texts("formerly")))
        for record in root.records("provinces", ["name"], ["formerly"])
    ]


def organisation(reader: Reader, node: Node) -> Organisation:
    keys = ("name", "unit", "address", "phone", "email", "hours", "website", "province")
    record = reader.record(node, keys, ["policy"])
    known = {key: record.text(key) for key in keys}
    return Organisation(**known, policy=record.one_of("policy", POLICIES) or "vừa")


def commands(reader: Reader, node: Node) -> list[tuple[int, Command]]:
    found = []
    keys = ("id", "slash", "vi", "en", "words")
    for record in reader.record(node, ["commands"]).records("commands", keys, ["menu", "form"]):
        slash = record.filled("slash")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", slash):
            remedy = "chỉ dùng chữ thường không dấu, số và gạch dưới, tối đa 32 ký tự"
            reader.report(record.line_of("slash"), f"lệnh “/{slash}” không hợp lệ", remedy)
        command = Command(
            id=record.identifier(),
            slash=slash,
            vi=record.filled("vi"),
            en=record.filled("en"),
            words=(words := record.texts("words")),
            names=frozenset(map(fold, words)),
            menu=record.flag("menu", default=True),
            form=record.text("form"),
        )
        found.append((record.line, command))
    return found


def holidays(reader: Reader, node: Node) -> Holidays:
    root = reader.record(node, ["days_off", "make_up"])

    def days(key: str) -> frozenset[date]:
        records = root.records(key, ["day"], ["note"])
        return frozenset(day for record in records if (day := record.day("day")))

    return Holidays(days("days_off"), days("make_up"))


def shorthand(reader: Reader, node: Node) -> list[tuple[int, str, tuple[str, ...]]]:
    root = reader.record(node, ["shorthand"])
    return [
        (record.line, record.filled("short").lower(), record.texts("means"))
        for record in root.records("shorthand", ("short", "means"))
    ]


def phrases(reader: Reader, node: Node) -> dict[str, str]:
    """Flat: one key, one text. The text keeps its line breaks."""
    line, value = node
    if not isinstance(value, dict):
        message = "tệp câu chữ phải là các mục “tên: câu”"
        reader.report(line, message, "xem mẫu trong docs/knowledge.md")
        return {}
    found = {}
    for key, (key_line, child) in value.items():
        found[key] = text = reader.text(child)
        if not text:
            reader.report(key_line, f"câu “{key}” còn trống", "điền nội dung")
        if len(text) > MAX_SPOKEN:
            remedy = f"rút còn tối đa {MAX_SPOKEN} ký tự"
            reader.report(key_line, f"câu “{key}” dài {len(text)} ký tự", remedy)
    return found
