"""A terminal as a channel: one conversation, no account, no network.

Choices are text. Where a number typed next means itself, the choices are words to type.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bot.channels import Inbox, Pace, Payload
from bot.channels.text import plain, runs, written
from handlers.conversation import Conversation, Incoming, Reply

LOCAL = Conversation("console", "local")


class ConsoleChannel:
    """See `bot.channels.Channel`. Ends by itself when its input ends."""

    name = "console"
    pace = Pace(per_second=1000.0, per_address=timedelta(0))

    def __init__(
        self,
        now: Callable[[], datetime],
        lines: TextIO | None = None,
        out: TextIO | None = None,
        prompt: str = "> ",
    ) -> None:
        self._now = now
        self._lines = sys.stdin if lines is None else lines
        self._out = sys.stdout if out is None else out
        self._prompt = prompt if self._out.isatty() else ""
        self._start = secrets.token_hex(8)  # so that no id is used again after a restart
        self._sent = itertools.count(1)

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """One payload with the choices as text; () for nothing to say."""
        text = written(reply)
        return ({"text": text},) if text else ()

    async def send(self, address: str, payload: Payload) -> str:  # noqa: ARG002 -- there is one address
        """Print one message. Bold only on a terminal."""
        text = payload["text"]
        if self._out.isatty():
            shown = Text()
            for words, bold in runs(text):
                shown.append(words, "bold" if bold else None)
            Console(file=self._out).print(shown)
            self._out.write(f"\n{self._prompt}")
        else:
            self._out.write(f"{plain(text)}\n\n")
        self._out.flush()
        return f"{self._start}-{next(self._sent)}"

    async def run(self, inbox: Inbox) -> None:
        """Take in one line after the other until the input ends or the task is cancelled."""
        self._out.write(self._prompt)
        self._out.flush()
        number = 0
        async for line in self._typed():
            if text := line.strip():
                number += 1
                await inbox.receive(
                    Incoming(LOCAL, f"{self._start}-{number}", self._now(), text=text)
                )

    async def _typed(self) -> AsyncIterator[str]:
        """The lines, read in a thread of their own.

        A daemon thread, since nothing can interrupt a read of a terminal: a worker of the loop's
        executor would keep the process from ending until Enter is pressed.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[str | None] = asyncio.Queue()

        def put(line: str | None) -> None:
            try:
                loop.call_soon_threadsafe(waiting.put_nowait, line)
            except RuntimeError:
                return  # the loop is closed: nobody reads any more

        def read() -> None:
            for line in self._lines:
                put(line)
            put(None)

        threading.Thread(target=read, name="console", daemon=True).start()
        while (line := await waiting.get()) is not None:
            yield line
