"""Phrasings worth adding as variants: what people chose, and what nothing answered.

Only evidence that still counts is listed: a question that the knowledge answers by now is settled.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.store import evidence
from bot.store.database import Readers
from bot.store.evidence import Asked
from handlers.deciding import SURE, decide
from knowledge.entries import Knowledge
from knowledge.finding import find
from knowledge.text import fold, has_accents


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Phrasings of one meaning, each with how often it was asked, most frequent first.

    *chosen* tells that the askers themselves pressed *entry*; otherwise it is only the nearest, and
    empty where nothing is near.
    """

    entry: str
    label: str
    chosen: bool
    phrasings: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        return sum(count for _, count in self.phrasings)

    def as_data(self) -> dict[str, Any]:
        """The same as plain values for JSON."""
        return {
            "entry": self.entry or None,
            "chosen": self.chosen,
            "count": self.count,
            "phrasings": [{"question": text, "count": count} for text, count in self.phrasings],
        }

    def __str__(self) -> str:
        where = f"{self.entry} “{self.label}”" if self.entry else "chưa có câu trả lời nào gần"
        how = "người hỏi đã bấm chọn" if self.chosen else "gần nhất theo máy, cần người xem"
        remedy = f": {how}" if self.entry else ": cân nhắc viết câu trả lời mới"
        lines = (f"    {count:>3} lần  {text}" for text, count in self.phrasings)
        return "\n".join([f"{self.count} lượt → {where}{remedy}", *lines])


def read(database: Path, since: datetime | None = None) -> list[Asked]:
    """Everything that was asked and not settled, whether an assistant is running on it or not.

    Raises FileNotFoundError where there is no database yet, and StoreFailed.
    """
    if not database.exists():
        raise FileNotFoundError(database)
    return asyncio.run(_read(database, since))


def read_questions(database: Path) -> list[str]:
    """The words of everything that `read` gives."""
    return [each.question for each in read(database)]


async def _read(database: Path, since: datetime | None) -> list[Asked]:
    readers = Readers.beside(database)
    try:
        chosen = await readers.read(lambda db: evidence.chosen(db, since))
        return [*chosen, *await readers.read(lambda db: evidence.unanswered(db, since))]
    finally:
        await readers.close()


def suggest(knowledge: Knowledge, asked: Iterable[Asked], today: date) -> list[Suggestion]:
    """Group what *asked* still lacks: equal words, accents aside, under one entry."""
    groups: dict[tuple[str, bool], dict[str, Counter[str]]] = {}
    for each in asked:
        entry = _lacking(knowledge, each, today)
        words = fold(each.question)
        if entry is None or not words:
            continue
        spellings = groups.setdefault((entry, bool(each.entry)), {}).setdefault(words, Counter())
        spellings[" ".join(each.question.split())] += 1
    found = [
        Suggestion(entry, _label(knowledge, entry), chosen, _phrasings(group.values()))
        for (entry, chosen), group in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.count, not each.chosen, each.entry))


def _lacking(knowledge: Knowledge, asked: Asked, today: date) -> str | None:
    """The entry that may lack this phrasing, empty for none near, or None where nothing lacks."""
    if asked.entry and asked.entry not in knowledge.entries:
        return None
    found = find(knowledge, asked.question, today)
    decision = decide(knowledge, found)
    if decision.verdict in SURE and asked.entry in ("", decision.hits[0].entry.id):
        return None
    if asked.entry:
        return asked.entry
    limits = knowledge.index.thresholds[knowledge.organisation.policy]
    near = found.hits and found.hits[0].confidence >= limits.offer
    return found.hits[0].entry.id if near else ""


def _label(knowledge: Knowledge, entry: str) -> str:
    return knowledge.entries[entry].label if entry else ""


def _phrasings(spellings: Iterable[Counter[str]]) -> tuple[tuple[str, int], ...]:
    """One spelling for each set of equal words, with accents where somebody typed them."""
    told = [(_best(each), each.total()) for each in spellings]
    return tuple(sorted(told, key=lambda kept: (-kept[1], kept[0])))


def _best(spellings: Counter[str]) -> str:
    return max(spellings, key=lambda text: (has_accents(text), spellings[text], text))
