"""The calls to one Bot API, as raw JSON: what an answer holds is read by those who need it.

python-telegram-bot's typed methods parse whole answers into objects. One field of an unforeseen
shape would then turn a message that was delivered into an exception, and one such update in a
batch into a poll that fails for ever (channels.md 1, pitfall 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from telegram import Bot
from telegram.request import BaseRequest

from bot.channels.telegram.errors import UnansweredError
from bot.channels.telegram.transport import Transport

_CAPITAL = re.compile(r"(?=[A-Z])")


class Client:
    """One bot at one Bot API. Polling has a connection of its own, so sends never wait for it."""

    def __init__(self, token: str, base_url: str, *, connections: int, proxy: str | None) -> None:
        self._transports = (
            Transport(token, connections=2, proxy=proxy),  # a poll, and the one that replaces it
            Transport(token, connections=connections, proxy=proxy),
        )
        polls, calls = self._transports
        # Bot.initialize() stays unused: its complaint about a wrong token quotes the token.
        base = f"{base_url.rstrip('/')}/bot"
        self._calls, self._files = calls, f"{base_url.rstrip('/')}/file/bot{token}/"
        self._bot = Bot(token, base_url=base, request=calls, get_updates_request=polls)

    async def open(self) -> None:
        """Make calls possible; makes none. Again: nothing happens."""
        for transport in self._transports:
            await transport.initialize()

    async def close(self) -> None:
        """Drop every connection. Again: nothing happens."""
        for transport in self._transports:
            await transport.shutdown()

    async def call(
        self,
        method: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        read_seconds: float | None = None,
    ) -> object:
        """Call `method`, once, and return its result as JSON has it.

        Raises a TelegramError, most often one of `errors`; none of them shows the token.
        """
        return await self._bot.do_api_request(
            _raw(method),
            dict(arguments or {}),
            read_timeout=BaseRequest.DEFAULT_NONE if read_seconds is None else read_seconds,
        )

    async def content(self, file_id: str) -> bytes:
        """The bytes of a file that Telegram keeps. Raises a TelegramError, as `call` does."""
        about = await self.call("getFile", {"file_id": file_id})
        path = about.get("file_path") if isinstance(about, Mapping) else None
        if not isinstance(path, str):
            raise UnansweredError("the answer shows no file")
        _, body = await self._calls.do_request(self._files + quote(path), "GET")
        return body


def _raw(method: str) -> str:
    """`getUpdates` as `get_Updates`, which the library sends as `getUpdates`.

    By either of its own names the library warns that a typed method exists; see the module's rule.
    """
    return _CAPITAL.sub("_", method)
