"""Who answers enterprises, and where: the staff's group, who is on duty, their deputy, their head.

There is always somebody: where a part is empty the next one stands in, and in the end everybody
who may answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.refusals import Unfit, Why
from bot.operations.rights import RIGHTS, Actor, Right, Role, allowed, note
from bot.operations.staff import active
from bot.store import desk_rooms as store
from bot.store import staffing
from bot.store.desk_rooms import EVERY_DAY
from bot.store.handover_schema import PARTS
from bot.store.staffing import Member
from handlers.conversation import Conversation

DUTY, DEPUTY, HEAD = PARTS
WEEKDAYS: Final = range(EVERY_DAY, 8)

Roster = Mapping[tuple[str, int], Sequence[Member]]


@dataclass(frozen=True, slots=True)
class People:
    """Who may be told of a ticket at this moment; members by whom a channel of ours reaches."""

    members: Sequence[Member]
    roster: Roster
    rooms: Mapping[Conversation, bool]

    def first(self, weekday: int) -> Sequence[Conversation]:
        """Where a new card goes: the staff's groups, else to those who are on duty that day."""
        rooms = [room for room, reachable in self.rooms.items() if reachable]
        return rooms or self.privately(weekday)

    def privately(self, weekday: int) -> Sequence[Conversation]:
        """The own chats of those on duty, or of everybody."""
        on_duty = self.roster.get((DUTY, weekday)) or self.roster.get((DUTY, EVERY_DAY))
        others = self.roster.get((DEPUTY, EVERY_DAY)) or self.roster.get((HEAD, EVERY_DAY))
        return _addresses(on_duty or others or self.members)

    def next(self, part: str) -> Sequence[Conversation]:
        """Who is told when nobody answers: the deputy, the head, else those who approve."""
        heads = self.roster.get((HEAD, EVERY_DAY))
        found = self.roster.get((part, EVERY_DAY)) or heads
        return _addresses(found or [each for each in self.members if _may(each, Right.APPROVE)])

    def own_chat(self, staff: int | None) -> Sequence[Conversation]:
        """Where a member is told something alone; nowhere for one who left or cannot be told."""
        return [each.conversation for each in self.members if each.id == staff]

    def may_read(self, address: Conversation) -> bool:
        """Whether cards may still go there: who left the staff gets no more of them."""
        return address in self.rooms or any(each.conversation == address for each in self.members)


async def people(db: AsyncConnection, channels: Collection[str]) -> People:
    """Who can be told, on the channels that run."""
    everyone = [each for each in await staffing.everyone(db) if each.active]
    may = [each for each in everyone if _may(each, Right.TALK)]
    members = [each for each in may if each.conversation.channel in channels]
    rooms = {at: ok for at, ok in (await store.rooms(db)).items() if at.channel in channels}
    return People(members, await _roster(db, members), rooms)


async def roster(db: AsyncConnection, by: Actor) -> Roster:
    """Who is on duty, by part and weekday. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await _roster(db, await candidates(db))


async def candidates(db: AsyncConnection) -> Sequence[Member]:
    """Everybody who may be put on duty."""
    everyone = await staffing.everyone(db)
    return [each for each in everyone if each.active and _may(each, Right.TALK)]


async def put(  # noqa: PLR0913, PLR0917 - what stands in the roster
    db: AsyncConnection, part: str, weekday: int, staff: int, by: Actor, now: datetime
) -> bool:
    """Put a member on duty, or take them off where they are; True where they are on it now.

    Raises NotAllowed, NotFound, NotNow for one who left, Unfit for one who may not answer, or for
    a part that is not of that day.
    """
    await allowed(db, by, Right.ARRANGE)
    if part not in PARTS or weekday not in WEEKDAYS or (weekday and part != DUTY):
        raise Unfit(Why.NO_SUCH_DUTY)
    member = await active(db, staff)
    if not _may(member, Right.TALK):
        raise Unfit(Why.MAY_NOT_TALK, name=member.name)
    was_on = staff in (await store.roster(db)).get((part, weekday), ())
    change = store.take_off if was_on else store.put_on
    await change(db, part, weekday, staff)
    after = {"part": part, "weekday": weekday, "on": not was_on}
    await note(db, by, "duty", f"staff:{staff}", now, after=after)
    return not was_on


async def use_room(db: AsyncConnection, here: Conversation, by: Actor, now: datetime) -> None:
    """Send the cards to this group from now on. Raises NotAllowed."""
    await allowed(db, by, Right.ARRANGE)
    await store.set_room(db, here, by.staff, now)
    await note(db, by, "use room", f"room:{here.channel}", now, after={"address": here.id})


async def leave_room(db: AsyncConnection, channel: str, by: Actor, now: datetime) -> None:
    """Use no group of this channel any more. Raises NotAllowed."""
    await allowed(db, by, Right.ARRANGE)
    if await store.leave_room(db, channel):
        await note(db, by, "leave room", f"room:{channel}", now)


async def _roster(db: AsyncConnection, members: Sequence[Member]) -> Roster:
    by_number = {each.id: each for each in members}
    found = {
        slot: [by_number[number] for number in numbers if number in by_number]
        for slot, numbers in (await store.roster(db)).items()
    }
    return {slot: on for slot, on in found.items() if on}


def _may(member: Member, right: Right) -> bool:
    return right in RIGHTS[Role(member.role)]


def _addresses(members: Sequence[Member]) -> Sequence[Conversation]:
    return [each.conversation for each in members]
