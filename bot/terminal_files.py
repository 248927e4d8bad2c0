"""What the terminal put beside the data goes with its person.

A platform keeps the pictures that it was sent; here they are files of ours. They are named by the
conversation, and removed once nothing is known of it any more: after an erasure, and at the next
start where the process ended in between.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from bot.channels import Inbox
from bot.store import people
from bot.store.database import Store
from handlers.conversation import Conversation, Incoming

FOLDER: Final = "files"


def folder_of(data_folder: Path, conversation: Conversation) -> Path:
    return data_folder / FOLDER / conversation.id


class WithFiles:
    """See `bot.channels.Inbox`: hands everything on, and looks after the files."""

    def __init__(self, inbox: Inbox, store: Store, folder: Callable[[Conversation], Path]) -> None:
        self._inbox = inbox
        self._store = store
        self._folder = folder

    async def receive(self, incoming: Incoming) -> None:
        await self._inbox.receive(incoming)
        await self._tidy(incoming.conversation)

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        await self._inbox.set_aside(channel, raw, problem)

    async def reachable(self, conversation: Conversation, *, yes: bool, at: datetime) -> None:
        await self._inbox.reachable(conversation, yes=yes, at=at)

    async def _tidy(self, conversation: Conversation) -> None:
        folder = self._folder(conversation)
        known = partial(people.known, conversation=conversation)
        if folder.exists() and not await self._store.read(known):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
