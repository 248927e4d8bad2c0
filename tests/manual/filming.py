"""What stands on a person's phone while a transcript is played: the frames of a picture, in order.

A transcript is played as `tests/test_conversations.py` does, with Telegram's rendering, so a
picture can only show what the program says today.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.telegram import rendering
from bot.store.database import Store
from handlers.conversation import Reply
from knowledge.entries import Knowledge
from tests.transcripts import BETWEEN, HINT, SHARE, Line, Player, TelegramRenderer

Runs = tuple[tuple[str, bool], ...]  # words, and whether they are bold

A_TOKEN = "nv-Mx4T…(40 chữ và số)"
# What is drawn by lot: an invitation, and the short digest by which the audit knows it.
_BY_LOT = ((re.compile(r"\bnv-[\w-]{20,60}"), A_TOKEN), (re.compile(r"\b[0-9a-f]{12}\b"), "5c0a…"))
_QUOTE = re.compile(r"\{trích: (.+?)\} ?(.*)")
_FILE = re.compile(r"\{tệp: (.+?)\} ?(.*)")
_PRESSED = re.compile(r"\[(.+)\]|\{nút cũ: (.+)\}")


@dataclass(frozen=True, slots=True)
class Said:
    """Words that a person typed, in answer to `quotes` where that is not empty."""

    at: datetime
    who: str
    words: str
    quotes: str = ""

    @property
    def script(self) -> str:
        return f"> {self.words}"


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that a person pressed: nothing new appears, but the button was touched."""

    at: datetime
    who: str
    label: str

    @property
    def script(self) -> str:
        return f"> [{self.label}]"


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the bot: a file with its caption, or words, and the buttons below."""

    at: datetime
    runs: Runs
    rows: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    name: str = ""
    content: Any = None

    @property
    def script(self) -> str:
        return f"< {''.join(words for words, _ in self.runs)}"


Frame = Said | Pressed | Shown


class Filming(Player):
    """A player that keeps what each chat showed."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        super().__init__(store, knowledge, TelegramRenderer())
        self.film: dict[str, list[Frame]] = defaultdict(list)
        self._developed = 0

    async def _say(self, path: Path, line: Line) -> None:
        self.film[self._where].append(self._typed(line.words))
        await super()._say(path, line)
        self._develop()

    async def _direct(self, words: str) -> None:
        await super()._direct(words)
        self._develop()

    def _typed(self, words: str) -> Frame:
        at = self._clock.at + BETWEEN
        if pressed := _PRESSED.fullmatch(words):
            return Pressed(at, self._who, pressed[1] or pressed[2])
        if words == "{lời mời}":
            return Said(at, self._who, A_TOKEN)
        if quote := _QUOTE.fullmatch(words):
            quoted = self._screen.post.quoted(self._where, quote[1])
            text = next(
                letter.text for letter in self._screen.post.letters if letter.external_id == quoted
            )
            return Said(at, self._who, quote[2], text.partition("\n")[0])
        if file := _FILE.fullmatch(words):
            return Said(at, self._who, f"[{file[1]}]\n{file[2]}".strip())
        return Said(at, self._who, words)

    def _develop(self) -> None:
        """Take what was sent since the last time."""
        letters = self._screen.post.letters
        for letter in letters[self._developed :]:
            if letter.reply is not None:
                self.film[letter.address] += frames(letter.reply, self._clock.at)
        self._developed = len(letters)


def frames(reply: Reply, at: datetime) -> list[Shown]:
    """The messages of one reply, as Telegram shows them."""
    return [_shown(payload, at) for payload in rendering.render(reply, SHARE, HINT)]


def _shown(payload: Mapping[str, Any], at: datetime) -> Shown:
    keyboard = payload.get("reply_markup", {}).get("inline_keyboard", [])
    rows = tuple(tuple(button["text"] for button in row) for row in keyboard)
    if file := payload.get("attachment"):
        marked = "parse_mode" in payload
        caption = _runs(payload["caption"]) if marked else ((payload.get("caption", ""), False),)
        return Shown(at, caption, rows, file["kind"], file["name"], file["content"])
    text = payload["text"]
    for drawn, instead in _BY_LOT:
        text = drawn.sub(instead, text)
    return Shown(at, _runs(text), rows)


def _runs(text: str) -> Runs:
    parts = re.split(r"</?b>", text)
    runs = [(html.unescape(words), bool(place % 2)) for place, words in enumerate(parts)]
    return tuple(run for run in runs if run[0])


def stretch(film: list[Frame], first: str, last: str) -> list[Frame]:
    """From the frame that begins as *first* to the next one that begins as *last*, both included.

    Both are written as in a transcript. Raises LookupError where there is none.
    """
    begin = _find(film, first, 0)
    end = _find(film, last, begin)
    return film[begin : end + 1]


def _find(film: list[Frame], words: str, start: int) -> int:
    for place in range(start, len(film)):
        if film[place].script.startswith(words):
            return place
    known = "\n".join(frame.script.partition("\n")[0] for frame in film[start:])
    raise LookupError(f"{words!r} in\n{known}")
