"""Short runs of the proof, so that it cannot rot: 120 chats and 6 kills, 40 and 3 for changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash_broadcast.run import IN_FLIGHT, run


async def test_killed_six_times_it_loses_nobody_and_writes_to_nobody_twice(tmp_path: Path) -> None:
    report = await run(tmp_path, chats=120, kills=6, seed=1)

    assert report.faults == []
    assert (report.kills, report.pauses, report.refused) == (6, 1, 1)
    assert report.most_in_doubt <= IN_FLIGHT
    assert sum(report.counts.values()) == 120


@pytest.mark.parametrize("does", ["edit", "withdraw"])
async def test_killed_while_it_changes_messages_it_knows_of_each_what_became_of_it(
    tmp_path: Path, does: str
) -> None:
    report = await run(tmp_path, chats=40, kills=3, seed=2, does=does)

    assert report.faults == []
    assert report.kills == 3
    assert report.most_in_doubt <= IN_FLIGHT
    assert sum(report.counts.values()) == 40
