"""Shaping that every text channel shares: bold, choices as lines, long texts in parts. Pure.

The light markup of `Reply` is all there is: `**bold**` within one line, and "- " at the start of
one. A `**` that closes nothing is literal text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from handlers.attachments import STORED, Attachment
from handlers.conversation import Reply, numbered

# Possessive, and no `**` inside: linear on whatever people type. Group 1 is what is bold.
BOLD = re.compile(r"\*\*(?=\S)((?:[^*\n]|\*(?!\*))++)(?<=\S)\*\*")

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…;:])\s")
_WORD = re.compile(r"\s")
_BREAKS = (_PARAGRAPH, _LINE, _SENTENCE, _WORD)  # from the best place to end a part to the worst

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


def plain(text: str) -> str:
    """The text without the marks of bold; its words stay."""
    return BOLD.sub(r"\1", text)


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order, in stretches that are bold or not; the marks are gone."""
    end = 0
    for span in BOLD.finditer(text):
        if span.start() > end:
            yield text[end : span.start()], False
        yield span[1], True
        end = span.end()
    if end < len(text):
        yield text[end:], False


def clean(text: str) -> str:
    """What every platform can carry: LF for line ends, no control characters, no half characters.

    A lone surrogate can be typed but not encoded; it becomes U+FFFD.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))


def blank(text: str) -> bool:
    """Whether nothing of this could be seen. Platforms refuse such messages."""
    return all(_unseen(letter) for letter in plain(text))


def choice_lines(reply: Reply) -> str:
    """The choices as lines to answer: with their numbers, or as words where a number means itself.

    Labels are shown whole, on one line each; those that the text told already are left out.
    """
    if not reply.numbered:
        return "\n".join(f"- {one_line(choice.label)}" for choice in reply.choices)
    shown = [(number, choice) for number, choice in numbered(reply.choices) if not choice.told]
    return "\n".join(f"{number}. {one_line(choice.label)}" for number, choice in shown)


def written(reply: Reply) -> str:
    """A whole reply as text, for channels without buttons: what is said, then the choices."""
    said = clean(reply.text).strip()
    lines = choice_lines(reply)
    return "\n\n".join(part for part in (said, lines) if part)


def packed(attachment: Attachment) -> dict[str, Any]:
    """What a payload holds of an attachment: its data, and what to say where it makes no file.

    `bot.drawing` makes the file when the payload is sent. Nothing is said instead of one of
    `attachments.STORED`: it is part of what was approved.
    """
    data = {
        "kind": attachment.kind,
        "name": attachment.name,
        "content": dict(attachment.content),
    }
    if attachment.kind in STORED:
        return {"attachment": data}
    said = [clean(text).strip() for text in (attachment.instead, attachment.caption)]
    instead = next((text for text in said if not blank(text)), attachment.name)
    return {"attachment": data, "instead": instead}


def one_line(label: str) -> str:
    """A label without line breaks, double spaces or control characters."""
    return " ".join(clean(label).split())


def split(text: str, limit: int, length: Callable[[str], int] = len) -> tuple[str, ...]:
    """Cut a text into parts of at most `limit`, as `length` measures them (marks included).

    Parts end where a paragraph, else a line, a sentence, a word ends in their second half, else
    at any word; never inside bold or between a letter and its marks. What is too long for that
    is cut where it must be: bold longer than a part loses its marks, a word is broken.
    Joined back, nothing but white space (and those marks) is missing. No part is empty.
    """
    rest = BOLD.sub(lambda span: span[0 if length(span[0]) <= limit else 1], text).strip()
    parts = []
    while rest and length(rest) > limit:
        end = _part_end(rest, _fitting(rest, limit, length))
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return (*parts, rest) if rest else tuple(parts)


def shorten(text: str, limit: int, length: Callable[[str], int] = len) -> str:
    """The text if it fits, else its beginning with "…", cut at a word's end where there is one."""
    if length(text) <= limit:
        return text
    parts = split(text, limit - length("…"), length)
    return f"{parts[0]}…" if parts else ""


def cut(text: str, most: int) -> str:
    """The text if it fits, else its beginning with "…", within a word too: for lists and labels."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> int:
    """The longest beginning that fits; one character at least, or cutting would never end."""
    ends = range(1, len(text) + 1)
    return max(1, bisect_right(ends, limit, key=lambda end: length(text[:end])))


def _part_end(text: str, most: int) -> int:
    bold = [span.span() for span in BOLD.finditer(text) if span.start() < most]

    def whole(end: int) -> bool:
        return not any(start < end < stop for start, stop in bold)

    worst_allowed = most // 2
    for pattern in _BREAKS:
        # One further than `most`: a part may end right before the white space that does not fit.
        ends = [found.start() for found in pattern.finditer(text, 0, most + 1)]
        fit = next((end for end in reversed(ends) if end > worst_allowed and whole(end)), 0)
        if fit:
            return fit
    early = [found.start() for found in _WORD.finditer(text, 0, most + 1)]
    if fit := next((end for end in reversed(early) if whole(end)), 0):
        return fit
    cuts = range(most, 0, -1)
    return next((end for end in cuts if whole(end) and not _joined(text, end)), most)


def _joined(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to what stands before it: accents, flags."""
    if at >= len(text):
        return False
    code, before = ord(text[at]), text[at - 1]
    if unicodedata.category(text[at]).startswith("M") or _JOINER in (text[at], before):
        return True
    if code in _SKIN_TONES or code in _TAGS:
        return True
    if code in _FLAG_LETTERS and ord(before) in _FLAG_LETTERS:
        start = at
        while start and ord(text[start - 1]) in _FLAG_LETTERS:
            start -= 1
        return (at - start) % 2 == 1
    return False


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "ZC" or letter in _INVISIBLE
