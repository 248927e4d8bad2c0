"""What carries out the orders of staff to write a date into the knowledge, while the bot runs.

The change is checked as a whole before it takes the file's place (`bot.deadline_file`), in a thread
and in no transaction. A process that ended between the file and the row finds the date there and
settles the row. The running bot then takes the folder over like any other edit.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from bot import deadline_file
from bot.house import House
from bot.operations import dating
from bot.store import dating as store
from bot.store.dating import Order, Ordered
from knowledge import KnowledgeError, load
from knowledge.entries import Deadline

LOOK_SECONDS: Final = 20.0
LONGEST: Final = 1_000
PROBLEMS: Final = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Register:
    """Where the deadlines stand."""

    folder: Path
    cache: Path

    def write(self, order: Order, now: datetime) -> None:
        """Write a date, or find it there. Raises ValueError, for whoever ordered it."""
        today = now.date()
        try:
            known = load(self.folder, today=today, cache=self.cache)
            if _is_there(deadline_file.there(known, order.key, order.province), order):
                return
            after, source = dating.outcome(known, order, today)
            deadline_file.change(self.folder, known, after, today, self.cache, source=source)
        except KnowledgeError as error:
            lines = [str(problem) for problem in error.problems[:PROBLEMS]]
            raise ValueError("\n".join(lines)) from None
        except OSError as error:
            raise ValueError(f"không ghi được tệp: {error.strerror}") from None


class Dating:
    """The one who writes dates in this process. Call `run` once."""

    def __init__(self, house: House, register: Register) -> None:
        self._house = house
        self._register = register

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        await self._house.every(LOOK_SECONDS, self.look)

    async def look(self) -> None:
        """Carry out what was ordered, one after the other, and tell of each."""
        for ordered in await self._house.store.read(store.waiting):
            problem = await self._carry_out(ordered)
            house, now = self._house, self._house.clock.now()
            settle = partial(
                dating.settle,
                ordered=ordered,
                problem=problem,
                knowledge=house.knowledge(),
                render=house.render,
                now=now,
            )
            await house.store.write(settle)
            house.wake()

    async def _carry_out(self, ordered: Ordered) -> str:
        """What was wrong with it, in words; empty where nothing was."""
        try:
            now = self._house.clock.now()
            await asyncio.to_thread(self._register.write, ordered.order, now)
        except ValueError as error:
            return str(error)[:LONGEST]
        except Exception:
            logger.exception("order %d could not be carried out", ordered.id)
            return self._house.knowledge().say("staff.dates.defect")
        return ""


def _is_there(found: Deadline | None, order: Order) -> bool:
    if found is None or not found.inclusive:
        return False
    return (found.closes_on, found.closes_at, found.extended_from, found.letter) == (
        order.closes_on,
        order.closes_at,
        order.extends,
        order.letter,
    )
