"""The course of a crash run: talk, kill, begin again; in the end let all finish, and judge."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from knowledge.entries import Knowledge
from tests.crash.judge import Judge, Verdict
from tests.crash.nursery import Nursery
from tests.crash.people import Crowd
from tests.telegram_server import TelegramServer

SHORTEST, LONGEST = 0.03, 1.8  # seconds that a bot lives, its start included


@dataclass(frozen=True, slots=True)
class Report:
    """A run; `exit_code` is that of the last bot, which was asked to stop."""

    seed: int
    kills: int
    seconds: float
    exit_code: int
    verdict: Verdict

    @property
    def sound(self) -> bool:
        return not self.verdict.violations and self.exit_code == 0

    def __str__(self) -> str:
        found = self.verdict
        return (
            f"seed {self.seed}: {self.kills} kills in {self.seconds:.0f} s "
            f"({self.kills / self.seconds:.1f}/s), {found.updates} updates, "
            f"{found.registered} registrations, {found.doubles} doubles "
            f"({found.doubles / max(1, self.kills):.2f} per kill), "
            f"{len(found.violations)} violations"
        )


async def crash(  # noqa: PLR0913, PLR0917 - what a run is
    folder: Path, knowledge: Knowledge, cache: Path, kills: int, seed: int, people: int = 50
) -> Report:
    """Kill a bot *kills* times while *people* talk to it; *folder* is there already."""
    began = time.monotonic()
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    async with TelegramServer(seed=seed) as server:
        crowd = Crowd(server, knowledge, seed, people)
        with Nursery(folder, cache, server.token, server.url) as nursery:
            async with asyncio.TaskGroup() as group:
                talk = group.create_task(crowd.talk())
                for _ in range(kills):
                    nursery.begin()
                    await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))
                    nursery.kill()
                nursery.begin()
                crowd.close()
                await talk
            exit_code = await asyncio.to_thread(nursery.stop)
        judge = Judge(folder / "donghanh.db", server, crowd.lives, kills)
        return Report(seed, kills, time.monotonic() - began, exit_code, judge.verdict())
