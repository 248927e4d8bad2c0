"""Duplicates among enterprises: suggested by what they have in common, merged by a person only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import combinations
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.leads import get, standing
from bot.operations.refusals import NotFound, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import follow_up, merging
from bot.store.follow_up import Brief, Sought
from bot.store.forgetting import HOUSEHOLD
from knowledge.text import fold

ALIKE: Final = 20  # a phone of more enterprises is somebody's who works for all of them
ENTERPRISE: Final = 10  # digits of a tax code; a branch's has three more
NEAR: Final = 0.87  # of two names' letters: measured on names that differ by one word or slip
_KIND: Final = re.compile(
    r"\b(?:cong ty|cty|tnhh|mtv|mot thanh vien|co phan|cp|doanh nghiep|dn|tu nhan|hop tac xa|htx"
    r"|ho kinh doanh|hkd|co so|chi nhanh|va)\b"
)


class Shared(StrEnum):
    """What two enterprises have in common."""

    TAX_CODE = "tax_code"  # the same but for a branch's number, or for one digit
    NAME = "name"  # nearly the same name, in one commune
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An enterprise that may be the same, and why."""

    other: Brief
    shared: tuple[Shared, ...]


async def suggestions(db: AsyncConnection, number: int, by: Actor) -> Sequence[Suggestion]:
    """List what may be the same enterprise, the likeliest first. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.FOLLOW)
    one = await standing(db, number)
    everyone = await follow_up.find(db, Sought(), date.max)
    found = [
        Suggestion(other, shared)
        for other in everyone
        if other.id != one.id and (shared := in_common(one, other))
    ]
    return sorted(found, key=lambda each: -len(each.shared))


async def pairs(db: AsyncConnection, by: Actor) -> Sequence[tuple[Brief, Suggestion]]:
    """List who may be one, among all: by phone, by tax code but for a branch's number, by name.

    Names that are only nearly the same are looked for one enterprise at a time (`suggestions`): all
    against all takes too long. Raises NotAllowed.
    """
    await allowed(db, by, Right.FOLLOW)
    alike: dict[str, list[Brief]] = {}
    for each in await follow_up.find(db, Sought(), date.max):
        for sign in _signs(each):
            alike.setdefault(sign, []).append(each)
    found: dict[tuple[int, int], tuple[Brief, Suggestion]] = {}
    for those in alike.values():
        for one, other in combinations(sorted(those[:ALIKE], key=lambda each: each.id), 2):
            if shared := in_common(one, other):
                found[one.id, other.id] = (one, Suggestion(other, shared))
    return sorted(found.values(), key=lambda pair: (-len(pair[1].shared), pair[0].id))


def in_common(one: Brief, other: Brief) -> tuple[Shared, ...]:
    """What speaks for two enterprises being one."""
    near = {
        Shared.TAX_CODE: _same_code(one.tax_code, other.tax_code),
        Shared.NAME: _same_place(one, other) and _same_name(one.name, other.name),
        Shared.PHONE: not set(one.phones).isdisjoint(other.phones),
    }
    return tuple(shared for shared, holds in near.items() if holds)


async def merge(db: AsyncConnection, kept: int, gone: int, by: Actor, now: datetime) -> None:
    """Make two enterprises one: `kept` gets the other's people, submissions, log and notes.

    Its own status, owner and day stay. Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await allowed(db, by, Right.FOLLOW)
    if kept == gone:
        raise Unfit(Why.SAME_ENTERPRISE)
    await standing(db, kept)
    await standing(db, gone)
    moved = await merging.merge(db, kept, gone, by.staff, now)
    after = {"merged": gone, **moved}
    await note(db, by, "merge", f"enterprise:{kept}", now, after=after)


async def undo(db: AsyncConnection, number: int, by: Actor, now: datetime) -> int:
    """Part what was merged; return the enterprise that it was merged into.

    What came in since stays there. Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await merging.get(db, number)
    if found is None or found.undone or (await get(db, found.kept)).merged_into is not None:
        raise NotFound(Why.NO_SUCH_MERGE)
    await merging.undo(db, found, now)
    await note(db, by, "part", f"enterprise:{found.kept}", now, before={"merged": found.gone})
    return found.kept


def _signs(each: Brief) -> set[str]:
    """What is equal, letter for letter, where two enterprises are one."""
    digits, name = re.sub(r"\D", "", each.tax_code), _bare(each.name)
    return {
        *each.phones,
        *([digits[:ENTERPRISE]] if len(digits) != HOUSEHOLD else []),
        *(f"{name}, {fold(commune)}" for commune in each.communes if name),
    }


def _same_code(one: str, other: str) -> bool:
    """The same but for a branch's number, or for one digit. A household's says nothing of others.

    Citizen numbers of one commune and year follow each other.
    """
    first, second = (re.sub(r"\D", "", each) for each in (one, other))
    if HOUSEHOLD in {len(first), len(second)}:
        return False
    pairs = zip(first[:ENTERPRISE], second[:ENTERPRISE], strict=False)
    return sum(a != b for a, b in pairs) <= (len(first) == len(second) == ENTERPRISE)


def _same_place(one: Brief, other: Brief) -> bool:
    here, there = ({fold(each) for each in brief.communes} for brief in (one, other))
    return not here.isdisjoint(there)


def _same_name(one: str, other: str) -> bool:
    """The same words but for the kind of enterprise, or nearly the same letters."""
    first, second = _bare(one), _bare(other)
    if not first or not second:
        return False
    return first == second or SequenceMatcher(None, first, second).ratio() >= NEAR


def _bare(name: str) -> str:
    """A name without its accents and its kind of enterprise."""
    return " ".join(_KIND.sub(" ", fold(name)).split())
