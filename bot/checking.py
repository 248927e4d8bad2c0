"""`donghanh check`: every problem of a knowledge folder, what ages, and what an edit changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.quality import comparing
from bot.quality.linting import lint
from bot.quality.suggesting import read_questions
from knowledge import KnowledgeError, checks, load
from knowledge.clock import noon


@dataclass(frozen=True, slots=True)
class Report:
    """Lines for a person; `failed` when the folder cannot be used."""

    lines: tuple[str, ...]
    failed: bool


def check(folder: Path, today: date, cache: Path) -> Report:
    """Load *folder* as of *today* and tell what is wrong and what ages."""
    try:
        knowledge = load(folder, today=today, cache=cache)
    except KnowledgeError as error:
        problems = [f"LỖI  {problem}" for problem in error.problems]
        return Report((*problems, f"{len(problems)} lỗi; tri thức này chưa dùng được."), True)
    found = lint(knowledge)
    warnings = [*checks.ageing(knowledge, today), *checks.unreachable(knowledge), *found.problems]
    entries, topics = knowledge.entries.values(), len(knowledge.topics)
    variants = sum(len(entry.variants) for entry in entries)
    summary = f"Đạt: {len(entries)} câu trả lời, {variants} cách hỏi, {topics} chủ đề"
    lines = [f"NHẮC  {warning}" for warning in (*sorted(warnings), *found.more)]
    return Report((*lines, f"{summary}; {len(warnings)} điều cần xem."), False)


def against(folder: Path, revision: str, today: date, cache: Path, database: Path) -> Report:
    """Tell which questions get another answer in *folder* than at the git *revision*.

    Asked are all phrasings of both, and those of people in *database*, if there is one.
    """
    now = noon(today)
    try:
        before = comparing.earlier(folder, revision, now, cache / "against")
    except comparing.NoRevision as error:
        return Report((f"Không so sánh được với “{revision}”: {error}.",), True)
    except KnowledgeError as error:
        heading = f"Bản “{revision}” có lỗi với chương trình hiện nay nên không so sánh được:"
        return Report((heading, *(f"LỖI  {problem}" for problem in error.problems)), True)
    after = load(folder, today=today, cache=cache)
    asked = read_questions(database) if database.exists() else ()
    difference = comparing.compare(before, after, asked, now)
    return Report((f"So với “{revision}”:", *difference.lines()), False)
