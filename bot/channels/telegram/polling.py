"""Long polling that loses nothing: the offset moves past an update only after its commit.

An update that is taken in and then fetched again (a crash, a lost confirmation) is the inbox's
to recognise; one that was never committed is fetched again because it was never confirmed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.client import Client
from bot.channels.telegram.errors import TooManyError, UnansweredError
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.updates import update_id

ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"]
LONGEST_PAUSE = 60.0
# A start after an outage finds a whole batch waiting. Measured (2 cores, 100 chats asking at once):
# a turn thinks for 1.2 s when all run together, for 0.05 s when eight do, of the engine's 10 s, and
# the batch is done as soon; of 100 messages of one chat 80 were told to slow down, now none is.
AT_ONCE = 8
_BATCH = 100
_ANSWER_MARGIN = 10.0  # seconds a poll may take beyond what it asked for
_CONFIRM_SECONDS = 3.0

logger = logging.getLogger(__name__)


def back_off(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 … LONGEST_PAUSE."""
    return min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10)) if failures else 0.0


class Polling:
    """One consumer of one token's updates. `heard` is called after each answered poll."""

    def __init__(
        self,
        client: Client,
        intake: Intake,
        *,
        seconds: int,
        pause: Callable[[float], Awaitable[None]],
        heard: Callable[[], None],
    ) -> None:
        self._client = client
        self._intake = intake
        self._seconds = seconds
        self._pause = pause
        self._heard = heard
        self._room = asyncio.Semaphore(AT_ONCE)
        self._offset = 0
        self._confirmed = 0
        self._failures = 0

    async def run(self) -> None:
        """Fetch and take in until cancelled; then finish the batch in hand and confirm it.

        A second cancellation ends at once; what was not confirmed comes again. No failure of
        Telegram's or of the store's ends it: it waits longer and longer, a minute at most.
        """
        try:
            while True:
                await self._round()
        except asyncio.CancelledError:
            await self._confirm()
            raise

    async def _round(self) -> None:
        asked = self._offset
        try:
            batch = await self._fetch()
        except TelegramError as error:
            await self._rest(error)
            return
        self._confirmed = asked
        self._heard()
        if not batch:
            self._failures = 0
            return
        await self._uninterrupted(batch)
        if self._failures:
            await self._pause(back_off(self._failures))

    async def _fetch(self) -> Sequence[Any]:
        arguments: dict[str, Any] = {
            "timeout": self._seconds,
            "limit": _BATCH,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if self._offset:
            arguments["offset"] = self._offset
        patience = self._seconds + _ANSWER_MARGIN
        batch = await self._client.call("getUpdates", arguments, read_seconds=patience)
        if not isinstance(batch, list):
            raise UnansweredError("the answer is no list of updates")
        return batch

    async def _uninterrupted(self, batch: Sequence[Any]) -> None:
        async with asyncio.TaskGroup() as group:
            taking = group.create_task(self._take(batch))
            try:
                await asyncio.shield(taking)
            except asyncio.CancelledError:
                await taking
                raise

    async def _take(self, batch: Sequence[Any]) -> None:
        """Hand in a batch in order, `AT_ONCE` at a time; move the offset to the first failure."""
        async with asyncio.TaskGroup() as group:
            attempts = [group.create_task(self._attempt(raw)) for raw in batch]
        ids = [update_id(raw) for raw in batch]
        results = zip(ids, attempts, strict=True)
        failed = [number for number, attempt in results if not attempt.result()]
        # It may move back: after a quiet week Telegram begins to count somewhere else.
        self._offset = min(failed) if failed else max(ids) + 1
        stuck = bool(failed) or not any(ids)
        self._failures = self._failures + 1 if stuck else 0

    async def _attempt(self, raw: object) -> bool:
        try:
            async with self._room:  # first come, first in
                await self._intake.take(raw)
        except Exception:
            # The store's failures are of many kinds; each means: not committed, fetch it again.
            logger.exception("update %s was not taken in and will be fetched again", update_id(raw))
            return False
        return True

    async def _rest(self, error: TelegramError) -> None:
        self._failures += 1
        seconds = back_off(self._failures)
        match error:
            case TooManyError():
                seconds = error.after.total_seconds()
            case Conflict():
                logger.error("another program takes this bot's updates: %s", error.message)
            case InvalidToken():
                seconds = LONGEST_PAUSE
                logger.error("Telegram refuses the token: %s", error.message)
        logger.warning(
            "polling failed %d times, again in %.0f s: %r", self._failures, seconds, error
        )
        await self._pause(seconds)

    async def _confirm(self) -> None:
        """Say what was taken in, so that the next start need not recognise it; best effort."""
        if self._offset == self._confirmed:
            return
        arguments = {"offset": self._offset, "limit": 1, "timeout": 0}
        try:
            async with asyncio.timeout(_CONFIRM_SECONDS):
                await self._client.call("getUpdates", arguments)
        except (TelegramError, TimeoutError) as error:
            logger.info("the last updates stay unconfirmed and will come again: %r", error)
