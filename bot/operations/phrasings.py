"""People's own words, made fit to stand in the knowledge: nothing of the person is left in them.

Rather too much is dropped than too little. What only a person can see (a name typed in small
letters) is for the officer, who reads every wording before it is kept, and for the approver.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from bot.store.masking import mask
from knowledge.entries import Knowledge
from knowledge.registers import MAX_QUESTION
from knowledge.text import fold

SHORTEST: Final = 2  # syllables: one alone asks anything

_PLACEHOLDER: Final = re.compile(r"[\[\]{}@]|https?:|www\.")
_NUMBER: Final = re.compile(r"\d+")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_INTRODUCED: Final = re.compile(
    r"\b(?:tên là|ten la|tên em|ten em|tên tôi|ten toi|tôi tên|toi ten|em tên|em ten|mình tên"
    r"|minh ten|tôi là|toi la|em là|em la|mình là|minh la|số điện thoại|so dien thoai|sđt|sdt"
    r"|số nhà|so nha|mã số thuế của|ma so thue cua|my name is)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]+")


def impersonal(texts: Iterable[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Those of *texts* that hold nothing of a person, each wording once, in order.

    One that some entry has already is left out: it would be refused there.
    """
    taken = _taken(knowledge)
    kept: dict[str, str] = {}
    for text in texts:
        words = " ".join(text.split())
        if fold(words) not in taken and fit(words, knowledge):
            kept.setdefault(fold(words), words)
    return tuple(kept.values())


def fit(text: str, knowledge: Knowledge) -> bool:
    """Whether *text* may stand in the knowledge as a wording."""
    return (
        len(fold(text).split()) >= SHORTEST
        and len(text) <= MAX_QUESTION
        and mask(text) == text
        and not _PLACEHOLDER.search(text)
        and not _INTRODUCED.search(text)
        and not _strange_number(text, knowledge)
        and not _name_like(text, knowledge)
    )


def _strange_number(text: str, knowledge: Knowledge) -> bool:
    """A number that is no year and that the knowledge does not speak of: ISO 9001 is no secret."""
    known = _known(knowledge)
    return any(
        not _YEAR.fullmatch(number) and number not in known for number in _NUMBER.findall(text)
    )


def _name_like(text: str, knowledge: Knowledge) -> bool:
    """A word with a capital inside a sentence that the knowledge does not write so itself."""
    words = _WORD.findall(text)
    if len(words) > 1 and all(word[0].isupper() for word in words):
        return not text.isupper()  # shouted words tell nothing; a title of names does
    known = _known(knowledge)
    return any(word[0].isupper() and word not in known and not word.isupper() for word in words[1:])


def _known(knowledge: Knowledge) -> frozenset[str]:
    return _written(
        (
            *(each.question for each in knowledge.entries.values()),
            *(each.label for each in knowledge.entries.values()),
            *(each.short for each in knowledge.sources.values()),
        )
    )


@lru_cache(maxsize=2)
def _written(texts: Sequence[str]) -> frozenset[str]:
    """Numbers, and words with a capital that do not only begin a text, as they stand there."""
    capitals = (word for text in texts for word in _WORD.findall(text)[1:] if word[0].isupper())
    numbers = (number for text in texts for number in _NUMBER.findall(text))
    return frozenset([*capitals, *numbers])


def _taken(knowledge: Knowledge) -> frozenset[str]:
    return _folded(
        tuple(
            text
            for entry in knowledge.entries.values()
            for text in (entry.question, *entry.variants, *entry.keywords)
        )
    )


@lru_cache(maxsize=2)
def _folded(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(map(fold, texts))
