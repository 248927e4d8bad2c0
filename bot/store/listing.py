"""Taking up enterprises from the department's own list. Nobody on it has a chat or a consent.

What is known already stays as it is: a name that an enterprise gave itself is not overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import merged, schema
from bot.store.follow_up_schema import LIST
from knowledge.text import fold

_enterprise, _follow, _contact = schema.enterprise, schema.follow_up, schema.enterprise_contact
_KNOWN = select(_enterprise.c.tax_code, _enterprise.c.id)
_ADD = insert(_enterprise).on_conflict_do_nothing().returning(_enterprise.c.id)
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
_PEOPLE = select(_contact).where(_contact.c.enterprise == bindparam("of_id"))
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


async def known(db: AsyncConnection) -> Mapping[str, int]:
    """Every tax code with its enterprise."""
    return {row.tax_code: row.id for row in await db.execute(_KNOWN)}


async def take_up(db: AsyncConnection, row: Listed, now: datetime) -> bool:
    """Keep one row; whether it brought a person who was not known. Twice is once."""
    facts = {"tax_code": row.tax_code, "name": row.name, "first_at": now, "last_at": now}
    added = await db.scalar(_ADD, facts)
    number = int(added) if added is not None else (await known_one(db, row.tax_code))
    number = await merged.standing(db, number)
    await db.execute(_NAME, {"of_id": number, "to_name": row.name})
    place = {"province": row.province, "commune": row.commune}
    await db.execute(_LIST, {"enterprise": number, "listed_at": now} | place)
    return await _meet(db, number, row)


async def known_one(db: AsyncConnection, tax_code: str) -> int:
    found = await db.execute(_KNOWN.where(_enterprise.c.tax_code == tax_code))
    return int(found.one().id)


async def _meet(db: AsyncConnection, number: int, row: Listed) -> bool:
    if not (row.contact or row.phone or row.email):
        return False
    people = (await db.execute(_PEOPLE, {"of_id": number})).all()
    for each in people:
        same_name = fold(each.name) == fold(row.contact)
        if (row.phone and each.phone == row.phone) or (
            same_name and (not row.phone or not each.phone)
        ):
            return False
    last = max((each.id for each in people), default=0)  # of which no later one is a copy
    contact = {
        "enterprise": number,
        "channel": LIST,
        "conversation": f"{number}-{last + 1}",
        "name": row.contact,
        "position": row.position,
        "phone": row.phone,
        "phone_verified": False,
        "email": row.email,
    }
    await db.execute(_MEET, contact)
    return True
