"""From a raw score to a probability, learnt from the knowledge base alone.

Each variant, left out, shows how a question scores that has an entry; each variant whose whole
entry is left out shows how one scores that has none. A logistic curve over the raw score gives the
probability of being right; the thresholds are quantiles of the second group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Share of questions without an entry that may be answered all the same, and of right answers that
# must at least be offered.
POLICIES: Mapping[str, tuple[float, float]] = {
    "chặt": (0.02, 0.90),
    "vừa": (0.05, 0.95),
    "rộng": (0.12, 0.98),
}
_LEAST = 1e-4
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability to answer, from which to offer a choice, and what to expect of that.

    The rates are shares of all questions of their kind: *right* and *wrong* among those that have
    an entry, *false* (answered) and *offered_false* among those that have none.
    """

    answer: float
    offer: float
    right: float
    wrong: float
    false: float
    offered_false: float


@dataclass(frozen=True, slots=True)
class Curve:
    """P(right) as a logistic function of the log-odds of the raw score."""

    start: float
    slope: float

    def __call__(self, raw: float) -> float:
        kept = min(max(raw, _LEAST), 1 - _LEAST)
        return 1 / (1 + exp(-self.start - self.slope * log(kept / (1 - kept))))


def fit_curve(raw: Doubles, right: Flags) -> Curve:
    """Fit by Newton steps; a weak prior keeps the curve finite and rising."""
    kept = np.clip(raw, _LEAST, 1 - _LEAST)
    seen = np.stack([np.ones_like(kept), np.log(kept / (1 - kept))], axis=1)
    prior = np.array([0.0, 1.0])
    curve = prior.copy()
    for _ in range(40):
        said = 1 / (1 + np.exp(-seen @ curve))
        pull = seen.T @ (right - said) - 0.5 * (curve - prior)
        bend = (seen * (said * (1 - said))[:, None]).T @ seen + 0.5 * np.eye(2)
        step = np.clip(np.linalg.solve(bend, pull), -2, 2)
        curve += step
        if np.abs(step).max() < _LEAST:
            break
    return Curve(float(curve[0]), float(max(curve[1], 0.05)))


def choose_thresholds(
    curve: Curve,
    answerable: Doubles,
    right: Flags,
    unanswerable: Doubles,
    policies: Mapping[str, tuple[float, float]] = POLICIES,
) -> dict[str, Thresholds]:
    """Set each policy's thresholds; with too few variants to judge by, nothing is sure enough."""
    have = np.array([curve(raw) for raw in answerable])
    lack = np.array([curve(raw) for raw in unanswerable])
    chosen = {}
    for policy, (false, kept) in policies.items():
        if len(lack) < _FEWEST or not right.any():
            chosen[policy] = Thresholds(0.9, 0.2, 0.0, 0.0, 0.0, 0.0)
            continue
        answer = float(np.quantile(lack, 1 - false, method="higher")) + 1e-9
        offer = float(min(np.quantile(have[right], 1 - kept), answer))
        over = have >= answer
        chosen[policy] = Thresholds(
            answer,
            offer,
            float(np.mean(over & right)),
            float(np.mean(over & ~right)),
            float(np.mean(lack >= answer)),
            float(np.mean(lack >= offer)),
        )
    return chosen
