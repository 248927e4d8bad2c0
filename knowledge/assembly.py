"""From parsed files to one `Knowledge`, register by register; it is not checked as a whole yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from knowledge import forms, guide_reading, registers, ruleset_reading
from knowledge.assessment import NO_ASSESSMENT
from knowledge.assessment import form as assessment_form
from knowledge.checklists import Checklist
from knowledge.checklists import form as checklist_form
from knowledge.checks import Origin
from knowledge.contract import COMMANDS, PHRASES
from knowledge.entries import (
    Command,
    Deadline,
    Entry,
    Form,
    Holidays,
    Knowledge,
    Organisation,
    Programme,
)
from knowledge.index import Index
from knowledge.parsing import Node
from knowledge.problems import NO_FOLDER, Problem
from knowledge.reading import Reader
from knowledge.routing import NO_ROUTER
from knowledge.routing import form as router_form
from knowledge.rulesets import RuleSet

T = TypeVar("T")
Keyed = TypeVar("Keyed")
Written = TypeVar("Written", Entry, Form, RuleSet, Checklist)

ROUTER, ASSESSMENT = "guides/router.yaml", "guides/self_assessment.yaml"
RULESETS, CHECKLISTS = "rules/award-", "rules/dossier-"
REQUIRED = (
    "commands.yaml",
    ROUTER,
    ASSESSMENT,
    "organisation.yaml",
    "phrases.yaml",
    "places.yaml",
    "rules/deadlines.yaml",
    "rules/holidays.yaml",
    "sources.yaml",
    "staff_commands.yaml",
    "staff_phrases.yaml",
    "synonyms.yaml",
    "topics.yaml",
)
FOLDERS = ("faq/", "forms/", RULESETS, CHECKLISTS)


def assemble(
    trees: dict[str, Node], problems: list[Problem], fingerprint: str
) -> tuple[Knowledge, Origin]:
    """Read every register, adding to *problems*. What cannot be read is left empty.

    The knowledge comes with an empty index: compiling it is worth the time only if all is well.
    """
    files = _Files(trees, problems)
    nothing: tuple[list[tuple[int, Programme]], list[Deadline]] = ([], [])
    programmes, deadlines = files.one("rules/deadlines.yaml", registers.deadlines, nothing)
    no_days = Holidays(frozenset(), frozenset())
    sources = files.rows("sources.yaml", registers.sources)
    topics = files.rows("topics.yaml", registers.topics)
    commands, staff_commands = (files.commands(name) for name in COMMANDS)
    provinces = files.rows("places.yaml", registers.provinces)
    shorthand = files.rows("synonyms.yaml", registers.shorthand)
    knowledge = Knowledge(
        entries=_distinct(
            [entry for found in files.each("faq/", registers.entries) for entry in found],
            "mã",
            problems,
        ),
        sources=files.unique("sources.yaml", "nguồn", ((n, s.id, s) for n, s in sources)),
        topics=files.unique("topics.yaml", "chủ đề", ((n, t.id, t) for n, t in topics)),
        programmes=files.unique(
            "rules/deadlines.yaml", "chương trình", ((n, p.id, p) for n, p in programmes)
        ),
        deadlines=tuple(deadlines),
        forms={},
        commands=commands,
        staff_commands=staff_commands,
        phrases={k: text for name in PHRASES for k, text in files.phrases(name)},
        provinces=tuple(
            files.unique("places.yaml", "tỉnh", ((n, p.name, p) for n, p in provinces)).values()
        ),
        organisation=files.one("organisation.yaml", registers.organisation, Organisation()),
        holidays=files.one("rules/holidays.yaml", registers.holidays, no_days),
        shorthand=files.unique("synonyms.yaml", "chữ viết tắt", shorthand),
        rulesets=_distinct(
            files.each(RULESETS, ruleset_reading.ruleset), "mã bộ điều kiện", problems
        ),
        checklists=_distinct(
            files.each(CHECKLISTS, guide_reading.checklist), "mã danh mục", problems
        ),
        assessment=files.one(ASSESSMENT, guide_reading.assessment, NO_ASSESSMENT),
        router=files.one(ROUTER, guide_reading.router, NO_ROUTER),
        index=Index.build({}),
        fingerprint=fingerprint,
    )
    return replace(knowledge, forms=_forms(knowledge, files, problems)), files.origin()


class _Files:
    """The parsed trees, read register by register."""

    def __init__(self, trees: dict[str, Node], problems: list[Problem]) -> None:
        self._trees = trees
        self._problems = problems
        self._unread = {problem.file for problem in problems if problem.file not in trees}
        self._lines: dict[tuple[str, str], int] = {}
        if NO_FOLDER not in self._unread:
            self._report_missing_and_strange()
        for name, (_, root) in trees.items():
            for key, (line, _) in root.items() if isinstance(root, dict) else ():
                self._lines[name, key] = line

    def origin(self) -> Origin:
        return Origin(self._lines, frozenset(self._unread))

    def one(self, name: str, read: Callable[[Reader, Node], T], empty: T) -> T:
        if name not in self._trees:
            return empty
        return read(Reader(name, self._problems), self._trees[name])

    def rows(self, name: str, read: Callable[[Reader, Node], list[T]]) -> list[T]:
        return self.one(name, read, [])

    def commands(self, name: str) -> dict[str, Command]:
        found = self.rows(name, registers.commands)
        return self.unique(name, "lệnh", ((line, each.id, each) for line, each in found))

    def phrases(self, name: str) -> Iterable[tuple[str, str]]:
        nothing: dict[str, str] = {}
        return self.one(name, registers.phrases, nothing).items()

    def each(self, folder: str, read: Callable[[Reader, Node], T]) -> list[T]:
        names = [name for name in self._trees if name.startswith(folder)]
        return [read(Reader(name, self._problems), self._trees[name]) for name in names]

    def unique(
        self, file: str, what: str, found: Iterable[tuple[int, str, Keyed]]
    ) -> dict[str, Keyed]:
        """By id; a second one with the same id is reported and dropped."""
        kept: dict[str, Keyed] = {}
        for line, key, value in found:
            if key and key in kept:
                message = (
                    f"{what} “{key}” bị khai hai lần (lần đầu ở dòng {self._lines[file, key]})"
                )
                self._problems.append(Problem(file, line, message, "giữ lại một"))
            elif key:
                kept[key] = value
                self._lines[file, key] = line
        return kept

    def _report_missing_and_strange(self) -> None:
        for name in REQUIRED:
            if name not in self._trees and name not in self._unread:
                self._problems.append(Problem(name, 1, "thiếu tệp này", "khôi phục tệp từ bản gốc"))
                self._unread.add(name)
        for name in self._trees:
            if name not in REQUIRED and not name.startswith(FOLDERS):
                remedy = "sửa tên, chuyển vào faq/ hoặc forms/, hoặc bỏ tệp"
                self._problems.append(Problem(name, 1, "tệp này không được dùng tới", remedy))


def _forms(knowledge: Knowledge, files: _Files, problems: list[Problem]) -> dict[str, Form]:
    """The forms of their own files; the guides that are asked as forms, or shared as such."""
    router, assessment = knowledge.router, knowledge.assessment
    checklists = knowledge.checklists
    found = [
        *files.each("forms/", forms.form),
        *([router_form(router)] if router.fields else []),
        *([assessment_form(assessment)] if assessment.aspects else []),
        *(checklist_form(checklists, each) for each in checklists.values() if each.shared_as),
    ]
    return _distinct(found, "mã phiếu", problems)


def _distinct(found: Iterable[Written], what: str, problems: list[Problem]) -> dict[str, Written]:
    """By id; a second one with the same id is reported, wherever it stands, and dropped."""
    kept: dict[str, Written] = {}
    for each in found:
        first = kept.setdefault(each.id, each)
        if each.id and first is not each:
            message = f"{what} “{each.id}” đã dùng ở {first.file}, dòng {first.line}"
            problems.append(Problem(each.file, each.line, message, "đặt mã khác"))
    kept.pop("", None)
    return kept
