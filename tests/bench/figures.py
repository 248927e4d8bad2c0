"""Medians and high percentiles, printed one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Seconds:
    """Durations of the same act."""

    name: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def p99(self) -> float:
        """The value that 99 in 100 do not exceed; the largest, where there are fewer than 100."""
        return sorted(self.values)[min(len(self.values) - 1, int(len(self.values) * 0.99))]

    def __str__(self) -> str:
        return (
            f"{self.name}: median {self.median * 1000:.1f} ms, p99 {self.p99 * 1000:.1f} ms "
            f"(n = {len(self.values)})"
        )
