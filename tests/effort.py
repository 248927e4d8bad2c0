"""How long hypothesis searches: briefly in every run, `EFFORT=20 make test` before a release."""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("EFFORT", "1"))


def examples(number: int) -> int:
    """So many in an ordinary run."""
    return number * EFFORT
