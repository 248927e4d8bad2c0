"""The registers beside the entries: sources, topics, deadlines, places, phrases, abbreviations.

Each function reads one parsed file into values and reports what is wrong with that file alone;
what only shows when files are seen together is found in `knowledge.checks`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

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
from knowledge.reading import Reader

POLICIES = ("chặt", "vừa", "rộng")
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
    optional = ("issued_on", "in_force_from", "in_force_until", "replaced_by", "url")
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
            checked_on=record.day("checked_on"),
        )
        start, end = source.in_force_from or source.issued_on, source.in_force_until
        if start and end and end <= start:
            message = "ngày hết hiệu lực không sau ngày có hiệu lực"
            reader.report(record.line_of("in_force_until"), message, "sửa lại hai ngày này")
        found.append((record.line, source))
    return found


def topics(reader: Reader, node: Node) -> list[tuple[int, Topic]]:
    required = ("id", "label", "group", "opens")
    return [
        (
            record.line,
            Topic(
                record.identifier(),
                record.filled("label"),
                record.text("group"),
                record.text("opens"),
            ),
        )
        for record in reader.record(node, ["topics"]).records("topics", required)
    ]


def entries(reader: Reader, node: Node) -> list[Entry]:
    root = reader.record(node, ["topic", "entries"])
    topic = root.text("topic")
    found = []
    for record in root.records("entries", _ENTRY_KEYS, _ENTRY_OPTIONS):
        citations = tuple(
            Citation(item.filled("source"), item.text("article"))
            for item in record.records("sources", ("source", "article"))
        )
        if "sources" in record and not citations:
            remedy = "thêm ít nhất một nguồn: {source: …, article: …}"
            reader.report(record.line_of("sources"), "câu trả lời không dẫn nguồn nào", remedy)
        verified, review = record.day("verified_on"), record.day("review_by")
        if verified is None or review is None:
            for key in ("verified_on", "review_by"):
                record.filled(key)
            continue
        found.append(
            Entry(
                id=record.identifier(),
                topic=topic,
                label=record.filled("label"),
                question=record.filled("question"),
                variants=record.texts("variants"),
                answer=record.filled("answer"),
                citations=citations,
                follow_ups=record.texts("follow_ups"),
                verified_on=verified,
                review_by=review,
                keywords=record.texts("keywords"),
                valid_from=record.day("valid_from"),
                valid_until=record.day("valid_until"),
                past=record.flag("past", default=False),
                supersedes=record.text("supersedes"),
                file=reader.file,
                line=record.line,
            )
        )
    return found


def deadlines(reader: Reader, node: Node) -> tuple[list[Programme], list[Deadline]]:
    root = reader.record(node, ["programmes", "deadlines"])
    programmes = []
    for record in root.records("programmes", ("id", "label", "milestones")):
        milestones = tuple(
            Milestone(item.identifier(), item.filled("label"))
            for item in record.records("milestones", ("id", "label"))
        )
        programmes.append(Programme(record.identifier(), record.filled("label"), milestones))
    found = []
    for record in root.records("deadlines", ("programme", "milestone", "year"), _DEADLINE_OPTIONS):
        deadline = Deadline(
            programme=record.filled("programme"),
            milestone=record.filled("milestone"),
            year=record.whole("year") or 0,
            province=record.text("province"),
            opens_on=record.day("opens_on"),
            closes_on=record.day("closes_on"),
            closes_at=record.hour("closes_at"),
            inclusive=record.flag("inclusive", default=True),
            extended_from=record.day("extended_from"),
            letter=record.text("letter"),
            source=record.text("source"),
            file=reader.file,
            line=record.line,
        )
        _check_days(reader, deadline)
        found.append(deadline)
    return programmes, found


def _check_days(reader: Reader, deadline: Deadline) -> None:
    opens, closes, before = deadline.opens_on, deadline.closes_on, deadline.extended_from
    if opens and closes and closes < opens:
        reader.report(deadline.line, "hạn kết thúc trước ngày mở", "sửa opens_on hoặc closes_on")
    if before and (closes is None or closes <= before):
        message = "hạn đã gia hạn phải sau hạn cũ"
        reader.report(deadline.line, message, "sửa closes_on hoặc extended_from")
    if closes and not deadline.source:
        message = "hạn có ngày cụ thể mà không dẫn nguồn"
        reader.report(deadline.line, message, "thêm source: và letter: (số công văn)")


def provinces(reader: Reader, node: Node) -> list[Province]:
    root = reader.record(node, ["provinces"])
    return [
        Province(record.filled("name"), record.texts("formerly"))
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
    for record in reader.record(node, ["commands"]).records("commands", keys, ["menu"]):
        slash = record.filled("slash")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", slash):
            remedy = "chỉ dùng chữ thường không dấu, số và gạch dưới, tối đa 32 ký tự"
            reader.report(record.line_of("slash"), f"lệnh “/{slash}” không hợp lệ", remedy)
        command = Command(
            id=record.identifier(),
            slash=slash,
            vi=record.filled("vi"),
            en=record.filled("en"),
            words=record.texts("words"),
            menu=record.flag("menu", default=True),
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


def phrases(reader: Reader, node: Node) -> list[tuple[int, str, str]]:
    """Flat: one key, one text. The text keeps its line breaks."""
    line, value = node
    if not isinstance(value, dict):
        reader.report(line, "tệp câu chữ phải là các mục “tên: câu”", "xem mẫu trong tài liệu")
        return []
    found = []
    for key, (key_line, child) in value.items():
        text = reader.text(child)
        if not text:
            reader.report(key_line, f"câu “{key}” còn trống", "điền nội dung")
        found.append((key_line, key, unicodedata.normalize("NFC", text)))
    return found
