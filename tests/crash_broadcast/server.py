"""The fake Telegram as seen from the harness: its process, its people, its troubles, its record."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.crash_broadcast.deeds import Deed

FIRST = 700_000_000  # the first chat's number
LATENCY = 0.01
TROUBLES: dict[str, float] = {  # the share of messages that each befalls
    "too_many": 0.001,
    "server_error": 0.001,
    "bad_gateway": 0.001,
    "lost": 0.003,
    "reset": 0.002,
}
IN_DOUBT = ("bad_gateway", "lost", "reset")  # after these nobody can know


@dataclass(frozen=True, slots=True)
class Telegram:
    """The running server."""

    url: str
    token: str
    http: aiohttp.ClientSession

    async def ask(self, call: str, /, **about: Any) -> Any:
        async with self.http.post(f"{self.url}/control/{call}", json=about) as answer:
            found = await answer.json()
            assert answer.status == 200, (call, found)
            return found

    async def people(self, number: int) -> list[int]:
        """Let so many people have started the bot."""
        chats = [FIRST + each for each in range(number)]
        for start in range(0, number, 100):
            some = chats[start : start + 100]
            await asyncio.gather(*(self.ask("users", id=chat, started=True) for chat in some))
        return chats

    async def leave(self, chats: list[int]) -> None:
        """Delete these accounts: the bot hears 403 when it writes."""
        for chat in chats:
            await self.ask("act", person=chat, act="deactivates")

    async def trouble(self, seed: int, deed: Deed) -> None:
        await self.ask("seed", seed=seed)
        for what, share in TROUBLES.items():
            await self.ask("faults", what=what, method=deed.method, times=None, probability=share)

    async def copies(self, text: str) -> Counter[int]:
        """How many copies of a text each chat has received."""
        return Counter(
            message["chat_id"] for message in await self.ask("sent") if text in message["text"]
        )

    async def reached(self, deed: Deed) -> Counter[int]:
        """In how many messages of each chat it was done."""
        sent = await self.ask("sent")
        return Counter(message["chat_id"] for message in sent if deed.shows(message))

    async def troubles(self, deed: Deed) -> Counter[str]:
        """How often each trouble befell it."""
        played = await self.ask("injected")
        return Counter(each["what"] for each in played if each["method"] == deed.method.lower())

    async def happens(self, what: str, more: int, seconds: float) -> bool:
        """Wait until so many more were "sent", or "altered"; False if they are not in time."""
        have = (await self.ask("counts"))[what]
        about = {what: have + more, "timeout": seconds}
        async with self.http.post(f"{self.url}/control/wait", json=about) as answer:
            return answer.status == 200


@asynccontextmanager
async def telegram() -> AsyncIterator[Telegram]:
    """Run the server until the block is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.telegram_server",
        "--latency",
        str(LATENCY),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    about = json.loads(await process.stdout.readline())
    try:
        async with aiohttp.ClientSession() as http:
            yield Telegram(about["url"], about["token"], http)
    finally:
        process.terminate()
        await process.wait()
