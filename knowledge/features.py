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
Vector = tuple[Ints, Floats]

# Share of each view in the linear part of the kernel; the rest is an edit ratio over sorted words.
SHARES = (0.24, 0.12, 0.14, 0.20, 0.16)
RATIO_SHARE = 0.14
ACCENTED = 2
CONCEPTS = 3
SPELT = (0, 4)
SHARPNESS = 1.3
_RARITY = 1.5
_UNKNOWN = 0.6
_TINY = 1e-12
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


def spelt_words(words: Words, view: int) -> tuple[str, ...]:
    return words.folded if view == 0 else concepts(words.folded)


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
        numbers: list[dict[str, int]] = []
        weights: list[Floats] = []
        for view in range(len(SHARES)):
            users: dict[str, set[int]] = {}
            for row, owner in zip(rows, owners, strict=True):
                for term in row[view]:
                    users.setdefault(term, set()).add(owner)
            numbers.append({term: at for at, term in enumerate(users)})
            rare = [_rarity(term, len(by), entries, view) for term, by in users.items()]
            weights.append(np.array(rare, np.float32))
        return cls(tuple(numbers), tuple(weights), _UNKNOWN * _rarity("", 0, entries, 0))

    def vector(self, counted: Counter[str], view: int, share: float) -> Vector:
        """Give the known terms and their values, the whole of length *share*.

        Unknown terms take their part of the length: a question that says much the knowledge base
        never said is near to nothing in it. Without them 12 % of the questions without an entry
        were answered at a threshold meant for 5 %, with them 8 to 10 %.
        """
        numbers = self.numbers[view]
        known = [(numbers[term], n) for term, n in counted.items() if term in numbers]
        if not share or not known:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        ids, counts = (np.array(column, np.int32) for column in zip(*known, strict=True))
        values = self.weights[view][ids] * counts.astype(np.float32)
        lost = (len(counted) - len(ids)) * self.unknown**2
        return ids, values * np.float32(share / sqrt(float(values @ values) + lost + _TINY))


def shares_for(words: Words) -> tuple[float, ...]:
    """Divide the kernel among the views; without accents in *words* there is none to agree with."""
    if words.marked:
        return SHARES
    scale = (1 - RATIO_SHARE) / (1 - RATIO_SHARE - SHARES[ACCENTED])
    return tuple(0.0 if view == ACCENTED else share * scale for view, share in enumerate(SHARES))


# The kernel ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Postings:
    """Vectors turned round: for each term, which of *size* holders have it and how much."""

    starts: Ints
    holders: Ints
    values: Floats
    size: int

    @classmethod
    def build(cls, vectors: Sequence[Vector], terms: int) -> "Postings":
        lengths = [len(ids) for ids, _ in vectors]
        holders = np.repeat(np.arange(len(vectors), dtype=np.int32), lengths)
        ids = np.concatenate([np.zeros(0, np.int32), *(ids for ids, _ in vectors)])
        values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in vectors)])
        order = np.argsort(ids, kind="stable")
        starts = np.zeros(terms + 1, np.int32)
        starts[1:] = np.cumsum(np.bincount(ids, minlength=terms))
        return cls(starts, holders[order], values[order], len(vectors))

    def products(self, vector: Vector) -> Floats:
        """Multiply *vector* with every holder's."""
        ids, values = vector
        begin = self.starts[ids]
        lengths = self.starts[ids + 1] - begin
        total = int(lengths.sum())
        spots = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(total)
        weights = self.values[spots] * np.repeat(values, lengths)
        return np.bincount(self.holders[spots], weights, self.size).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A view of letters, held by word: a row is the sum of its words.

    Rows repeat few words, words repeat few letters; to go by way of the words costs a third of
    letters straight to rows at 3,000 rows, less beyond.
    """

    letters: Postings
    words: Ints
    starts: Ints
    scale: Floats

    @classmethod
    def build(cls, space: Space, view: int, rows: Sequence[Sequence[str]]) -> "Spelling":
        numbers = {word: at for at, word in enumerate(dict.fromkeys(chain.from_iterable(rows)))}
        weights = space.weights[view]
        vectors = []
        for word in numbers:
            grams = Counter(_letter_grams(word))
            ids = np.array([space.numbers[view][gram] for gram in grams], np.int32)
            vectors.append((ids, weights[ids] * np.array(list(grams.values()), np.float32)))
        scale = []
        for row in rows:
            values = np.zeros(len(weights), np.float32)
            for word in row:
                ids, part = vectors[numbers[word]]
                values[ids] += part
            scale.append(1 / sqrt(float(values @ values) + _TINY))
        lengths = np.array([0, *(len(row) for row in rows)])
        return cls(
            Postings.build(vectors, len(weights)),
            np.array([numbers[word] for row in rows for word in row], np.int32),
            np.cumsum(lengths)[:-1].astype(np.int32),
            np.array(scale, np.float32),
        )

    def products(self, vector: Vector) -> Floats:
        by_word = self.letters.products(vector)
        return np.add.reduceat(by_word[self.words], self.starts) * self.scale


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The rows that every question is compared with."""

    space: Space
    views: tuple[Postings | Spelling, ...]
    letters: tuple[str, ...]

    @classmethod
    def build(cls, space: Space, rows: Sequence[Words], counted: Sequence[Terms]) -> "Landmarks":
        views: list[Postings | Spelling] = []
        for view in range(len(SHARES)):
            if view in SPELT:
                spelt = [spelt_words(words, view) for words in rows]
                views.append(Spelling.build(space, view, spelt))
            else:
                vectors = [space.vector(terms[view], view, 1.0) for terms in counted]
                views.append(Postings.build(vectors, len(space.weights[view])))
        return cls(space, tuple(views), tuple(map(sorted_letters, rows)))

    def compare(self, counted: Terms, shares: Sequence[float], ratio: Floats) -> Floats:
        """Give the kernel between one text and every landmark: near ones count for more."""
        linear = RATIO_SHARE * ratio
        for view, (held, share) in enumerate(zip(self.views, shares, strict=True)):
            ids, values = self.space.vector(counted[view], view, share)
            if ids.size:
                linear = linear + held.products((ids, values))
        near: Floats = np.exp(SHARPNESS * (linear - 1))
        return near


def ratios(left: Sequence[str], right: Sequence[str], workers: int = 1) -> Floats:
    """Compare texts letter by letter; sorted words make it `token_sort_ratio`, only faster."""
    return process.cdist(
        left, right, scorer=Indel.normalized_similarity, dtype=np.float32, workers=workers
    )
