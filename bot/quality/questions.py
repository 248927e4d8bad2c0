"""Question sets as files: tab-separated, a header line, UTF-8, a quote is a quote."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowledge.entries import OUT_OF_SCOPE

TOPIC: Final = "topic"
ENTRY: Final = "entry"
BOTH: Final = "|"  # between two topics that one message asks about


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what it is about: *wanted* topics or, *by* entry, entries.

    `out_of_scope` is wanted where nothing is.
    """

    text: str
    wanted: tuple[str, ...]
    style: str = ""
    by: str = TOPIC


@dataclass(frozen=True, slots=True)
class Sheet:
    """The questions of a file, each with its line; *unread* are the lines that hold none."""

    questions: Mapping[int, Question]
    unread: Sequence[int] = ()

    def check(self, topics: Container[str], entries: Container[str], path: Path) -> None:
        """Raise ValueError, with a sentence for whoever gave the file, for an unknown label."""
        for line, question in self.questions.items():
            known, what = (topics, "chủ đề") if question.by == TOPIC else (entries, "mục")
            for name in question.wanted:
                if name != OUT_OF_SCOPE and name not in known:
                    raise ValueError(
                        f"{path}, dòng {line}: không có {what} “{name}” "
                        f"(câu phải từ chối thì để trống hoặc ghi {OUT_OF_SCOPE})"
                    )


def read_questions(path: Path) -> Sheet:
    """Read the columns `topic`, `entry` or both, `question` and perhaps `style`.

    Of both labels the entry counts, and the topic where it is empty. Raises OSError, and
    ValueError with a sentence for whoever gave the file.
    """
    rows = list(_rows(path, "question"))
    if rows and not {TOPIC, ENTRY} & rows[0][1].keys():
        raise ValueError(f"{path} cần cột “{TOPIC}” hoặc “{ENTRY}”")
    questions = {line: _question(row) for line, row in rows if row["question"]}
    if not questions:
        raise ValueError(f"{path} không có câu hỏi nào")
    return Sheet(questions, [line for line, _ in rows if line not in questions])


def _question(row: Mapping[str, str]) -> Question:
    by = ENTRY if row.get(ENTRY) else TOPIC
    names = [name.strip() for name in row.get(by, "").split(BOTH) if name.strip()]
    wanted = tuple(names) or (OUT_OF_SCOPE,)
    return Question(row["question"], wanted, row.get("style", ""), by)


def read_variants(path: Path) -> dict[str, list[str]]:
    """Read the columns `entry` and `variant`: the variants of every entry, in the file's order.

    Raises OSError, and ValueError with a sentence for whoever gave the file.
    """
    variants: dict[str, list[str]] = {}
    for _, row in _rows(path, ENTRY, "variant"):
        if row[ENTRY] and row["variant"]:
            variants.setdefault(row[ENTRY], []).append(row["variant"])
    if not variants:
        raise ValueError(f"{path} không có cách hỏi nào")
    return variants


def _rows(path: Path, *needed: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ValueError(f"{path} không phải UTF-8; hãy lưu lại với mã UTF-8") from None
    header = [cell.strip() for cell in lines[0].split("\t")]
    for column in needed:
        if column not in header:
            raise ValueError(f"{path} không có cột “{column}” (các cột cách nhau bởi tab)")
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in line.split("\t")]
        if any(cells):
            yield number, dict(zip(header, [*cells, *[""] * len(header)], strict=False))
