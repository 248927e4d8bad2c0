"""What only shows when all files are seen together: links, doubles, lengths, and what ages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches

from knowledge.answers import PLACEHOLDER, bare, known_placeholders, placeholders, speak
from knowledge.clock import noon
from knowledge.contract import (
    COMMANDS,
    CONCLUSIONS,
    FORMS,
    MAX_ACTION_BYTES,
    MAX_SPOKEN,
    PHRASES,
    STAFF,
    STAFF_PHRASES,
    Needed,
)
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.guidance_checks import articles, guidance
from knowledge.problems import NO_FOLDER, Problem
from knowledge.rules import lapsed_source
from knowledge.text import fold

MAX_KEYWORD_SYLLABLES = 3
SOON = timedelta(days=60)
FORM_LINK, COMMAND_LINK = "form:", "cmd:"
FORM_FILES = ("forms/", "guides/")  # the guides ask as forms do


@dataclass(frozen=True, slots=True)
class Origin:
    """Where things were read from: lines of ids by file, and the files that could not be read."""

    lines: Mapping[tuple[str, str], int]
    unread: frozenset[str]

    def read(self, name: str) -> bool:
        """Whether this file, or every file of this folder (`faq/`), could be parsed."""
        return not any(each.startswith(name) or each == NO_FOLDER for each in self.unread)

    def problem(self, file: str, key: str, message: str, remedy: str) -> Problem:
        return Problem(file, self.lines.get((file, key), 1), message, remedy)


def cross_check(knowledge: Knowledge, origin: Origin, needed: Needed) -> Iterator[Problem]:
    """Every problem that one file alone cannot show. The knowledge needs no index yet.

    Nothing is asked of a file that was not read: what seems to be missing may well stand there.
    """
    if origin.read("topics.yaml"):
        yield from _shelves(knowledge)
    for entry in knowledge.entries.values():
        yield from _entry(knowledge, origin, entry)
    for file in filter(origin.read, PHRASES):
        yield from _phrases(knowledge, origin, file, needed.phrases[file])
    yield from _commands(knowledge, origin, needed)
    if all(map(origin.read, FORM_FILES)):
        yield from _forms(knowledge, origin)
    yield from _doubles(knowledge)
    if origin.read("faq/"):
        yield from _topics(knowledge, origin)
    if origin.read("sources.yaml"):
        yield from _sources(knowledge, origin)
    if origin.read("places.yaml"):
        yield from _places(knowledge, origin)
    yield from _milestones(knowledge)
    if all(map(origin.read, ("faq/", "forms/", "guides/", "rules/", "sources.yaml"))):
        yield from guidance(knowledge)


def _entry(knowledge: Knowledge, origin: Origin, entry: Entry) -> Iterator[Problem]:
    if origin.read("sources.yaml"):
        yield from _citations(knowledge, entry)
    if origin.read("rules/deadlines.yaml"):
        yield from _placeholders(knowledge, entry)
    if all(map(origin.read, ("faq/", *FORM_FILES))):
        yield from _links(knowledge, entry)
    yield from _shape(entry)


def lengths(knowledge: Knowledge, today: date, *, broken: bool) -> Iterator[Problem]:
    """Entries that do not fit one message, today or on a later day when something turns.

    In *broken* knowledge, what cannot be spoken is left out: its source, or a phrase, could not be
    read or has more than a name in braces, and that is told already.
    """
    if broken:
        spoken = {key: text for key, text in knowledge.phrases.items() if bare(text)}
        knowledge = replace(knowledge, phrases=spoken)
    moments = [noon(day) for day in _turning_days(knowledge, today)]
    for entry in knowledge.entries.values():
        try:
            length, when = max([(len(speak(knowledge, entry, now).text), now) for now in moments])
        except (LookupError, StopIteration, ValueError):
            if not broken:
                raise
            continue
        if length > MAX_SPOKEN:
            on = "" if when.date() == today else f" vào ngày {when:%d/%m/%Y}"
            message = f"câu trả lời “{entry.id}” dài {length} ký tự{on} (kể cả dòng nguồn)"
            yield _at(entry, message, f"rút gọn còn tối đa {MAX_SPOKEN} ký tự")


def ageing(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    """Warnings: what still works today but should be looked at by a person."""
    for entry in knowledge.entries.values():
        if entry.review_by < today:
            message = f"“{entry.id}” quá hạn rà soát ({entry.review_by:%d/%m/%Y})"
            yield _at(entry, message, "đối chiếu lại rồi sửa verified_on và review_by")
        if entry.verified_on > today:
            message = f"“{entry.id}” ghi ngày đối chiếu ở tương lai ({entry.verified_on:%d/%m/%Y})"
            yield _at(entry, message, "ghi ngày thật sự đối chiếu")
        if not entry.past:
            yield from _lapsing(knowledge, entry, today)
    yield from _taken_by_commands(knowledge)
    if not knowledge.organisation.name:
        message = "chưa ghi tên cơ quan vận hành"
        yield Problem("organisation.yaml", 1, message, "điền name và thông tin liên hệ công vụ")


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


def _lapsing(knowledge: Knowledge, entry: Entry, today: date) -> Iterator[Problem]:
    lapsed = lapsed_source(knowledge, entry, today)
    if lapsed:
        message = f"“{entry.id}” dẫn {lapsed.short} đã hết hiệu lực như quy định hiện hành"
        yield _at(entry, message, "viết lại theo văn bản mới, hoặc thêm “past: true”")
        return
    soon = lapsed_source(knowledge, entry, today + SOON)
    if soon and soon.in_force_until:
        message = f"“{entry.id}” dẫn {soon.short} sẽ hết hiệu lực từ {soon.in_force_until:%d/%m/%Y}"
        yield _at(entry, message, "chuẩn bị câu trả lời theo văn bản mới")


def _turning_days(knowledge: Knowledge, today: date) -> list[date]:
    """Today, and each later day on which a source or a deadline is seen differently."""
    days = {source.in_force_until for source in knowledge.sources.values()}
    for deadline in knowledge.deadlines:
        last = deadline.closes_on
        days |= {deadline.opens_on, last, last and last + timedelta(days=1)}
    return [today, *sorted(day for day in days if day and day > today)]


def _shelves(knowledge: Knowledge) -> Iterator[Problem]:
    """Topics that files of entries name and nobody has; once a file."""
    known = {"", *knowledge.topics, SMALLTALK, OUT_OF_SCOPE}
    for file, topic in {(entry.file, entry.topic) for entry in knowledge.entries.values()}:
        if topic not in known:
            yield Problem(file, 1, f"không có chủ đề “{topic}”", "dùng một mã trong topics.yaml")


def _citations(knowledge: Knowledge, entry: Entry) -> Iterator[Problem]:
    for citation in entry.citations:
        if citation.source and citation.source not in knowledge.sources:
            message = f"“{entry.id}” dẫn nguồn không có: “{citation.source}”"
            yield _at(entry, message, "thêm nguồn vào sources.yaml hoặc sửa mã nguồn")
    yield from articles(knowledge, entry.file, entry.line, entry.citations)


def _placeholders(knowledge: Knowledge, entry: Entry) -> Iterator[Problem]:
    allowed = known_placeholders(knowledge)
    for name in placeholders(entry.answer):
        if name not in allowed:
            remedy = f"dùng một trong: {', '.join(sorted(allowed))}"
            yield _at(entry, f"“{entry.id}” có chỗ trống không ai điền: {{{name}}}", remedy)


def _links(knowledge: Knowledge, entry: Entry) -> Iterator[Problem]:
    for link in entry.follow_ups:
        if not _leads_somewhere(knowledge, link):
            yield _at(entry, f"“{entry.id}” dẫn tới “{link}” không có", "sửa hoặc bỏ liên kết")
    if entry.id in entry.follow_ups or entry.id == entry.supersedes:
        yield _at(entry, f"“{entry.id}” dẫn tới chính nó", "bỏ liên kết này")
    if entry.supersedes and entry.supersedes not in knowledge.entries:
        message = f"“{entry.id}” thay cho “{entry.supersedes}” không có"
        yield _at(entry, message, "sửa mã ở mục supersedes")


def _leads_somewhere(knowledge: Knowledge, link: str) -> bool:
    if link.startswith(FORM_LINK):
        return link.removeprefix(FORM_LINK) in knowledge.forms
    if link.startswith(COMMAND_LINK):
        return link.removeprefix(COMMAND_LINK) in knowledge.commands
    return link in knowledge.entries


def _shape(entry: Entry) -> Iterator[Problem]:
    if any(brace in PLACEHOLDER.sub("", entry.answer) for brace in "{}"):
        yield _at(entry, f"“{entry.id}” có dấu ngoặc nhọn lẻ", "viết chỗ trống như {contact}")
    for keyword in entry.keywords:
        if not 1 <= len(fold(keyword).split()) <= MAX_KEYWORD_SYLLABLES:
            message = f"từ khoá “{keyword}” của “{entry.id}” không có 1 đến 3 tiếng"
            yield _at(entry, message, "chuyển xuống variants")


def _phrases(
    knowledge: Knowledge, origin: Origin, file: str, needed: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """Every phrase that the code says is there, and has exactly the blanks that the code fills."""
    for_staff = file == STAFF_PHRASES
    phrases = {k: text for k, text in knowledge.phrases.items() if k.startswith(STAFF) == for_staff}
    for key in needed.keys() - phrases.keys():
        near = get_close_matches(key, phrases.keys() - needed.keys(), n=1)
        remedy = f"có lẽ đã bị đổi tên thành “{near[0]}”" if near else "lấy lại từ bản gốc"
        yield Problem(file, 1, f"thiếu câu “{key}”", remedy)
    for key, text in phrases.items():
        rest = text
        for name in needed.get(key, ()):
            blank = f"{{{name}}}"
            if text and blank not in text:
                message = f"câu “{key}” thiếu chỗ trống {blank}"
                yield origin.problem(file, key, message, "đặt lại chỗ trống ấy vào câu")
            rest = rest.replace(blank, "")
        if "{" in rest or "}" in rest:
            message = f"câu “{key}” có dấu ngoặc nhọn mà chương trình không điền"
            blanks = sorted(f"{{{name}}}" for name in needed.get(key, ()))
            remedy = f"chỉ dùng: {', '.join(blanks) or 'không có chỗ trống nào'}"
            yield origin.problem(file, key, message, remedy)


def _commands(knowledge: Knowledge, origin: Origin, needed: Needed) -> Iterator[Problem]:
    """Those that the code decides are all there; what one is called by calls no other."""
    named: dict[str, str] = {}
    registers = (knowledge.commands, knowledge.staff_commands)
    for file, commands in zip(COMMANDS, registers, strict=True):
        missing = sorted(needed.commands[file] - commands.keys()) if origin.read(file) else ()
        for name in missing:
            yield Problem(file, 1, f"thiếu lệnh “{name}”", "lấy lại từ bản gốc")
        for command in commands.values():
            if not command.form and command.id not in needed.commands[file]:
                message = f"chương trình không có lệnh “{command.id}”"
                yield origin.problem(file, command.id, message, "bỏ lệnh này")
            for word in dict.fromkeys((*map(fold, command.words), f"/{command.slash}")):
                other = named.setdefault(word, command.id)
                if other != command.id:
                    message = f"“{word}” gọi cả lệnh “{command.id}” lẫn lệnh “{other}”"
                    yield origin.problem(file, command.id, message, "giữ ở một lệnh")


def _forms(knowledge: Knowledge, origin: Origin) -> Iterator[Problem]:
    """Forms that the code needs, and those that end in a way that the code does not know."""
    for name in FORMS:
        if name not in knowledge.forms:
            yield Problem(f"forms/{name}.yaml", 1, f"thiếu phiếu “{name}”", "lấy lại từ bản gốc")
    for form in knowledge.forms.values():
        if form.concludes != (form.id in CONCLUSIONS or form.id in knowledge.checklists):
            message = f"phiếu “{form.id}” kết thúc sai cách (mục “ends”)"
            remedy = f"chỉ {', '.join(CONCLUSIONS)} là “ends: conclude”, phiếu khác thì gửi đi"
            yield Problem(form.file, form.line, message, remedy)
    for command in knowledge.commands.values():
        if command.form and command.form not in knowledge.forms:
            message = f"lệnh “{command.id}” mở phiếu không có: “{command.form}”"
            yield origin.problem("commands.yaml", command.id, message, "sửa mã phiếu")


def _taken_by_commands(knowledge: Knowledge) -> Iterator[Problem]:
    named = {fold(word): each for each in knowledge.commands.values() for word in each.words}
    for entry in knowledge.entries.values():
        for line in (entry.question, *entry.variants, *entry.keywords):
            if fold(line) in named:
                message = f"“{line}” của “{entry.id}” gọi lệnh “{named[fold(line)].id}”"
                yield _at(entry, message, "bỏ cách hỏi này: nó không bao giờ tới câu trả lời")


def _doubles(knowledge: Knowledge) -> Iterator[Problem]:
    """The same words, accents aside, for two entries: nobody could tell which is meant."""
    asked: dict[str, tuple[Entry, str]] = {}
    for entry in knowledge.entries.values():
        for line in filter(None, (entry.question, *entry.variants, *entry.keywords)):
            key = fold(line)
            if not key:
                yield _at(entry, f"“{line}” của “{entry.id}” không có chữ nào", "viết thành lời")
                continue
            other, before = asked.setdefault(key, (entry, line))
            if other is not entry:
                message = f"câu hỏi “{line}” của “{entry.id}” trùng với “{before}” của “{other.id}”"
                yield _at(entry, message, f"giữ ở một nơi (xem {other.file}, dòng {other.line})")


def _topics(knowledge: Knowledge, origin: Origin) -> Iterator[Problem]:
    for topic in knowledge.topics.values():
        opened = knowledge.entries.get(topic.opens)
        if opened is None:
            message = f"chủ đề “{topic.id}” mở tới “{topic.opens}” không có"
        elif opened.topic != topic.id:
            message = f"chủ đề “{topic.id}” mở tới “{topic.opens}” của chủ đề “{opened.topic}”"
        else:
            continue
        remedy = "dùng mã một câu trả lời của chính chủ đề ấy"
        yield origin.problem("topics.yaml", topic.id, message, remedy)


def _sources(knowledge: Knowledge, origin: Origin) -> Iterator[Problem]:
    for source in knowledge.sources.values():
        if not source.replaced_by:
            continue
        if source.replaced_by == source.id or source.replaced_by not in knowledge.sources:
            message = f"nguồn “{source.id}” được thay bởi “{source.replaced_by}” không có"
            remedy = "sửa mã ở mục replaced_by: mã của một nguồn khác"
            yield origin.problem("sources.yaml", source.id, message, remedy)
    for deadline in knowledge.deadlines:
        if deadline.source and deadline.source not in knowledge.sources:
            message = f"hạn dẫn nguồn không có: “{deadline.source}”"
            yield Problem(deadline.file, deadline.line, message, "sửa mã nguồn")


def _places(knowledge: Knowledge, origin: Origin) -> Iterator[Problem]:
    names = {province.name for province in knowledge.provinces}
    remedy = "viết đúng tên trong places.yaml"
    ours = knowledge.organisation.province
    if ours and ours not in names:
        message = f"không có tỉnh, thành phố “{ours}”"
        yield origin.problem("organisation.yaml", "province", message, remedy)
    for deadline in knowledge.deadlines:
        if deadline.province and deadline.province not in names:
            message = f"không có tỉnh, thành phố “{deadline.province}”"
            yield Problem(deadline.file, deadline.line, message, remedy)
    for form in knowledge.forms.values():
        for field in (field for field in form.fields if field.kind == "province"):
            for name in names:
                if len(f"pick:{field.id}:{name}".encode()) > MAX_ACTION_BYTES:
                    message = f"nút chọn “{name}” của câu hỏi “{field.id}” dài quá"
                    yield Problem(form.file, form.line, message, "rút ngắn mã câu hỏi")


def _milestones(knowledge: Knowledge) -> Iterator[Problem]:
    for deadline in knowledge.deadlines:
        programme = knowledge.programmes.get(deadline.programme)
        known = {milestone.id for milestone in programme.milestones} if programme else set()
        if deadline.milestone not in known:
            message = f"không có mốc “{deadline.programme}.{deadline.milestone}”"
            yield Problem(deadline.file, deadline.line, message, "khai báo ở mục programmes")
