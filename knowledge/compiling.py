"""The index of a knowledge base, compiled once for what it is compiled from.

What no question is compared with, such as a deadline, a source or a phrase, compiles nothing anew;
nor does a new program whose engine is the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge import cache as kept
from knowledge.entries import Knowledge
from knowledge.index import Index

logger = logging.getLogger(__name__)

_SLOW_FROM = 500  # phrasings: below, compiling ends before anybody wonders
_COMPILING = "Tri thức mới: đang chuẩn bị %d cách hỏi, có thể mất đến một phút…"

# All that an index is made by: what `knowledge.index` imports, and what that imports.
ENGINE = (
    "building",
    "calibration",
    "container",
    "coverage",
    "features",
    "grouping",
    "index",
    "kernel",
    "lexicon",
    "likeness",
    "repair",
    "ridge",
    "shorthand",
    "syllables",
    "text",
    "vocabulary",
)


def compiled(knowledge: Knowledge, cache: Path | None) -> Index:
    """The index of *knowledge*: read from *cache*, or compiled and kept there."""
    made_from = _Ingredients.of(knowledge)
    name = f"index-{made_from.fingerprint()}-{kept.version(ENGINE)}.bin"
    stored = kept.read(cache, name)
    if stored is not None:
        return Index.from_bytes(stored)
    phrasings = sum(map(len, made_from.variants.values()))
    if phrasings >= _SLOW_FROM:
        # A warning reaches a terminal where no command has set up logging (`logging.lastResort`).
        logger.warning(_COMPILING, phrasings)
    index = made_from.compile()
    kept.keep(cache, name, index.to_bytes(), instead_of="index-*.bin")
    return index


@dataclass(frozen=True, slots=True)
class _Ingredients:
    variants: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    topics: Mapping[str, str]
    shorthand: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, knowledge: Knowledge) -> _Ingredients:
        entries = knowledge.entries.values()
        return cls(
            {entry.id: (entry.question, *entry.variants, *entry.keywords) for entry in entries},
            {entry.id: f"{entry.label}. {entry.answer}" for entry in entries},
            {entry.id: entry.topic for entry in entries},
            {typed: tuple(meant) for typed, meant in knowledge.shorthand.items()},
        )

    def fingerprint(self) -> str:
        """Change with the order too: it decides between equals."""
        parts = [self.variants, self.texts, self.topics, self.shorthand]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def compile(self) -> Index:
        return Index.build(
            self.variants, texts=self.texts, shorthand=self.shorthand, groups=self.topics
        )
