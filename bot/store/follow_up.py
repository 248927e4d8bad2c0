"""Leads as staff look for them: which enterprises, and how far each has come.

One that was merged into another, or whose people were all erased, is found no more. A person is
shown for as long as a submission of theirs was not withdrawn, or where the department's own list
named them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import ERASED
from bot.store.follow_up_schema import BAR, LIST
from bot.store.leads import STILL_REGISTERED
from knowledge.text import fold

_LEAST_DIGITS: Final = 3
_FEW: Final = 500  # enterprises that are asked for by number

_enterprise, _contact, _submission = schema.enterprise, schema.enterprise_contact, schema.submission
_follow, _index = schema.follow_up, schema.lead_index
_values = _submission.c["values"]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which enterprises are wanted; an empty field asks nothing.

    `words` are looked for, with or without accents, in names (also of what was merged into it and
    of its people), tax codes, communes, phones and mail addresses. `due` means due by the end of
    this week, or overdue.
    """

    words: str = ""
    status: str = ""
    owner: int | None = None
    due: bool = False
    commune: str = ""
    programme: str = ""

    def as_data(self) -> dict[str, Any]:
        """What JSON can hold of it; `of_data` takes it back."""
        return asdict(self)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Sought:
        """Raises TypeError for a field that is none."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Brief:
    """One enterprise in a list."""

    id: int
    tax_code: str
    name: str
    status: str
    owner: int | None
    due_on: date | None
    communes: tuple[str, ...]
    programmes: tuple[str, ...]
    phones: tuple[str, ...]
    last_at: datetime
    merged_into: int | None


_stands = func.coalesce(_follow.c.status, schema.STATUSES[0])
_GONE = _enterprise.c.tax_code.startswith(ERASED)
_BRIEFS: Select[Any] = select(
    _enterprise.c.id,
    _enterprise.c.tax_code,
    _enterprise.c.name,
    _enterprise.c.last_at,
    _stands.label("status"),
    _follow.c.owner,
    func.coalesce(_follow.c.due_on, "").label("due_on"),
    func.coalesce(_follow.c.commune, "").label("commune"),
    _follow.c.merged_into,
).outerjoin(_follow, _follow.c.enterprise == _enterprise.c.id)
# Who stands for themselves is who has a row in the index.
_STANDING = _BRIEFS.join(_index, _index.c.enterprise == _enterprise.c.id)
_COUNT = select(func.count()).select_from(
    _index.outerjoin(_follow, _follow.c.enterprise == _index.c.enterprise)
)
_ONE_BRIEF = _BRIEFS.where(_enterprise.c.id == bindparam("of_id"))
SHOWN: Final = or_(_contact.c.channel == LIST, STILL_REGISTERED)
_PHONES: Select[Any] = select(_contact.c.enterprise, _contact.c.phone).where(
    SHOWN, _contact.c.phone != ""
)
INTERESTS: Final[Select[Any]] = select(
    _submission.c.enterprise,
    func.json_extract(_values, "$.commune").label("commune"),
    func.json_extract(_values, "$.programmes").label("programmes"),
).where(_submission.c.enterprise.is_not(None), _submission.c.withdrawn_at.is_(None))


async def find(  # noqa: PLR0913 - a filter, who asks, and which part of what it finds
    db: AsyncConnection,
    sought: Sought,
    until: date,
    *,
    by_reach: bool = True,
    start: int = 0,
    most: int | None = None,
) -> Sequence[Brief]:
    """List what is sought, from the *start*-th on at most so many; `until` is the last day "due".

    Whoever has the words next to each other comes first, then the latest heard of. `by_reach` says
    whether phones and mail addresses are looked at.
    """
    wanted = _wanted(_STANDING, sought, until, by_reach=by_reach).order_by(
        *_nearest(sought), _enterprise.c.last_at.desc(), _enterprise.c.id.desc()
    )
    rows = (await db.execute(wanted.offset(start).limit(most))).all()
    facts = await _facts(db, [row.id for row in rows])
    return [_brief(row, facts.get(row.id, _Facts())) for row in rows]


async def count(db: AsyncConnection, sought: Sought, until: date, *, by_reach: bool = True) -> int:
    """How many are sought."""
    return int(await db.scalar(_wanted(_COUNT, sought, until, by_reach=by_reach)) or 0)


async def of(db: AsyncConnection, numbers: Collection[int]) -> Mapping[int, Brief]:
    """Those of these numbers that there are, merged or not."""
    rows = (await db.execute(_BRIEFS.where(_enterprise.c.id.in_(numbers), ~_GONE))).all()
    facts = await _facts(db, [row.id for row in rows])
    return {row.id: _brief(row, facts.get(row.id, _Facts())) for row in rows}


async def met(db: AsyncConnection, part: str) -> Mapping[str, int]:
    """The communes or programmes that there are, the commonest first; communes as one writes them.

    `part` is the name of the field of `Brief`.
    """
    column = _index.c[part]
    found: Counter[str] = Counter()
    example: dict[str, int] = {}
    groups = select(column, func.count(), func.max(_index.c.enterprise)).group_by(column)
    for values, times, enterprise in (await db.execute(groups)).all():
        for each in filter(None, values.split(BAR)):
            found[each] += times
            example[each] = enterprise
    if part != "communes":
        return dict(found.most_common())
    written = await of(db, {*example.values()})
    names = {fold(each): each for brief in written.values() for each in brief.communes}
    return {names.get(each, each): times for each, times in found.most_common()}


async def brief(db: AsyncConnection, number: int) -> Brief | None:
    """One enterprise, whether it was merged or not; None for one that is gone or never was."""
    row = (await db.execute(_ONE_BRIEF, {"of_id": number})).one_or_none()
    if row is None or row.tax_code.startswith(ERASED):
        return None
    facts = await _facts(db, [number])
    return _brief(row, facts.get(number, _Facts()))


class _Facts:
    """What the people of one enterprise said about it."""

    def __init__(self) -> None:
        self.communes: dict[str, None] = {}
        self.programmes: dict[str, None] = {}
        self.phones: dict[str, None] = {}


async def _facts(db: AsyncConnection, numbers: Sequence[int]) -> dict[int, _Facts]:
    phones, interests = _PHONES, INTERESTS
    if len(numbers) <= _FEW:
        phones = phones.where(_contact.c.enterprise.in_(numbers))
        interests = interests.where(_submission.c.enterprise.in_(numbers))
    found: dict[int, _Facts] = {}
    for row in await db.execute(phones):
        found.setdefault(row.enterprise, _Facts()).phones[row.phone] = None
    for row in await db.execute(interests):
        facts = found.setdefault(row.enterprise, _Facts())
        facts.communes |= dict.fromkeys([row.commune] if row.commune else [])
        facts.programmes |= dict.fromkeys(json.loads(row.programmes) if row.programmes else [])
    return found


def _wanted(found: Select[Any], sought: Sought, until: date, *, by_reach: bool) -> Select[Any]:
    """What a filter asks."""
    if sought.status:
        found = found.where(_stands == sought.status)
    if sought.owner is not None:
        found = found.where(_follow.c.owner == sought.owner)
    if sought.due:
        found = found.where(_follow.c.due_on != "", _follow.c.due_on <= until.isoformat())
    if sought.commune:
        found = found.where(_has(_index.c.communes, f"{BAR}{fold(sought.commune)}{BAR}"))
    if sought.programme:
        found = found.where(_has(_index.c.programmes, f"{BAR}{sought.programme}{BAR}"))
    if sought.words.strip():
        found = found.where(_said(sought.words, by_reach=by_reach))
    return found


def _said(words: str, *, by_reach: bool) -> ColumnElement[bool]:
    """Every word begins a word of theirs; or the digits are part of a code or of a phone."""
    ways: list[ColumnElement[bool]] = []
    if folded := fold(words).split():
        ways.append(and_(*(_has(_index.c.words, f" {each}") for each in folded)))
    digits = re.sub(r"[\s.()+–-]", "", words)
    if digits.isdecimal() and len(digits) >= _LEAST_DIGITS:
        ways.append(_has(_index.c.codes, digits))
        national = re.sub(r"^(?:84|0)", "", digits)
        if by_reach and len(national) >= _LEAST_DIGITS:
            ways.append(_has(_index.c.reached, national))
    if by_reach and "@" in words:
        ways.append(_has(_index.c.reached, words.strip().lower()))
    return or_(*ways) if ways else false()


def _nearest(sought: Sought) -> Sequence[ColumnElement[Any]]:
    together = fold(sought.words)
    return [_has(_index.c.words, f" {together}").desc()] if " " in together else []


def _has(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return func.instr(column, part) > 0


def _brief(row: Row[Any], facts: _Facts) -> Brief:
    written = reversed([*facts.communes, *([row.commune] if row.commune else [])])
    communes = reversed({fold(each): each for each in written}.values())  # each as first written
    return Brief(
        id=row.id,
        tax_code=row.tax_code,
        name=row.name,
        status=row.status,
        owner=row.owner,
        due_on=date.fromisoformat(row.due_on) if row.due_on else None,
        communes=tuple(communes),
        programmes=tuple(facts.programmes),
        phones=tuple(facts.phones),
        last_at=row.last_at,
        merged_into=row.merged_into,
    )
