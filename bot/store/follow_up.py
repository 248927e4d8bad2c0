"""Leads as staff look for them: which enterprises, and how far each has come.

One that was merged into another, or whose people were all erased, is found no more. A person is
shown for as long as a submission of theirs was not withdrawn, or where the department's own list
named them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.erasure import ERASED
from bot.store.follow_up_schema import LIST
from knowledge.text import fold

_LEAST_DIGITS: Final = 3
_FEW: Final = 500  # enterprises that are asked for by number

_enterprise, _contact, _submission = schema.enterprise, schema.enterprise_contact, schema.submission
_follow = schema.follow_up
_values = _submission.c["values"]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which enterprises are wanted; an empty field asks nothing.

    `words` are looked for in name, tax code, commune and phone, with or without accents. `due`
    means due by the end of this week, or overdue.
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
_STANDING = _BRIEFS.where(
    _follow.c.merged_into.is_(None), ~_enterprise.c.tax_code.startswith(ERASED)
).order_by(_enterprise.c.last_at.desc(), _enterprise.c.id.desc())
_ONE_BRIEF = _BRIEFS.where(_enterprise.c.id == bindparam("of_id"))
SHOWN: Final = or_(
    _contact.c.channel == LIST,
    exists().where(
        _submission.c.enterprise == _contact.c.enterprise,
        _submission.c.channel == _contact.c.channel,
        _submission.c.conversation == _contact.c.conversation,
        _submission.c.withdrawn_at.is_(None),
    ),
)
_PHONES: Select[Any] = select(_contact.c.enterprise, _contact.c.phone).where(
    SHOWN, _contact.c.phone != ""
)
_INTERESTS: Select[Any] = select(
    _submission.c.enterprise,
    func.json_extract(_values, "$.commune").label("commune"),
    func.json_extract(_values, "$.programmes").label("programmes"),
).where(_submission.c.enterprise.is_not(None), _submission.c.withdrawn_at.is_(None))


async def find(
    db: AsyncConnection, sought: Sought, until: date, *, by_phone: bool = True
) -> Sequence[Brief]:
    """List what is sought, the latest heard of first; `until` is the last day that is "due"."""
    rows = (await db.execute(_standing(sought, until))).all()
    facts = await _facts(db, [row.id for row in rows])
    found = (_brief(row, facts.get(row.id, _Facts())) for row in rows)
    wants = _Wants(sought, by_phone=by_phone)
    return [each for each in found if wants.fits(each)]


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
    phones, interests = _PHONES, _INTERESTS
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


def _standing(sought: Sought, until: date) -> Select[Any]:
    """What SQL can say of a filter; accents are not for it."""
    found = _STANDING
    if sought.status:
        found = found.where(_stands == sought.status)
    if sought.owner is not None:
        found = found.where(_follow.c.owner == sought.owner)
    if sought.due:
        found = found.where(_follow.c.due_on != "", _follow.c.due_on <= until.isoformat())
    return found


class _Wants:
    """The rest of a filter, made ready once for all rows."""

    def __init__(self, sought: Sought, *, by_phone: bool) -> None:
        self._sought, self._by_phone = sought, by_phone
        self._commune = _folded(sought.commune)
        self._words = [f" {word}" for word in fold(sought.words).split()]
        digits = re.sub(r"[\s.()+–-]", "", sought.words)
        self._digits = digits if digits.isdecimal() and len(digits) >= _LEAST_DIGITS else ""
        self._national = re.sub(r"^(?:84|0)", "", self._digits)

    def fits(self, each: Brief) -> bool:
        sought = self._sought
        return (
            (not self._commune or self._commune in map(_folded, each.communes))
            and (not sought.programme or sought.programme in each.programmes)
            and (self._said_of(each) or self._number_of(each))
        )

    def _said_of(self, each: Brief) -> bool:
        if not self._words:
            return not self._sought.words.strip()
        told = " ".join(("", _folded(each.name), each.tax_code, *map(_folded, each.communes)))
        return all(word in told for word in self._words)

    def _number_of(self, each: Brief) -> bool:
        """Whether the digits are part of the tax code or of a phone, however either is written."""
        if not self._digits:
            return False
        if self._digits in each.tax_code.replace("-", ""):
            return True
        enough = self._by_phone and len(self._national) >= _LEAST_DIGITS
        return enough and any(self._national in phone for phone in each.phones)


@lru_cache(maxsize=32_768)
def _folded(text: str) -> str:
    """The same names are folded at every search."""
    return fold(text)


def _brief(row: Row[Any], facts: _Facts) -> Brief:
    communes = dict.fromkeys([*facts.communes, *([row.commune] if row.commune else [])])
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
