"""`make bench`: everything, or the parts that are named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from bot import logs
from tests.bench import cold_start, matching, sending, telegram, turns

PARTS: Mapping[str, Callable[[], None]] = {
    "cold_start": cold_start.main,
    "turns": turns.main,
    "telegram": telegram.main,
    "sending": sending.main,
    "matching": matching.main,
}

if __name__ == "__main__":
    logs.set_up("ERROR", ())
    for part in sys.argv[1:] or PARTS:
        print(f"## {part}", flush=True)
        PARTS[part]()
