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

Judge = Callable[[Ints, bool], Floats]
"""Raw scores of entries, a row of them a question, with it or its whole entry left out."""


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
    """Learn from every row that has an owner: with itself left out, and with its whole group."""
    names = sorted(set(of))
    numbers = np.array([names.index(name) for name in of], np.int32)
    mine = numbers[owners]
    sums = _sums(numbers, fit.without_row[: len(owners)], judge, whole=False)
    right = sums.argmax(axis=1) == mine
    others = np.where(numbers == mine[:, None], 0, fit.without_entry[: len(owners)])
    have, lack = _leads(sums), _leads(_sums(numbers, others, judge, whole=True))
    curve = fit_curve(
        np.concatenate([have, lack]),
        np.concatenate([right, np.zeros(len(lack), np.bool_)]),
        np.concatenate([np.ones(len(have)), np.full(len(lack), _STRANGERS)]),
    )
    return Grouping(tuple(of), curve, choose_thresholds(curve, have, right, lack, POLICIES))


def shortlisted(scores: Floats) -> Ints:
    """The entries that each question, a row of *scores*, is judged by."""
    size = min(SHORTLIST, scores.shape[1])
    nearest: Ints = np.argpartition(-scores, size - 1, axis=1)[:, :size]
    return nearest


def _lead(ranked: Sequence[float]) -> float:
    """What is left of the best raw score beside the second; *ranked* come best first."""
    rival = ranked[1] if len(ranked) > 1 else 0.0
    return float(ranked[0] - _RIVAL * rival) if len(ranked) else 0.0


def _leads(sums: Doubles) -> Doubles:
    """`_lead` of every row."""
    ranked = np.sort(sums, axis=1)
    rivals = ranked[:, -2] if sums.shape[1] > 1 else 0.0
    leads: Doubles = ranked[:, -1] - _RIVAL * rivals
    return leads


def _sums(numbers: Ints, scores: Floats, judge: Judge, *, whole: bool) -> Doubles:
    """The raw score of each group by number, from the nearest entries that score at all."""
    nearest = shortlisted(scores)
    raws = np.where(np.take_along_axis(scores, nearest, axis=1) > 0, judge(nearest, whole), 0)
    groups = int(numbers.max()) + 1
    places = np.arange(len(scores))[:, None] * groups + numbers[nearest]
    sums = np.bincount(places.ravel(), raws.ravel(), len(scores) * groups)
    return np.minimum(sums.reshape(len(scores), groups), 1.0)
