"""Telegram's own ids of the files that it has: what goes to many is uploaded once.

Kept in memory: a new process uploads a file once more.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.channels import Payload
from handlers.attachments import STORED


class Uploads:
    """The stored files that Telegram was given by this process."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def first(self, payload: Payload) -> AsyncIterator[None]:
        """Let one message with a file that Telegram has not yet go first; the others wait for it.

        Never hold it while entering it again for the same file.
        """
        key = _key(payload)
        if not key or key in self._ids:
            yield
            return
        async with self._locks[key]:
            if key not in self._ids:
                yield
                return
        yield

    def named(self, payload: Payload) -> str:
        """Telegram's id of the file in this message; empty where it has to be uploaded."""
        return self._ids.get(_key(payload), "")

    def remember(self, payload: Payload, sent: Mapping[str, Any]) -> None:
        """Take the id from Telegram's answer, where it shows one."""
        shown = sent.get("document") or sent.get("photo")
        largest = shown[-1] if isinstance(shown, list) else shown
        file_id = largest.get("file_id") if isinstance(largest, Mapping) else None
        if (key := _key(payload)) and isinstance(file_id, str):
            self._ids[key] = file_id

    def forget(self, payload: Payload, file_id: str) -> None:
        """Telegram does not know this id any more; a newer one stays."""
        if self.named(payload) == file_id:
            del self._ids[_key(payload)]


def _key(payload: Payload) -> str:
    """The method belongs to it: a picture's id names no document."""
    file = payload.get("attachment")
    if not file or file["kind"] not in STORED:
        return ""
    return f"{payload['method']} {file['content']['sha256']}"
