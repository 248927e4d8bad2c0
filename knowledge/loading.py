"""From a folder of YAML to one checked `Knowledge`, or to every problem that keeps it from being.

Parsing happens in a child process with limits on time, memory and CPU: a hostile or broken file
can end the child, never the service. Parsed trees and the compiled index are cached by the
fingerprint of the folder's content, so an unchanged folder starts neither the child nor a build.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from knowledge import checks, forms, registers
from knowledge.clock import noon
from knowledge.entries import (
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
from knowledge.problems import KnowledgeError, Problem
from knowledge.reading import Reader

DATA = Path(__file__).parent / "data"
PARSE_SECONDS = 30
CACHE_FORMAT = "1"

T = TypeVar("T")
Keyed = TypeVar("Keyed")


def load(folder: Path = DATA, *, today: date, cache: Path | None = None) -> Knowledge:
    """Read, check and compile *folder*.

    Raises KnowledgeError with all problems at once. *cache* is a folder for derived files that may
    be deleted at any time; without one, everything is computed. *today* only decides whether
    answers with dates in them still fit one message.
    """
    fingerprint = fingerprint_of(folder)
    trees, problems = _trees(folder, fingerprint, cache)
    knowledge = _assemble(trees, problems, fingerprint)
    if not problems:
        problems += checks.cross_check(knowledge)
    if not problems:
        problems += checks.lengths(knowledge, noon(today))
    if problems:
        raise KnowledgeError(sorted(problems))
    return replace(knowledge, index=_index(knowledge, cache))


def fingerprint_of(folder: Path) -> str:
    """Change with the name or content of any YAML file below *folder*, and with nothing else."""
    digest = hashlib.sha256(CACHE_FORMAT.encode())
    for path in sorted(folder.rglob("*.yaml")):
        content = hashlib.sha256(path.read_bytes()).digest()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()[:32]


def _trees(
    folder: Path, fingerprint: str, cache: Path | None
) -> tuple[dict[str, Node], list[Problem]]:
    kept = cache / f"trees-{fingerprint}.json" if cache else None
    if kept and kept.exists():
        return json.loads(kept.read_text("utf-8")), []
    trees, problems = _parse_in_child(folder)
    if kept and not problems:
        _keep(kept, json.dumps(trees, ensure_ascii=False).encode(), "trees-*.json")
    return trees, problems


def _parse_in_child(folder: Path) -> tuple[dict[str, Node], list[Problem]]:
    script = Path(__file__).with_name("parsing.py")
    command = [sys.executable, "-I", str(script), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and script, no shell
            command, capture_output=True, timeout=PARSE_SECONDS, check=False
        )
        output, ended = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        output, ended = error.stdout or b"", -1
    lines = [json.loads(line) for line in output.decode("utf-8").splitlines() if line]
    trees: dict[str, Node] = {}
    problems: list[Problem] = []
    for name, parsed in zip(lines[::2], lines[1::2], strict=False):
        tree, found = parsed
        if tree is not None:
            trees[name] = tree
        problems += [Problem(name, *each) for each in found]
    if ended != 0:
        culprit = lines[-1] if len(lines) % 2 else "?"
        message = "đọc tệp này quá lâu hoặc quá tốn bộ nhớ nên đã dừng"
        problems.append(Problem(str(culprit), 1, message, "khôi phục bản trước của tệp"))
    return trees, problems


def _keep(path: Path, content: bytes, others: str) -> None:
    """Write whole or not at all, and drop what earlier contents left. A full disk costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stale = [other for other in path.parent.glob(others) if other != path]
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(path)
        for other in stale:
            other.unlink(missing_ok=True)
    except OSError:
        return


def _index(knowledge: Knowledge, cache: Path | None) -> Index:
    kept = cache / f"index-{knowledge.fingerprint}.bin" if cache else None
    if kept and kept.exists():
        try:
            return Index.from_bytes(kept.read_bytes())
        except (ValueError, OSError):
            kept.unlink(missing_ok=True)
    variants = {
        entry.id: (entry.question, *entry.variants, *entry.keywords)
        for entry in knowledge.entries.values()
    }
    texts = {entry.id: f"{entry.label}. {entry.answer}" for entry in knowledge.entries.values()}
    index = Index.build(variants, texts=texts, shorthand=knowledge.shorthand)
    if kept:
        _keep(kept, index.to_bytes(), "index-*.bin")
    return index


class _Files:
    """The parsed trees, read register by register."""

    def __init__(self, trees: dict[str, Node], problems: list[Problem]) -> None:
        self._trees = trees
        self._problems = problems

    def one(self, name: str, read: Callable[[Reader, Node], T], empty: T) -> T:
        if name in self._trees:
            return read(Reader(name, self._problems), self._trees[name])
        if not any(problem.file == name for problem in self._problems):
            self._problems.append(Problem(name, 1, "thiếu tệp này", "khôi phục tệp từ bản gốc"))
        return empty

    def rows(self, name: str, read: Callable[[Reader, Node], list[T]]) -> list[T]:
        return self.one(name, read, [])

    def each(self, folder: str, read: Callable[[Reader, Node], T]) -> list[T]:
        names = [name for name in self._trees if name.startswith(f"{folder}/")]
        return [read(Reader(name, self._problems), self._trees[name]) for name in names]

    def unique(
        self, file: str, found: Iterable[tuple[int, str, Keyed]], what: str
    ) -> dict[str, Keyed]:
        """By id; a second one with the same id is reported and dropped."""
        kept: dict[str, Keyed] = {}
        for line, key, value in found:
            if key in kept:
                problem = Problem(file, line, f"{what} “{key}” bị khai hai lần", "giữ lại một")
                self._problems.append(problem)
            else:
                kept[key] = value
        return kept


def _assemble(trees: dict[str, Node], problems: list[Problem], fingerprint: str) -> Knowledge:
    files = _Files(trees, problems)
    sources = files.rows("sources.yaml", registers.sources)
    topics = files.rows("topics.yaml", registers.topics)
    nothing: tuple[list[Programme], list[Deadline]] = ([], [])
    programmes, deadlines = files.one("rules/deadlines.yaml", registers.deadlines, nothing)
    shorthand = files.rows("synonyms.yaml", registers.shorthand)
    phrases = files.rows("phrases.yaml", registers.phrases)
    commands = files.rows("commands.yaml", registers.commands)
    return Knowledge(
        entries=_entries(files, problems),
        sources=files.unique("sources.yaml", ((n, s.id, s) for n, s in sources), "nguồn"),
        topics=files.unique("topics.yaml", ((n, t.id, t) for n, t in topics), "chủ đề"),
        programmes={programme.id: programme for programme in programmes},
        deadlines=tuple(deadlines),
        forms=_forms(files, problems),
        commands=files.unique("commands.yaml", ((n, c.id, c) for n, c in commands), "lệnh"),
        phrases=files.unique("phrases.yaml", phrases, "câu"),
        provinces=tuple(files.rows("places.yaml", registers.provinces)),
        organisation=files.one("organisation.yaml", registers.organisation, Organisation()),
        holidays=files.one(
            "rules/holidays.yaml", registers.holidays, Holidays(frozenset(), frozenset())
        ),
        shorthand=files.unique("synonyms.yaml", shorthand, "chữ viết tắt"),
        index=Index.build({"-": ("chưa có",)}),
        fingerprint=fingerprint,
    )


def _entries(files: _Files, problems: list[Problem]) -> dict[str, Entry]:
    kept: dict[str, Entry] = {}
    for entry in (entry for found in files.each("faq", registers.entries) for entry in found):
        first = kept.setdefault(entry.id, entry)
        if first is not entry:
            message = f"mã “{entry.id}” đã dùng ở {first.file}, dòng {first.line}"
            problems.append(Problem(entry.file, entry.line, message, "đặt mã khác"))
    return kept


def _forms(files: _Files, problems: list[Problem]) -> dict[str, Form]:
    kept: dict[str, Form] = {}
    for form in files.each("forms", forms.form):
        first = kept.setdefault(form.id, form)
        if first is not form:
            message = f"mã phiếu “{form.id}” đã dùng ở {first.file}"
            problems.append(Problem(form.file, form.line, message, "đặt mã khác"))
    return kept
