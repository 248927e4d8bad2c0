"""Who was sent what: takes what is queued, as a channel's delivery would, and remembers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.channels.text import plain
from bot.operations.staff import PREFIX
from bot.store import deliveries
from bot.store.database import Store
from bot.store.deliveries import Due
from handlers.conversation import Reply

AT_ONCE = 100
BLOCKED = "Forbidden: bot was blocked by the user"  # Telegram's words


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that was taken: to whom, of what kind, under which id, and what it says.

    `reply` is what it was made of; None for the later messages of one reply.
    """

    address: str
    kind: str
    external_id: str
    text: str
    reply: Reply | None


class Post:
    """Everything that leaves through one channel."""

    def __init__(self, store: Store, channel: str, read: Callable[[Payload], str]) -> None:
        self._store = store
        self._channel = channel
        self._read = read
        self._made: dict[str, Reply | None] = {}
        self.letters: list[Letter] = []
        self.blocked: set[str] = set()  # addresses at which nothing arrives any more
        self.beside_replies: int | None = None  # so much else leaves in a round; None: everything

    def made(self, reply: Reply, payloads: Sequence[Payload]) -> None:
        """Remember what these messages were made of."""
        self._made |= dict.fromkeys(map(_key, payloads), None)
        self._made |= {_key(payload): reply for payload in payloads[:1]}

    async def round(self, now: datetime) -> list[Letter]:
        """Take everything that may go out at *now*, in its order."""

        async def take(db: AsyncConnection) -> list[Due]:
            taken: list[Due] = []
            slow = self.beside_replies
            while due := await deliveries.claim(
                db, self._channel, now, AT_ONCE, replies_only=slow is not None
            ):
                taken += await settled(db, due)
            if slow is not None:
                taken += await settled(db, await deliveries.claim(db, self._channel, now, slow))
            return taken

        async def settled(db: AsyncConnection, due: list[Due]) -> list[Due]:
            arrive = [row for row in due if row.conversation.id not in self.blocked]
            await deliveries.sent(db, [(row.id, _id(row), now) for row in arrive])
            for row in due:
                if row not in arrive:
                    await deliveries.gone(db, row.id, row.conversation, BLOCKED, now)
            return arrive

        letters = [self._letter(row) for row in await self._store.write(take)]
        self.letters += letters
        return letters

    def quoted(self, address: str, words: str) -> str:
        """The id of the latest message to *address* that begins so. Raises LookupError."""
        for letter in reversed(self.letters):
            if letter.address == address and letter.text.startswith(words.rstrip("…")):
                return letter.external_id
        raise LookupError(words)

    def invitation(self) -> str:
        """The token of the latest invitation that went out. Raises IndexError."""
        said = "\n".join(letter.text for letter in self.letters)
        tokens: list[str] = re.findall(rf"^{PREFIX}\S+$", said, re.MULTILINE)
        return tokens[-1]

    def _letter(self, row: Due) -> Letter:
        if row.earlier and not row.payload:
            read = [each.text for each in self.letters if each.external_id == row.earlier]
            text = f"{{đã thu hồi}} {read[-1].removeprefix('{đã sửa} ')}"
            return Letter(row.conversation.id, row.kind, row.earlier, text, Reply(text))
        text = self._read(row.payload)
        reply = self._made.get(_key(row.payload), Reply(text))
        if reply and row.earlier:
            reply = replace(reply, text=f"{{đã sửa}} {reply.text}")
        said = plain(reply.text) if reply else text
        return Letter(row.conversation.id, row.kind, _id(row), said, reply)


def lines_of(reply: Reply) -> Iterator[str]:
    """The lines that are read of a reply, its file before its words."""
    if reply.attachment is not None:
        yield f"{{{reply.attachment.name}}} {reply.attachment.caption}".strip()
    yield from (line.strip() for line in plain(reply.text).split("\n") if line.strip())


def _id(row: Due) -> str:
    return row.earlier or str(row.id)


def _key(payload: Payload) -> str:
    shown = {name: payload.get(name) for name in ("text", "attachment", "reply_markup")}
    return json.dumps(shown, sort_keys=True)
