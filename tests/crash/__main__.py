"""`make crash`."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.crash.run import crash
from tests.shipped import CACHE, shipped


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, help="a random one where none is given; it is printed")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="keep database and log in this folder")
    chosen = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        run = crash(folder, shipped(), CACHE, chosen.kills, seed, chosen.people)
        report = asyncio.run(run)
    for violation in report.verdict.violations:
        print(violation)
    print(report)
    sys.exit(0 if report.sound else 1)


if __name__ == "__main__":
    main()
