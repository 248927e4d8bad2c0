"""The state file: what a server must know to go on after its own restart.

Message ids, update ids and what was sent survive; a waiting poll, pressed buttons and uploaded
files do not.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from tests.telegram_server.record import Message
from tests.telegram_server.updates import Update

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer
    from tests.telegram_server.world import Chat

Json = dict[str, Any]

_FLAGS = ("started", "blocked", "deactivated", "bot_status", "migrated_to")


def dump(server: TelegramServer) -> Json:
    world, webhook = server.world, server.webhook
    return {
        "chats": [_chat(chat) for chat in world.chats.values()],
        "sent": [[message.chat_id, message.id] for message in server.sent],
        "updates": [[u.id, u.lane, u.body] for u in server.updates.pending.values()],
        "next_update": server.updates.next_id,
        "allowed": server.updates.allowed,
        "webhook": [webhook.url, webhook.secret, webhook.max_connections],
        "commands": world.commands,
        "texts": world.texts,
    }


def restore(server: TelegramServer, saved: Json) -> None:
    """Fill a server that has not started yet."""
    world, webhook, updates = server.world, server.webhook, server.updates
    for about in saved["chats"]:
        _restore_chat(server, about)
    highest = max(
        (m for c in world.chats.values() if c.type != "supergroup" for m in c.messages), default=0
    )
    world.ids = count(highest + 1)
    for chat in world.chats.values():
        chat.ids = world.ids
        if chat.type == "supergroup":
            chat.ids = count(max(chat.messages, default=0) + 1)
    for chat_id, message_id in saved["sent"]:
        message = world.chats[chat_id].messages[message_id]
        server.sent.append(message)
        world.chats[chat_id].received.append(message)
    for update_id, lane, body in saved["updates"]:
        updates.pending[update_id] = updates.known[update_id] = Update(update_id, body, lane)
    updates.next_id = saved["next_update"]
    updates.allowed = saved["allowed"]
    webhook.url, webhook.secret, webhook.max_connections = saved["webhook"]
    world.commands, world.texts = saved["commands"], saved["texts"]


def _chat(chat: Chat) -> Json:
    return {
        "about": chat.about,
        "user": chat.user,
        "flags": {flag: getattr(chat, flag) for flag in _FLAGS},
        "members": list(chat.members.items()),
        "topics": list(chat.topics.items()),
        "keyboard": chat.keyboard.id if chat.keyboard else 0,
        "messages": [
            [m.payload, m.method, m.arrived, m.markup, m.deleted] for m in chat.messages.values()
        ],
    }


def _restore_chat(server: TelegramServer, saved: Json) -> None:
    about = dict(saved["about"])
    chat_id, kind = about.pop("id"), about.pop("type")
    if kind == "private":
        user = {k: v for k, v in saved["user"].items() if k not in ("id", "is_bot")}
        chat = server.user(chat_id, **user).chat
    else:
        chat = server.world.add_chat(chat_id, kind, about)
    for flag, value in saved["flags"].items():
        setattr(chat, flag, value)
    chat.members, chat.topics = dict(saved["members"]), dict(saved["topics"])
    for payload, method, arrived, markup, deleted in saved["messages"]:
        message = Message(chat_id, payload["message_id"], payload, method, arrived, markup)
        message.deleted = deleted
        chat.messages[message.id] = message
    chat.keyboard = chat.messages.get(saved["keyboard"])
