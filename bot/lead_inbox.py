"""Lists that officers send by chat: fetched, read and judged before anything is written.

What is previewed and what is then taken in are the same bytes: they lie in a folder for a day,
under the beginning of their digest, which a button can carry, or until they are taken in or thrown
away. Only `tidy`, which the application calls every hour, makes sure of the day.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot import lead_sheet
from bot.clock import Clock
from bot.fetching import Fetch, fetched
from bot.lead_import import SentList, judged
from bot.lead_sheet import MOST_BYTES, UnreadableError
from bot.operations.refusals import Unfit, Why
from handlers.attachments import SentFile
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

FOLDER: Final = "lists"
KEPT: Final = timedelta(days=1)
MOST_ROWS: Final = 2_000  # by chat: while they are written, everybody's turn waits
_KEY: Final = re.compile(r"[0-9a-f]{16}")

logger = logging.getLogger(__name__)


class Lists:
    """A folder of lists, each under its key and the ending of its name."""

    def __init__(self, folder: Path, knowledge: Callable[[], Knowledge], clock: Clock) -> None:
        self._folder, self._knowledge, self._clock = folder, knowledge, clock

    async def read(self, sent: SentFile | str, fetch: Fetch) -> SentList:
        """Read a list that comes now, or again one of this key. Raises OSError, Unfit."""
        return await (self.receive(sent, fetch) if isinstance(sent, SentFile) else self.again(sent))

    async def receive(self, file: SentFile, fetch: Fetch) -> SentList:
        """Fetch, judge and keep a list. Raises OSError, and Unfit where it is none."""
        suffix = Path(file.name).suffix.lower()
        if suffix not in lead_sheet.SUFFIXES:
            raise Unfit(Why.LIST, problem=lead_sheet.OTHER_FILE)
        content = await fetched(file, fetch, MOST_BYTES)
        return await asyncio.to_thread(self._take, content, suffix)

    async def again(self, key: str) -> SentList:
        """Read a list that was kept. Raises OSError, and Unfit where it is not there any more."""
        found = self._of(key)
        if not found or _is_old(found[0], self._clock.now()):
            raise Unfit(Why.LIST_GONE)
        content = await asyncio.to_thread(found[0].read_bytes)
        return await asyncio.to_thread(self._judged, content, found[0].suffix, key)

    async def drop(self, key: str) -> None:
        """Remove the list of this key, if it is there; where that fails, `tidy` comes later."""
        try:
            for path in self._of(key):
                await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            logger.warning("a list that is no longer wanted cannot be removed yet: %s", error)

    def _of(self, key: str) -> list[Path]:
        return list(self._folder.glob(f"{key}.*")) if _KEY.fullmatch(key) else []

    def _take(self, content: bytes, suffix: str) -> SentList:
        key = hashlib.sha256(content).hexdigest()[:16]
        found = self._judged(content, suffix, key)
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{key}.part"
        part.touch(mode=0o600)  # people's data: for nobody but the account that runs us
        part.write_bytes(content)
        part.replace(self._folder / f"{key}{suffix}")
        return found

    def _judged(self, content: bytes, suffix: str, key: str) -> SentList:
        try:
            sheet = lead_sheet.parsed(content, suffix)
        except UnreadableError as error:
            raise Unfit(Why.LIST, problem=str(error)) from error
        if len(sheet.rows) > MOST_ROWS:
            raise Unfit(Why.LIST_LONG, most=MOST_ROWS, now=len(sheet.rows))
        return SentList(key, judged(sheet, self._knowledge()), sheet.ignored, sheet.name)


def tidy(folder: Path, now: datetime) -> None:
    """Remove what is older than a day, also what a process that ended had half written."""
    if folder.is_dir():
        for path in folder.iterdir():
            if _is_old(path, now):
                path.unlink(missing_ok=True)


def _is_old(path: Path, now: datetime) -> bool:
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, VIETNAM)
    except FileNotFoundError:
        return True
    return now - written > KEPT
