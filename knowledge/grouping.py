"""How sure it is which *group* of entries a question is about: the topic, before the answer.

Entries of one topic answer neighbouring questions and share each other's words, so each takes
probability from the others while the topic is beyond doubt. A group's raw score is the sum of its
entries' raw scores; its curve and thresholds are learnt like an entry's, from questions left out
(the group is still there) and from questions whose whole group is (nothing answers them).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge import ridge
from knowledge.calibration import Curve, Doubles, Thresholds, choose_thresholds, fit_curve
from knowledge.features import Floats, Ints

SHORTLIST = 12  # entries whose scores count; the sum of the rest stays below a hundredth

# As for entries, but looser: the question whose whole topic is taken away is a far closer call than
# what strangers ask. On 276 questions of strangers "vừa" let 1 through where it expects 25 %.
POLICIES: Mapping[str, tuple[float, float]] = {
    "chặt": (0.06, 0.95),
    "vừa": (0.25, 0.985),
    "rộng": (0.35, 0.99),
}

# Topics that must be declined are topics too, so of ten questions about one is of none.
_STRANGERS = 1 / 9

# What the second group takes from the best, of its own score. Flat from 0.3 to 0.7; without it, two
# groups that both fit were answered as surely as one that stands alone.
_RIVAL = 0.5

Judge = Callable[[int, Ints, bool], Floats]
"""Raw scores of (row, entries) with the row, or its whole entry, left out."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which group each entry is in, by entry number, and what its scores mean."""

    of: tuple[str, ...]
    curve: Curve
    thresholds: Mapping[str, Thresholds]

    def sums(self, raws: Mapping[int, float]) -> dict[str, float]:
        """The raw score of each group from its entries' raw scores, best first.

        A rival takes from the best, and none has more than what that leaves it.
        """
        sums: dict[str, float] = {}
        for at, raw in raws.items():
            sums[self.of[at]] = min(sums.get(self.of[at], 0.0) + raw, 1.0)
        ranked = sorted(sums.items(), key=lambda kept: (-kept[1], kept[0]))
        most = _lead([raw for _, raw in ranked])
        return {name: min(raw, most) for name, raw in ranked}


def learn(of: Sequence[str], owners: Ints, fit: ridge.Ridge, judge: Judge) -> Grouping:
    """Learn from every row, by number: with itself left out, and with its whole group."""
    names = sorted(set(of))
    numbers = np.array([names.index(name) for name in of], np.int32)
    have, lack = np.zeros(len(owners)), np.zeros(len(owners))
    right = np.zeros(len(owners), np.bool_)
    for row, owner in enumerate(owners):
        mine = numbers[owner]
        sums = _sums(numbers, row, fit.without_row[row], judge, whole=False)
        best = int(sums.argmax())
        have[row], right[row] = _lead(np.sort(sums)[::-1]), best == mine
        others = np.where(numbers == mine, 0, fit.without_entry[row])
        lack[row] = _lead(np.sort(_sums(numbers, row, others, judge, whole=True))[::-1])
    curve = fit_curve(
        np.concatenate([have, lack]),
        np.concatenate([right, np.zeros(len(lack), np.bool_)]),
        np.concatenate([np.ones(len(have)), np.full(len(lack), _STRANGERS)]),
    )
    return Grouping(tuple(of), curve, choose_thresholds(curve, have, right, lack, POLICIES))


def _lead(ranked: Sequence[float] | Doubles) -> float:
    """What is left of the best raw score beside the second; *ranked* come best first."""
    rival = ranked[1] if len(ranked) > 1 else 0.0
    return float(ranked[0] - _RIVAL * rival) if len(ranked) else 0.0


def _sums(numbers: Ints, row: int, scores: Floats, judge: Judge, *, whole: bool) -> Doubles:
    """The raw score of each group by number, from the nearest entries that score at all."""
    size = min(SHORTLIST, len(scores))
    nearest = np.argpartition(-scores, size - 1)[:size].astype(np.int32)
    nearest = nearest[scores[nearest] > 0]
    sums = np.bincount(numbers[nearest], judge(row, nearest, whole), int(numbers.max()) + 1)
    return np.minimum(sums, 1.0)
