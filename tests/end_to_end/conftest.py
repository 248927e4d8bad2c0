"""The whole application in this process, Telegram's strict double in front of it, real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import app as apps
from bot.app import App
from bot.reload import CurrentKnowledge
from bot.settings import read
from knowledge.entries import Knowledge
from tests.doubles import FastClock
from tests.end_to_end.registrant import Registrant, answers
from tests.new_database import new_database
from tests.telegram_server import Manners, Person, TelegramServer

PATIENCE = 15.0


@dataclass(frozen=True, slots=True, repr=False)  # asyncio would spell out the whole knowledge
class Live:
    """A running bot, and the Telegram it talks to."""

    app: App
    server: TelegramServer
    knowledge: Knowledge

    async def ask(self, person: Person, words: str) -> str:
        """Type *words* and return what the bot says next."""
        person.types(words)
        return (await person.reply(PATIENCE)).text

    async def press(self, person: Person, label: str) -> str:
        person.presses(label)
        return (await person.reply(PATIENCE)).text

    async def fill(self, person: Person, registrant: Registrant, words: str) -> str:
        """Type *words* and return what the form says next, without what is said beside it."""
        said = await self.ask(person, words)
        while not registrant.expects(said):
            said = (await person.reply(PATIENCE)).text
        return said

    async def register(self, person: Person, registrant: Registrant) -> str:
        """Go through the whole registration; return the last thing said."""
        said = await self.fill(person, registrant, registrant.opening)
        while not registrant.finished(said):
            said = await self.fill(person, registrant, registrant.next_words(said))
        return said

    def registrant(self, **changed: str) -> Registrant:
        return Registrant(self.knowledge, self.knowledge.forms["register"], answers() | changed)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    manners = Manners(http_on_loopback=True, pause=0.05)
    async with TelegramServer(webhooks=manners) as server:
        yield server


@pytest.fixture(params=["polling", "webhook"])
async def live(
    request: pytest.FixtureRequest, tmp_path: Path, server: TelegramServer, knowledge: Knowledge
) -> AsyncIterator[Live]:
    """A bot by each road."""
    port = free_port() if request.param == "webhook" else 0
    async with bot_at_work(tmp_path, server, knowledge, port) as live:
        yield live


@pytest.fixture
async def polling(
    tmp_path: Path, server: TelegramServer, knowledge: Knowledge
) -> AsyncIterator[Live]:
    """A bot that polls."""
    async with bot_at_work(tmp_path, server, knowledge) as live:
        yield live


@asynccontextmanager
async def bot_at_work(
    folder: Path, server: TelegramServer, knowledge: Knowledge, webhook_port: int = 0
) -> AsyncIterator[Live]:
    def load(folder: Path, *, today: date, cache: Path) -> Knowledge:
        del folder, today, cache
        return knowledge

    settings = read(
        data_folder=folder,
        telegram_token=SecretStr(server.token),
        telegram_base_url=server.url,
        telegram_per_second=1000.0,
        public_url=f"http://127.0.0.1:{webhook_port}" if webhook_port else "",
        web_port=webhook_port,
        reload_seconds=3600,
    )
    if not (folder / "donghanh.db").exists():
        new_database(folder / "donghanh.db")
    clock = FastClock()
    current = CurrentKnowledge(folder, folder, clock.now().date(), load)
    channels = apps.channels_for(settings, knowledge, clock)
    stop = asyncio.Event()
    async with (
        apps.built(settings, channels, clock, current) as app,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(apps.run(app, stop))
        try:
            yield Live(app, server, knowledge)
        finally:
            stop.set()


def free_port() -> int:
    """A port that was free a moment ago: Telegram must be told it before the server listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
