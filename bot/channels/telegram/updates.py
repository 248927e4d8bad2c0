"""What Telegram tells us, as the vocabulary of a conversation. Pure; one update at a time.

Only private chats concern us, and of those: words, pressed buttons, phone numbers, things without
words, and blocking. Anything else is None. Telegram's own classes check the shape of an update, so
that one which cannot be read is known as such before anybody acts on half of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from telegram import CallbackQuery, ChatMemberUpdated, Contact, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.text import clean
from handlers.conversation import MAX_ACTION_BYTES, Conversation, Incoming

_T = TypeVar("_T")

NAME = "telegram"
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
_COMMAND_AT_BOT = re.compile(r"^/(\w+)@\w+")
_DIGITS = re.compile(r"[1-9]\d+")


class NotUnderstoodError(Exception):
    """An update of a shape that Telegram does not document; the message says what was wrong."""


@dataclass(frozen=True, slots=True)
class Reachability:
    """A person blocked (`yes` is false) or unblocked us."""

    conversation: Conversation
    yes: bool


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
    if message.chat.type != ChatType.PRIVATE or _SERVICE & raw.keys():
        return None
    conversation = _conversation(message.chat.id)
    if message.contact:
        phone, own = _phone(message.contact, message)
        if own:
            return Incoming(conversation, external_id, message.date, phone=phone)
        return Incoming(conversation, external_id, message.date, text=phone)
    words = clean(_checked(message.text or message.caption or "", str))
    text = _COMMAND_AT_BOT.sub(r"/\1", words)
    return Incoming(conversation, external_id, message.date, text=text, unreadable=not text)


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
    if query.message is None or query.message.chat.type != ChatType.PRIVATE:
        return None
    # A client may send any bytes as the data of a button (reliability.md 2.3).
    data = query.data
    known = (
        isinstance(data, str) and data.isprintable() and 0 < len(data.encode()) <= MAX_ACTION_BYTES
    )
    action = data if data and known else UNKNOWN_ACTION
    return Incoming(_conversation(query.message.chat.id), external_id, now, action=action)


def _membership(change: ChatMemberUpdated) -> Reachability | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    conversation = _conversation(change.chat.id)
    if change.new_chat_member.status == ChatMemberStatus.BANNED:
        return Reachability(conversation, yes=False)
    if change.new_chat_member.status == ChatMemberStatus.MEMBER:
        return Reachability(conversation, yes=True)
    return None


def _mapping(raw: object) -> Mapping[str, Any]:
    return _checked(raw, dict)


def _conversation(chat_id: object) -> Conversation:
    return Conversation(NAME, str(_checked(chat_id, int)))


def _checked(value: object, kind: type[_T]) -> _T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value
