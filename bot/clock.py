"""The only place that reads a clock. Everything else is told the time."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Protocol

from knowledge.clock import VIETNAM


class Clock(Protocol):
    """Wall time for people, steady time for pacing, and waiting."""

    def now(self) -> datetime:
        """Aware, in Asia/Ho_Chi_Minh."""

    def steady(self) -> float:
        """Seconds that never jump; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the steady clock."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(VIETNAM)  # noqa: TID251 - here it is read

    def steady(self) -> float:
        return time.monotonic()  # not the loop's: staff's turns are timed in the database's thread

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
