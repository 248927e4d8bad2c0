"""The department's side: the database, what its staff do while the bot is down, and the books."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from bot.operations import auditing, broadcasts, recipients, staff
from bot.operations.broadcasts import Draft
from bot.operations.rights import Actor, Role
from bot.store import schema
from bot.store.audit import Chain
from bot.store.database import Store
from handlers.conversation import Conversation
from tests.crash_broadcast.deeds import FIRST

CONSOLE = Actor(None, "console")
OFFICER, APPROVER = Actor(1, "chat"), Actor(2, "chat")


@dataclass(frozen=True, slots=True)
class Office:
    """A database on disk; every act opens it as its only process. `number`: what is under fire."""

    path: Path
    number: int = FIRST

    async def prepare(self, chats: Sequence[int], now: datetime) -> None:
        """Let everybody be known who is to receive something, and two members of the staff."""
        store = await Store.open(self.path)
        people = [
            {
                "channel": "telegram",
                "conversation": str(chat),
                "first_seen": now,
                "last_seen": now,
                "subscribed": True,
            }
            for chat in chats
        ]
        await store.write(lambda db: db.execute(insert(schema.conversation), people))
        for name, role in (("Lan", Role.OFFICER), ("Minh", Role.APPROVER)):
            where = Conversation("telegram", f"staff {name}")
            await store.write(
                partial(staff.add, conversation=where, name=name, role=role, by=CONSOLE, now=now)
            )
        await store.close()

    async def approve(self, draft: Draft, people: int, now: datetime) -> None:
        """Have what is to be under fire written by one and approved by the other."""
        store = await Store.open(self.path)
        number = await store.write(lambda db: broadcasts.compose(db, draft, OFFICER, now))
        assert number == self.number
        await store.write(lambda db: broadcasts.submit(db, number, OFFICER, now))
        await store.write(lambda db: broadcasts.approve(db, number, people, APPROVER, now))
        await store.close()

    async def pause(self, now: datetime) -> bool:
        """Pause it if it runs; False otherwise."""
        store = await Store.open(self.path)
        found = await store.read(lambda db: recipients.get(db, self.number, CONSOLE))
        if running := found.state == "running":
            await store.write(lambda db: broadcasts.pause(db, self.number, OFFICER, now))
        await store.close()
        return running

    async def resume(self, now: datetime) -> None:
        """Go on, whoever stopped it."""
        store = await Store.open(self.path)
        await store.write(lambda db: broadcasts.resume(db, self.number, APPROVER, now))
        await store.close()

    async def named(self) -> Sequence[str]:
        """Who is unsure, as staff are told."""
        store = await Store.open(self.path)
        found = await store.read(lambda db: recipients.unsure(db, self.number, CONSOLE))
        await store.close()
        return [each.person.conversation.id for each in found]

    async def audited(self) -> Chain:
        store = await Store.open(self.path)
        chain = await store.read(lambda db: auditing.verify(db, CONSOLE))
        await store.close()
        return chain

    def state(self) -> str:
        """Where the broadcast stands, looked at from outside."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute(
                "SELECT state FROM broadcast WHERE id = ?", [self.number]
            ).fetchone()
        return str(found[0])

    def books(self) -> dict[int, str]:
        """What the database believes of each chat."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute(
                "SELECT conversation, state FROM delivery WHERE broadcast = ?", [self.number]
            )
            return {int(chat): state for chat, state in found}

    def counts(self) -> Counter[str]:
        return Counter(self.books().values())
