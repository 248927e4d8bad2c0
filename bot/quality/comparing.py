"""What an edit changes: the knowledge of a git revision beside the knowledge of today.

All is taken from the revision, since all may change an answer: sentences, the policy, contacts,
commands too. Where an upgraded program cannot read an older file, the file of today stands
in for it, except for those that hold the answers themselves.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from handlers.deciding import SURE, Verdict, decide
from knowledge import KnowledgeError, load
from knowledge.answers import speak
from knowledge.entries import Entry, Knowledge
from knowledge.finding import find
from knowledge.text import fold

ANSWERS: Final = ("faq/", "rules/", "sources.yaml", "topics.yaml", "synonyms.yaml")
_SECONDS: Final = 60
_TRIES: Final = 4  # one unreadable file may hide what is wrong with the next


class NoRevision(Exception):
    """The revision cannot be had; the message says why, to whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question and what it gets, before and now: an answer, a choice, or nothing."""

    question: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"“{self.question}”: {self.before} → {self.now}"


@dataclass(frozen=True, slots=True)
class Difference:
    """All that an edit changes; entries by id, those with another text under *reworded*."""

    changes: tuple[Change, ...]
    reworded: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The difference as an author reads it."""
        yield f"{len(self.changes)} câu hỏi đổi câu trả lời"
        yield from (f"  {change}" for change in self.changes)
        for names, what in (
            (self.reworded, "câu trả lời đổi nội dung"),
            (self.added, "câu trả lời mới"),
            (self.removed, "câu trả lời đã bỏ"),
        ):
            yield f"{len(names)} {what}"
            yield from (f"  {name}" for name in names)


def earlier(folder: Path, revision: str, now: datetime, cache: Path) -> Knowledge:
    """Load *folder* as it was at *revision*. Raises NoRevision, and KnowledgeError."""
    archive = _archive(folder, revision)
    with tempfile.TemporaryDirectory(prefix="donghanh-") as scratch:
        was = Path(scratch)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(was, filter="data")
        for _ in range(_TRIES):
            try:
                return load(was, today=now.date(), cache=cache)
            except KnowledgeError as error:
                files = {problem.file for problem in error.problems}
                unreadable = {name for name in files if not name.startswith(ANSWERS)}
                if not unreadable:
                    raise
                for name in unreadable:
                    _take_todays(folder / name, was / name)
        return load(was, today=now.date(), cache=cache)


def _take_todays(today: Path, was: Path) -> None:
    """Put the file of today in the place of an older one; a file that is no more is dropped."""
    if today.is_file():
        was.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(today, was)
    else:
        was.unlink(missing_ok=True)


def compare(before: Knowledge, after: Knowledge, asked: Iterable[str], now: datetime) -> Difference:
    """Judge *asked* and every phrasing of either by both, as asked *now*."""
    known, known_before = _owners(after), _owners(before)
    called, called_before = _called(after), _called(before)
    texts = {fold(text): text for text in [*asked, *_phrasings(before), *_phrasings(after)]}
    changes = []
    for words, text in texts.items():
        was, becomes = called_before.get(words), called.get(words)
        if was == becomes and (was or (words in known and known[words] == known_before.get(words))):
            continue  # the same command, or word for word a variant of the same entry, as before
        was, becomes = was or _outcome(before, text, now), becomes or _outcome(after, text, now)
        if was != becomes:
            changes.append(Change(text, was, becomes))
    both = before.entries.keys() & after.entries.keys()
    reworded = [name for name in both if _said(before, name, now) != _said(after, name, now)]
    return Difference(
        tuple(sorted(changes, key=lambda change: (change.before, change.now, change.question))),
        tuple(sorted(reworded)),
        tuple(sorted(after.entries.keys() - both)),
        tuple(sorted(before.entries.keys() - both)),
    )


def _archive(folder: Path, revision: str) -> bytes:
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    return _git(folder, "archive", "--format=tar", commit.decode().strip())


def _git(folder: Path, *arguments: str) -> bytes:
    """Run git in *folder*, where `archive` gives that folder alone."""
    git = shutil.which("git")
    if git is None:
        raise NoRevision("máy này chưa có lệnh git")
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the revision cannot be an option
            [git, "-C", str(folder), *arguments],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoRevision(f"git không trả lời trong {_SECONDS} giây") from None
    if done.returncode == 0:
        return done.stdout
    told = done.stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in told:
        raise NoRevision(f"thư mục {folder} không nằm trong kho git nào")
    if arguments[0] == "rev-parse":
        raise NoRevision(f"kho git không có bản “{arguments[-1].removesuffix('^{commit}')}”")
    raise NoRevision(f"bản đó không có thư mục {folder} (git: {told})")


def _owners(knowledge: Knowledge) -> dict[str, str]:
    return {fold(text): entry.id for entry, text in _lines(knowledge)}


def _called(knowledge: Knowledge) -> dict[str, str]:
    """The words that call a command: they ask no question."""
    return {
        fold(words): f"lệnh {command.id}"
        for command in knowledge.commands.values()
        for words in command.words
    }


def _phrasings(knowledge: Knowledge) -> Iterator[str]:
    return (text for _, text in _lines(knowledge))


def _lines(knowledge: Knowledge) -> Iterator[tuple[Entry, str]]:
    for entry in knowledge.entries.values():
        for text in (entry.question, *entry.variants, *entry.keywords):
            yield entry, text


def _outcome(knowledge: Knowledge, text: str, now: datetime) -> str:
    decision = decide(knowledge, find(knowledge, text, now.date()))
    if decision.verdict in SURE:
        return decision.hits[0].entry.id
    if decision.verdict is Verdict.ASK_WHICH:
        return f"hỏi lại ({', '.join(sorted(hit.entry.id for hit in decision.hits))})"
    return "không trả lời"


def _said(knowledge: Knowledge, name: str, now: datetime) -> str:
    return speak(knowledge, knowledge.entries[name], now).text
