"""Everything that is kept about an enterprise: its people, what they sent, what staff did.

A person is shown as `bot.store.follow_up` says. For a list there is one query a table, not one an
enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.follow_up import SHOWN, Brief

_enterprise, _contact, _submission = schema.enterprise, schema.enterprise_contact, schema.submission
_check, _merge = schema.contact_check, schema.merge
_changed, _note = schema.follow_up_change, schema.follow_up_note


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. `verified` says who vouches for the number: "", "shared", "called".

    "shared" is the platform's own button; "called" is `checked_by` of the staff (nobody: the
    command line), who reached them there.
    """

    id: int
    name: str
    position: str
    phone: str
    email: str
    channel: str
    verified: str
    checked_by: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission, withdrawn ones without their values."""

    id: int
    form: str
    values: Mapping[str, Any]
    sent_at: datetime
    changed_at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the status log."""

    before: str
    after: str
    remark: str
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody of the staff wrote down; empty where it told of a person who was erased."""

    text: str
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """An enterprise that is one with this since `merge`."""

    merge: int
    tax_code: str
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about one enterprise, the newest of each first."""

    brief: Brief
    people: tuple[Person, ...]
    sent: tuple[Sent, ...]
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    merged: tuple[Merged, ...]


_PEOPLE: Select[Any] = (
    select(_contact, _check.c.by, _check.c.phone.label("checked"))
    .outerjoin(_check, _check.c.contact == _contact.c.id)
    .where(SHOWN)
    .order_by(_contact.c.id)
)
_SENT: Select[Any] = (
    select(
        _submission.c.enterprise,
        _submission.c.id,
        _submission.c.form,
        _submission.c["values"].label("content"),
        _submission.c.sent_at,
        _submission.c.changed_at,
        _submission.c.withdrawn_at,
    )
    .where(_submission.c.enterprise.is_not(None))
    .order_by(_submission.c.changed_at.desc(), _submission.c.id.desc())
)
_CHANGES: Select[Any] = select(_changed).order_by(_changed.c.id.desc())
_NOTES: Select[Any] = select(_note).order_by(_note.c.id.desc())
_MERGED: Select[Any] = (
    select(_merge.c.kept, _merge.c.id, _enterprise.c.tax_code, _enterprise.c.name)
    .join(_enterprise, _enterprise.c.id == _merge.c.gone)
    .where(_merge.c.undone_at.is_(None))
    .order_by(_merge.c.id.desc())
)
_PARTS = (
    (_PEOPLE, _contact.c.enterprise),
    (_SENT, _submission.c.enterprise),
    (_CHANGES, _changed.c.enterprise),
    (_NOTES, _note.c.enterprise),
    (_MERGED, _merge.c.kept),
)
_OF_ONE = tuple(part.where(column == bindparam("of_id", type_=Integer)) for part, column in _PARTS)


async def card(db: AsyncConnection, found: Brief) -> Card:
    """All that is kept about an enterprise."""
    parts = [(await db.execute(part, {"of_id": found.id})).all() for part in _OF_ONE]
    return _card(found, parts)


async def cards(db: AsyncConnection, found: Sequence[Brief]) -> Sequence[Card]:
    """All that is kept about each of them."""
    kept: list[dict[int, list[Row[Any]]]] = []
    for part, column in _PARTS:
        rows: dict[int, list[Row[Any]]] = {}
        for row in await db.execute(part):
            rows.setdefault(getattr(row, column.name), []).append(row)
        kept.append(rows)
    return [_card(each, [rows.get(each.id, []) for rows in kept]) for each in found]


def _card(found: Brief, parts: Sequence[Sequence[Row[Any]]]) -> Card:
    people, sent, changes, notes, merged = parts
    return Card(
        found,
        people=tuple(map(_person, people)),
        sent=tuple(map(_submitted, sent)),
        changes=tuple(Change(row.before, row.after, row.remark, row.by, row.at) for row in changes),
        notes=tuple(Note(row.text, row.by, row.at) for row in notes),
        merged=tuple(Merged(row.id, row.tax_code, row.name) for row in merged),
    )


def _person(row: Row[Any]) -> Person:
    called = row.checked is not None and row.checked == row.phone
    verified = "shared" if row.phone_verified else "called" if called else ""
    return Person(
        row.id,
        row.name,
        row.position,
        row.phone,
        row.email,
        row.channel,
        verified,
        checked_by=row.by if verified == "called" else None,
    )


def _submitted(row: Row[Any]) -> Sent:
    withdrawn = row.withdrawn_at is not None
    content = {} if withdrawn else row.content
    return Sent(row.id, row.form, content, row.sent_at, row.changed_at, withdrawn)
