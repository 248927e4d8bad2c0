"""What the index itself says about the knowledge it was built from, told to its authors.

Thousands of phrasings may hang on being there themselves; only those that would be answered most
surely and most wrongly without themselves are worth an author's time. The others are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from knowledge.entries import Entry, Knowledge
from knowledge.index import Finding
from knowledge.problems import Problem

MOST_STRAYS: Final = 15
MOST_RIVALS: Final = 10
FEW_LEFT: Final = 900  # phrasings: a tenth of what is judged exactly
_ENOUGH: Final = 4  # variants that two entries take from each other: fewer is chance


@dataclass(frozen=True, slots=True)
class Lint:
    """Warnings worth reading, and sentences that count those left out."""

    problems: tuple[Problem, ...]
    more: tuple[str, ...]


def lint(knowledge: Knowledge) -> Lint:
    """Judge every variant as if it had never been written. Equal variants never get this far."""
    findings = knowledge.index.lint()
    strays = [found for found in findings if _answered_wrongly(knowledge, found)]
    rivals = [found for found in findings if _compete(knowledge, found)]
    lost = [found for found in findings if found.kind == "unreachable"]
    shown = [*lost, *rivals[:MOST_RIVALS], *strays[:MOST_STRAYS]]
    more = [
        *_crowded(knowledge.index.room),
        *_counted(rivals[MOST_RIVALS:], "cặp câu trả lời nữa giành câu hỏi của nhau"),
        *_counted(strays[MOST_STRAYS:], "cách hỏi nữa chỉ đúng nhờ chính nó"),
    ]
    return Lint(tuple(_problem(knowledge, found) for found in shown), tuple(more))


def _answered_wrongly(knowledge: Knowledge, found: Finding) -> bool:
    """Whether *found* is a variant that, left out, another topic's entry would be given for."""
    if found.kind != "stray" or found.weight < knowledge.index.threshold:
        return False
    return _entry(knowledge, found.entry).topic != _entry(knowledge, found.other).topic


def _compete(knowledge: Knowledge, found: Finding) -> bool:
    """Whether *found* names two entries that are not the old and the new answer to one question."""
    if found.kind != "rivals" or found.weight < _ENOUGH:
        return False
    one, two = _entry(knowledge, found.entry), _entry(knowledge, found.other)
    return one.supersedes != two.id and two.supersedes != one.id


def _problem(knowledge: Knowledge, found: Finding) -> Problem:
    entry = _entry(knowledge, found.entry)
    alone = f"nếu không có sẵn cách hỏi “{found.variant}” của “{found.entry}” thì câu này ra"
    message, remedy = {
        "stray": (
            f"{alone} “{found.other}” (chắc {found.weight:.0%})",
            "thêm một hai cách hỏi cùng ý, hoặc chuyển nó sang đúng mục",
        ),
        "rivals": (
            f"“{found.entry}” và “{found.other}” giành {found.weight:.0f} cách hỏi của nhau",
            "nêu rõ điểm khác trong cách hỏi của mỗi mục, hoặc gộp hai mục",
        ),
        "unreachable": (
            f"gõ không dấu thì không cách hỏi nào ra “{found.entry}”",
            "thêm cách hỏi có từ mà chỉ mục này dùng",
        ),
    }[found.kind]
    return Problem(entry.file, entry.line, message, remedy)


def _crowded(room: int) -> list[str]:
    if room >= FEW_LEFT:
        return []
    if not room:
        return ["kho quá nhiều cách hỏi, máy chấm thô và trả lời thẳng ít hơn: bỏ bớt câu na ná"]
    return [f"kho chỉ còn chỗ cho {room} cách hỏi; quá mức ấy máy trả lời thẳng ít hơn hẳn"]


def _counted(rest: Sequence[Finding], what: str) -> list[str]:
    return [f"còn {len(rest)} {what}"] if rest else []


def _entry(knowledge: Knowledge, name: str) -> Entry:
    return knowledge.entries[name]
