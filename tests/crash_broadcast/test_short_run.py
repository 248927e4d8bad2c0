"""A short run of the proof, so that it cannot rot: 120 chats, 6 kills."""

from __future__ import annotations

from pathlib import Path

from tests.crash_broadcast.run import IN_FLIGHT, run


async def test_killed_six_times_it_loses_nobody_and_writes_to_nobody_twice(tmp_path: Path) -> None:
    report = await run(tmp_path, chats=120, kills=6, seed=1)

    assert report.faults == []
    assert (report.kills, report.pauses, report.refused) == (6, 1, 1)
    assert report.most_in_doubt <= IN_FLIGHT
    assert sum(report.counts.values()) == 120
