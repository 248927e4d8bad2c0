"""Five views of a text: what the kernel compares.

The views are letters (2-5-grams inside folded words), folded syllables, accented syllables (both
with their pairs), concepts (synonyms and English word forms taken together) and the letters of the
concepts. A question without any accent is not compared on the accented view: its share goes to the
others. A term weighs by how few *entries* use it, not by how few variants: what all variants of
one entry say is what tells that entry from the rest.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from knowledge.lexicon import FUNCTION_WORDS, SYNONYMS
from knowledge.text import fold, normalise

Floats = NDArray[np.float32]
Ints = NDArray[Any]  # int32 where kept, intp where numpy would convert again and again
Vector = tuple[Ints, Floats]

# Share of each view in the linear part of the kernel; the rest is an edit ratio over sorted words.
SHARES = (0.24, 0.12, 0.14, 0.20, 0.16)
RATIO_SHARE = 0.14
ACCENTED = 2
CONCEPTS = 3
NAMED = 4
SPELT = (0, NAMED)
COUNTED = (1, ACCENTED, CONCEPTS)
_UNKNOWN = 0.6
_RARITY = 1.5
_TINY = 1e-12
_DIGITS = 1.3
_RATIO_LETTERS = 96
_LONGEST_GRAM = 5
_LONGEST_PHRASE = 4
_SHORTEST_STEM = 3
_DOUBLED = re.compile(r"(?<=..)([^sz])\1$")  # shipping, ship
_FINAL_Y = re.compile(r"(?<=...[^aeiou])y$")  # delivery, delivered
_SUFFIXES = (
    "ations",
    "ments",
    "ment",
    "als",
    "ions",
    "ation",
    "able",
    "ion",
    "al",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
    "ly",
    "s",
    "e",
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into syllables, folded and accented in step."""

    folded: tuple[str, ...]
    accented: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Words":
        accented = tuple(normalise(text).split())
        return cls(tuple(fold_word(word) for word in accented), accented)

    @property
    def marked(self) -> bool:
        return self.folded != self.accented


@lru_cache(maxsize=16384)
def fold_word(word: str) -> str:
    return word if word.isascii() else fold(word).replace(" ", "") or word


# Concepts --------------------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Cut an English ending; no folded Vietnamese syllable is that long and ends like one."""
    if len(word) <= _SHORTEST_STEM or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word[: -len(suffix)]
            break
    return _DOUBLED.sub(r"\1", _FINAL_Y.sub("", word))


@cache
def _concept_table() -> Mapping[tuple[str, ...], str]:
    table: dict[tuple[str, ...], str] = {}
    for group in SYNONYMS:
        name = fold(group[0])
        for phrase in group:
            table.setdefault(tuple(stem(word) for word in fold(phrase).split()), name)
    return table


def concepts(folded: Sequence[str]) -> tuple[str, ...]:
    """Name what the words ask for, longest phrase first; other words stand for themselves."""
    table = _concept_table()
    stems = [stem(word) for word in folded]
    named: list[str] = []
    at = 0
    while at < len(stems):
        for size in range(min(_LONGEST_PHRASE, len(stems) - at), 0, -1):
            name = table.get(tuple(stems[at : at + size]))
            if name is not None:
                named.append(name)
                at += size
                break
        else:
            named.append(stems[at])
            at += 1
    return tuple(named)


@lru_cache(maxsize=16384)
def concept(folded: str) -> str:
    """Name what a single word asks for."""
    return concepts((folded,))[0]


def has_concept(folded: str) -> bool:
    """Tell whether the language's own tables know the word, whatever the knowledge base holds."""
    return (stem(folded),) in _concept_table()


@cache
def function_words() -> Mapping[str, float]:
    return {fold(word): weight for word, weight in FUNCTION_WORDS.items()}


def function_weight(folded: str) -> float:
    """Tell how much a word can mean by itself: 1, or less for words any question may hold."""
    return function_words().get(folded, 1.0)


# Terms and their weights -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text is compared by: the words of each view of letters, the terms of the others."""

    spelt: tuple[tuple[str, ...], ...]
    counted: tuple[Counter[str], ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The concepts, in the order of the words."""
        return self.spelt[SPELT.index(NAMED)]

    def __getitem__(self, view: int) -> Counter[str]:
        """Count the terms of one view, letters too."""
        if view in SPELT:
            words = self.spelt[SPELT.index(view)]
            return Counter(chain.from_iterable(map(letter_grams, words)))
        return self.counted[COUNTED.index(view)]


@cache
def letter_grams(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[at : at + size]
        for size in range(2, _LONGEST_GRAM + 1)
        for at in range(len(padded) - size + 1)
    )


def _with_pairs(words: Sequence[str]) -> Counter[str]:
    return Counter(chain(words, (f"{left} {right}" for left, right in pairwise(words))))


def count_terms(words: Words) -> Terms:
    """Take *words* apart, in the order of `SPELT` and of `COUNTED`."""
    named = concepts(words.folded)
    return Terms(
        (words.folded, named),
        (_with_pairs(words.folded), _with_pairs(words.accented), Counter(named)),
    )


def sorted_letters(words: Words) -> str:
    return " ".join(sorted(words.folded))[:_RATIO_LETTERS]


def _rarity(term: str, used_by: int, entries: int, view: int) -> float:
    weight: float = (log((1 + entries) / (1 + used_by)) + 1.0) ** _RARITY
    if view == CONCEPTS:
        weight *= sqrt(function_weight(term))
    return weight * (_DIGITS if any(map(str.isdigit, term)) else 1.0)


@dataclass(frozen=True, slots=True)
class Space:
    """The terms that the knowledge base uses, numbered within each view, with their weights."""

    numbers: tuple[Mapping[str, int], ...]
    weights: tuple[Floats, ...]
    unknown: float

    @classmethod
    def build(cls, rows: Sequence[Terms], owners: Sequence[int], entries: int) -> "Space":
        own: dict[int, list[dict[str, None]]] = {}
        for row, owner in zip(rows, owners, strict=True):
            held = own.setdefault(owner, [{} for _ in SHARES])
            for view, words in zip(SPELT, row.spelt, strict=True):
                held[view].update(dict.fromkeys(words))
            for view, counted in zip(COUNTED, row.counted, strict=True):
                held[view].update(dict.fromkeys(counted))
        users: list[Counter[str]] = [Counter() for _ in SHARES]
        for held in own.values():
            for view in SPELT:
                grams = chain.from_iterable(map(letter_grams, held[view]))
                users[view].update(dict.fromkeys(grams).keys())
            for view in COUNTED:
                users[view].update(held[view].keys())
        rare = (
            [_rarity(term, by, entries, view) for term, by in used.items()]
            for view, used in enumerate(users)
        )
        return cls(
            tuple({term: at for at, term in enumerate(used)} for used in users),
            tuple(np.array(weights, np.float32) for weights in rare),
            _UNKNOWN * _rarity("", 0, entries, 0),
        )

    def vector(self, counted: Counter[str], view: int, share: float) -> Vector:
        """Give the known terms and their values, the whole of length *share*.

        Unknown terms take their part of the length: a question that says much the knowledge base
        never said is near to nothing in it. Without them 12 % of the questions without an entry
        were answered at a threshold meant for 5 %, with them 8 to 10 %.
        """
        ids, values, lost = self.weigh(counted, view)
        return ids, values * np.float32(share / sqrt(float(values @ values) + lost + _TINY))

    def weigh(self, counted: Counter[str], view: int) -> tuple[Ints, Floats, float]:
        """Give the known terms, their weights, and the square of what unknown ones would weigh."""
        numbers = self.numbers[view]
        known = [(numbers[term], n) for term, n in counted.items() if term in numbers]
        ids = np.array([number for number, _ in known], np.intp)
        values = self.weights[view][ids] * np.array([n for _, n in known], np.float32)
        return ids, values, (len(counted) - len(ids)) * self.unknown**2


def shares_for(words: Words) -> tuple[float, ...]:
    """Divide the kernel among the views; without accents in *words* there is none to agree with."""
    if words.marked:
        return SHARES
    scale = (1 - RATIO_SHARE) / (1 - RATIO_SHARE - SHARES[ACCENTED])
    return tuple(0.0 if view == ACCENTED else share * scale for view, share in enumerate(SHARES))


def ratios(left: Sequence[str], right: Sequence[str], workers: int = 1) -> Floats:
    """Compare texts letter by letter; sorted words make it `token_sort_ratio`, only faster."""
    return process.cdist(
        left, right, scorer=Indel.normalized_similarity, dtype=np.float32, workers=workers
    )
