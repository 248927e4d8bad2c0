"""Formatted text as Telegram reads it: `parse_mode=HTML` to plain text and entities.

Telegram's HTML is no HTML: a short list of tags, every opened tag closed in order, a bare `<` is an
error while a bare `>` or `&` is text. Offsets and lengths count UTF-16 units; positions in refusals
count bytes. The rules are those of TDLib's parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.errors import bad_request

Entity = dict[str, Any]

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
_SPACE = " \t\r\n\v\0"
_PLAIN = re.compile(r"[^<&]+")
_NAME = re.compile(r"[^ \t\r\n\v\0>]*")
_BLANK = re.compile(r"[ \t\r\n\v]*")
_ATTRIBUTE = re.compile(r"[^ \t\r\n\v\0=>]*")
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot)(?![A-Za-z]));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_LINK = re.compile(
    r"(?:https?://)?[^\s/.]+(?:\.[^\s/.]+)*(?::\d+)?(?:[/?#]\S*)?|tg://\S+", re.IGNORECASE
)
_MENTION = re.compile(r"tg://user\?id=(\d+)")


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the text that people see and its entities, or refuse the whole message."""
    if "<" not in source and "&" not in source:
        return source, []
    return _Reader(source).read()


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    pieces: int


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source + "\0"
        self.at = 0
        self.offset = 0
        self.pieces: list[str] = []
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        end = len(self.source) - 1
        while self.at < end:
            if plain := _PLAIN.match(self.source, self.at, end):
                self._emit(plain[0])
                self.at = plain.end()
            elif self.source[self.at] == "&":
                self._emit(self._reference())
            elif self.source[self.at + 1] == "/":
                self._close_tag()
            else:
                self._open_tag()
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.pieces), self.entities

    def _emit(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += utf16_length(text)

    def _reference(self) -> str:
        """Decode the reference at the cursor; what is none is an ampersand like any other."""
        found = _REFERENCE.match(self.source, self.at)
        if not found:
            self.at += 1
            return "&"
        hexadecimal, decimal, name = found.groups()
        if name:
            self.at = found.end()
            return _NAMED[name]
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        if code == 0 or code >= 0x10FFFF:
            self.at += 1
            return "&"
        if 0xD800 <= code <= 0xDFFF:
            raise _cannot(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        self.at = found.end()
        return chr(code)

    def _open_tag(self) -> None:
        begin = self.at
        name = self._take(_NAME, begin + 1)
        if self.source[self.at] == "\0":
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        tag = name.lower()
        if tag not in _TYPES:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        argument = ""
        while True:
            self._take(_BLANK)
            if self.source[self.at] == ">":
                break
            attribute, value = self._attribute(tag, begin)
            argument = _argument(tag, attribute, value) or argument
        if tag == "span" and argument != "spoiler":
            raise _cannot(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}'
            )
        self.at += 1
        self.open.append(_Open(tag, argument, self.offset, len(self.pieces)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._take(_ATTRIBUTE)
        if not name:
            if self.source[self.at] == "\0":
                raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
            raise _cannot(
                f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
            )
        self._take(_BLANK)
        if self.source[self.at] != "=":
            if (tag, name) == ("blockquote", "expandable"):
                return name, "1"
            raise _cannot(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" '
                f"at byte offset {self._byte(begin)}"
            )
        self.at += 1
        self._take(_BLANK)
        value = self._quoted() if self.source[self.at] in "'\"" else self._bare()
        if self.source[self.at] == "\0":
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        return name, value

    def _bare(self) -> str:
        begin = self.at
        token = self._take(_TOKEN)
        if self.source[self.at] not in _SPACE + ">":
            raise _cannot(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return token.lower()

    def _quoted(self) -> str:
        quote = self.source[self.at]
        self.at += 1
        value: list[str] = []
        while self.source[self.at] not in (quote, "\0"):
            if self.source[self.at] == "&":
                value.append(self._reference())
            else:
                value.append(self.source[self.at])
                self.at += 1
        if self.source[self.at] == quote:
            self.at += 1
        return "".join(value)

    def _close_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {self._byte(begin)}")
        name = self._take(_NAME, begin + 2).lower()
        self._take(_BLANK)
        if self.source[self.at] != ">":
            raise _cannot(f"Unclosed end tag at byte offset {self._byte(begin)}")
        opened = self.open.pop()
        if name and name != opened.tag:
            raise _cannot(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        self.at += 1
        if self.offset > opened.offset:
            self._keep(opened)

    def _keep(self, opened: _Open) -> None:
        entity: Entity = {
            "type": _TYPES[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        if opened.tag == "a":
            url = opened.argument or "".join(self.pieces[opened.pieces :])
            if mention := _MENTION.fullmatch(url):
                entity |= {
                    "type": "text_mention",
                    "user": {"id": int(mention[1]), "is_bot": False, "first_name": ""},
                }
            elif _LINK.fullmatch(url):
                entity["url"] = url
            else:  # Telegram keeps the words and drops a link that leads nowhere.
                return
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "pre" and self._covers_code(entity):
            language = self.entities.pop().pop("language", None)
            if language:
                entity["language"] = language
        elif opened.tag == "code" and opened.argument and self.open and self.open[-1].tag == "pre":
            entity["language"] = opened.argument
        self.entities.append(entity)

    def _covers_code(self, pre: Entity) -> bool:
        last = self.entities[-1] if self.entities else {}
        same = (last.get("offset"), last.get("length")) == (pre["offset"], pre["length"])
        return same and last.get("type") == "code"

    def _take(self, pattern: re.Pattern[str], at: int | None = None) -> str:
        found = pattern.match(self.source, self.at if at is None else at)
        assert found, "every pattern here may match nothing"
        self.at = found.end()
        return found[0]

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())


def _argument(tag: str, attribute: str, value: str) -> str:
    if (tag, attribute) == ("a", "href"):
        return value
    if (tag, attribute) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, attribute) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if (tag, attribute) == ("blockquote", "expandable"):
        return "1"
    return ""


def _cannot(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")
