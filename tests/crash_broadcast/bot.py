"""The bot process that is killed: the real composition root, by daylight.

Only the time of day is not the machine's: announcements keep still at night, and the proof must
also run then. Settings come from the environment, as always. Each life is a fork of a process that
has everything imported and the knowledge loaded, which spares it the seconds that Python needs; it
opens the database and sends from there on as `donghanh run` does, and says when it is built.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from bot import app, logs
from bot.channels import telegram  # noqa: F401 - loaded here once for every fork
from bot.clock import SystemClock
from bot.reload import CurrentKnowledge
from bot.settings import Settings, read


class Daytime(SystemClock):
    """The machine's clock, moved by so many seconds: the same in every life of the process."""

    def __init__(self, seconds: float) -> None:
        self._moved = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._moved


@dataclass(slots=True)
class Lives:
    """The lives of one bot, one after the other, as the harness has them begin and end."""

    nursery: asyncio.subprocess.Process
    bot: int = 0

    async def begin(self) -> None:
        """Return when the bot is built. Raises RuntimeError where it is not."""
        self.bot = int(await self._tell("begin"))
        if await self._line() != "built":
            raise RuntimeError("the bot did not start")

    async def end(self, by: signal.Signals) -> None:
        """Return when the bot is gone."""
        os.kill(self.bot, by)
        self.bot = 0
        await self._tell("end")

    async def _tell(self, word: str) -> str:
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(f"{word}\n".encode())
        return await self._line()

    async def _line(self) -> str:
        assert self.nursery.stdout is not None
        return (await self.nursery.stdout.readline()).decode().strip()


@asynccontextmanager
async def lives(
    seconds: float, environment: Mapping[str, str], log: BinaryIO
) -> AsyncIterator[Lives]:
    """The nursery, until the block is left; what its bots say goes into *log*."""
    nursery = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash_broadcast.bot", str(seconds)),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    assert nursery.stdin is not None
    whole = Lives(nursery)
    try:
        yield whole
    finally:
        if whole.bot:
            await whole.end(signal.SIGKILL)
        nursery.stdin.close()
        await nursery.wait()


def main(seconds: float) -> None:
    settings, clock = read(), Daytime(seconds)
    today = clock.now().date()
    knowledge = CurrentKnowledge(settings.knowledge_folder, settings.cache_folder, today)
    bot = 0
    for word in sys.stdin:
        if word.strip() == "begin":
            if not (bot := os.fork()):
                _be_a_bot(settings, clock, knowledge)
            print(bot, flush=True)
        else:
            print(os.waitpid(bot, 0)[1], flush=True)


def _be_a_bot(settings: Settings, clock: Daytime, knowledge: CurrentKnowledge) -> None:
    try:
        asyncio.run(_live(settings, clock, knowledge))
    finally:
        os._exit(0)  # nothing of the parent's is to be ended by its child


async def _live(settings: Settings, clock: Daytime, knowledge: CurrentKnowledge) -> None:
    logs.set_up("WARNING", (settings.telegram_token.get_secret_value(),))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, (stop := asyncio.Event()).set)
    channels = app.channels_for(settings, knowledge(), clock)
    async with app.built(settings, channels, clock, knowledge) as built:
        print("built", flush=True)
        await app.run(built, stop)


if __name__ == "__main__":
    main(float(sys.argv[1]))
