"""Whom an announcement is for, as a value and as SQL.

Whatever else is asked for, only people who can be reached are meant, and for a message that is new
to them only those who want announcements.
Programme, sector, kind, province and commune must all be found in one submission that was not
withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import instance, schema
from bot.store.columns import ERASED
from handlers.conversation import Conversation

_person, _submission, _delivery = schema.conversation, schema.submission, schema.delivery
_contact, _enterprise = schema.enterprise_contact, schema.enterprise
_values = _submission.c["values"]
_OWN: Final = schema.same_conversation(_submission, _person)


class Stage(StrEnum):
    """How far somebody has come with the forms."""

    NONE = "none"  # sent none
    SENT = "sent"
    WITHDRAWN = "withdrawn"  # took back all that they sent


ENTERPRISE: Final = "enterprise"  # the kind of those whose form names one; other kinds are agencies


@dataclass(frozen=True, slots=True)
class Audience:
    """A choice of people; within a field any of its values, an empty field asks nothing."""

    programmes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()

    def as_data(self) -> dict[str, list[str]]:
        """What JSON can hold of it; `of_data` takes it back."""
        return {name: [str(each) for each in chosen] for name, chosen in asdict(self).items()}

    @classmethod
    def of_data(cls, data: Mapping[str, Sequence[str]]) -> Audience:
        """Raises ValueError for a stage that is none, TypeError for a field that is none."""
        fields: dict[str, Any] = {name: tuple(chosen) for name, chosen in data.items()}
        stages = tuple(Stage(each) for each in fields.pop("stages", ()))
        return cls(**fields, stages=stages)


EVERYBODY: Final = Audience()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an audience as staff know them; without a form there is no name."""

    conversation: Conversation
    contact: str
    enterprise: str
    tax_code: str


def conditions(
    audience: Audience, received: int | None = None, changes: str = ""
) -> list[ColumnElement[bool]]:
    """Say in SQL, about `schema.conversation`, who is meant; with `received`, of its recipients.

    With `changes` only of those whose message can be named again, so that it can be changed: also
    of those who want no more announcements, for they get none, and what they have may be wrong.
    """
    found: list[ColumnElement[bool]] = [_person.c.reachable]
    if not changes:
        found.append(_person.c.subscribed)
    if audience.channels:
        found.append(_person.c.channel.in_(audience.channels))
    if wanted := _of_submission(audience):
        found.append(_active(*wanted))
    if audience.stages:
        found.append(or_(*(_STAGES[stage] for stage in audience.stages)))
    if received is not None:
        found.append(_received(received, *([_NAMED] if changes else [])))
    return found


async def count(
    db: AsyncConnection, audience: Audience, received: int | None = None, changes: str = ""
) -> int:
    """Count the people whom an announcement would go to at this moment: on channels that run."""
    return await _count(db, *conditions(audience, received, changes), *await _running(db))


async def elsewhere(
    db: AsyncConnection, audience: Audience, received: int | None = None, changes: str = ""
) -> int:
    """Count those of the audience whom it would not reach, since their channel does not run."""
    unreached = [not_(each) for each in await _running(db)]
    if not unreached:
        return 0
    return await _count(db, *conditions(audience, received, changes), *unreached)


async def missed(db: AsyncConnection, received: int, changes: str = "") -> Mapping[str, int]:
    """Count who received it and is not meant for what corrects or `changes` it, by reason.

    The reasons: "erased", "blocked", "stopped" getting announcements, "unnamed". Who would be meant
    on a channel that does not run is not among them (`elsewhere`).
    """
    why = case(
        (_person.c.reachable.is_(None) | _delivery.c.conversation.startswith(ERASED), "erased"),
        (~_person.c.reachable, "blocked"),
        (not_(_NAMED) if changes else ~_person.c.subscribed, "unnamed" if changes else "stopped"),
        else_="",
    )
    found = (
        select(why, func.count())
        .select_from(_delivery)
        .outerjoin(_person, schema.same_conversation(_person, _delivery))
        .where(_delivery.c.broadcast == received, _delivery.c.state == schema.literal("sent"))
        .group_by(why)
    )
    return {reason: count for reason, count in (await db.execute(found)).all() if reason}


async def communes(db: AsyncConnection, limit: int) -> Sequence[str]:
    """Name the communes of the submissions, the most frequent first."""
    commune = _values["commune"].as_string()
    found = (
        select(commune)
        .where(_submission.c.withdrawn_at.is_(None), commune != "")
        .group_by(commune)
        .order_by(func.count().desc(), commune)
        .limit(limit)
    )
    return (await db.scalars(found)).all()


async def channels(db: AsyncConnection) -> Sequence[str]:
    """Name the channels that people have written on."""
    return (
        await db.scalars(select(_person.c.channel).distinct().order_by(_person.c.channel))
    ).all()


async def people(
    db: AsyncConnection,
    audience: Audience,
    limit: int,
    received: int | None = None,
    changes: str = "",
) -> Sequence[Person]:
    """List the first `limit` of them, in the order of sending."""
    chosen = (
        select(_person.c.channel, _person.c.conversation)
        .where(*conditions(audience, received, changes), *await _running(db))
        .order_by(_person.c.channel, _person.c.conversation)
        .limit(limit)
        .subquery()
    )
    return persons((await db.execute(with_names(chosen))).all())


def with_names(chosen: Any) -> Select[Any]:  # noqa: ANN401 - any FROM with channel and conversation
    """Add contact and enterprise to rows of people; who registered two enterprises comes twice."""
    return (
        select(
            chosen,
            func.coalesce(_contact.c.name, "").label("contact"),
            func.coalesce(_enterprise.c.name, "").label("enterprise"),
            func.coalesce(_enterprise.c.tax_code, "").label("tax_code"),
        )
        .select_from(chosen)
        .outerjoin(_contact, schema.same_conversation(_contact, chosen))
        .outerjoin(_enterprise, _enterprise.c.id == _contact.c.enterprise)
        .order_by(chosen.c.channel, chosen.c.conversation, _contact.c.id)
    )


def persons(rows: Sequence[Row[Any]]) -> list[Person]:
    """One value per person, named by the first enterprise they registered."""
    found: dict[Conversation, Person] = {}
    for row in rows:
        key = Conversation(row.channel, row.conversation)
        found.setdefault(key, Person(key, row.contact, row.enterprise, row.tax_code))
    return list(found.values())


async def _count(db: AsyncConnection, *meant: ColumnElement[bool]) -> int:
    return int(await db.scalar(select(func.count()).select_from(_person).where(*meant)) or 0)


async def _running(db: AsyncConnection) -> list[ColumnElement[bool]]:
    names = await instance.channels(db)
    return [] if names is None else [_person.c.channel.in_(names)]


def _active(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_OWN, _submission.c.withdrawn_at.is_(None), *wanted)


def _of_submission(audience: Audience) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if audience.programmes:  # a JSON list of slugs; its text shows each in quotes, on any database
        listed = _values["programmes"].as_string()
        quoted = (json.dumps(each) for each in audience.programmes)
        found.append(or_(*(listed.contains(each, autoescape=True) for each in quoted)))
    if audience.sectors:
        found.append(_values["sector"].as_string().in_(audience.sectors))
    if audience.kinds:
        agency = _values["agency_kind"].as_string().in_(audience.kinds)
        named = _submission.c.enterprise.is_not(None)
        found.append(or_(agency, named) if ENTERPRISE in audience.kinds else agency)
    if audience.provinces:
        found.append(_values["province"].as_string().in_(audience.provinces))
    if audience.communes:
        found.append(_values["commune"].as_string().in_(audience.communes))
    return found


_NAMED: Final = _delivery.c.external_id != schema.literal("")


def _received(broadcast: int, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        _delivery.c.broadcast == broadcast,
        schema.same_conversation(_delivery, _person),
        _delivery.c.state == schema.literal("sent"),
        *more,
    )


_ANY_FORM: Final = exists().where(_OWN)
_STAGES: Final[Mapping[Stage, ColumnElement[bool]]] = {
    Stage.NONE: ~_ANY_FORM,
    Stage.SENT: _active(),
    Stage.WITHDRAWN: and_(_ANY_FORM, ~_active()),
}
