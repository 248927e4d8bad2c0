"""A reply as Telegram messages: HTML, buttons with numbers, nothing beyond Telegram's limits. Pure.

Every word is escaped here and nowhere else. Long texts become several messages; buttons hang under
the last one. A typed number means the button that shows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from bot.channels import Payload
from bot.channels.text import (
    blank,
    choice_lines,
    clean,
    one_line,
    packed,
    runs,
    shorten,
    split,
)
from handlers.attachments import PICTURES, STORED, Attachment
from handlers.conversation import Choice, Reply, numbered

MAX_TEXT = 4096  # UTF-16 units after the markup has been read
MAX_CAPTION = 1024  # the same
MAX_BUTTONS = 100
MAX_ENTITIES = 100
LABEL_UNITS = 48  # what a phone shows of a button as wide as the chat
SHORT_UNITS = 18  # and of one that is half as wide

_BULLET = re.compile(r"^- ", re.MULTILINE)
_TAG = re.compile(r"</?b>")


def utf16(text: str) -> int:
    """The length of a text as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def render(reply: Reply, share_phone: str, share_phone_hint: str) -> tuple[Payload, ...]:
    """Shape a reply into one payload per message, in the order of sending; () for nothing to say.

    A phone number is asked for with a reply keyboard whose button says `share_phone`. Where the
    reply has choices as well, that keyboard comes in a message of its own with the words
    `share_phone_hint`, since one message carries one keyboard. It goes away with the next message
    that has no buttons. A file comes first, so that the buttons stay at the foot of the chat; one
    of `attachments.STORED` is one message with its words and buttons, if those fit under it.
    """
    if reply.attachment and reply.attachment.kind in STORED and utf16(_said(reply)) <= MAX_CAPTION:
        return (_captioned(reply, reply.attachment),)
    parts = [part for part in split(_said(reply), MAX_TEXT, utf16) if not blank(part)]
    keyboards: list[dict[str, Any]] = [_buttons(reply)] if reply.choices else []
    if reply.asks_phone:
        keyboards.append(_contact(share_phone))
        if reply.choices or not parts:
            parts.append(one_line(share_phone_hint))
    messages = [_message(part) for part in parts]
    if reply.answers and messages:
        under = {"message_id": int(reply.answers), "allow_sending_without_reply": True}
        messages[0]["reply_parameters"] = under
    hung = keyboards or [{"remove_keyboard": True}]
    for message, keyboard in zip(messages[-len(hung) :], hung, strict=False):
        message["reply_markup"] = keyboard
    files = [_file(reply.attachment)] if reply.attachment else []
    return (*files, *messages)


def without_markup(payload: Payload) -> Payload:
    """The same message as plain text, for when Telegram cannot parse what `render` made."""
    name = "caption" if "caption" in payload else "text"
    text = html.unescape(_TAG.sub("", payload[name]))
    return {key: value for key, value in payload.items() if key != "parse_mode"} | {name: text}


def without_file(payload: Payload) -> Payload:
    """What is said in place of a file that could not be made, or that Telegram does not take."""
    return {"method": "sendMessage", "text": shorten(payload["instead"], MAX_TEXT, utf16)}


def _said(reply: Reply) -> str:
    """The words of a reply; with its choices in full where the buttons cannot show them in full."""
    text = clean(reply.text).strip()
    if blank(text):
        return choice_lines(reply)
    if len(reply.choices) <= MAX_BUTTONS and all(_fits(label) for label, _ in _labelled(reply)):
        return text
    return f"{text}\n\n{choice_lines(reply)}"


def _file(attachment: Attachment) -> dict[str, Any]:
    """A message that carries a file; the caption is plain text, so that nothing can spoil it."""
    picture = attachment.kind in PICTURES
    caption = shorten(clean(attachment.caption).strip(), MAX_CAPTION, utf16)
    return {
        "method": "sendPhoto" if picture else "sendDocument",
        **packed(attachment),
        **({} if blank(caption) else {"caption": caption}),
    }


def _captioned(reply: Reply, attachment: Attachment) -> dict[str, Any]:
    message = _file(attachment)
    if not blank(words := _said(reply)):
        message |= {"caption": _marked(words), "parse_mode": "HTML"}
    return message | ({"reply_markup": _buttons(reply)} if reply.choices else {})


def _marked(text: str) -> str:
    return _html(_BULLET.sub("• ", text))


def _message(text: str) -> dict[str, Any]:
    return {
        "method": "sendMessage",
        "text": _marked(text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _html(text: str) -> str:
    """Escape every word; at most `MAX_ENTITIES` stretches are bold, the others stay plain."""
    pieces = []
    left = MAX_ENTITIES
    for words, bold in runs(text):
        escaped = html.escape(words, quote=False)
        if bold and left:
            left -= 1
            escaped = f"<b>{escaped}</b>"
        pieces.append(escaped)
    return "".join(pieces)


def _buttons(reply: Reply) -> dict[str, Any]:
    """All choices; of too many the first, and the last because it leads back."""
    buttons = [
        {
            "text": "…" if blank(label) else shorten(label, LABEL_UNITS, utf16),
            "callback_data": choice.action,
        }
        for label, choice in _labelled(reply)
    ]
    if len(buttons) > MAX_BUTTONS:
        buttons = [*buttons[: MAX_BUTTONS - 1], buttons[-1]]
    return {"inline_keyboard": _rows(buttons)}


def _labelled(reply: Reply) -> Iterable[tuple[str, Choice]]:
    for number, choice in numbered(reply.choices):
        label = one_line(choice.label)
        yield (f"{number}. {label}" if reply.numbered else label), choice


def _rows(buttons: Iterable[dict[str, str]]) -> list[list[dict[str, str]]]:
    """One button a row, two where two in a row are short."""
    rows: list[list[dict[str, str]]] = []
    room = False
    for button in buttons:
        short = utf16(button["text"]) <= SHORT_UNITS
        if room and short:
            rows[-1].append(button)
            room = False
        else:
            rows.append([button])
            room = short
    return rows


def _fits(label: str) -> bool:
    return utf16(label) <= LABEL_UNITS


def _contact(label: str) -> dict[str, Any]:
    return {
        "keyboard": [[{"text": label, "request_contact": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
