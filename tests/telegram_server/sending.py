"""The methods that put a new message into a chat.

The order of the checks is Telegram's: first what the request says, then where it goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server.entities import Entity, parse_html, utf16_length
from tests.telegram_server.errors import bad_request
from tests.telegram_server.keyboards import read_markup

if TYPE_CHECKING:
    from tests.telegram_server.call import Call, Upload
    from tests.telegram_server.world import Chat, World

Json = dict[str, Any]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LARGEST_PHOTO = 10 * 1024 * 1024
_UNITS_PER_CHARACTER = 2
_PLAIN = {"chat_id", "text"}  # What a broadcast is made of: nothing more to look for.


def formatted(call: Call, name: str, longest: int, too_long: str) -> tuple[str, list[Entity]]:
    """Return the text and the entities of argument *name*, checked and trimmed as Telegram does."""
    text = call.text(name)
    mode = call.text("parse_mode").lower()
    if mode == "html":
        text, entities = parse_html(text)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        entities = _given_entities(call, name)
    trimmed = text.strip()
    if trimmed != text:
        entities = _shifted(entities, text, trimmed)
    short = len(trimmed) * _UNITS_PER_CHARACTER <= longest
    if not short and utf16_length(trimmed) > longest:
        raise bad_request(too_long)
    return trimmed, entities


def text_of(call: Call) -> Json:
    if not call.text("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(call, "text", LONGEST_TEXT, "message is too long")
    if not text:
        raise bad_request("text must be non-empty")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_of(call: Call) -> Json:
    if not call.text("caption"):
        return {}
    text, entities = formatted(call, "caption", LONGEST_CAPTION, "message caption is too long")
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def send_message(world: World, call: Call) -> Json:
    return _post(world, call, text_of(call))


def send_photo(world: World, call: Call) -> Json:
    file_id, upload = _file(world, call, "photo")
    if upload and len(upload.content) > LARGEST_PHOTO:
        raise bad_request("file is too big")
    size = {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "width": 800,
        "height": 600,
        "file_size": len(upload.content) if upload else 1,
    }
    return _post(world, call, {"photo": [size]} | caption_of(call), upload)


def send_document(world: World, call: Call) -> Json:
    file_id, upload = _file(world, call, "document")
    document: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}"}
    if upload:
        document |= {
            "file_name": upload.name,
            "mime_type": upload.mime_type,
            "file_size": len(upload.content),
        }
    return _post(world, call, {"document": document} | caption_of(call), upload)


def copy_message(world: World, call: Call) -> Json:
    source = world.chat(call, "from_chat_id")
    message_id = call.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    original = world.message(source, message_id, "message to copy not found")
    content: Json = {
        key: original.payload[key]
        for key in ("text", "entities", "photo", "document", "caption", "caption_entities")
        if key in original.payload
    }
    if not content:
        raise bad_request("message can't be copied")
    if "text" not in content and "caption" in call.args:
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content |= caption_of(call)
    payload = _post(world, call, content, original.upload)
    return {"message_id": payload["message_id"]}


def _post(world: World, call: Call, content: Json, upload: Upload | None = None) -> Json:
    chat = world.writable(call)
    if call.args.keys() == _PLAIN:
        return world.post(chat, call, content, None, upload).payload
    markup = read_markup(call, private=chat.private)
    call.decoded("link_preview_options", "link preview options")
    content = content | _place(world, chat, call)
    return world.post(chat, call, content, markup, upload).payload


def _place(world: World, chat: Chat, call: Call) -> Json:
    return world.replied(chat, call) | world.thread(chat, call)


def _file(world: World, call: Call, name: str) -> tuple[str, Upload | None]:
    """Return the file id of argument *name*, and the file if it came with the request."""
    value = call.text(name)
    upload = call.files.get(value.removeprefix("attach://") if value else name)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        file_id = f"file-{next(world.file_ids)}"
        world.files[file_id] = upload
        return file_id, upload
    if not value:
        raise bad_request(f"there is no {name} in the request")
    if value in world.files:
        return value, world.files[value]
    if value.startswith(("http://", "https://")):
        return f"url-{next(world.file_ids)}", None
    raise bad_request("wrong file identifier/HTTP URL specified")


def _given_entities(call: Call, name: str) -> list[Entity]:
    entities = call.decoded("entities" if name == "text" else "caption_entities", "entities")
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad_request("expected an Array of message entities")
    for entity in entities:
        if not isinstance(entity, dict) or not {"type", "offset", "length"} <= entity.keys():
            raise bad_request("can't parse entities: expected a MessageEntity")
    return entities


def _shifted(entities: list[Entity], text: str, trimmed: str) -> list[Entity]:
    if not entities:
        return entities
    removed = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(trimmed)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - removed, 0)
        stop = min(entity["offset"] + entity["length"] - removed, end)
        if start < stop:
            moved.append(entity | {"offset": start, "length": stop - start})
    return moved
