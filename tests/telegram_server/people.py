"""The people on the other side: what they do becomes updates, what they receive can be waited for.

A person can only do what a person with the official app can do (press a button that is there, write
after unblocking), except through `forges`, which is what an attacker's app can do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.telegram_server.call import Upload
from tests.telegram_server.chats import member, open_topic
from tests.telegram_server.keyboards import labelled
from tests.telegram_server.record import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.world import Chat, Query, World

Json = dict[str, Any]

PATIENCE = 5.0
_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")


class Room:
    """A chat as its members read it."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat
        self.id = chat.id
        self._read = 0

    @property
    def received(self) -> list[Message]:
        """Everything that the bot has sent here, in order; deleted messages say so."""
        return self.chat.received

    @property
    def unread(self) -> list[Message]:
        return self.chat.received[self._read :]

    async def reply(self, timeout: float = PATIENCE) -> Message:  # noqa: ASYNC109 -- a test's patience
        """Return the next message that was not returned yet; wait for it if need be."""
        await self.chat.changed.until(lambda: len(self.received) > self._read, timeout)
        self._read += 1
        return self.received[self._read - 1]

    async def replies(self, count: int, timeout: float = PATIENCE) -> list[Message]:  # noqa: ASYNC109 -- same
        return [await self.reply(timeout) for _ in range(count)]

    async def until(self, fact: Callable[[], object], timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 -- same
        """Wait until *fact* holds; it is looked at whenever this chat changes."""
        await self.chat.changed.until(lambda: bool(fact()), timeout)


class Group(Room):
    """A group or a supergroup, with or without topics."""

    def opens_topic(self, by: Person, name: str) -> int:
        topic = {"name": name, "icon_color": 7322096}
        thread_id = open_topic(self.world, self.id, by.user, topic)
        self.world.updates.add("message", self.chat.messages[thread_id].payload, self.id)
        return thread_id

    def migrates(self, to: int, by: Person) -> Group:
        """Become the supergroup *to*: both chats get their service message, the old one closes."""
        about = {k: v for k, v in self.chat.about.items() if k not in ("id", "type")}
        chat = self.world.add_chat(to, "supergroup", about, members=dict(self.chat.members))
        chat.bot_status = self.chat.bot_status
        self.chat.migrated_to = to
        for room, content in (
            (self.chat, {"migrate_to_chat_id": to}),
            (chat, {"migrate_from_chat_id": self.id}),
        ):
            message = self.world.hear(room, by.user, content)
            self.world.updates.add("message", message.payload, room.id)
        return Group(self.world, chat)

    def adds_bot(self, by: Person, status: str = "member") -> None:
        self._bot_becomes(status, by)

    def removes_bot(self, by: Person) -> None:
        self._bot_becomes("kicked", by)

    def _bot_becomes(self, status: str, by: Person) -> None:
        old, self.chat.bot_status = self.chat.bot_status, status
        changed_member(self.world, self.chat, by.user, old, status)


class Person(Room):
    """Somebody with a private chat with the bot, who may also speak in groups (`into=`)."""

    def __init__(self, world: World, chat: Chat) -> None:
        super().__init__(world, chat)
        assert chat.user, "only a private chat has a person behind it"
        self.user = chat.user

    def starts(self, payload: str = "") -> Message:
        return self.types(f"/start {payload}".strip())

    def types(
        self,
        text: str,
        *,
        into: Group | None = None,
        thread: int = 0,
        reply_to: Message | int | None = None,
    ) -> Message:
        content: Json = {"text": text}
        if commands := [_entity("bot_command", found) for found in _COMMAND.finditer(text)]:
            content["entities"] = commands
        return self._says(content, into, thread, reply_to)

    def edits(self, message: Message | int, text: str, *, into: Group | None = None) -> None:
        chat = self._chat(into)
        edited = _found(chat, message)
        edited.versions.append(edited.payload)
        edited.payload = edited.payload | {"text": text, "edit_date": self.world.now()}
        self.world.updates.add("edited_message", edited.payload, chat.id)

    def sends_photo(
        self, caption: str = "", content: bytes = b"", *, into: Group | None = None
    ) -> Message:
        sizes = [self._file(content) | {"width": wide, "height": 60} for wide in (45, 90)]
        return self._says({"photo": sizes} | ({"caption": caption} if caption else {}), into)

    def sends_document(
        self,
        name: str = "hồ sơ.pdf",
        content: bytes = b"",
        caption: str = "",
        *,
        into: Group | None = None,
    ) -> Message:
        document = {"document": self._file(content) | {"file_name": name}}
        return self._says(document | ({"caption": caption} if caption else {}), into)

    def sends_sticker(self, *, into: Group | None = None) -> Message:
        kind = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}
        sticker = self._file() | {"width": 512, "height": 512} | kind
        return self._says({"sticker": sticker}, into)

    def sends_voice(self, *, into: Group | None = None) -> Message:
        return self._says({"voice": self._file() | {"duration": 3}}, into)

    def sends_location(self, *, into: Group | None = None) -> Message:
        return self._says({"location": {"latitude": 21.03, "longitude": 105.85}}, into)

    def shares_contact(self, phone: str, *, own: bool = True) -> Message:
        """Share a phone number: one's own (the card carries one's id) or somebody else's."""
        contact = {"phone_number": phone, "first_name": self.user["first_name"]}
        if not own:
            return self._says({"contact": contact | {"first_name": "Người Khác"}})
        return self._says({"contact": contact | {"user_id": self.id}}, reply_to=self.chat.keyboard)

    def presses(
        self,
        which: str | int | Message,
        *,
        on: Message | int | None = None,
        into: Group | None = None,
    ) -> Query | Message:
        """Press a button the bot really sent: by its words, or the first one of a message.

        Words are looked for on the newest message that shows them, or only *on* one message. A
        button of a reply keyboard types its words; the returned message is what was typed.
        """
        chat = self._chat(into)
        label = which if isinstance(which, str) else None
        target = on if isinstance(which, str) else which
        if target is None:
            candidates = [m for m in reversed(chat.received) if not m.deleted]
        else:
            candidates = [_found(chat, target)]
        for message in candidates:
            button = labelled(message.markup, label)
            if button is None:
                continue
            if "callback_data" in button:
                return self.world.press(chat, self.user, message, button["callback_data"])
            if message is chat.keyboard and not button.get("request_contact"):
                return self.types(button["text"], into=into)
        raise LookupError(f"no button to press: {which!r} in chat {chat.id}")

    def forges(self, data: str | bytes, *, on: Message | int | None = None) -> Query:
        """Send a callback query with any data at all, as a hostile app can."""
        text = data.decode(errors="replace") if isinstance(data, bytes) else data
        message = self.chat.received[-1] if on is None else _found(self.chat, on)
        return self.world.press(self.chat, self.user, message, text)

    def blocks(self) -> None:
        self.chat.blocked = True
        changed_member(self.world, self.chat, self.user, "member", "kicked")

    def unblocks(self) -> None:
        self.chat.blocked = False
        self.chat.started = True
        changed_member(self.world, self.chat, self.user, "kicked", "member")

    def deactivates(self) -> None:
        """Delete the account; Telegram tells nobody."""
        self.chat.deactivated = True

    def _chat(self, into: Group | None) -> Chat:
        return into.chat if into is not None else self.chat

    def _file(self, content: bytes = b"") -> Json:
        """A file of theirs; the bot can fetch what has a content."""
        number = next(self.world.file_ids)
        about = {"file_id": f"theirs-{number}", "file_unique_id": f"u{number}"}
        if content:
            self.world.files[about["file_id"]] = Upload("", "", content)
        return about | ({"file_size": len(content)} if content else {})

    def _says(
        self,
        content: Json,
        into: Group | None = None,
        thread: int = 0,
        reply_to: Message | int | None = None,
    ) -> Message:
        chat = self._chat(into)
        if chat.private:
            if chat.blocked:
                raise PermissionError(f"{self.id} has blocked the bot and cannot write to it")
            chat.started = True
        original = None if reply_to is None else _found(chat, reply_to)
        if original:
            content = content | {"reply_to_message": original.payload}
        if thread:
            content = content | {"message_thread_id": thread, "is_topic_message": True}
        message = self.world.hear(chat, self.user, content)
        if _bot_hears(chat, content, original):
            self.world.updates.add("message", message.payload, chat.id)
        return message


def changed_member(world: World, chat: Chat, by: Json, old: str, new: str) -> None:
    """Tell the bot that its own membership has changed."""
    content = {
        "chat": chat.about,
        "from": by,
        "date": world.now(),
        "old_chat_member": member(world.bot, old),
        "new_chat_member": member(world.bot, new),
    }
    world.updates.add("my_chat_member", content, chat.id)


def _bot_hears(chat: Chat, content: Json, original: Message | None) -> bool:
    """In a group, a bot that is no administrator hears commands and replies to itself only."""
    if chat.private or chat.bot_status == "administrator":
        return True
    if chat.bot_status != "member":
        return False
    return "entities" in content or (original is not None and original.from_bot)


def _found(chat: Chat, message: Message | int) -> Message:
    return message if isinstance(message, Message) else chat.messages[message]


def _entity(kind: str, found: re.Match[str]) -> Json:
    before = len(found.string[: found.start()].encode("utf-16-le")) // 2
    return {"type": kind, "offset": before, "length": found.end() - found.start()}
