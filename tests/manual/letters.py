"""How wide words are, and where their lines break.

Measured with the font that matplotlib brings, which is wider than what phones and offices have:
what fits here, fits there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from tests.manual.filming import Runs

BULLET: Final = "• "
HANG: Final = 0.75  # how far the words of a list stand from its bullet, in their size
_UNITS = 1000  # the size at which letters are measured
_EMOJI = 1.3  # of a letter that the font has not: the platform's own picture


@cache
def _font(*, bold: bool) -> FT2Font:
    folder = Path(mpl.get_data_path(), "fonts", "ttf")
    font = FT2Font(str(folder / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")))
    font.set_size(_UNITS, 72)
    return font


@cache
def _advance(letter: str, *, bold: bool) -> float:
    font = _font(bold=bold)
    if unicodedata.combining(letter) or letter == "\ufe0f":
        return 0.0
    if not font.get_char_index(ord(letter)):
        return _EMOJI
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _UNITS


def width(words: str, size: float, *, bold: bool = False) -> float:
    """In the units of *size*."""
    return size * sum(_advance(letter, bold=bold) for letter in words)


def fitted(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """The words on one line, shortened with "…" where there is not so much room."""
    words = unicodedata.normalize("NFC", words)
    if width(words, size, bold=bold) <= room:
        return words
    while words and width(f"{words}…", size, bold=bold) > room:
        words = words[:-1].rstrip()
    return f"{words}…"


class Line(NamedTuple):
    """A line, how far it is moved in, and whether a bullet stands before it."""

    indent: float
    runs: Runs
    bullet: bool = False


def lines(runs: Runs, size: float, room: float) -> Iterator[Line]:
    """What follows a bullet stands below its words."""
    for paragraph in _paragraphs(runs):
        text = "".join(words for words, _ in paragraph)
        indent = width(" " * (len(text) - len(text.lstrip(" "))), size)
        bullet = text.startswith(BULLET)
        if bullet:
            indent = HANG * size
        words = _words(_without_bullet(paragraph) if bullet else paragraph)
        for place, line in enumerate(_wrapped(words, size, room - indent)):
            yield Line(indent, line, bullet and place == 0)


def _without_bullet(paragraph: Runs) -> Runs:
    (words, bold), *others = paragraph
    return ((words.removeprefix(BULLET), bold), *others)


def _paragraphs(runs: Runs) -> Iterator[Runs]:
    line: list[tuple[str, bool]] = []
    for words, bold in runs:
        first, *others = unicodedata.normalize("NFC", words).split("\n")
        line.append((first, bold))
        for other in others:
            yield tuple(line)
            line = [(other, bold)]
    yield tuple(line)


def _words(runs: Runs) -> list[list[tuple[str, bool]]]:
    """What may stand on a line of its own: words, each in stretches that are bold or not."""
    words: list[list[tuple[str, bool]]] = [[]]
    for text, bold in runs:
        first, *others = text.split(" ")
        words[-1].append((first, bold))
        words += [[(other, bold)] for other in others]
    return [word for word in words if any(part for part, _ in word)]


def _wrapped(words: Iterable[list[tuple[str, bool]]], size: float, room: float) -> Iterator[Runs]:
    line: list[tuple[str, bool]] = []
    used = 0.0
    for word in words:
        wide = sum(width(part, size, bold=bold) for part, bold in word)
        gap = width(" ", size) if line else 0.0
        if line and used + gap + wide > room:
            yield _joined(line)
            line, used, gap = [], 0.0, 0.0
        line += [(" ", word[0][1] and line[-1][1])] if gap else []
        line += word
        used += gap + wide
    yield _joined(line)


def _joined(parts: Iterable[tuple[str, bool]]) -> Runs:
    """The same with neighbours of one weight as one."""
    joined: list[tuple[str, bool]] = []
    for words, bold in parts:
        if joined and joined[-1][1] == bold:
            joined[-1] = (joined[-1][0] + words, bold)
        elif words:
            joined.append((words, bold))
    return tuple(joined)
