"""The world behind the API: people, groups, their messages, and what the bot may do where.

Nothing here knows HTTP. The methods ask the world, the simulated people change it, and both leave
their traces in the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import ApiError, bad_request, forbidden
from tests.telegram_server.record import Message, Record
from tests.telegram_server.updates import UpdateQueue
from tests.telegram_server.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.call import Call, Upload

Json = dict[str, Any]

QUERY_LIFE = 15.0
_WORDS = {"group": "group chat", "supergroup": "supergroup chat"}


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat, a group or a supergroup, as the bot's account sees it."""

    id: int
    type: str
    about: Json
    ids: count[int]
    user: Json | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    bot_status: str = "administrator"
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    migrated_to: int = 0
    keyboard: Message | None = None
    pinned: list[int] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    received: list[Message] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    changed: Bell = field(default_factory=Bell)

    @property
    def private(self) -> bool:
        return self.type == "private"

    @property
    def forum(self) -> bool:
        return bool(self.about.get("is_forum"))


@dataclass(slots=True, eq=False)
class Query:
    """A pressed button that waits for `answerCallbackQuery`."""

    id: str
    chat: Chat
    data: str
    pressed: float
    answer: Json | None = None

    async def answered(self, timeout: float = 5.0) -> Json:  # noqa: ASYNC109 -- a test's patience
        """Wait for the bot's answer and return its arguments."""
        await self.chat.changed.until(lambda: self.answer is not None, timeout)
        assert self.answer is not None
        return self.answer


class World:
    def __init__(self, bot: Json, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self.bot = bot
        self.clock = clock
        self.wall = wall
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, Json] = {}
        self.updates = UpdateQueue()
        self.record = Record()
        self.queries: dict[str, Query] = {}
        self.files: dict[str, Upload] = {}
        self.commands: dict[str, list[Json]] = {}
        self.texts: dict[str, str] = {}
        # Private chats and small groups share one sequence; each supergroup counts for itself.
        self.ids = count(1)
        self.file_ids = count(1)
        self.query_ids = count(4_000_000_000_000)

    def now(self) -> int:
        return int(self.wall())

    def add_chat(self, chat_id: int, kind: str, about: Json, **rest: Any) -> Chat:
        ids = count(1) if kind == "supergroup" else self.ids
        chat = Chat(chat_id, kind, {"id": chat_id, "type": kind} | about, ids, **rest)
        self.chats[chat_id] = chat
        return chat

    def chat(self, call: Call, name: str = "chat_id") -> Chat:
        """Return the chat that *call* names; refuse what Telegram would not find."""
        wanted = call.required(name, f"{name} is empty")
        chat = self.chats.get(call.integer(name))
        if chat is None and wanted.startswith("@"):
            chat = next(
                (c for c in self.chats.values() if c.about.get("username") == wanted[1:]), None
            )
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable(self, call: Call) -> Chat:
        """Return the chat of *call*, or refuse if the bot may not write there."""
        chat = self.chat(call)
        if chat.private:
            if chat.deactivated:
                raise forbidden("user is deactivated")
            if chat.blocked:
                raise forbidden("bot was blocked by the user")
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
        elif chat.migrated_to:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        elif chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {_WORDS[chat.type]}")
        elif chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {_WORDS[chat.type]}")
        return chat

    def message(self, chat: Chat, message_id: int, otherwise: str) -> Message:
        found = chat.messages.get(message_id)
        if found is None or found.deleted:
            raise bad_request(otherwise)
        return found

    def thread(self, chat: Chat, call: Call) -> Json:
        """Return the fields of a message in the topic that *call* names, if it names one."""
        thread_id = call.integer("message_thread_id")
        if not thread_id:
            return {}
        if thread_id not in chat.topics:
            raise bad_request("message thread not found")
        return {"message_thread_id": thread_id, "is_topic_message": True}

    def replied(self, chat: Chat, call: Call) -> Json:
        reply = call.decoded("reply_parameters", "reply parameters")
        if reply is None and call.integer("reply_to_message_id"):
            reply = {
                "message_id": call.integer("reply_to_message_id"),
                "allow_sending_without_reply": call.flag("allow_sending_without_reply"),
            }
        if reply is None:
            return {}
        if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
            raise bad_request("can't parse reply parameters: message identifier is not specified")
        original = chat.messages.get(reply["message_id"])
        if original is None or original.deleted:
            if reply.get("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        bare = {k: v for k, v in original.payload.items() if k != "reply_to_message"}
        return {"reply_to_message": bare}

    def post(
        self,
        chat: Chat,
        call: Call,
        content: Json,
        markup: Json | None = None,
        upload: Upload | None = None,
    ) -> Message:
        """Put a message of the bot into *chat*; everything about it has been checked."""
        payload = {
            "message_id": next(chat.ids),
            "from": self.bot,
            "chat": chat.about,
            "date": self.now(),
            **content,
        }
        if markup and "inline_keyboard" in markup:
            payload["reply_markup"] = markup
        message = Message(
            chat.id, payload["message_id"], payload, call.method, call.arrived, markup, upload
        )
        if markup and "keyboard" in markup:
            chat.keyboard = message
        elif markup and markup.get("remove_keyboard"):
            chat.keyboard = None
        chat.messages[message.id] = message
        chat.received.append(message)
        chat.changed.ring()
        self.record.sent.append(message)
        self.record.changed.ring()
        return message

    def hear(self, chat: Chat, user: Json, content: Json) -> Message:
        """Put a message of a person into *chat*; whether the bot hears of it is another matter."""
        payload = {
            "message_id": next(chat.ids),
            "from": user,
            "chat": chat.about,
            "date": self.now(),
            **content,
        }
        message = Message(chat.id, payload["message_id"], payload)
        chat.messages[message.id] = message
        return message

    def press(self, chat: Chat, user: Json, message: Message, data: str) -> Query:
        query = Query(str(next(self.query_ids)), chat, data, self.clock())
        self.queries[query.id] = query
        content = {
            "id": query.id,
            "from": user,
            "message": dict(message.payload),
            "chat_instance": str(chat.id * 7919),
            "data": data,
        }
        self.updates.add("callback_query", content, chat.id)
        return query
