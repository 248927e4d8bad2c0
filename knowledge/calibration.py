"""From a raw score to a probability, learnt from the knowledge base alone.

Each variant, left out, shows how a question scores that has an entry; each variant whose whole
entry is left out shows how one scores that has none. A curve over the raw score gives the
probability of being right; the thresholds are quantiles of the second group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[Any]
Judged = tuple[Doubles, Doubles, Doubles, Doubles]
"""Of each question what was seen, how far the answer was right, how much it counts; the prior."""

# Share of questions without an entry that may be answered all the same, and of right answers that
# must at least be offered.
POLICIES: Mapping[str, tuple[float, float]] = {
    "chặt": (0.02, 0.90),
    "vừa": (0.05, 0.95),
    "rộng": (0.12, 0.98),
}
_LEAST = 0.01  # a score of nothing at all is no stronger evidence than a hundredth
_FEWEST = 8
_OFFER_FROM = 0.4  # of the threshold to answer, where no variant shows how right answers score
_PULL = 0.5
_LEAST_SLOPE = 0.05
_STEPS = 100
_HALVINGS = 20
_DONE = 1e-9


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
    """P(right) by beta calibration: logistic in log(raw) and log(1 - raw), each with its slope."""

    start: float
    low: float
    high: float

    def __call__(self, raw: float) -> float:
        kept = min(max(raw, _LEAST), 1 - _LEAST)
        return 1 / (1 + exp(-self.start - self.low * log(kept) + self.high * log(1 - kept)))


_PLAIN = Curve(0.0, 1.0, 1.0)  # the raw score itself, were it a probability

# Where knowledge bases of one to three variants an entry begin: those with accents, those without.
# Read off thirteen of our own, nine Vietnamese and four English ones.
USUAL = Curve(1.29, 0.88, 4.91)
USUAL_PLAIN = Curve(1.69, 0.76, 4.45)
_USUAL_WEIGHT = 40
_USUAL_COUNT = 25
_USUAL_TO = 0.5
# A row left out still lends its terms their rarity, and a word only it holds is unknown when truly
# never seen: questions without an entry scored 6 % higher at 370 entries, 10 % at 40, 18 % at ten.
_UNSEEN = 1.12
_UNSEEN_ENTRY = 1.12
_UNSEEN_ENTRY_OF_FEW = 1.5


@dataclass(frozen=True, slots=True)
class Sample:
    """The raw scores to learn from, as they would be of questions never seen.

    *have* are those of questions that have an entry, with whether the best one is *right* and how
    much each counts; *lack* those of questions that have none.
    """

    have: Doubles
    right: Flags
    counts: Doubles
    lack: Doubles

    @classmethod
    def of(cls, have: Doubles, right: Flags, lack: Doubles, owners: Ints) -> "Sample":
        """Take what left-out variants scored, in the order of their *owners*.

        A variant left out leaves its entry one fewer than a question will find: scores grow with
        the square root of their number, and errors fall with it. An entry without its only variant
        cannot be found and says nothing.
        """
        sizes = np.bincount(owners, minlength=1)
        fair = sizes[owners] > 1
        shrunk = np.sqrt(1 - 1 / sizes[owners][fair])
        found = right[fair]
        counts = np.where(found, 1.0, shrunk)
        if found.any():
            counts[found] = (len(found) - shrunk[~found].sum()) / found.sum()
        entries = max(int((sizes > 0).sum()), 1)
        return cls(
            np.minimum(_UNSEEN * have[fair] / shrunk, 1),
            found,
            counts,
            np.minimum((_UNSEEN_ENTRY + _UNSEEN_ENTRY_OF_FEW / entries) * lack, 1),
        )


def fit_usual_curve(sample: Sample, usual: Curve = USUAL) -> Curve:
    """Fit to as many questions without an entry as with one, starting from what is *usual*.

    A dozen entries of two variants tell little; what other knowledge bases taught tells the rest.
    """
    raws = np.linspace(_LEAST, _USUAL_TO, _USUAL_COUNT)
    have, lack = len(sample.have), len(sample.lack)
    return fit_curve(
        np.concatenate([sample.have, sample.lack, raws]),
        np.concatenate([sample.right, np.zeros(lack), [usual(raw) for raw in raws]]),
        np.concatenate(
            [
                sample.counts,
                np.full(lack, have / max(lack, 1)),
                np.full(len(raws), _USUAL_WEIGHT / _USUAL_COUNT),
            ]
        ),
        usual,
    )


def fit_curve(
    raw: Doubles, right: Doubles | Flags, weights: Doubles | None = None, prior: Curve = _PLAIN
) -> Curve:
    """Fit by Newton steps; a weak *prior* keeps the curve finite, a least slope keeps it rising.

    A step that would make the fit worse is halved. Whole steps ran away on sets of a hundred
    variants: there the curve said 0.13 on average where 0.61 were right.
    """
    kept = np.clip(raw, _LEAST, 1 - _LEAST)
    seen = np.stack([np.ones_like(kept), np.log(kept), -np.log(1 - kept)], axis=1)
    weighed = np.ones_like(kept) if weights is None else weights
    wanted = np.array([prior.start, prior.low, prior.high])
    judged = (seen, right.astype(np.float64), weighed, wanted)
    curve = wanted.copy()
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-seen @ curve))
        pull = seen.T @ (weighed * (right - said)) - _PULL * (curve - wanted)
        bend = (seen * (weighed * said * (1 - said))[:, None]).T @ seen
        bend += _PULL * np.eye(len(wanted))
        better = _descend(judged, curve, np.linalg.solve(bend, pull))
        if _misfit(judged, curve) - _misfit(judged, better) < _DONE:
            break
        curve = better
    start, low, high = map(float, curve)
    return Curve(start, low, high)


def _descend(judged: Judged, curve: Doubles, step: Doubles) -> Doubles:
    """Go along *step* as far as that helps; nowhere if it does not."""
    worst = _misfit(judged, curve)
    for halved in range(_HALVINGS):
        there: Doubles = curve + step / 2**halved
        there[1:] = np.maximum(there[1:], _LEAST_SLOPE)
        if _misfit(judged, there) <= worst:
            return there
    return curve


def _misfit(judged: Judged, curve: Doubles) -> float:
    """The negative log likelihood, and the pull of the prior."""
    seen, right, weights, prior = judged
    odds = seen @ curve
    lost = weights @ (np.logaddexp(0, odds) - right * odds)
    return float(lost + _PULL / 2 * ((curve - prior) ** 2).sum())


def choose_thresholds(
    curve: Curve,
    answerable: Doubles,
    right: Flags,
    unanswerable: Doubles,
    policies: Mapping[str, tuple[float, float]] = POLICIES,
) -> dict[str, Thresholds]:
    """Set each policy's thresholds; with too few variants to judge by, nothing is sure enough.

    Where every entry has a single variant nothing is known of right answers: their rates are 0.
    """
    have = np.array([curve(raw) for raw in answerable])
    lack = np.array([curve(raw) for raw in unanswerable])
    chosen = {}
    for policy, (false, kept) in policies.items():
        if len(lack) < _FEWEST:
            chosen[policy] = Thresholds(0.9, 0.2, 0.0, 0.0, 0.0, 0.0)
            continue
        answer = float(np.quantile(lack, 1 - false, method="higher")) + 1e-9
        kept_from = np.quantile(have[right], 1 - kept) if right.any() else _OFFER_FROM * answer
        offer = float(min(kept_from, answer))
        over = have >= answer
        asked = max(len(have), 1)
        chosen[policy] = Thresholds(
            answer,
            offer,
            float((over & right).sum() / asked),
            float((over & ~right).sum() / asked),
            float(np.mean(lack >= answer)),
            float(np.mean(lack >= offer)),
        )
    return chosen
