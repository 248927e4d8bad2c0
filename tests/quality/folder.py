"""A small knowledge folder that can answer: the matcher's test entries, and some that decline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.knowledge.award import AWARD
from tests.knowledge.folders import small, write

ASIDE: Mapping[str, Sequence[str]] = {
    "out_of_scope.passport": (
        "Làm hộ chiếu ở đâu?",
        "thủ tục cấp hộ chiếu phổ thông",
        "gia hạn hộ chiếu mất bao lâu",
    ),
    "out_of_scope.weather": (
        "Thời tiết hôm nay thế nào?",
        "mai trời có mưa không",
        "dự báo bão tuần này",
    ),
    "smalltalk.greeting": ("Xin chào", "chào bạn nhé", "hello ad"),
    "smalltalk.thanks": ("Cảm ơn bạn", "cám ơn nhiều nhé", "thank you so much"),
}
VARIANTS: Mapping[str, Sequence[str]] = {**AWARD, **ASIDE}


def answers(variants: Mapping[str, Sequence[str]] = VARIANTS) -> dict[str, str]:
    """The files of a folder whose entries are *variants*, the first of each its question."""
    shelves: dict[str, list[dict[str, object]]] = {}
    for name, (question, *others) in variants.items():
        shelves.setdefault(name.partition(".")[0], []).append(_entry(name, question, others))
    opened = {topic: entries[0]["id"] for topic, entries in shelves.items()}
    topics = [
        {"id": topic, "label": f"Chủ đề {topic}", "group": "award", "opens": first}
        for topic, first in opened.items()
        if topic not in ("smalltalk", "out_of_scope")
    ]
    files = {name: text for name, text in small().items() if not name.startswith("faq/")}
    files["topics.yaml"] = json.dumps({"topics": topics}, ensure_ascii=False)
    for topic, entries in shelves.items():
        shelf = {"topic": topic, "entries": entries}
        files[f"faq/{topic}.yaml"] = json.dumps(shelf, ensure_ascii=False, indent=1)
    return files


def lay(folder: Path, variants: Mapping[str, Sequence[str]] = VARIANTS) -> Path:
    """Write such a folder."""
    return write(folder, answers(variants))


def _entry(name: str, question: str, variants: Sequence[str]) -> dict[str, object]:
    return {
        "id": name,
        "label": f"Mục {name}",
        "question": question,
        "variants": list(variants),
        "answer": f"Câu trả lời của {name}.",
        "sources": [{"source": "nd37-2026", "article": "Điều 56"}],
        "follow_ups": [],
        "verified_on": "2026-11-20",
        "review_by": "2027-05-20",
    }
