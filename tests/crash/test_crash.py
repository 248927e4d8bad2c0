"""A short run of `make crash`; a violation names its seed, and the seed repeats the choices."""

from __future__ import annotations

import secrets
from pathlib import Path

from knowledge.entries import Knowledge
from tests.crash.run import crash


async def test_a_bot_that_is_killed_loses_nothing_and_halves_nothing(
    tmp_path: Path, knowledge: Knowledge, knowledge_cache: Path
) -> None:
    seed = secrets.randbelow(1_000_000)
    report = await crash(tmp_path, knowledge, knowledge_cache, kills=8, seed=seed, people=20)
    assert report.sound, (str(report), report.verdict.violations[:20])
