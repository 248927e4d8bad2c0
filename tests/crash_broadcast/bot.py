"""The bot process that is killed: the real composition root, by daylight.

Only the time of day is not the machine's: announcements keep still at night, and the proof must
also run then. Settings come from the environment, as always. Prints a line when it is built.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta

from bot import app, logs
from bot.clock import SystemClock
from bot.reload import CurrentKnowledge
from bot.settings import read


class Daytime(SystemClock):
    """The machine's clock, moved by so many seconds: the same in every life of the process."""

    def __init__(self, seconds: float) -> None:
        self._moved = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._moved


def program(seconds: float) -> list[str]:
    """How to start this module as a process."""
    return [sys.executable, "-m", "tests.crash_broadcast.bot", str(seconds)]


async def main(seconds: float) -> None:
    settings, clock = read(), Daytime(seconds)
    logs.set_up("WARNING", (settings.telegram_token.get_secret_value(),))
    knowledge = CurrentKnowledge(
        settings.knowledge_folder, settings.cache_folder, clock.now().date()
    )
    channels = app.channels_for(settings, knowledge(), clock)
    async with app.built(settings, channels, clock, knowledge) as built:
        print("built", flush=True)
        await app.run(built, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
