"""The methods that change what is there: edits, deletions, pins, the answer to a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import bad_request
from tests.telegram_server.keyboards import read_inline
from tests.telegram_server.sending import text_of
from tests.telegram_server.world import QUERY_LIFE

if TYPE_CHECKING:
    from tests.telegram_server.call import Call
    from tests.telegram_server.record import Message
    from tests.telegram_server.world import Chat, World

Json = dict[str, Any]

LONGEST_ANSWER = 200
OLDEST_DELETED = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def edit_message_text(world: World, call: Call) -> Json:
    content = text_of(call)
    chat, message = _editable(world, call)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, message, content, read_inline(call))


def edit_message_reply_markup(world: World, call: Call) -> Json:
    chat, message = _editable(world, call)
    return _change(world, chat, message, {}, read_inline(call))


def delete_message(world: World, call: Call) -> bool:
    chat, message = _named(world, call, "message to delete not found")
    own = message.from_bot or chat.private or chat.bot_status == "administrator"
    if not own or world.now() - message.payload["date"] > OLDEST_DELETED:
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    world.record.altered += 1
    _ring(world, chat)
    return True


def pin_chat_message(world: World, call: Call) -> bool:
    chat, message = _named(world, call, "message to pin not found")
    if not chat.private and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    chat.pinned.append(message.id)
    return True


def answer_callback_query(world: World, call: Call) -> bool:
    query = world.queries.get(call.text("callback_query_id"))
    if query is None or query.answer is not None or call.arrived - query.pressed > QUERY_LIFE:
        raise bad_request(TOO_OLD)
    if len(call.text("text")) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {
        "text": call.text("text"),
        "show_alert": call.flag("show_alert"),
        "url": call.text("url"),
    }
    _ring(world, query.chat)
    return True


def _named(world: World, call: Call, missing: str) -> tuple[Chat, Message]:
    chat = world.writable(call)
    message_id = call.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    return chat, world.message(chat, message_id, missing)


def _editable(world: World, call: Call) -> tuple[Chat, Message]:
    chat, message = _named(world, call, "message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    if message.markup and "inline_keyboard" not in message.markup:
        # A message that brought (or removed) a reply keyboard is final.
        raise bad_request("message can't be edited")
    return chat, message


def _change(world: World, chat: Chat, message: Message, content: Json, markup: Json | None) -> Json:
    kept = {k: v for k, v in message.payload.items() if k != "reply_markup"}
    if content:
        kept.pop("entities", None)
    changed = kept | content
    if markup:
        changed["reply_markup"] = markup
    if changed == message.payload:
        raise bad_request(NOT_MODIFIED)
    message.versions.append(message.payload)
    message.payload = changed | {"edit_date": world.now()}
    message.markup = markup
    world.record.altered += 1
    _ring(world, chat)
    return message.payload


def _ring(world: World, chat: Chat) -> None:
    chat.changed.ring()
    world.record.changed.ring()
