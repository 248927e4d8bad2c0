"""Compiling the variants of every entry into what a question is judged by.

Everything is learnt from the variants themselves: which terms are rare, how to weigh the landmarks,
how a right answer scores and how a question scores that has no entry.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from knowledge import ridge
from knowledge.calibration import (
    USUAL,
    USUAL_PLAIN,
    Curve,
    Doubles,
    Sample,
    Thresholds,
    choose_thresholds,
    fit_usual_curve,
)
from knowledge.coverage import Coverage, Explained
from knowledge.features import (
    Floats,
    Ints,
    Space,
    Terms,
    Words,
    count_terms,
    ratios,
    sorted_letters,
)
from knowledge.grouping import Grouping, learn, shortlisted
from knowledge.kernel import Landmarks, whole_vectors
from knowledge.repair import Reader, shorthand_table
from knowledge.shorthand import DEFAULT_SHORTHAND
from knowledge.text import clean
from knowledge.vocabulary import Vocabulary

# Kernel ridge is exact up to here; its time grows with the cube, its memory with the square: 0.7 GB
# and 22 s at 8,900 rows. Beyond it answers fewer: the shipped knowledge at 6,591 rows and 2,048
# landmarks answered 73 % of questions of which it answered 92 % exactly.
MOST_EXACT = 9000
_LANDMARKS = 3072
# How much the entry's own words weigh in the order of candidates; measured flat from 0.05 to 0.15.
LEAN = 0.1
# How much it counts that no other entry scores. Flat from 0.3 to 0.6.
_ALONE = 0.4
_PLAIN = 0.1  # of the variants: a knowledge base with fewer accents than that has none
_ANSWER_TRUST = 0.3
_ANSWER_LETTERS = 600
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Parts:
    """A compiled knowledge base: all that an index looks at, by entry number where it says so.

    *weights* hold for each entry what every landmark adds to its score.
    *strays* are (entry, number of the variant, entry it goes to when left out, how surely); *exact*
    maps each folded variant to its entry, or to none when two entries share it.
    """

    thresholds: Mapping[str, Thresholds]
    entries: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    spelt: tuple[tuple[str, ...], ...]
    reader: Reader
    landmarks: Landmarks
    weights: Floats
    coverage: Coverage
    curve: Curve
    strays: tuple[tuple[int, int, int, float], ...]
    exact: Mapping[str, int | None]
    grouping: Grouping | None


@dataclass(frozen=True, slots=True)
class _Row:
    owner: int
    words: Words
    line: str

    @property
    def is_answer(self) -> bool:
        return not self.line


def compile_parts(
    variants: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    shorthand: Mapping[str, Sequence[str]],
    groups: Mapping[str, str],
) -> Parts:
    typed = _typed(variants)
    reader, rows = _read_rows(variants, typed, texts, shorthand)
    owners = np.array([row.owner for row in rows], np.int32)
    counted = [count_terms(row.words) for row in rows]
    landmarks, table, chosen = _compare(rows, counted, owners, len(variants))
    trusts = np.where([row.is_answer for row in rows], _ANSWER_TRUST, 1.0).astype(np.float32)
    fit = ridge.fit(table, chosen, owners, len(variants), trusts)
    coverage = _cover(rows, counted, len(variants))
    asked = [row for row in rows if not row.is_answer]  # they come first
    explained = Explained(coverage, [row.words for row in asked], [row.owner for row in asked])
    curve, thresholds, winners, raws = _calibrate(asked, fit, explained)
    lines = tuple(tuple(dict.fromkeys(own)) for own in variants.values())
    return Parts(
        thresholds,
        tuple(variants),
        lines,
        tuple(tuple(sorted_letters(typed[line]) for line in own) for own in lines),
        reader,
        landmarks,
        np.ascontiguousarray(fit.weights.T),
        coverage,
        curve,
        _strays(asked, winners, lines, [curve(raw) for raw in raws]),
        _exact(variants, typed),
        _group(groups, tuple(variants), owners[: len(asked)], fit, explained),
    )


def raw_score(score: float, explained: float, known: float) -> float:
    """Join the ridge score and the coverage: what speaks for an entry, taken by itself."""
    return min(max(score, 0.0) * sqrt(explained * known), 1.0)


def lone_score(raw: float, score: float, total: float) -> float:
    """Lower *raw* by what others have of the *total* score; this the curve makes a probability.

    A question without an entry stirs several of its neighbours a little.
    """
    return raw * (max(score, 0.0) / total) ** _ALONE if total > 0 else 0.0


def _typed(variants: Mapping[str, Sequence[str]]) -> dict[str, Words]:
    """The words of every variant, cut once."""
    return {line: Words.of(clean(line)) for own in variants.values() for line in own}


def _read_rows(
    variants: Mapping[str, Sequence[str]],
    typed: Mapping[str, Words],
    texts: Mapping[str, str],
    shorthand: Mapping[str, Sequence[str]],
) -> tuple[Reader, list[_Row]]:
    rows = [
        _Row(at, typed[line], line)
        for at, lines in enumerate(variants.values())
        for line in dict.fromkeys(lines)
        if typed[line].folded
    ]
    table = shorthand_table(shorthand) | {
        key: value
        for key, value in shorthand_table(DEFAULT_SHORTHAND).items()
        if key not in shorthand
    }
    raw = Reader(Vocabulary.build(row.words for row in rows), table)
    rows = [_Row(row.owner, raw.expand(row.words), row.line) for row in rows]
    reader = Reader(Vocabulary.build(row.words for row in rows), table)
    answers = [
        _Row(at, words, "")
        for at, entry in enumerate(variants)
        if (words := Words.of(texts.get(entry, "")[:_ANSWER_LETTERS])).folded
    ]
    return reader, rows + answers


def _compare(
    rows: Sequence[_Row], counted: Sequence[Terms], owners: Ints, entries: int
) -> tuple[Landmarks, Floats, Ints]:
    space = Space.build(counted, owners.tolist(), entries)
    limit = _LANDMARKS if len(rows) > MOST_EXACT else len(rows)
    chosen = ridge.choose_landmarks(owners.tolist(), limit)
    letters = [sorted_letters(row.words) for row in rows]
    weighed = whole_vectors(space, counted)
    held = Landmarks.build(space, counted, weighed, chosen, [letters[at] for at in chosen])
    table = held.table(counted, weighed, ratios(letters, held.letters, workers=-1))
    return held, table, chosen


def _cover(rows: Sequence[_Row], counted: Sequence[Terms], entries: int) -> Coverage:
    lines: list[list[tuple[Words, Collection[str]]]] = [[] for _ in range(entries)]
    answers: list[Words | None] = [None] * entries
    for row, terms in zip(rows, counted, strict=True):
        if row.is_answer:
            answers[row.owner] = row.words
        else:
            lines[row.owner].append((row.words, terms.named))
    return Coverage.build(lines, answers)


def _calibrate(
    asked: Sequence[_Row], fit: ridge.Ridge, explained: Explained
) -> tuple[Curve, dict[str, Thresholds], list[int], list[float]]:
    """Judge every variant as if it, then as if its entry, had never been written.

    Beside the calibration come the winner and the raw score of every variant that was left out.
    """
    winners, have = _judge(fit.without_row[: len(asked)], explained, whole=False)
    _, lack = _judge(fit.without_entry[: len(asked)], explained, whole=True)
    owners = np.array([row.owner for row in asked], np.int32)
    sample = Sample.of(have, winners == owners, lack, owners)
    marked = sum(row.words.marked for row in asked)
    curve = fit_usual_curve(sample, USUAL if marked > _PLAIN * len(asked) else USUAL_PLAIN)
    thresholds = choose_thresholds(curve, sample.have, sample.right, sample.lack)
    return curve, thresholds, winners.tolist(), have.tolist()


def _judge(table: Floats, explained: Explained, *, whole: bool) -> tuple[Ints, Doubles]:
    """The winner of each question, a row of *table*, and its raw score."""
    if not len(table):
        return np.zeros(0, np.int32), np.zeros(0)
    nearest = shortlisted(table)
    shares, known = explained.shares(nearest, whole=whole)
    scores = np.take_along_axis(table, nearest, axis=1)
    each = np.arange(len(table))
    first = (scores + LEAN * shares).argmax(axis=1)
    raws = _raw_scores(scores, shares, known)[each, first]
    kept = np.maximum(scores, 0)
    lone = raws * (kept[each, first] / (kept.sum(axis=1) + _TINY)) ** _ALONE
    return nearest[each, first], lone.astype(np.float64)


def _raw_scores(scores: Floats, shares: Floats, known: Floats) -> Floats:
    raws: Floats = np.minimum(np.maximum(scores, 0) * np.sqrt(shares * known[:, None]), 1)
    return raws


def _group(
    groups: Mapping[str, str],
    entries: Sequence[str],
    owners: Ints,
    fit: ridge.Ridge,
    explained: Explained,
) -> Grouping | None:
    if not groups or not entries:
        return None

    def judge(nearest: Ints, whole: bool) -> Floats:  # noqa: FBT001 - the type's own order
        table = (fit.without_entry if whole else fit.without_row)[: len(owners)]
        shares, known = explained.shares(nearest, whole=whole)
        return _raw_scores(np.take_along_axis(table, nearest, axis=1), shares, known)

    return learn([groups[entry] for entry in entries], owners, fit, judge)


def _strays(
    asked: Sequence[_Row],
    winners: Sequence[int],
    lines: Sequence[Sequence[str]],
    sure: Sequence[float],
) -> tuple[tuple[int, int, int, float], ...]:
    return tuple(
        (row.owner, lines[row.owner].index(row.line), winner, chance)
        for row, winner, chance in zip(asked, winners, sure, strict=True)
        if winner != row.owner
    )


def _exact(
    variants: Mapping[str, Sequence[str]], typed: Mapping[str, Words]
) -> dict[str, int | None]:
    """Map each folded variant to its entry, or to none when two entries share it."""
    owner: dict[str, int | None] = {}
    for at, lines in enumerate(variants.values()):
        for line in lines:
            key = " ".join(typed[line].folded)
            owner[key] = at if owner.get(key, at) == at else None
    return owner
