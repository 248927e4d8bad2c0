"""The knowledge in use, and its replacement when its files change.

A changed folder is read and checked as a whole, beside the loop; a sound one replaces the old in
one assignment, a broken one leaves it in place and says what is wrong, where.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

from bot.clock import Clock
from knowledge import KnowledgeError, Problem, load
from knowledge.entries import Knowledge
from knowledge.loading import fingerprint_of

logger = logging.getLogger(__name__)


class Load(Protocol):
    """See `knowledge.load`."""

    def __call__(self, folder: Path, *, today: date, cache: Path) -> Knowledge: ...


class CurrentKnowledge:
    """Holds the newest knowledge that passed its checks; `problems` are why a newer one did not."""

    def __init__(self, folder: Path, cache: Path, today: date, load: Load = load) -> None:
        """Load *folder*. Raises KnowledgeError: at start there is nothing older to keep."""
        self._folder = folder
        self._cache = cache
        self._load = load
        self._knowledge = load(folder, today=today, cache=cache)
        self._seen = self._knowledge.fingerprint
        self.problems: tuple[Problem, ...] = ()

    def __call__(self) -> Knowledge:
        """The snapshot for a turn that begins now."""
        return self._knowledge

    async def refresh(self, today: date) -> bool:
        """Look once whether the files changed, and take them over if they are sound."""
        try:
            fingerprint = await asyncio.to_thread(fingerprint_of, self._folder)
            if fingerprint == self._seen:
                return False
            read = partial(self._load, self._folder, today=today, cache=self._cache)
            loaded = await asyncio.to_thread(read)
        except KnowledgeError as error:
            self._seen = fingerprint
            self.problems = error.problems
            logger.error("the changed knowledge is not used:\n%s", error)  # noqa: TRY400 - the problems say it all
            return False
        except OSError:
            logger.exception("the knowledge folder cannot be read")
            return False
        self._seen = fingerprint
        self._knowledge, self.problems = loaded, ()
        logger.info(
            "knowledge %s is in use, %d entries", loaded.fingerprint[:8], len(loaded.entries)
        )
        return True

    async def watch(self, clock: Clock, seconds: float) -> None:
        """Refresh every *seconds* until cancelled."""
        while True:
            await clock.sleep(seconds)
            await self.refresh(clock.now().date())
