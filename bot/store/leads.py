"""Registrations as the department follows them up: one lead per enterprise.

A form that names no enterprise is a lead of its own. A lead whose submissions were all withdrawn
is listed without its people: they took back their consent to be called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema
from bot.store.columns import ERASED

ACTIVE: Final = "active"
WITHDRAWN: Final = "withdrawn"

_submission, _enterprise = schema.submission, schema.enterprise
_contact = schema.enterprise_contact


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who registered an enterprise."""

    name: str
    position: str
    phone: str
    phone_verified: bool
    email: str
    channel: str


@dataclass(frozen=True, slots=True)
class Lead:
    """One enterprise and what was registered for it; of several values the newest counts.

    `places` says of each value that is a text the how-manieth it is among all who gave it in that
    form and did not withdraw, first come first.
    """

    tax_code: str
    enterprise: str
    forms: tuple[str, ...]
    values: Mapping[str, Any]
    contacts: tuple[Contact, ...]
    first_at: datetime
    last_at: datetime
    state: str
    places: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads are wanted. `programme` is one of the submission's `programmes`."""

    form: str = ""
    programme: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included

    def fits(self, submission: Row[Any]) -> bool:
        programmes = submission.content.get("programmes", ())
        return (
            self.form in {"", submission.form}
            and (not self.programme or self.programme in programmes)
            and (self.since is None or submission.changed_at >= self.since)
            and (self.until is None or submission.changed_at < self.until)
        )


EVERY: Final = Wanted()

_SUBMISSIONS = (
    select(
        _submission.c.id,
        _submission.c.form,
        _submission.c.enterprise,
        _submission.c["values"].label("content"),
        _submission.c.sent_at,
        _submission.c.changed_at,
        _submission.c.withdrawn_at,
        _enterprise.c.tax_code,
        _enterprise.c.name,
    )
    .select_from(_submission)
    .outerjoin(_enterprise)
    .order_by(_submission.c.changed_at.desc(), _submission.c.id.desc())
)
STILL_REGISTERED: Final = exists().where(  # what this contact sent for the enterprise stands
    _submission.c.enterprise == _contact.c.enterprise,
    schema.same_conversation(_submission, _contact),
    _submission.c.withdrawn_at.is_(None),
)
_CONTACTS = select(_contact).where(STILL_REGISTERED).order_by(_contact.c.id)


async def leads(db: AsyncConnection, wanted: Wanted = EVERY) -> Sequence[Lead]:
    """List the leads that have a wanted submission, the latest first."""
    contacts: dict[int, list[Contact]] = {}
    for row in await db.execute(_CONTACTS):
        contacts.setdefault(row.enterprise, []).append(
            Contact(row.name, row.position, row.phone, row.phone_verified, row.email, row.channel)
        )
    groups: dict[tuple[str, int], list[Row[Any]]] = {}
    found: list[Row[Any]] = [*await db.execute(_SUBMISSIONS)]
    for row in found:
        key = ("submission", row.id) if row.enterprise is None else ("enterprise", row.enterprise)
        if wanted.fits(row):
            groups.setdefault(key, []).append(row)
    places = _places(found)
    return [_lead(rows, contacts.get(rows[0].enterprise, []), places) for rows in groups.values()]


def _places(rows: Sequence[Row[Any]]) -> Mapping[int, Mapping[str, int]]:
    """By submission and question, the how-manieth it is to give that answer."""
    line: Counter[tuple[str, str, str]] = Counter()
    places: dict[int, dict[str, int]] = {}
    for row in sorted(rows, key=lambda each: each.id):
        answers = row.content.items() if row.withdrawn_at is None else ()
        for name, value in answers:
            if isinstance(value, str):
                line[row.form, name, value] += 1
                places.setdefault(row.id, {})[name] = line[row.form, name, value]
    return places


def _lead(
    rows: Sequence[Row[Any]],
    contacts: Sequence[Contact],
    places: Mapping[int, Mapping[str, int]],
) -> Lead:
    """Make a lead of its submissions, newest first."""
    active = [row for row in rows if row.withdrawn_at is None]
    tax_code = rows[0].tax_code or ""
    return Lead(
        tax_code="" if tax_code.startswith(ERASED) else tax_code,
        enterprise=rows[0].name or "",
        forms=tuple(dict.fromkeys(row.form for row in rows)),
        values={name: value for row in reversed(active) for name, value in row.content.items()},
        contacts=tuple(contacts) if active else (),
        first_at=min(row.sent_at for row in rows),
        last_at=max(row.changed_at for row in rows),
        state=ACTIVE if active else WITHDRAWN,
        places={n: at for row in reversed(active) for n, at in places.get(row.id, {}).items()},
    )
