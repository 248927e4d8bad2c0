"""Compiling the variants of every entry into what a question is judged by.

Everything is learnt from the variants themselves: which terms are rare, how to weigh the landmarks,
how a right answer scores and how a question scores that has no entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from knowledge import ridge
from knowledge.calibration import Curve, Thresholds, choose_thresholds, fit_usual_curve
from knowledge.coverage import Coverage, Explained, LeftOut
from knowledge.features import (
    Floats,
    Ints,
    Space,
    Words,
    count_terms,
    ratios,
    sorted_letters,
)
from knowledge.grouping import SHORTLIST, Grouping, learn
from knowledge.kernel import Landmarks
from knowledge.repair import Reader, shorthand_table
from knowledge.shorthand import DEFAULT_SHORTHAND
from knowledge.text import clean
from knowledge.vocabulary import Vocabulary

# Kernel ridge is exact up to here; its time grows with the cube, its memory with the square: 2.6 GB
# and 37 s at 8,900 rows. Beyond it answers fewer: the shipped knowledge at 6,591 rows and 2,048
# landmarks answered 73 % of questions of which it answered 92 % exactly.
MOST_EXACT = 9000
_LANDMARKS = 3072
# How much the entry's own words weigh in the order of candidates; measured flat from 0.05 to 0.15.
LEAN = 0.1
# A row left out still lends its terms their rarity; what was truly never seen scored 6 % higher at
# 4,500 rows, 6 to 8 % at 350.
_UNSEEN = 1.07
_ANSWER_TRUST = 0.3
_ANSWER_LETTERS = 600


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
    reader, rows = _read_rows(variants, texts, shorthand)
    owners = np.array([row.owner for row in rows], np.int32)
    landmarks, table, chosen = _compare(rows, owners, len(variants))
    trusts = np.where([row.is_answer for row in rows], _ANSWER_TRUST, 1.0).astype(np.float32)
    fit = ridge.fit(table, chosen, owners, len(variants), trusts)
    coverage = _cover(rows, len(variants))
    asked = [row for row in rows if not row.is_answer]  # they come first
    curve, thresholds, winners, raws = _calibrate(asked, fit, coverage)
    lines = tuple(tuple(dict.fromkeys(own)) for own in variants.values())
    return Parts(
        thresholds,
        tuple(variants),
        lines,
        _spell(lines),
        reader,
        landmarks,
        np.ascontiguousarray(fit.weights.T),
        coverage,
        curve,
        _strays(asked, winners, lines, [curve(raw) for raw in raws]),
        _exact(variants),
        _group(groups, tuple(variants), asked, fit, coverage),
    )


def _nearest(scores: Floats) -> Ints:
    """The entries that a question would be judged by."""
    size = min(SHORTLIST, len(scores))
    return np.argpartition(-scores, size - 1)[:size]


def raw_score(score: float, explained: float, known: float) -> float:
    """Join the ridge score and the coverage into what the curve turns into a probability."""
    return min(max(score, 0.0) * sqrt(explained * known), 1.0)


def _read_rows(
    variants: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    shorthand: Mapping[str, Sequence[str]],
) -> tuple[Reader, list[_Row]]:
    typed = [
        _Row(at, words, line)
        for at, lines in enumerate(variants.values())
        for line in dict.fromkeys(lines)
        if (words := Words.of(clean(line))).folded
    ]
    table = shorthand_table(shorthand) | {
        key: value
        for key, value in shorthand_table(DEFAULT_SHORTHAND).items()
        if key not in shorthand
    }
    raw = Reader(Vocabulary.build(row.words for row in typed), table)
    typed = [_Row(row.owner, raw.expand(row.words), row.line) for row in typed]
    reader = Reader(Vocabulary.build(row.words for row in typed), table)
    answers = [
        _Row(at, words, "")
        for at, entry in enumerate(variants)
        if (words := Words.of(texts.get(entry, "")[:_ANSWER_LETTERS])).folded
    ]
    return reader, typed + answers


def _compare(rows: Sequence[_Row], owners: Ints, entries: int) -> tuple[Landmarks, Floats, Ints]:
    counted = [count_terms(row.words) for row in rows]
    space = Space.build(counted, owners.tolist(), entries)
    limit = _LANDMARKS if len(rows) > MOST_EXACT else len(rows)
    chosen = ridge.choose_landmarks(owners.tolist(), limit)
    letters = [sorted_letters(row.words) for row in rows]
    held = Landmarks.build(space, counted, chosen, [letters[at] for at in chosen])
    return held, held.table(counted, ratios(letters, held.letters, workers=-1)), chosen


def _cover(rows: Sequence[_Row], entries: int) -> Coverage:
    lines: list[list[Words]] = [[] for _ in range(entries)]
    answers: list[Words | None] = [None] * entries
    for row in rows:
        if row.is_answer:
            answers[row.owner] = row.words
        else:
            lines[row.owner].append(row.words)
    return Coverage.build(lines, answers)


def _calibrate(
    asked: Sequence[_Row], fit: ridge.Ridge, coverage: Coverage
) -> tuple[Curve, dict[str, Thresholds], list[int], list[float]]:
    """Judge every variant as if it, then as if its entry, had never been written.

    Beside the calibration come the winner and the raw score of every variant that was left out.
    """
    raws: dict[bool, list[float]] = {False: [], True: []}
    winners = []
    explained = Explained(coverage)
    for at, row in enumerate(asked):
        for whole, table in ((False, fit.without_row), (True, fit.without_entry)):
            nearest = _nearest(table[at])
            shares, known = explained.shares(row.words, nearest, LeftOut(row.owner, whole))
            first = int((table[at, nearest] + LEAN * shares).argmax())
            score = float(table[at, nearest[first]])
            raws[whole].append(raw_score(score, float(shares[first]), known))
            if not whole:
                winners.append(int(nearest[first]))
    owners = np.array([row.owner for row in asked], np.int32)
    have, lack = (_UNSEEN * np.array(raws[whole]) for whole in (False, True))
    right = np.array(winners, np.int32) == owners
    # Without its only variant an entry cannot be found.
    fair = np.bincount(owners, minlength=1)[owners] > 1
    curve = fit_usual_curve(have[fair], right[fair], lack)
    return curve, choose_thresholds(curve, have[fair], right[fair], lack), winners, raws[False]


def _group(
    groups: Mapping[str, str],
    entries: Sequence[str],
    rows: Sequence[_Row],
    fit: ridge.Ridge,
    coverage: Coverage,
) -> Grouping | None:
    if not groups or not entries:
        return None
    asked = [row for row in rows if not row.is_answer]  # they come first

    explained = Explained(coverage)

    def judge(at: int, nearest: Ints, whole: bool) -> Floats:  # noqa: FBT001 - the type's own order
        row = asked[at]
        table = fit.without_entry if whole else fit.without_row
        shares, known = explained.shares(row.words, nearest, LeftOut(row.owner, whole))
        raws: Floats = np.minimum(table[at, nearest] * np.sqrt(shares * known), 1)
        return raws

    owners = np.array([row.owner for row in asked], np.int32)
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


def _spell(lines: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted_letters(Words.of(clean(line))) for line in own) for own in lines)


def _exact(variants: Mapping[str, Sequence[str]]) -> dict[str, int | None]:
    """Map each folded variant to its entry, or to none when two entries share it."""
    owner: dict[str, int | None] = {}
    for at, lines in enumerate(variants.values()):
        for line in lines:
            key = " ".join(Words.of(clean(line)).folded)
            owner[key] = at if owner.get(key, at) == at else None
    return owner
