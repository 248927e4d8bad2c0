"""An office to play with: the real engine over a real database, and people who write to it."""

from __future__ import annotations

from dataclasses import replace

from bot.channels import Payload
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.engine import Engine
from bot.house import House
from bot.lead_inbox import Lists
from bot.operations import staff
from bot.operations.rights import Actor, Role
from bot.store.database import Store
from handlers.conversation import Choice, Conversation, Incoming, Reply
from knowledge.entries import Knowledge
from tests.doubles import Silent
from tests.file_contents import keeper
from tests.list_contents import list_reader
from tests.transcripts import BETWEEN, SetClock, TelegramRenderer

CONSOLE = Actor(None, "test")


class Office:
    """What each call gives back is all that was said in answer, as one text."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self.store = store
        self.clock = SetClock()
        self.said: list[Reply] = []
        renderer = TelegramRenderer()
        screen = Silent(renderer.name)

        def render(channel: str, reply: Reply) -> tuple[Payload, ...]:
            if channel != renderer.name:
                raise KeyError(channel)
            self.said.append(reply)
            return renderer.render(reply)

        ways_out = {screen.name: Delivery(store, screen, self.clock)}
        keep = keeper(store.path.parent / "files")
        lists = Lists(store.path.parent / "lists", lambda: knowledge, SystemClock())
        self.house = House(
            store,
            lambda: knowledge,
            ways_out,
            render,
            self.clock,
            keep_file=keep,
            read_list=list_reader(lists),
            drop_list=lists.drop,
        )
        self._engine = Engine(self.house)
        self._sent = 0

    async def employs(self, name: str, role: Role) -> int:
        """Take somebody in; their number."""
        where, now = self.at(name), self.clock.at
        return await self.store.write(lambda db: staff.add(db, where, name, role, CONSOLE, now))

    async def types(self, name: str, text: str) -> str:
        return await self.hears(replace(self._message(name), text=text))

    async def presses(self, name: str, action: str) -> str:
        return await self.hears(replace(self._message(name), action=action))

    async def hears(self, incoming: Incoming) -> str:
        """Whatever comes in, however often."""
        self.said.clear()
        await self._engine.receive(incoming)
        return "\n".join(reply.text for reply in self.said)

    def at(self, name: str) -> Conversation:
        return Conversation(TelegramRenderer.name, name)

    def offered(self) -> list[Choice]:
        """What could be pressed after the last answer."""
        return [choice for reply in self.said for choice in reply.choices]

    def _message(self, name: str) -> Incoming:
        self._sent += 1
        self.clock.at += BETWEEN
        return Incoming(self.at(name), str(self._sent), self.clock.at)
