"""What is looked for of each enterprise, folded once: a search reads one table and folds nothing.

Plain text, no full-text index: one of those keeps what was deleted in its segments, and these are
people's names and numbers. Whatever changes an enterprise, its people or what they sent calls
`renew` in the same transaction; a test holds the rows against rows made anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import instance, merged, schema
from bot.store.columns import ERASED
from bot.store.follow_up import INTERESTS, SHOWN
from bot.store.follow_up_schema import BAR
from bot.store.lead_names import core
from knowledge.text import fold

MADE: Final = "1"  # how rows are made: with another number all are made anew at the next start
BASE: Final = 10  # digits of a tax code; a branch's has three more
_NOTE: Final = "lead_index"
_AT_ONCE: Final = 500  # enterprises in one statement

_index, _enterprise, _follow = schema.lead_index, schema.enterprise, schema.follow_up
_contact, _submission = schema.enterprise_contact, schema.submission
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ALL = select(_enterprise.c.id)
_NAMES: Select[Any] = (
    select(_enterprise.c.id, _enterprise.c.tax_code, _enterprise.c.name, _follow.c.commune)
    .outerjoin(_follow, _follow.c.enterprise == _enterprise.c.id)
    .where(_enterprise.c.id.in_(_IDS))
)
_PEOPLE: Select[Any] = (
    select(_contact.c.enterprise, _contact.c.name, _contact.c.phone, _contact.c.email)
    .where(SHOWN, _contact.c.enterprise.in_(_IDS))
    .order_by(_contact.c.id)
)
_INTERESTS = INTERESTS.where(_submission.c.enterprise.in_(_IDS)).order_by(_submission.c.id)
_DROP = delete(_index).where(_index.c.enterprise.in_(_IDS))
_KEEP = insert(_index)
_SIGNS: Select[Any] = select(
    _index.c.enterprise, _index.c.codes, _index.c.reached, _index.c.communes, _index.c.core
).order_by(_index.c.enterprise)


@dataclass(frozen=True, slots=True)
class Signs:
    """By what an enterprise is known again; communes folded, `core` as `lead_names` makes it."""

    enterprise: int
    codes: Sequence[str]
    reached: Sequence[str]
    communes: Sequence[str]
    core: str


async def fill(db: AsyncConnection) -> None:
    """Make every row where an older release made them, or none did; else nothing."""
    if await instance.told(db, _NOTE) != MADE:
        await db.execute(delete(_index))
        await renew(db, (await db.scalars(_ALL)).all())
        await instance.tell(db, _NOTE, MADE)


async def renew(db: AsyncConnection, enterprises: Collection[int]) -> None:
    """Make the rows of these enterprises anew, and of those that they were merged into."""
    if not enterprises:
        return
    into = await merged.merges(db)
    parts: dict[int, set[int]] = defaultdict(set)
    wanted = {merged.last(into, each) for each in enterprises}
    for each in (*into, *wanted):
        parts[merged.last(into, each)].add(each)
    for some in _pieces(sorted(wanted)):
        those = sorted({part for each in some for part in parts[each]} | {*some})
        await db.execute(_DROP, {"ids": those})
        if rows := await _rows(db, some, those, parts):
            await db.execute(_KEEP, rows)


async def signs(db: AsyncConnection) -> Sequence[Signs]:
    """Of all that stand for themselves, by number."""
    return [_signs(row) for row in await db.execute(_SIGNS)]


async def signs_of(db: AsyncConnection, enterprise: int) -> Signs | None:
    """Of one; None where it does not stand for itself."""
    row = (await db.execute(_SIGNS.where(_index.c.enterprise == enterprise))).one_or_none()
    return _signs(row) if row else None


async def akin(db: AsyncConnection, own: Signs) -> Sequence[Signs]:
    """Of the others that have a commune, a name, a number or an address of this one."""
    parts = (
        *((_index.c.communes, f"{BAR}{each}{BAR}") for each in own.communes),
        *((_index.c.reached, f" {each} ") for each in own.reached),
        *((_index.c.codes, f" {each[:BASE]}") for each in own.codes),
    )
    same = or_(_index.c.core == own.core, *(func.instr(text, part) > 0 for text, part in parts))
    return [
        _signs(row)
        for row in await db.execute(_SIGNS.where(same, _index.c.enterprise != own.enterprise))
    ]


def _signs(row: Row[Any]) -> Signs:
    communes = [each for each in row.communes.split(BAR) if each]
    return Signs(row.enterprise, row.codes.split(), row.reached.split(), communes, row.core)


async def _rows(
    db: AsyncConnection,
    some: Sequence[int],
    those: Sequence[int],
    parts: Mapping[int, set[int]],
) -> list[dict[str, Any]]:
    named = {row.id: row for row in await db.execute(_NAMES, {"ids": those})}
    people, sent = await _by(db, _PEOPLE, some), await _by(db, _INTERESTS, some)
    return [
        _row(
            named[each],
            [named[part] for part in sorted(parts[each] - {each})],
            people.get(each, ()),
            sent.get(each, ()),
        )
        for each in some
        if each in named and not named[each].tax_code.startswith(ERASED)
    ]


async def _by(
    db: AsyncConnection, rows: Select[Any], ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in await db.execute(rows, {"ids": ids}):
        found[row.enterprise].append(row)
    return found


def _row(
    own: Row[Any], others: Sequence[Row[Any]], people: Iterable[Row[Any]], sent: Iterable[Row[Any]]
) -> dict[str, Any]:
    people, sent = list(people), list(sent)
    communes = [*(row.commune for row in sent), own.commune]
    known = [each for each in (own, *others) if not each.tax_code.startswith(ERASED)]
    words = (
        *(text for each in known for text in (each.name, each.tax_code)),
        *communes,
        *(person.name for person in people),
    )
    programmes = (p for row in sent if row.programmes for p in json.loads(row.programmes))
    return {
        "enterprise": own.id,
        "words": _behind(" ", (fold(each) for each in words if each)),
        "codes": _behind(" ", (each.tax_code.replace("-", "") for each in known)),
        "reached": _behind(" ", (t for p in people for t in (p.phone, p.email.lower()))),
        "communes": _behind(BAR, (fold(each) for each in communes if each)),
        "programmes": _behind(BAR, programmes),
        "core": core(own.name),
    }


def _behind(mark: str, texts: Iterable[str]) -> str:
    """Each text once, in order, a mark before each and one at the end."""
    met = dict.fromkeys(each for each in texts if each)
    return "".join(f"{mark}{each}" for each in met) + (mark if met else "")


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
