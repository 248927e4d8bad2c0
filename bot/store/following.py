"""What staff change about a lead: status, owner, due day, notes, calls, views.

A row of `follow_up` comes into being with the first of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import ERASED, bound, of_conversation
from bot.store.follow_up import Sought
from bot.store.staff_schema import ON_STAFF
from handlers.conversation import Conversation

_enterprise, _follow, _check = schema.enterprise, schema.follow_up, schema.contact_check
_contact, _view, _staff = schema.enterprise_contact, schema.saved_view, schema.staff

_TAKE_UP = upsert(_follow).on_conflict_do_nothing()
_CHANGE = update(_follow).where(_follow.c.enterprise == bindparam("of_id"))
_LOG = insert(schema.follow_up_change)
_NOTE = insert(schema.follow_up_note)
_called = upsert(_check)
_CALLED = _called.on_conflict_do_update(
    index_elements=["contact"],
    set_={name: _called.excluded[name] for name in ("phone", "by", "at")},
)
_CONTACT = select(_contact.c.enterprise, _contact.c.phone).where(
    _contact.c.id == bindparam("of_id")
)
_STATUS = func.coalesce(_follow.c.status, schema.STATUSES[0])
_COUNTS = (
    select(_STATUS, func.count())
    .select_from(_enterprise)
    .outerjoin(_follow, _follow.c.enterprise == _enterprise.c.id)
    .where(_follow.c.merged_into.is_(None), ~_enterprise.c.tax_code.startswith(ERASED))
    .group_by(_STATUS)
)
_SAVE_VIEW = insert(_view).returning(_view.c.id)
_VIEWS = (
    select(_view)
    .where(or_(_view.c.owner.is_(None), _view.c.owner == bindparam("of_staff")))
    .order_by(_view.c.owner.is_(None), _view.c.id)
)
_DROP_VIEW = delete(_view).where(_view.c.id == bindparam("of_id"))
_OWN = select(_contact.c.enterprise).where(of_conversation(_contact))
_NOTED = tuple(
    select(func.count()).select_from(table).where(table.c.enterprise.in_(_OWN), text != "")
    for table, text in (
        (schema.follow_up_note, schema.follow_up_note.c.text),
        (schema.follow_up_change, schema.follow_up_change.c.remark),
    )
)
_DUE = (
    select(
        _follow.c.enterprise,
        _follow.c.owner,
        _follow.c.due_on,
        _enterprise.c.name,
    )
    .join(_enterprise, _enterprise.c.id == _follow.c.enterprise)
    .join(_staff, _staff.c.id == _follow.c.owner)
    .where(
        _follow.c.due_on != schema.literal(""),
        _follow.c.due_on <= bindparam("today"),
        _follow.c.told_for != _follow.c.due_on,
        _follow.c.merged_into.is_(None),
        ON_STAFF,
    )
    .order_by(_follow.c.owner, _follow.c.due_on, _follow.c.enterprise)
)
_TOLD = (
    update(_follow)
    .where(_follow.c.enterprise == bindparam("of_id"))
    .values(told_for=_follow.c.due_on)
)


@dataclass(frozen=True, slots=True)
class View:
    """A filter under a name; everybody's where it has no owner."""

    id: int
    owner: int | None
    made_by: int
    name: str
    sought: Sought


@dataclass(frozen=True, slots=True)
class Due:
    """An enterprise whose owner is to be told that its day has come."""

    enterprise: int
    name: str
    due_on: date
    owner: int


async def change(db: AsyncConnection, enterprise: int, **facts: Any) -> None:  # noqa: ANN401 - a row's values
    """Set columns of `follow_up`."""
    await db.execute(_TAKE_UP, {"enterprise": enterprise})
    await db.execute(_CHANGE, {"of_id": enterprise} | facts)


async def log(db: AsyncConnection, enterprise: int, **line: Any) -> None:  # noqa: ANN401 - a row's values
    """Write `before`, `after`, `remark`, `by` and `at` into the status log."""
    await db.execute(_LOG, {"enterprise": enterprise} | line)


async def note(
    db: AsyncConnection, enterprise: int, text: str, by: int | None, at: datetime
) -> int:
    """Keep a note; return its number."""
    row = {"enterprise": enterprise, "text": text, "by": by, "at": at}
    return int((await db.execute(_NOTE.returning(schema.follow_up_note.c.id), row)).scalar_one())


async def phone_of(db: AsyncConnection, contact: int) -> tuple[int, str] | None:
    """The enterprise and the number of a contact."""
    row = (await db.execute(_CONTACT, {"of_id": contact})).one_or_none()
    return (row.enterprise, row.phone) if row else None


async def called(
    db: AsyncConnection, contact: int, phone: str, by: int | None, at: datetime
) -> None:
    await db.execute(_CALLED, {"contact": contact, "phone": phone, "by": by, "at": at})


async def counts(db: AsyncConnection) -> dict[str, int]:
    """How many enterprises stand at each status."""
    found = {row[0]: row[1] for row in await db.execute(_COUNTS)}
    return {status: found.get(status, 0) for status in schema.STATUSES}


async def save_view(  # noqa: PLR0913, PLR0917 - a row's fields
    db: AsyncConnection,
    owner: int | None,
    made_by: int,
    name: str,
    sought: Sought,
    at: datetime,
) -> int:
    row = {"owner": owner, "made_by": made_by, "name": name, "made_at": at}
    return int((await db.execute(_SAVE_VIEW, row | {"filter": sought.as_data()})).scalar_one())


async def views(db: AsyncConnection, staff: int | None) -> Sequence[View]:
    """A member's own views, then those that are everybody's."""
    rows = await db.execute(_VIEWS, {"of_staff": staff})
    return [
        View(row.id, row.owner, row.made_by, row.name, Sought.of_data(row.filter)) for row in rows
    ]


async def drop_view(db: AsyncConnection, number: int) -> None:
    await db.execute(_DROP_VIEW, {"of_id": number})


async def due(db: AsyncConnection, today: date) -> Sequence[Due]:
    """Whose owners were not told yet, by owner."""
    return [
        Due(row.enterprise, row.name, date.fromisoformat(row.due_on), row.owner)
        for row in await db.execute(_DUE, {"today": today.isoformat()})
    ]


async def told(db: AsyncConnection, enterprise: int) -> None:
    """Note that the owner was told of this due day; another day is told of again."""
    await db.execute(_TOLD, {"of_id": enterprise})


async def noted(db: AsyncConnection, conversation: Conversation) -> int:
    """How many notes and remarks there are about the enterprises of a conversation."""
    own = bound(conversation)
    return sum([int(await db.scalar(counted, own) or 0) for counted in _NOTED])
