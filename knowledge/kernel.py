"""The kernel: how near a text is to every row that it is compared with, by lists read once.

Syllables, their pairs and concepts go from the term to its rows. Letters go from the word to the
words that share letters with it, which is settled when compiling, and from there to the rows: rows
repeat few words and words repeat few letters.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import sqrt

import numpy as np

from knowledge.features import (
    COUNTED,
    RATIO_SHARE,
    SHARES,
    SPELT,
    Floats,
    Ints,
    Space,
    Terms,
    Vector,
    letter_grams,
    ratios,
)

SHARPNESS = 1.3
_TINY = 1e-12
_COLUMNS = 24  # words of a row that are added column by column; few rows are longer


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
        ids = np.concatenate([np.zeros(0, np.intp), *(ids for ids, _ in vectors)])
        values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in vectors)])
        order = np.argsort(ids, kind="stable")
        starts = np.zeros(terms + 1, np.int32)
        starts[1:] = np.cumsum(np.bincount(ids, minlength=terms))
        return cls(starts, holders[order], values[order], len(vectors))

    def products(self, ids: Ints, values: Floats) -> Floats:
        """Multiply a vector with every holder's."""
        begin = self.starts[ids]
        lengths = self.starts[ids + 1] - begin
        ends = np.cumsum(lengths)
        spots = np.repeat(begin - ends + lengths, lengths) + np.arange(ends[-1] if ids.size else 0)
        weights = self.values[spots] * np.repeat(values, lengths)
        return np.bincount(self.holders[spots], weights, self.size).astype(np.float32)


@dataclass(frozen=True)
class Rows:
    """Which words every row holds, by number, one row after the other."""

    words: Ints
    starts: Ints

    @classmethod
    def build(cls, rows: Sequence[Ints]) -> "Rows":
        lengths = np.array([0, *map(len, rows)])
        words = np.fromiter(chain.from_iterable(rows), np.int32, int(lengths.sum()))
        return cls(words, np.cumsum(lengths)[:-1].astype(np.int32))

    @cached_property
    def _columns(self) -> tuple[Ints, tuple[Ints, ...], Ints, Ints]:
        """The order of rows, longest first; their first words, second words, and so on; the rest.

        Adding by columns takes half the time of `reduceat` on 4,900 rows of about ten words.
        """
        words, starts = self.words.astype(np.intp), self.starts.astype(np.intp)
        lengths = np.diff(np.append(starts, len(words)))
        order = np.argsort(-lengths, kind="stable")
        starts, lengths = starts[order], lengths[order]
        columns = [
            words[starts[: int((lengths > at).sum())] + at]
            for at in range(min(_COLUMNS, int(lengths.max(initial=0))))
        ]
        long = [
            words[start + _COLUMNS : start + length]
            for start, length in zip(starts, lengths, strict=True)
            if length > _COLUMNS
        ]
        begins = np.cumsum([0, *map(len, long)])[: len(long)].astype(np.intp)
        return order, tuple(columns), np.concatenate([words[:0], *long]), begins

    def sums(self, values: Floats) -> Floats:
        """Add up for each row the values of its words."""
        order, columns, rest, begins = self._columns
        total = np.zeros(len(order), np.float32)
        for column in columns:
            total[: len(column)] += values.take(column, mode="clip")
        if begins.size:
            total[: len(begins)] += np.add.reduceat(values.take(rest, mode="clip"), begins)
        placed = np.empty_like(total)
        placed[order] = total
        return placed


@dataclass(frozen=True, slots=True)
class Spelling:
    """A view of letters: *near* leads from a known word, *grams* from the letters of any other."""

    view: int
    space: Space
    numbers: Mapping[str, int]
    grams: Postings
    near: Postings
    rows: Rows
    scale: Floats

    @classmethod
    def build(
        cls, space: Space, view: int, words: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> "Spelling":
        """Hold *rows*; all of *words* are known words, whether a row holds them or not."""
        numbers = {word: at for at, word in enumerate(words)}
        held = [space.weigh(Counter(letter_grams(word)), view)[:2] for word in words]
        grams = Postings.build(held, len(space.weights[view]))
        shared = np.stack([np.zeros(len(words), np.float32), *(grams.products(*v) for v in held)])[
            1:
        ]
        met = [np.flatnonzero(each) for each in shared]
        near = Postings.build(
            [(ids, each[ids]) for ids, each in zip(met, shared, strict=True)], len(words)
        )
        laid = [np.array([numbers[word] for word in row], np.intp) for row in rows]
        scale = _scale([_among(shared, ids) for ids in laid])
        return cls(view, space, numbers, grams, near, Rows.build(laid), scale)

    def reach(self, words: Sequence[str]) -> tuple[Floats, float]:
        """What the letters of *words* have in common with every known word, and their length²."""
        known = [self.numbers[word] for word in words if word in self.numbers]
        ids = np.array(known, np.intp)
        common = self.near.products(ids, np.ones(len(ids), np.float32))
        length = float(common[ids].sum())
        if len(known) < len(words):
            strange = (letter_grams(word) for word in words if word not in self.numbers)
            grams, values, lost = self.space.weigh(Counter(chain.from_iterable(strange)), self.view)
            more = self.grams.products(grams, values)
            length += 2 * float(more[ids].sum()) + float(values @ values) + lost
            common += more
        return common, length

    def products(self, words: Sequence[str], share: float) -> Floats:
        """Compare the letters of *words* with those of every row."""
        common, length = self.reach(words)
        common *= np.float32(share / sqrt(length + _TINY))
        return self.rows.sums(common) * self.scale

    def add_products(self, rows: Sequence[Sequence[str]], share: float, table: Floats) -> None:
        """Add the `products` of many rows of known words to *table*, cheaper than one by one."""
        known = len(self.numbers)
        shared = np.zeros((known, known), np.float32)
        shared[np.repeat(np.arange(known), np.diff(self.near.starts)), self.near.holders] = (
            self.near.values
        )
        by_word = np.empty((known, len(self.scale)), np.float32)
        for at in range(known):
            by_word[at] = self.rows.sums(shared[at]) * self.scale
        for at, row in enumerate(rows):
            ids = np.array([self.numbers[word] for word in row], np.intp)
            length = _among(shared, ids)
            products = by_word[ids[0]].copy()
            for word in ids[1:]:
                products += by_word[word]  # a third of the time of `by_word[ids].sum(axis=0)`
            table[at] += products * np.float32(share / sqrt(length + _TINY))


def _among(shared: Floats, ids: Ints) -> float:
    """The squared length of a row of these words; `np.ix_` takes five times as long."""
    return float(shared.take(ids, 0).take(ids, 1).sum())


def _scale(lengths: Sequence[float]) -> Floats:
    """What makes rows of these squared lengths one long."""
    return (1 / np.sqrt(np.array(lengths) + _TINY)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The rows that every question is compared with."""

    space: Space
    terms: Postings
    spelt: tuple[Spelling, ...]
    letters: tuple[str, ...]

    @classmethod
    def build(
        cls,
        space: Space,
        rows: Sequence[Terms],
        weighed: Sequence[Vector],
        chosen: Ints,
        letters: Sequence[str],
    ) -> "Landmarks":
        """Hold the *chosen* of *rows*, *weighed* in step; the words of all are known."""
        held = [rows[at] for at in chosen]
        terms = Postings.build(
            [weighed[at] for at in chosen],
            sum(len(space.weights[view]) for view in COUNTED),
        )
        spelt = []
        for at, view in enumerate(SPELT):
            words = tuple(dict.fromkeys(chain.from_iterable(row.spelt[at] for row in rows)))
            spelt.append(Spelling.build(space, view, words, [row.spelt[at] for row in held]))
        return cls(space, terms, tuple(spelt), tuple(letters))

    def compare(self, terms: Terms, shares: Sequence[float], letters: str) -> Floats:
        """Give the kernel between one text and every landmark: near ones count for more."""
        linear = self.terms.products(*_numbered(self.space, terms, shares))
        for view, words in zip(self.spelt, terms.spelt, strict=True):
            linear += view.products(words, shares[view.view])
        linear += RATIO_SHARE * ratios([letters], self.letters)[0]
        return _sharpen(linear)

    def table(self, rows: Sequence[Terms], weighed: Sequence[Vector], table: Floats) -> Floats:
        """Give `compare` of many rows of known words, into *table*, which holds their ratios."""
        table *= np.float32(RATIO_SHARE)
        shares = np.repeat(
            np.array([SHARES[view] for view in COUNTED], np.float32),
            [len(self.space.weights[view]) for view in COUNTED],
        )
        for at, (ids, values) in enumerate(weighed):
            table[at] += self.terms.products(ids, values * shares[ids])
        for number, view in enumerate(self.spelt):
            view.add_products([row.spelt[number] for row in rows], SHARES[view.view], table)
        return _sharpen(table)


def whole_vectors(space: Space, rows: Sequence[Terms]) -> list[Vector]:
    """The counted terms of each of *rows*, all of them known, each view of length one."""
    sizes = [len(space.weights[view]) for view in COUNTED]
    firsts = np.cumsum([0, *sizes[:-1]]).tolist()
    numbers = [space.numbers[view] for view in COUNTED]
    views = [each for row in rows for each in zip(numbers, firsts, row.counted, strict=True)]
    lengths = np.array([len(counted) for _, _, counted in views], np.intp)
    total = int(lengths.sum())
    ids = np.fromiter(
        (known[term] + first for known, first, counted in views for term in counted), np.intp, total
    )
    counts = chain.from_iterable(counted.values() for _, _, counted in views)
    weights = np.concatenate([space.weights[view] for view in COUNTED])
    values: Floats = weights[ids] * np.fromiter(counts, np.float32, total)
    of_view = np.repeat(np.arange(len(views)), lengths)
    squares = np.bincount(of_view, values * values, len(views))
    values *= _scale(squares.tolist())[of_view]
    ends = np.cumsum(lengths)[len(COUNTED) - 1 :: len(COUNTED)][:-1]
    return list(zip(np.split(ids, ends), np.split(values, ends), strict=True)) if rows else []


def _numbered(space: Space, terms: Terms, shares: Sequence[float]) -> Vector:
    """The terms of all counted views in one vector, each view's numbers after the last one's."""
    ids, values = [], []
    first = 0
    for view, counted in zip(COUNTED, terms.counted, strict=True):
        if shares[view]:
            mine, weights = space.vector(counted, view, shares[view])
            ids.append(mine + first)
            values.append(weights)
        first += len(space.weights[view])
    return np.concatenate(ids), np.concatenate(values)


def _sharpen(linear: Floats) -> Floats:
    linear -= 1
    linear *= SHARPNESS
    return np.exp(linear, out=linear)
