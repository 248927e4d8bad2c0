"""What may go along with words: a closed list of kinds, each with the plain data it is made from.

`bot.drawing` makes every kind. The data is kept in the queue of what is to be sent, so it holds
only what JSON can hold, and every word in it is already as a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

RADAR, CHECKLIST, BARS = "radar", "checklist", "bars"
LEADS = "leads"
RESULTS = "results"
# Made from the database when it is sent: its content names no person.
LIVE = frozenset({LEADS, RESULTS})
PICTURE, DOCUMENT = "picture", "document"
STORED = frozenset({PICTURE, DOCUMENT})  # a file that staff chose: it carries the words itself
KINDS = (RADAR, CHECKLIST, BARS)
PICTURES = frozenset({RADAR, BARS, PICTURE})  # shown in the chat itself; the others are documents
SHA256 = re.compile(r"[0-9a-f]{64}")
NEEDED_AXES = 3  # fewer enclose nothing


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a document that goes before the words, as data; it is made when it is sent.

    `content` is what its `kind` names below. `name` is the file's, with its ending. `caption`
    stands under it, and `instead` is said where it cannot be made or is not taken; both are
    literal text.
    """

    kind: str
    name: str
    caption: str
    instead: str
    content: Mapping[str, Any]


class Axis(TypedDict):
    name: str
    value: float


class RadarContent(TypedDict):
    """A picture: `axes` (at least `NEEDED_AXES`), each from 0 to `most`."""

    title: str
    axes: list[Axis]
    most: float


class Bar(TypedDict):
    name: str
    value: int


class BarGroup(TypedDict):
    """Bars that are measured against each other, the first on top."""

    heading: str
    bars: list[Bar]


class BarsContent(TypedDict):
    """A picture: groups of bars, one below the other."""

    title: str
    groups: list[BarGroup]


class Box(TypedDict):
    """Something to prepare. `notes` are lines of their own below the explanation."""

    label: str
    ticked: bool
    explanation: str
    notes: list[str]


class Part(TypedDict):
    """Boxes under one heading, numbered through from part to part."""

    heading: str
    boxes: list[Box]


class ChecklistContent(TypedDict):
    """A document to print. `intro` stands before the parts, `source` and `day` at its end."""

    title: str
    organisation: str
    intro: str
    parts: list[Part]
    source: str
    day: str


class StoredContent(TypedDict):
    """The file whose bytes have this digest, in hexadecimal digits."""

    sha256: str


class LeadsContent(TypedDict):
    """Enterprises as they are when it is sent; for the member of this number, 0 for nobody.

    `sought` is a filter as data, and `words` what it says; `until` is the last day that it calls
    due, in ISO form. `asked_at` is the moment in words.
    """

    staff: int
    sought: dict[str, Any]
    until: str
    words: str
    asked_at: str


class ResultsContent(TypedDict):
    """What became of an announcement's recipients by then; for the member of this number."""

    broadcast: int
    staff: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody sent us and the platform keeps: its id there, and what it tells of it.

    `size` in bytes, 0 where it is not told. Neither name nor size proves anything.
    """

    id: str
    name: str
    size: int = 0


def radar(name: str, content: RadarContent, *, caption: str, instead: str) -> Attachment:
    """A picture. `name` without its ending."""
    return Attachment(RADAR, f"{name}.png", caption, instead, content)


def checklist(name: str, content: ChecklistContent, *, caption: str, instead: str) -> Attachment:
    """A Word document on A4. `name` without its ending."""
    return Attachment(CHECKLIST, f"{name}.docx", caption, instead, content)


def bars(name: str, content: BarsContent, *, caption: str, instead: str) -> Attachment:
    """A picture. `name` without its ending."""
    return Attachment(BARS, f"{name}.png", caption, instead, content)


def stored(kind: str, name: str, sha256: str) -> Attachment:
    """A file of `STORED`. `name` with its ending."""
    return Attachment(kind, name, "", "", StoredContent(sha256=sha256))


def leads(name: str, content: LeadsContent, *, caption: str, instead: str) -> Attachment:
    """A workbook of enterprises. `name` without its ending."""
    return Attachment(LEADS, f"{name}.xlsx", caption, instead, content)


def results(name: str, content: ResultsContent, *, caption: str, instead: str) -> Attachment:
    """A workbook of an announcement's recipients. `name` without its ending."""
    return Attachment(RESULTS, f"{name}.xlsx", caption, instead, content)
