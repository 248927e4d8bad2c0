"""How long hypothesis searches: briefly in every run, `EFFORT=20 make test` before a release.

A property that names no number of examples tries 25 in an ordinary run.
"""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("EFFORT", "1"))


def examples(number: int) -> int:
    """So many in an ordinary run."""
    return number * EFFORT
