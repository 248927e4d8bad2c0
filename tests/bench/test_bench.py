"""Each measurement once and small, so that it cannot rot; what it measures is judged elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

from knowledge.entries import Knowledge
from tests.bench import cold_start, sending, telegram, turns
from tests.bench.figures import Seconds


def test_percentiles_are_values_that_occurred() -> None:
    figures = Seconds("a", [number / 1000 for number in range(1, 201)])
    assert str(figures) == "a: median 100.5 ms, p99 199.0 ms (n = 200)"


def test_a_cold_start(knowledge: Knowledge) -> None:
    assert knowledge.entries
    assert cold_start.warm(1).median > 0


async def test_turns(knowledge: Knowledge, tmp_path: Path) -> None:
    found = await turns.turns(knowledge, 5, tmp_path)
    assert [len(each.values) for each in found] == [5, 5]


def test_webhooks_beside_an_echo_bot(knowledge: Knowledge) -> None:
    assert knowledge.entries
    rates = telegram.compare(10)
    assert rates.keys() == {"echo", "/start", "question"}


def test_memory(knowledge: Knowledge) -> None:
    assert knowledge.entries
    assert all(figure > 10 for figure in telegram.memory(5))


def test_sending(tmp_path: Path) -> None:
    with sending.crowd(20) as server:
        ours = asyncio.run(sending.send(server, 20, tmp_path))
        theirs = [asyncio.run(act(server, 20)) for act in (sending.library, sending.bare)]
    assert all(rate.wall > 0 for rate in (ours, *theirs))


def test_an_audience_is_fixed(tmp_path: Path) -> None:
    assert asyncio.run(sending.fan_out(50, tmp_path)) > 0
