"""Following leads up: what staff see of an enterprise, and what they do about it.

Whoever may read sees how far each enterprise is. Its people's numbers, what they sent, and every
act need the right to follow up. The audit names enterprises by number and people not at all, so
remarks and notes are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations import staff
from bot.operations.refusals import NotAllowed, NotFound, NotNow, Unfit, Why
from bot.operations.rights import RIGHTS, Actor, Right, Role, allowed, note
from bot.store import follow_up, following, lead_cards, merged, staffing
from bot.store.follow_up import Brief, Sought
from bot.store.follow_up_schema import STATUSES
from bot.store.following import View
from bot.store.lead_cards import Card
from bot.store.masking import mask
from bot.store.staffing import Member
from knowledge.clock import VIETNAM

PAGE: Final = 8  # enterprises at once
LONGEST_NOTE: Final = 1_000
LONGEST_NAME: Final = 30  # of a view: it becomes a button
FURTHEST: Final = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Overview:
    """How many enterprises stand where, and which filters are kept."""

    counts: Mapping[str, int]
    mine: int
    due: int
    views: Sequence[View]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was sought, out of `count`; `more` says whether another page follows."""

    count: int
    page: Sequence[Brief]
    more: bool


async def overview(db: AsyncConnection, by: Actor, now: datetime) -> Overview:
    """Count by status, what is this member's own, what is due. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    until = last_day_due(now)
    mine = await follow_up.count(db, Sought(owner=by.staff), until) if by.staff else 0
    due = await follow_up.count(db, Sought(due=True), until)
    views = await following.views(db, by.staff)
    return Overview(await following.counts(db), mine, due, views)


async def find(db: AsyncConnection, sought: Sought, by: Actor, now: datetime, at: int = 0) -> Found:
    """Give a page of what is sought; by phone only for who may see phones. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    sees, until = await sees_people(db, by), last_day_due(now)
    start = at * PAGE
    page = await follow_up.find(db, sought, until, by_reach=sees, start=start, most=PAGE)
    count = start + len(page)
    if at or len(page) == PAGE:
        count = await follow_up.count(db, sought, until, by_reach=sees)
    shown = page if sees else [replace(each, phones=()) for each in page]
    return Found(count, shown, more=count > start + PAGE)


async def met(db: AsyncConnection, part: str, by: Actor) -> Mapping[str, int]:
    """Count the "communes" or "programmes" of all, the commonest first. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await follow_up.met(db, part)


async def card(db: AsyncConnection, number: int, by: Actor) -> Card:
    """Everything about an enterprise; of a merged one, of what it became.

    Without the right to follow up there are no numbers and no answers in it. Raises NotAllowed,
    NotFound.
    """
    await allowed(db, by, Right.READ)
    whole = await lead_cards.card(db, await get(db, await merged.standing(db, number)))
    return whole if await sees_people(db, by) else _without_numbers(whole)


async def sees_people(db: AsyncConnection, by: Actor) -> bool:
    """Whether this actor may know an enterprise's people."""
    try:
        await allowed(db, by, Right.FOLLOW)
    except NotAllowed:
        return False
    return True


async def set_status(  # noqa: PLR0913, PLR0917 - a line of the log
    db: AsyncConnection, number: int, status: str, remark: str, by: Actor, now: datetime
) -> None:
    """Move an enterprise to any status, with a line in its log; to the one it has, nothing.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await standing(db, number)
    remark = _text(remark, least=0)
    if status not in STATUSES:
        raise Unfit(Why.NO_SUCH_STATUS)
    if status == found.status:
        return
    await following.change(db, number, status=status)
    await following.log(
        db, number, before=found.status, after=status, remark=remark, by=by.staff, at=now
    )
    before, after = {"status": found.status}, {"status": status}
    await note(db, by, "status", _named(number), now, before=before, after=after)


async def assign(
    db: AsyncConnection, number: int, owner: int | None, by: Actor, now: datetime
) -> None:
    """Give an enterprise to an officer, or to nobody.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await standing(db, number)
    if owner is not None:
        member = await staff.get(db, owner)
        if not can_own(member):
            raise Unfit(Why.NOT_AN_OFFICER, name=member.name)
    await following.change(db, number, owner=owner, told_for="")
    before, after = {"owner": found.owner}, {"owner": owner}
    await note(db, by, "owner", _named(number), now, before=before, after=after)


async def set_due(
    db: AsyncConnection, number: int, day: date | None, by: Actor, now: datetime
) -> None:
    """Set the day by which something is to be done, or take it away.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await standing(db, number)
    today = now.astimezone(VIETNAM).date()
    if day is not None and not today <= day <= today + FURTHEST:
        raise Unfit(Why.DAY)
    written = day.isoformat() if day else ""
    await following.change(db, number, due_on=written, told_for="")
    before = {"due_on": found.due_on.isoformat() if found.due_on else ""}
    await note(db, by, "due", _named(number), now, before=before, after={"due_on": written})


async def add_note(db: AsyncConnection, number: int, text: str, by: Actor, now: datetime) -> None:
    """Write something down. Raises NotAllowed, NotFound, NotNow, Unfit."""
    await allowed(db, by, Right.FOLLOW)
    await standing(db, number)
    written = await following.note(db, number, _text(text, least=1), by.staff, now)
    await note(db, by, "note", _named(number), now, after={"note": written})


async def confirm_phone(db: AsyncConnection, contact: int, by: Actor, now: datetime) -> int:
    """Keep that this member reached the contact at that number; return the enterprise.

    Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.FOLLOW)
    found = await following.phone_of(db, contact)
    if found is None or not found[1]:
        raise NotFound(Why.NO_SUCH_CONTACT)
    enterprise, phone = found
    await following.called(db, contact, phone, by.staff, now)
    await note(db, by, "called", _named(enterprise), now, after={"contact": contact})
    return enterprise


async def owners(db: AsyncConnection, by: Actor) -> Sequence[Member]:
    """Who may be given an enterprise. Raises NotAllowed."""
    await allowed(db, by, Right.FOLLOW)
    return [each for each in await staffing.everyone(db) if can_own(each)]


def can_own(member: Member) -> bool:
    return member.active and Right.FOLLOW in RIGHTS[Role(member.role)]


async def get(db: AsyncConnection, number: int) -> Brief:
    """An enterprise by its number, merged or not. Raises NotFound."""
    found = await follow_up.brief(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_ENTERPRISE, number=number)
    return found


async def standing(db: AsyncConnection, number: int) -> Brief:
    """One that was not merged into another: only it can be changed. Raises NotFound, NotNow."""
    found = await get(db, number)
    if found.merged_into is not None:
        raise NotNow(Why.MERGED, into=await merged.standing(db, number))
    return found


def last_day_due(now: datetime) -> date:
    """The Sunday of this week."""
    today = now.astimezone(VIETNAM).date()
    return today + timedelta(days=6 - today.weekday())


def _text(text: str, *, least: int) -> str:
    kept = text.strip()
    if not least <= len(kept) <= LONGEST_NOTE:
        raise Unfit(Why.TEXT, most=LONGEST_NOTE, now=len(kept))
    return kept


def _named(number: int) -> str:
    return f"enterprise:{number}"


def _without_numbers(whole: Card) -> Card:
    return replace(
        whole,
        brief=replace(whole.brief, phones=()),
        people=tuple(replace(each, phone="", email="") for each in whole.people),
        sent=tuple(replace(each, values={}) for each in whole.sent),
        changes=tuple(replace(each, remark=mask(each.remark)) for each in whole.changes),
        notes=tuple(replace(each, text=mask(each.text)) for each in whole.notes),
    )
