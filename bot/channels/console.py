"""A terminal as a channel: one conversation, no account, no network.

Choices are text. Where a number typed next means itself, the choices are words to type. A picture
or a document is a file beside the data, and its path.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bot.channels import FILE_LOST, Inbox, NotFetched, Over, Pace, Payload, Rejected
from bot.channels.text import clean, packed, plain, runs, written
from bot.drawing import Drawer, NotDrawnError
from handlers.attachments import STORED
from handlers.conversation import Conversation, Incoming, Reply

logger = logging.getLogger(__name__)

LOCAL = Conversation("console", "local")


class ConsoleChannel:
    """See `bot.channels.Channel`. Ends by itself when its input ends.

    Pictures and documents are kept in *folder*; of one name, the latest.
    """

    name = "console"
    pace = Pace(per_second=1000.0, per_address=timedelta(0))

    def __init__(  # noqa: PLR0913, PLR0917 - what a terminal is made of
        self,
        now: Callable[[], datetime],
        folder: Path,
        lines: TextIO | None = None,
        out: TextIO | None = None,
        prompt: str = "> ",
        drawer: Drawer | None = None,
    ) -> None:
        self._now = now
        self._folder = folder
        self._drawer = drawer or Drawer()
        self._lines = sys.stdin if lines is None else lines
        self._out = sys.stdout if out is None else out
        self._prompt = prompt if self._out.isatty() else ""
        self._start = secrets.token_hex(8)  # so that no id is used again after a restart

    async def open(self) -> None:
        """A terminal is open."""

    async def close(self) -> None:
        """It stays open for whoever comes after us."""

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """A payload for the file, and one with the choices as text; () for nothing to say."""
        text = written(reply)
        said: tuple[Payload, ...] = ({"text": text},) if text else ()
        if reply.attachment is None:
            return said
        if reply.attachment.kind in STORED:
            return (packed(reply.attachment) | {"text": text},)
        return (packed(reply.attachment) | {"text": clean(reply.attachment.caption)}, *said)

    def edited(self, payload: Payload, external_id: str) -> Payload | None:  # noqa: ARG002 - what is printed stays
        return None

    def withdrawn(self, external_id: str) -> Payload | None:  # noqa: ARG002 - the same
        return None

    def link(self, start: str) -> str:  # noqa: ARG002 - a terminal has no address
        return ""

    async def fetch(self, file: str) -> bytes:
        raise NotFetched(file)  # nothing but words is typed

    async def send(self, address: str, payload: Payload) -> str:  # noqa: ARG002 -- there is one address
        """Print one message, bold only on a terminal. Nothing can name it again: no id."""
        text = await self._filed(payload) if "attachment" in payload else payload["text"]
        if self._out.isatty():
            shown = Text()
            for words, bold in runs(text):
                shown.append(words, "bold" if bold else None)
            Console(file=self._out).print(shown)
            self._out.write(f"\n{self._prompt}")
        else:
            self._out.write(f"{plain(text)}\n\n")
        self._out.flush()
        return ""

    async def _filed(self, payload: Payload) -> str:
        """Keep the file; say what it is and where it lies, or the words in its place."""
        file = payload["attachment"]
        path = self._folder / Path(file["name"]).name
        try:
            made = await self._drawer.draw(file["kind"], file["content"])
            await asyncio.to_thread(_write, path, made)
        except (NotDrawnError, OSError) as error:
            if "instead" not in payload:
                raise Rejected(FILE_LOST) from error
            logger.exception("a file could not be made; said as words")
            return str(payload["instead"])
        return f"{payload['text']}\n{path}"

    async def run(self, inbox: Inbox) -> None:
        """Take in one line after the other until the input ends or the task is cancelled."""
        self._out.write(self._prompt)
        self._out.flush()
        number = 0
        async for line in self._typed():
            if text := line.strip():
                number += 1
                said = Incoming(LOCAL, f"{self._start}-{number}", self._now(), text=text)
                try:
                    await inbox.receive(said)
                except Exception as error:
                    # Whoever sits here can mend it and begin again; a second reader of the same
                    # terminal would share its lines with the first.
                    raise Over(error) from error

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


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
