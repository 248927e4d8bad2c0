"""Fetching a file that somebody sent us from the platform that keeps it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.channels import NotFetched
from bot.operations.refusals import Unfit, Why
from handlers.attachments import SentFile

FETCH_SECONDS: Final = 20.0
_MEGABYTE: Final = 1024 * 1024

Fetch = Callable[[str], Awaitable[bytes]]  # the platform's id of a file -> its bytes

logger = logging.getLogger(__name__)


async def fetched(file: SentFile, fetch: Fetch, most: int) -> bytes:
    """Its bytes, at most so many. Raises Unfit; what is told to be too large is not fetched."""
    if file.size > most:
        raise Unfit(Why.FILE_SIZE, most=most // _MEGABYTE)
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            content = await fetch(file.id)
    except (NotFetched, TimeoutError) as error:
        logger.warning("a file that was sent to us cannot be fetched: %r", error)
        raise Unfit(Why.FILE_NOT_FETCHED) from error
    if len(content) > most:
        raise Unfit(Why.FILE_SIZE, most=most // _MEGABYTE)
    return content
