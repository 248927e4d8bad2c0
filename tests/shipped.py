"""The shipped knowledge for the programs beside the suite, compiled where the suite compiles it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from knowledge import load
from knowledge.entries import Knowledge

CACHE = Path(__file__).parents[1] / ".pytest_cache" / "d" / "knowledge"
TODAY = date(2026, 11, 20)


def shipped() -> Knowledge:
    return load(today=TODAY, cache=CACHE)
