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
from knowledge.calibration import Curve, Thresholds, choose_thresholds, fit_curve
from knowledge.features import Floats, Ints

SHORTLIST = 12  # entries whose scores count; the sum of the rest stays below a hundredth

# As for entries, but looser: the question whose whole topic is taken away is a far closer call than
# what strangers ask. On the development questions "vừa" let 1 of 90 through where it expects 18 %.
POLICIES: Mapping[str, tuple[float, float]] = {
    "chặt": (0.06, 0.95),
    "vừa": (0.18, 0.98),
    "rộng": (0.25, 0.99),
}

Judge = Callable[[int, int, bool], float]
"""Raw score of (row, entry) with the row, or its whole entry, left out."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which group each entry is in, by entry number, and what its scores mean."""

    of: tuple[str, ...]
    curve: Curve
    thresholds: Mapping[str, Thresholds]

    def sums(self, raws: Mapping[int, float]) -> dict[str, float]:
        """The raw score of each group from its entries' raw scores, best first."""
        return dict(sorted(_sums(self.of, raws).items(), key=lambda kept: (-kept[1], kept[0])))


def learn(of: Sequence[str], owners: Ints, fit: ridge.Ridge, judge: Judge) -> Grouping:
    """Learn from every row, by number: with itself left out, and with its whole group."""
    group_of = np.array(of)
    have, lack, right = [], [], []
    for row, owner in enumerate(owners):
        mine = of[owner]
        raws = _raws(row, fit.without_row[row], judge, whole=False)
        sums = _sums(of, raws)
        best = max(sums, key=sums.__getitem__)
        have.append(sums[best])
        right.append(best == mine)
        others = np.where(group_of == mine, -np.inf, fit.without_entry[row])
        lack.append(max(_sums(of, _raws(row, others, judge, whole=True)).values(), default=0.0))
    scores, none = np.array(have), np.array(lack)
    flags = np.array(right, np.bool_)
    curve = fit_curve(
        np.concatenate([scores, none]), np.concatenate([flags, np.zeros(len(none), np.bool_)])
    )
    return Grouping(tuple(of), curve, choose_thresholds(curve, scores, flags, none, POLICIES))


def _raws(row: int, scores: Floats, judge: Judge, *, whole: bool) -> dict[int, float]:
    size = min(SHORTLIST, len(scores))
    nearest = np.argpartition(-scores, size - 1)[:size]
    return {int(at): judge(row, int(at), whole) for at in nearest if scores[at] > 0}


def _sums(of: Sequence[str], raws: Mapping[int, float]) -> dict[str, float]:
    sums: dict[str, float] = {of[0]: 0.0} if of else {}
    for at, raw in raws.items():
        sums[of[at]] = min(sums.get(of[at], 0.0) + raw, 1.0)
    return sums
