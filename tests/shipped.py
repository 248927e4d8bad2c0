"""The shipped knowledge, compiled once a machine: for the suite and the programs beside it.

Compiling takes ten seconds and more. Whoever is first does it under a lock, in the suite one
worker for all; the others, and the processes that tests start, find it done.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from filelock import FileLock

from knowledge import load
from knowledge.entries import Knowledge

CACHE = Path(__file__).parents[1] / ".pytest_cache" / "d" / "knowledge"
TODAY = date(2026, 11, 20)


def shipped() -> Knowledge:
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "compiling.lock"):
        return load(today=TODAY, cache=CACHE)


def lend_cache(folder: Path) -> None:
    """Let a program with this data folder find it compiled; what that compiles stays its own."""
    own = folder / "cache"
    own.mkdir(parents=True, exist_ok=True)
    for compiled in (*CACHE.glob("trees-*.json"), *CACHE.glob("index-*.bin")):
        kept = own / compiled.name
        if not kept.exists():
            kept.symlink_to(compiled)
