"""The full run, from the command line: prints the figures, ends with 1 where a promise broke."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash_broadcast.deeds import DEEDS
from tests.crash_broadcast.run import IN_FLIGHT, PER_SECOND, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash_broadcast", description=__doc__)
    parser.add_argument("--chats", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--does", choices=DEEDS, default="send")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        report = asyncio.run(
            run(
                Path(folder),
                chats=chosen.chats,
                kills=chosen.kills,
                seed=chosen.seed,
                does=chosen.does,
            )
        )
    print(f"to {chosen.does}: chats {report.chats}, kills {report.kills}")
    print(f"pace {PER_SECOND}/s, seed {chosen.seed}")
    print(f"pauses {report.pauses}, second processes refused {report.refused}")
    print(f"in doubt after one kill: at most {report.most_in_doubt} of {IN_FLIGHT} in flight")
    print(f"in doubt by kills {report.in_doubt_by_kills}, troubles {dict(report.troubles)}")
    print(f"in the end {dict(report.counts)}, {report.seconds:.0f} s")
    print("\n".join(f"BROKEN: {fault}" for fault in report.faults) or "every promise kept")
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
