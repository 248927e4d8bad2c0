"""What Telegram tells us, as the vocabulary of a conversation. Pure; one update at a time.

Of private chats words, pressed buttons, phone numbers, things without words, and blocking concern
us; of groups commands, pressed buttons and answers to a bot's message. Anything else is None. A
topic of a group is a conversation of its own: "-1001234/56". Telegram's own classes check the shape
of an update, so that one which cannot be read is known as such before anybody acts on half of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Contact, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.text import clean
from handlers.attachments import SentFile
from handlers.conversation import MAX_ACTION_BYTES, Conversation, Incoming

_T = TypeVar("_T")

NAME = "telegram"
PHOTO = "photo.jpg"  # Telegram makes JPEG of every picture, and gives it no name
UNKNOWN_ACTION = "unknown"  # for a button whose data we never wrote; no dialog has this action

# What a private chat says about itself rather than what a person says in it.
_SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "connected_website",
        "chat_background_set",
        "users_shared",
        "chat_shared",
        "proximity_alert_triggered",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
        "boost_added",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
    }
)
_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
_COMMAND_AT_BOT = re.compile(r"^/(\w+)@\w+")
_DIGITS = re.compile(r"[1-9]\d+")


class NotUnderstoodError(Exception):
    """An update of a shape that Telegram does not document; the message says what was wrong."""


@dataclass(frozen=True, slots=True)
class Reachability:
    """A person blocked (`yes` is false) or unblocked us."""

    conversation: Conversation
    yes: bool
    at: datetime


def incoming(raw: object, now: datetime) -> Incoming | Reachability | None:
    """Read one update; None where it does not concern us. `now` dates what Telegram does not.

    The same update always gives the same `external_id`, however often it is delivered.

    Raises NotUnderstoodError and nothing else.
    """
    try:
        return _read(_mapping(raw), now)
    except Exception as problem:
        # de_json trusts Telegram: a wrong shape surfaces as whatever happens to break first
        # (KeyError, TypeError, AttributeError, OverflowError for a date in year 50000 …).
        raise NotUnderstoodError(f"{type(problem).__name__}: {problem}") from problem


def update_id(raw: object) -> int:
    """The id of an update; 0 where it has none, and then it cannot be confirmed by itself."""
    number = raw.get("update_id") if isinstance(raw, Mapping) else None
    return number if isinstance(number, int) else 0


def callback_id(raw: object) -> str:
    """The id by which a pressed button is to be acknowledged, or "" where none was pressed."""
    query = raw.get("callback_query") if isinstance(raw, Mapping) else None
    found = query.get("id") if isinstance(query, Mapping) else ""
    return found if isinstance(found, str) else ""


def _read(raw: Mapping[str, Any], now: datetime) -> Incoming | Reachability | None:
    update = Update.de_json(dict(raw))
    external_id = str(_checked(update.update_id, int))
    if update.message:
        return _message(update.message, external_id, raw["message"])
    if update.callback_query:
        return _pressed(update.callback_query, external_id, now)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    return None


def _message(message: Message, external_id: str, raw: Mapping[str, Any]) -> Incoming | None:
    if _SERVICE & raw.keys() or not (writer := _writer(message.chat, message.from_user)):
        return None
    if message.sender_chat:  # a channel, or an administrator who hides behind the group
        return None
    here = _here(message.chat.id, message)
    bare = Incoming(here, external_id, message.date, quotes=_quoted(message), **writer)
    bare = replace(bare, file=_file(message) if bare.private else None)
    if message.contact and bare.private:
        phone, own = _phone(message.contact, message)
        return replace(bare, phone=phone) if own else replace(bare, text=phone)
    words = clean(_checked(message.text or message.caption or "", str))
    text = _COMMAND_AT_BOT.sub(r"/\1", words)
    if not bare.private and not (text.startswith("/") or bare.quotes):
        return None
    beside = bool(text) and bare.file is None and message.effective_attachment is not None
    return replace(bare, text=text, unreadable=not text, beside=beside)


def _writer(chat: Chat, user: User | None) -> dict[str, Any] | None:
    """Who writes, as `Incoming` wants it; None where it does not concern us."""
    name = clean(_checked(user.full_name, str)) if user else ""
    if chat.type == ChatType.PRIVATE:
        return {"name": name}
    if chat.type not in _GROUPS or user is None:
        return None
    return {"private": False, "sender": str(_checked(user.id, int)), "name": name}


def _quoted(message: Message) -> str:
    """The message of a bot that this one answers; in a topic, not the one that opened it."""
    other = message.reply_to_message
    if (
        other is None
        or other.forum_topic_created
        or not (other.from_user and other.from_user.is_bot)
    ):
        return ""
    return str(_checked(other.message_id, int))


def _file(message: Message) -> SentFile | None:
    """The picture in its largest size, or the document, that a message carries."""
    sizes, document = message.photo, message.document
    if sizes:
        largest = sizes[-1]
        size = _checked(largest.file_size or 0, int)
        return SentFile(_checked(largest.file_id, str), PHOTO, size)
    if document is None:
        return None
    name = clean(_checked(document.file_name or "", str))
    size = _checked(document.file_size or 0, int)
    return SentFile(_checked(document.file_id, str), name, size)


def _phone(contact: Contact, message: Message) -> tuple[str, bool]:
    """The number, and whether it is the sender's own: any card can be attached by hand.

    Telegram gives its own numbers without "+", cards from an address book as they were typed.
    """
    number = clean(_checked(contact.phone_number, str))
    own = message.from_user is not None and contact.user_id == message.from_user.id
    if own and _DIGITS.fullmatch(number):
        number = f"+{number}"
    return number, own


def _pressed(query: CallbackQuery, external_id: str, now: datetime) -> Incoming | None:
    message = query.message
    if message is None or not (writer := _writer(message.chat, query.from_user)):
        return None
    # A client may send any bytes as the data of a button (reliability.md 2.3).
    data = query.data
    known = (
        isinstance(data, str) and data.isprintable() and 0 < len(data.encode()) <= MAX_ACTION_BYTES
    )
    action = data if data and known else UNKNOWN_ACTION
    here = _here(message.chat.id, message if isinstance(message, Message) else None)
    return Incoming(here, external_id, now, action=action, **writer)


def _membership(change: ChatMemberUpdated) -> Reachability | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    conversation = _conversation(change.chat.id)
    if change.new_chat_member.status == ChatMemberStatus.BANNED:
        return Reachability(conversation, yes=False, at=change.date)
    if change.new_chat_member.status == ChatMemberStatus.MEMBER:
        return Reachability(conversation, yes=True, at=change.date)
    return None


def _mapping(raw: object) -> Mapping[str, Any]:
    return _checked(raw, dict)


def place_of(address: str) -> dict[str, Any]:
    """Where to send what is meant for a conversation: the chat, and the topic in it."""
    chat, _, topic = address.partition("/")
    return {"chat_id": chat, "message_thread_id": int(topic)} if topic else {"chat_id": chat}


def _here(chat_id: object, message: Message | None) -> Conversation:
    """The chat; in a group with topics, the topic, for what belongs to one."""
    here = _conversation(chat_id)
    if message is None or not message.is_topic_message:
        return here
    return replace(here, id=f"{here.id}/{_checked(message.message_thread_id, int)}")


def _conversation(chat_id: object) -> Conversation:
    return Conversation(NAME, str(_checked(chat_id, int)))


def _checked(value: object, kind: type[_T]) -> _T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value
