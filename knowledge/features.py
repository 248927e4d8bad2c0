"""Texts as vectors: five views of a text, each of length one, and the kernel over all of them.

The views are letters (2-5-grams inside folded words), folded syllables, accented syllables (both
with their pairs), concepts (synonyms and English word forms taken together) and the letters of the
concepts. A question without any accent is not compared on the accented view: its share goes to the
others. A term weighs by how few *entries* use it, not by how few variants: what all variants of
one entry say is what tells that entry from the rest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from knowledge.lexicon import FUNCTION_WORDS, SYNONYMS
from knowledge.text import fold, normalise

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Terms = tuple[Counter[str], ...]

# Share of each view in the linear part of the kernel; the rest is an edit ratio over sorted words.
SHARES = (0.24, 0.12, 0.14, 0.20, 0.16)
RATIO_SHARE = 0.14
ACCENTED = 2
CONCEPTS = 3
SHARPNESS = 1.3
_RARITY = 1.5
UNK = 1.0
_DIGITS = 1.3
_RATIO_LETTERS = 96
_LONGEST_GRAM = 5
_LONGEST_PHRASE = 4
_SHORTEST_STEM = 3
_SUFFIXES = (
    "ations",
    "ation",
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


def stem(word: str) -> str:
    """Cut an English ending; no folded Vietnamese syllable is that long and ends like one."""
    if len(word) <= _SHORTEST_STEM or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


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


@cache
def _letter_grams(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[at : at + size]
        for size in range(2, _LONGEST_GRAM + 1)
        for at in range(len(padded) - size + 1)
    )


def _letters(words: Iterable[str]) -> Counter[str]:
    return Counter(chain.from_iterable(map(_letter_grams, words)))


def _with_pairs(words: Sequence[str]) -> Counter[str]:
    return Counter(chain(words, (f"{left} {right}" for left, right in pairwise(words))))


def count_terms(words: Words) -> Terms:
    """Count the terms of each view."""
    named = concepts(words.folded)
    return (
        _letters(words.folded),
        _with_pairs(words.folded),
        _with_pairs(words.accented),
        Counter(named),
        _letters(named),
    )


def sorted_letters(words: Words) -> str:
    return " ".join(sorted(words.folded))[:_RATIO_LETTERS]


def _rarity(term: str, used_by: int, entries: int, view: int) -> float:
    weight = (log((1 + entries) / (1 + used_by)) + 1.0) ** _RARITY
    if view == CONCEPTS:
        weight *= sqrt(function_weight(term))
    return weight * (_DIGITS if any(map(str.isdigit, term)) else 1.0)


@dataclass(frozen=True, slots=True)
class Space:
    """The terms that the knowledge base uses, numbered through all views, with their weights."""

    numbers: tuple[Mapping[str, int], ...]
    weights: Floats
    unknown: float

    @classmethod
    def build(cls, rows: Sequence[Terms], owners: Sequence[int], entries: int) -> "Space":
        numbers: list[dict[str, int]] = []
        weights: list[float] = []
        for view in range(len(SHARES)):
            users: dict[str, set[int]] = {}
            for row, owner in zip(rows, owners, strict=True):
                for term in row[view]:
                    users.setdefault(term, set()).add(owner)
            numbers.append({term: len(weights) + at for at, term in enumerate(users)})
            weights += [_rarity(term, len(by), entries, view) for term, by in users.items()]
        unknown = UNK * _rarity("", 0, entries, 0)
        return cls(tuple(numbers), np.array(weights, np.float32), unknown)

    def vector(self, counted: Terms, shares: Sequence[float]) -> tuple[Ints, Floats]:
        """Give the known terms and their values, each view scaled to its share."""
        indices: list[int] = []
        values = [np.zeros(0, np.float32)]
        for view, share in enumerate(shares):
            numbers = self.numbers[view]
            known = [(numbers[term], n) for term, n in counted[view].items() if term in numbers]
            if not share or not known:
                continue
            ids, counts = zip(*known, strict=True)
            value = self.weights[list(ids)] * (1 + np.log(np.array(counts, np.float32)))
            lost = (len(counted[view]) - len(ids)) * self.unknown**2
            indices += ids
            values.append(value * np.float32(share / max(sqrt(float(value @ value) + lost), 1e-9)))
        return np.array(indices, np.int32), np.concatenate(values)


def shares_for(words: Words) -> tuple[float, ...]:
    """Divide the kernel among the views; without accents in *words* there is none to agree with."""
    if words.marked:
        return SHARES
    scale = (1 - RATIO_SHARE) / (1 - RATIO_SHARE - SHARES[ACCENTED])
    return tuple(0.0 if view == ACCENTED else share * scale for view, share in enumerate(SHARES))


# The kernel ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Postings:
    """Unit vectors of some rows turned round: for each term, the rows that hold it."""

    starts: Ints
    rows: Ints
    values: Floats
    letters: tuple[str, ...]

    @classmethod
    def build(
        cls, vectors: Sequence[tuple[Ints, Floats]], terms: int, letters: Iterable[str]
    ) -> "Postings":
        lengths = [len(indices) for indices, _ in vectors]
        owner = np.repeat(np.arange(len(vectors), dtype=np.int32), lengths)
        indices = np.concatenate([np.zeros(0, np.int32), *(indices for indices, _ in vectors)])
        values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in vectors)])
        order = np.argsort(indices, kind="stable")
        starts = np.zeros(terms + 1, np.int32)
        starts[1:] = np.cumsum(np.bincount(indices, minlength=terms))
        return cls(starts, owner[order], values[order], tuple(letters))

    def cosines(self, indices: Ints, values: Floats) -> Floats:
        begin = self.starts[indices]
        lengths = self.starts[indices + 1] - begin
        total = int(lengths.sum())
        spots = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(total)
        weights = self.values[spots] * np.repeat(values, lengths)
        return np.bincount(self.rows[spots], weights, len(self.letters)).astype(np.float32)


def ratios(left: Sequence[str], right: Sequence[str], workers: int = 1) -> Floats:
    """Compare texts letter by letter; on sorted words this is `token_sort_ratio`, ten times faster."""
    return process.cdist(
        left, right, scorer=Indel.normalized_similarity, dtype=np.float32, workers=workers
    )


def kernel(cosines: Floats, ratio: Floats) -> Floats:
    """Join the views: near texts count more than proportionally."""
    return np.exp(SHARPNESS * (cosines + RATIO_SHARE * ratio - 1))
