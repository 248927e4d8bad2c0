"""Taking up enterprises from the department's own list. Nobody on it has a chat or a consent.

What is known already stays as it is: a name that an enterprise gave itself is not overwritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import lead_index, merged, schema
from bot.store.follow_up_schema import LIST
from knowledge.text import fold

_enterprise, _follow, _contact = schema.enterprise, schema.follow_up, schema.enterprise_contact
_KNOWN = select(_enterprise.c.tax_code, _enterprise.c.id)
_ADD = insert(_enterprise).on_conflict_do_nothing()
_NAME = (
    update(_enterprise)
    .where(_enterprise.c.id == bindparam("of_id"), _enterprise.c.name == "")
    .values(name=bindparam("to_name"))
)
_listed = insert(_follow)
_LIST = _listed.on_conflict_do_update(
    index_elements=["enterprise"],
    set_={
        name: func.coalesce(func.nullif(_follow.c[name], ""), _listed.excluded[name])
        for name in ("province", "commune")
    }
    | {"listed_at": func.coalesce(_follow.c.listed_at, _listed.excluded.listed_at)},
)
_PEOPLE = select(_contact.c.id, _contact.c.enterprise, _contact.c.name, _contact.c.phone)
_MEET = insert(_contact)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list, each part in the form in which the bot keeps it."""

    tax_code: str
    name: str
    contact: str = ""
    position: str = ""
    phone: str = ""
    email: str = ""
    province: str = ""
    commune: str = ""


class _Known(NamedTuple):
    """A person who is there; `name` folded."""

    id: int
    name: str
    phone: str


async def known(db: AsyncConnection) -> Mapping[str, int]:
    """Every tax code with its enterprise."""
    return {row.tax_code: row.id for row in await db.execute(_KNOWN)}


async def take_up(db: AsyncConnection, rows: Sequence[Listed], now: datetime) -> int:
    """Keep the rows; how many people they brought who were not known. Twice is once.

    The statements are as many as the columns, not as the rows: a list is kept while turns wait.
    """
    if not rows:
        return 0
    moments = {"first_at": now, "last_at": now}
    facts = [{"tax_code": each.tax_code, "name": each.name} | moments for each in rows]
    await db.execute(_ADD, facts)
    by_code, into = await known(db), await merged.merges(db)
    numbers = [merged.last(into, by_code[each.tax_code]) for each in rows]
    both = list(zip(numbers, rows, strict=True))
    await db.execute(_NAME, [{"of_id": number, "to_name": row.name} for number, row in both])
    listed = [
        {
            "enterprise": number,
            "listed_at": now,
            "province": row.province,
            "commune": row.commune,
        }
        for number, row in both
    ]
    await db.execute(_LIST, listed)
    met = await _meet(db, both)
    await lead_index.renew(db, {*numbers})
    return met


async def _meet(db: AsyncConnection, both: Sequence[tuple[int, Listed]]) -> int:
    """Keep the people that are not known at their enterprise by name or number."""
    people: dict[int, list[_Known]] = defaultdict(list)
    for known_one in (await db.execute(_PEOPLE)).all():
        person = _Known(known_one.id, fold(known_one.name), known_one.phone)
        people[known_one.enterprise].append(person)
    new = []
    for number, row in both:
        there = people[number]
        if not (row.contact or row.phone or row.email) or _among(there, row):
            continue
        last = max((each.id for each in there), default=0)  # of which no later one is a copy
        there.append(_Known(last + 1, fold(row.contact), row.phone))
        new.append(
            {
                "enterprise": number,
                "channel": LIST,
                "conversation": f"{number}-{last + 1}",
                "name": row.contact,
                "position": row.position,
                "phone": row.phone,
                "phone_verified": False,
                "email": row.email,
            }
        )
    if new:
        await db.execute(_MEET, new)
    return len(new)


def _among(people: Sequence[_Known], row: Listed) -> bool:
    name = fold(row.contact)
    return any(
        (row.phone and each.phone == row.phone)
        or (each.name == name and (not row.phone or not each.phone))
        for each in people
    )
