"""Dossier checklists: what to prepare, ticked off over weeks, each item explained.

Where the law has not fixed the items, a checklist lists only what every case needs and borrows the
earlier regime's list under its own heading, so that nobody takes one for the other. What is ticked
is kept by item id: a list that was edited meanwhile keeps every tick that still means something.

How far one is can be shared with the department, as a form that asks nothing: `form`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from knowledge.asking import RESULT
from knowledge.entries import NO_CONSENT, Citation, ConsentWording, Field, Form

BAR = 8
RESUME_DAYS = 1  # of a form that nobody fills in
FULL, EMPTY = "■", "□"
TICKED, OPEN = "☑", "☐"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to prepare: what it is for, and what others got wrong. `entry` says more."""

    id: str
    label: str
    explanation: str
    mistakes: tuple[str, ...]
    entry: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Checklist:
    """The items of one programme under one rule set.

    `note` says how firm the list is. `borrows` is the id of an earlier checklist shown after this
    one for reference, under that one's own `heading`. `shared_as` is what its state is called once
    it is shared; empty where it never is.
    """

    id: str
    programme: str
    ruleset: str
    label: str
    heading: str
    note: str
    items: tuple[Item, ...]
    citations: tuple[Citation, ...]
    borrows: str = ""
    shared_as: str = ""
    consent: ConsentWording = NO_CONSENT
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading, each with the number it is ticked by; `id` is their list's."""

    id: str
    heading: str
    items: tuple[tuple[int, Item], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


def sections(checklists: Mapping[str, Checklist], checklist: Checklist) -> tuple[Section, ...]:
    """The list as it is shown, numbered through: its own items, then what it borrows."""
    shown: list[Section] = []
    first = 1
    for each in (checklist, checklists.get(checklist.borrows)):
        if each is not None:
            shown.append(Section(each.id, each.heading, tuple(enumerate(each.items, start=first))))
            first += len(each.items)
    return tuple(shown)


def form(checklists: Mapping[str, Checklist], checklist: Checklist) -> Form:
    """How far one is, as what is shared: a result for each section, and no question."""
    own, *borrowed = sections(checklists, checklist)
    return Form(
        id=checklist.id,
        label=checklist.shared_as,
        title=checklist.shared_as,
        consent=checklist.consent,
        fields=(
            Field(own.id, RESULT, checklist.shared_as, ""),
            *(Field(each.id, RESULT, each.heading, "") for each in borrowed),
        ),
        roles={},
        done="",
        resume_days=RESUME_DAYS,
        concludes=True,
        file=checklist.file,
        line=checklist.line,
    )


def progress(section: Section, ticked: Collection[str]) -> Progress:
    done = sum(1 for _, item in section.items if item.id in ticked)
    return Progress(done, len(section.items))


def lines(section: Section, ticked: Collection[str]) -> list[str]:
    """The heading with its progress, then every item with its number and whether it is ticked."""
    far = progress(section, ticked)
    head = f"**{section.heading}** {bar(far)} {far.done}/{far.total}"
    return [
        head,
        *(f"{_mark(item, ticked)} {number}. {item.label}" for number, item in section.items),
    ]


def bar(far: Progress) -> str:
    """Progress in text. Full only when everything is done, empty only when nothing is."""
    filled = far.done * BAR // far.total if far.total else 0
    if far.done:
        filled = max(1, filled)
    return FULL * filled + EMPTY * (BAR - filled)


def asked_about(typed: str) -> int | None:
    """The number in "?3" or "3?", which asks to have that item explained."""
    match = re.fullmatch(r"\s*(?:\?\s*(\d{1,2})|(\d{1,2})\s*\?)\s*", typed)
    return int(match[1] or match[2]) if match else None


def numbers(typed: str) -> tuple[int, ...]:
    """The numbers in "1, 3 và 5"; nothing unless the message is made of numbers only."""
    parts = re.sub(r"[,;.+&\s]+|\bvà\b|\bva\b", " ", typed.lower()).split()
    if not parts or not all(re.fullmatch(r"\d{1,2}", part) for part in parts):
        return ()
    return tuple(dict.fromkeys(map(int, parts)))


def item_at(shown: Iterable[Section], number: int) -> Item | None:
    return next((item for each in shown for n, item in each.items if n == number), None)


def toggled(shown: Iterable[Section], ticked: Collection[str], which: Iterable[int]) -> list[str]:
    """Tick what was open and open what was ticked; in the list's order, unknown ids dropped."""
    wanted = set(which)
    return [
        item.id
        for each in shown
        for number, item in each.items
        if (item.id in ticked) != (number in wanted)
    ]


def _mark(item: Item, ticked: Collection[str]) -> str:
    return TICKED if item.id in ticked else OPEN
