"""Which enterprises may be one: suggested by what they have in common, never decided here.

What somebody looked at and called two is not suggested again. All are compared without comparing
each with each: by signs that are equal letter for letter, and within a commune by names that are
equal but for one word (`lead_names.keys`). The time grows with the number of enterprises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.leads import PAGE, standing
from bot.operations.rights import Actor, Right, allowed
from bot.store import follow_up, lead_index, lead_names, merging
from bot.store.follow_up import Brief
from bot.store.forgetting import HOUSEHOLD
from bot.store.lead_index import BASE, Signs

ALIKE: Final = 20  # a number or a name of more enterprises says nothing of any two


class Shared(StrEnum):
    """What two enterprises have in common, the strongest first."""

    TAX_CODE = "tax_code"  # the same but for a branch's number
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"  # but for the kind of enterprise; in one commune
    NAME_ALONE = "name_alone"  # the same; one of them without a commune
    NEAR_NAME = "near_name"  # nearly the same, in one commune


WEIGHT: Final[Mapping[Shared, int]] = {
    Shared.TAX_CODE: 8,
    Shared.PHONE: 4,
    Shared.EMAIL: 4,
    Shared.NAME: 4,
    Shared.NAME_ALONE: 2,
    Shared.NEAR_NAME: 1,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two that may be one, and why."""

    one: Brief
    other: Brief
    shared: tuple[Shared, ...]


async def suggestions(db: AsyncConnection, number: int, by: Actor) -> Sequence[Suggestion]:
    """Say what may be the same as this one, the likeliest first, a page at most.

    Raises NotAllowed, NotFound, NotNow.
    """
    await allowed(db, by, Right.FOLLOW)
    await standing(db, number)
    own, apart = await lead_index.signs_of(db, number), await merging.apart(db)
    found: dict[tuple[int, int], tuple[Shared, ...]] = {}
    if own is not None:
        for each in await lead_index.akin(db, own):
            shared = in_common(own, each)
            if shared and _pair(number, each.enterprise) not in apart:
                found[number, each.enterprise] = shared
    return await _named(db, _ranked(found)[:PAGE], found)


async def pairs(db: AsyncConnection, by: Actor, at: int = 0) -> tuple[int, Sequence[Suggestion]]:
    """Count the pairs among all that may be one, and give a page of them, the likeliest first.

    Raises NotAllowed.
    """
    await allowed(db, by, Right.FOLLOW)
    everyone, apart = await lead_index.signs(db), await merging.apart(db)
    found = {pair: shared for pair, shared in alike(everyone).items() if pair not in apart}
    page = _ranked(found)[at * PAGE : (at + 1) * PAGE]
    return len(found), await _named(db, page, found)


async def shared_by(db: AsyncConnection, one: int, other: int) -> tuple[Shared, ...]:
    """What speaks for these two being one; nothing where one of them does not stand for itself."""
    first, second = [await lead_index.signs_of(db, each) for each in (one, other)]
    return in_common(first, second) if first and second else ()


def alike(everyone: Iterable[Signs]) -> Mapping[tuple[int, int], tuple[Shared, ...]]:
    """Every pair that has something in common, by number, the smaller first."""
    found: dict[tuple[int, int], tuple[Shared, ...]] = {}
    for keys in (_equal, _nearly):
        blocks: dict[str, list[Signs]] = defaultdict(list)
        for each in everyone:
            for key in keys(each):
                blocks[key].append(each)
        for block in blocks.values():
            if 1 < len(block) <= ALIKE:
                _compare(block, found)
    return found


def in_common(one: Signs, other: Signs) -> tuple[Shared, ...]:
    """What speaks for two enterprises being one."""
    reached = {*one.reached}.intersection(other.reached)
    holds = {
        Shared.TAX_CODE: bool({*_codes(one)}.intersection(_codes(other))),
        Shared.PHONE: any("@" not in each for each in reached),
        Shared.EMAIL: any("@" in each for each in reached),
    }
    return (*(shared for shared, true in holds.items() if true), *_by_name(one, other))


def _by_name(one: Signs, other: Signs) -> Iterator[Shared]:
    here = not {*one.communes}.isdisjoint(other.communes)
    if one.core and one.core == other.core:
        if here:
            yield Shared.NAME
        elif not one.communes or not other.communes:
            yield Shared.NAME_ALONE
    elif here and lead_names.near(one.core, other.core):
        yield Shared.NEAR_NAME


def _compare(block: Sequence[Signs], found: dict[tuple[int, int], tuple[Shared, ...]]) -> None:
    for one, other in combinations(block, 2):
        pair = _pair(one.enterprise, other.enterprise)
        if pair not in found and (shared := in_common(one, other)):
            found[pair] = shared


def _equal(each: Signs) -> Iterator[str]:
    """What is the same, letter for letter, where two enterprises are one."""
    yield from each.reached
    yield from _codes(each)
    if each.core:
        yield f"{each.core},"
        yield from (f"{each.core}, {commune}" for commune in each.communes)


def _nearly(each: Signs) -> Iterator[str]:
    for commune in each.communes:
        yield from (f"{key}, {commune}" for key in lead_names.keys(each.core))


def _codes(each: Signs) -> Iterator[str]:
    """Tax codes without a branch's number. A household's says nothing of others.

    Citizen numbers of one commune and year follow each other.
    """
    return (code[:BASE] for code in each.codes if len(code) != HOUSEHOLD)


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _ranked(found: Mapping[tuple[int, int], tuple[Shared, ...]]) -> list[tuple[int, int]]:
    """The pairs with most in common first."""
    return sorted(found, key=lambda pair: (-sum(WEIGHT[each] for each in found[pair]), pair))


async def _named(
    db: AsyncConnection,
    page: Sequence[tuple[int, int]],
    found: Mapping[tuple[int, int], tuple[Shared, ...]],
) -> Sequence[Suggestion]:
    briefs = await follow_up.of(db, {number for pair in page for number in pair})
    return [Suggestion(briefs[one], briefs[other], found[one, other]) for one, other in page]
