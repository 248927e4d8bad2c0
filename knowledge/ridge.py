"""Ridge regression from a kernel to entries, with what it would say of a row it never saw.

The solution lives on a bounded number of landmark rows, so that cost grows with the rows and not
with their cube; with every row a landmark it is plain kernel ridge. Left-out scores come in closed
form from the leverages: for row weights w and fit f, one row out gives y - (y - f) / (1 - h),
a block of rows out gives (I - H)^-1 (f - H y).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.features import Floats, Ints

PENALTY = 0.15
_JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Ridge:
    """The fit: *weights* turns a kernel row over the landmarks into one score for each entry."""

    weights: Floats
    without_row: Floats
    without_entry: Floats


def fit(
    kernel: Floats,
    landmarks: Ints,
    owners: Ints,
    entries: int,
    trusts: Floats,
    penalty: float = PENALTY,
) -> Ridge:
    """Fit one-hot *owners* on *kernel* (rows by landmarks), each row weighted by *trusts*.

    ``without_row[i]`` scores row i by a fit that lacks it, ``without_entry[i]`` by one that lacks
    all rows of its owner (whose own column is meaningless there and set to zero).
    """
    size = len(landmarks)
    inner = kernel[landmarks].astype(np.float64)
    inner[np.diag_indices(size)] += _JITTER
    whiten = np.linalg.inv(np.linalg.cholesky(inner)).astype(np.float32)
    roots = np.sqrt(trusts)[:, None]
    mapped = (kernel @ whiten.T) * roots
    gram = mapped.T @ mapped
    gram[np.diag_indices(size)] += penalty
    inverse = np.linalg.inv(gram)
    targets = np.zeros((len(owners), entries), np.float32)
    targets[np.arange(len(owners)), owners] = trusts**0.5
    solved = inverse @ (mapped.T @ targets)
    pulled = mapped @ inverse
    fitted = mapped @ solved
    leverage = np.einsum("ij,ij->i", pulled, mapped)
    row = (targets - (targets - fitted) / np.maximum(1 - leverage, 1e-4)[:, None]) / roots
    entry = _without_entries(mapped, pulled, fitted, owners) / roots
    return Ridge((whiten.T @ solved).astype(np.float32), row, entry)


def _without_entries(mapped: Floats, pulled: Floats, fitted: Floats, owners: Ints) -> Floats:
    result = np.empty_like(fitted)
    order = np.argsort(owners, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(owners[order])) + 1):
        block = np.eye(len(rows), dtype=np.float32) - pulled[rows] @ mapped[rows].T
        result[rows] = np.linalg.solve(block, fitted[rows])
        result[rows, owners[rows[0]]] = 0
    return result


def choose_landmarks(owners: Sequence[int], limit: int) -> Ints:
    """Take rows in turn from every entry, so that a large entry does not crowd out small ones."""
    turn: dict[int, int] = {}
    order: list[tuple[int, int]] = []
    for at, owner in enumerate(owners):
        turn[owner] = turn.get(owner, -1) + 1
        order.append((turn[owner], at))
    return np.array(sorted(at for _, at in sorted(order)[:limit]), np.int32)
