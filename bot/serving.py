"""From settings to a running process, and from a signal to a clean end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from bot import app, logs
from bot.channels import Channel
from bot.clock import SystemClock
from bot.reload import CurrentKnowledge, Load
from bot.settings import Settings
from knowledge import compiling, load

logger = logging.getLogger(__name__)

YOUNG: Final = 10_000  # new objects between two looks of the collector


def serve(settings: Settings, channels: list[Channel] | None, load: Load = load) -> None:
    """Run until SIGTERM, SIGINT or the end of the terminal's input; then drain and return.

    A second signal ends the process at once; what was in flight is judged at the next start.
    Raises KnowledgeError and the store's errors before anything is served.
    """
    terminal_only = channels is not None or not settings.telegram_token.get_secret_value()
    secrets = (
        settings.telegram_token.get_secret_value(),
        settings.telegram_proxy.get_secret_value(),
    )
    # A conversation on a terminal is not interrupted by lines that concern the administrator.
    logs.set_up("ERROR" if terminal_only else settings.log_level, secrets)
    if terminal_only:
        _say_what_takes_long()
    settings.data_folder.mkdir(parents=True, exist_ok=True)  # said at once if it cannot be had
    asyncio.run(_serve(settings, channels, load))


async def _serve(settings: Settings, channels: list[Channel] | None, load: Load) -> None:
    clock = SystemClock()
    knowledge = CurrentKnowledge(
        settings.knowledge_folder, settings.cache_folder, clock.now().date(), load
    )
    chosen = channels if channels is not None else app.channels_for(settings, knowledge(), clock)
    stop = asyncio.Event()
    async with app.built(settings, chosen, clock, knowledge) as built:
        leave_alone_what_stays()
        with _signals(stop):
            await app.run(built, stop)


def _say_what_takes_long() -> None:
    """Let the terminal know why nothing happens yet; a service has its log."""
    compiling.logger.setLevel(logging.WARNING)
    compiling.logger.handlers[:] = [logging.StreamHandler()]
    compiling.logger.propagate = False


def leave_alone_what_stays() -> None:
    """Let the collector look only at what comes from here on.

    A look at all that start-up made took 90 ms, in which nobody was answered, and every
    thousandth message set one off.
    """
    gc.freeze()
    gc.set_threshold(YOUNG)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; asked twice, the process ends.

    `signal.signal` and not the loop's own handlers: those do not exist on Windows.
    """
    loop = asyncio.get_running_loop()

    def told(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(ask, number)

    def ask(number: int) -> None:
        logger.info("told to stop by %s", signal.Signals(number).name)
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
