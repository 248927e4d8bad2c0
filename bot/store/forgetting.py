"""What staff wrote about a person goes with the person.

Notes and remarks are about enterprises and stay, but for those that name the person, their number
or their mail address. Of an enterprise that loses its last person and was not on the department's
own list, and of every household (its name and tax code are its owner's), nothing written stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Integer, Row, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import merged, schema
from bot.store.follow_up_schema import LIST
from knowledge.text import fold

HOUSEHOLD: Final = 12  # digits of a tax code that is its owner's citizen number
_NATIONAL: Final = 9  # digits of a phone number behind 0 or +84

_contact, _enterprise, _follow = schema.enterprise_contact, schema.enterprise, schema.follow_up
_OF = bindparam("of_id", type_=Integer)
_LISTED_PEOPLE = select(_contact).where(_contact.c.enterprise == _OF, _contact.c.channel == LIST)
_DROP_PERSON = delete(_contact).where(_contact.c.id == bindparam("of_contact"))
_note, _change = schema.follow_up_note, schema.follow_up_change
_WRITTEN = (
    (
        select(_note.c.id, _note.c.text).where(_note.c.enterprise == _OF),
        update(_note).where(_note.c.id == bindparam("of_row")).values(text=""),
    ),
    (
        select(_change.c.id, _change.c.remark).where(_change.c.enterprise == _OF),
        update(_change).where(_change.c.id == bindparam("of_row")).values(remark=""),
    ),
)
_HAS_PEOPLE = select(exists().where(_contact.c.enterprise == _OF))
_REMEMBERED = select(_enterprise.c.id).where(
    _enterprise.c.id == _OF,
    func.length(_enterprise.c.tax_code) != HOUSEHOLD,
    exists().where(_follow.c.enterprise == _enterprise.c.id, _follow.c.listed_at.is_not(None)),
)
_FORGET = (
    update(_enterprise)
    .where(_enterprise.c.id == _OF)
    # a household's tax code is its owner's citizen number: it goes with the name
    .values(name="", tax_code=bindparam("gone"))
)
_LAY_DOWN = update(_follow).where(_follow.c.enterprise == _OF).values(owner=None, due_on="")


async def forget_person(db: AsyncConnection, enterprise: int, person: Row[Any]) -> None:
    """Remove what the list and the staff's notes say of this contact of an enterprise."""
    for listed in (await db.execute(_LISTED_PEOPLE, {"of_id": enterprise})).all():
        if _same(listed, person):
            await db.execute(_DROP_PERSON, {"of_contact": listed.id})
    await _blank(db, enterprise, lambda text: _names(text, person))


async def forget_enterprise(db: AsyncConnection, enterprise: int, gone: Callable[[], str]) -> None:
    """Remove the name of one that has no people left; `gone` makes what its tax code becomes."""
    if await db.scalar(_HAS_PEOPLE, {"of_id": enterprise}):
        return
    for each in await merged.all_of(db, enterprise):
        if await db.scalar(_REMEMBERED, {"of_id": each}) is None:
            await db.execute(_FORGET, {"of_id": each, "gone": gone()})
            await db.execute(_LAY_DOWN, {"of_id": each})
            await _blank(db, each, lambda _text: True)


async def _blank(db: AsyncConnection, enterprise: int, which: Callable[[str], bool]) -> None:
    for written, blank in _WRITTEN:
        for number, text in (await db.execute(written, {"of_id": enterprise})).all():
            if text and which(text):
                await db.execute(blank, {"of_row": number})


def _same(listed: Row[Any], person: Row[Any]) -> bool:
    pairs = ((fold(listed.name), fold(person.name)), (listed.phone, person.phone))
    return any(one and one == other for one, other in (*pairs, (listed.email, person.email)))


def _names(text: str, person: Row[Any]) -> bool:
    """Whether *text* has the person's whole name, number or mail address, however written."""
    words, name = f" {fold(text)} ", fold(person.name)
    digits, number = re.sub(r"\D", "", text), re.sub(r"\D", "", person.phone)[-_NATIONAL:]
    return (
        bool(name and f" {name} " in words)
        or bool(number and number in digits)
        or bool(person.email and person.email.lower() in text.lower())
    )
