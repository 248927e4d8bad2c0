"""`donghanh check`: every problem of a knowledge folder, then what should be looked at soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge import KnowledgeError, checks, load


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
    warnings = [*checks.ageing(knowledge, today), *checks.unreachable(knowledge)]
    entries, topics = knowledge.entries.values(), len(knowledge.topics)
    variants = sum(len(entry.variants) for entry in entries)
    summary = f"Đạt: {len(entries)} câu trả lời, {variants} cách hỏi, {topics} chủ đề"
    lines = [f"NHẮC  {warning}" for warning in sorted(warnings)]
    return Report((*lines, f"{summary}; {len(warnings)} điều cần xem."), False)
