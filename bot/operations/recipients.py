"""Whom an announcement goes to, what they see, and what became of each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.operations.broadcasts import Changes, State
from bot.operations.refusals import NotAllowed, NotFound, NotNow, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import audiences, deliveries, staffing
from bot.store import broadcasts as store
from bot.store.announcing import opens_at
from bot.store.audiences import Audience, Person
from bot.store.broadcasts import Broadcast, Counts, Result
from bot.store.schema import STATES, UNSETTLED
from handlers.conversation import Reply
from handlers.speech import command
from knowledge.entries import Knowledge

Render = Callable[[str, Reply], tuple[Payload, ...]]

MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a broadcast had got `at` a moment; `seconds_to_go` is None where none can tell."""

    broadcast: Broadcast
    counts: Counts
    left: int
    seconds_to_go: float | None
    at: datetime


def message(broadcast: Broadcast, knowledge: Knowledge) -> Reply:
    """What the recipients read: the text, its choices, and one press to get no more of it.

    Its choices have no numbers: those of the conversation's own last menu stay good.
    """
    stop = command(knowledge, "stop", "choice.stop_news")
    choices = (*broadcast.choices, stop)
    return Reply(broadcast.text, choices, numbered=False, attachment=broadcast.attachment)


async def count(db: AsyncConnection, audience: Audience, by: Actor) -> int:
    """Count whom an announcement would reach at this moment. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await audiences.count(db, audience)


async def meant(
    db: AsyncConnection, number: int, limit: int, by: Actor
) -> tuple[int, Sequence[Person]]:
    """Who will receive it: how many in all, and the first `limit`. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.COMPOSE if by.staff else Right.EXPORT)
    found = await get(db, number, by)
    received = (found.correction_of, found.changes)
    return (
        await audiences.count(db, found.audience, *received),
        await audiences.people(db, found.audience, limit, *received),
    )


async def elsewhere(db: AsyncConnection, number: int, by: Actor) -> int:
    """Count who is meant and not reached: their channel does not run. Raises as `get` does."""
    found = await get(db, number, by)
    return await audiences.elsewhere(db, found.audience, found.correction_of, found.changes)


async def missed(db: AsyncConnection, number: int, by: Actor) -> Mapping[str, int]:
    """Count by reason who received what it corrects or changes and is left out of that.

    The reasons are those of `audiences.missed`. Raises as `get` does.
    """
    found = await get(db, number, by)
    if found.correction_of is None:
        return {}
    return await audiences.missed(db, found.correction_of, found.changes)


async def get(db: AsyncConnection, number: int, by: Actor) -> Broadcast:
    """Give one broadcast. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.READ)
    found = await store.get(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_BROADCAST, number=number)
    return found


async def newest(db: AsyncConnection, limit: int, by: Actor) -> Sequence[Broadcast]:
    """List the latest broadcasts, the newest first. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await store.newest(db, limit)


async def test(  # noqa: PLR0913, PLR0917 - what is said, by whom, and who shapes it
    db: AsyncConnection, number: int, knowledge: Knowledge, render: Render, by: Actor, now: datetime
) -> None:
    """Send it to oneself, exactly as the others would receive it.

    Raises NotAllowed, NotFound, and Unfit for a withdrawal.
    """
    await allowed(db, by, Right.COMPOSE)
    found = await get(db, number, by)
    if found.changes == Changes.WITHDRAW:
        raise Unfit(Why.SAYS_NOTHING)
    member = await staffing.member(db, by.staff or 0)
    if member is None:
        raise NotAllowed(Why.NO_RIGHT, right=Right.COMPOSE)
    here = member.conversation
    payloads = render(here.channel, message(found, knowledge))
    await deliveries.add(db, here, "staff", payloads, now)
    await note(db, by, "test", f"broadcast:{number}", now)


async def progress(db: AsyncConnection, number: int, by: Actor, now: datetime) -> Progress:
    """Say how far it has got. Raises NotAllowed, NotFound."""
    found = await get(db, number, by)
    counts = await store.counts(db, number, now)
    left = 0 if found.state == State.CANCELLED else counts.of(*UNSETTLED)
    seconds = None
    if left and found.state == State.RUNNING and counts.last_minute and found.watched_from:
        under_way = (now - found.watched_from).total_seconds()
        seconds = left * min(MINUTE, max(1.0, under_way)) / counts.last_minute
    return Progress(found, counts, left, seconds, now)


async def outcomes(
    db: AsyncConnection, number: int, by: Actor, states: Sequence[str] = STATES
) -> Sequence[Result]:
    """List by person what became of them, or who stands so. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.EXPORT)
    await get(db, number, by)
    return await store.results(db, number, states)


async def export(db: AsyncConnection, number: int, by: Actor, now: datetime) -> int:
    """Note that a file with everybody's outcome was asked for; return how many there are.

    Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.EXPORT)
    await get(db, number, by)
    people = (await store.counts(db, number, now)).total
    await note(db, by, "export", f"broadcast:{number}", now, after={"people": people})
    return people


async def unsure(db: AsyncConnection, number: int, by: Actor) -> Sequence[Result]:
    """List by person who may or may not have received it. Raises NotAllowed, NotFound."""
    return await outcomes(db, number, by, ["unsure"])


async def count_as_sent(
    db: AsyncConnection, number: int, by: Actor, now: datetime, only: Collection[int] = ()
) -> int:
    """Decide that the unsure received it, all or `only` these rows; return how many.

    Raises NotAllowed, NotFound, NotNow where none is unsure.
    """
    await allowed(db, by, Right.APPROVE)
    await get(db, number, by)
    decided = await store.count_as_sent(db, number, only)
    await _decided(db, number, decided, "count as sent", by, now)
    return decided


async def send_again(  # noqa: PLR0913 - who gets it again, by whose decision, until when
    db: AsyncConnection,
    number: int,
    by: Actor,
    now: datetime,
    only: Collection[int] = (),
    *,
    latest_at: datetime | None = None,
) -> int:
    """Decide that the unsure get it (perhaps again), all or `only` these rows; return how many.

    One that was done runs again. Three attempts per person are the end, here too. Raises
    NotAllowed, NotFound, NotNow where none is unsure or the broadcast was cancelled, and Unfit
    where it is late and no later time is given.
    """
    await allowed(db, by, Right.APPROVE)
    found = await get(db, number, by)
    if found.state == State.CANCELLED:
        raise NotNow(Why.STATE, number=number, state=State.CANCELLED, needed=(State.DONE,))
    latest = latest_at or found.latest_at
    if latest is None or latest <= opens_at(now):
        raise Unfit(Why.LATE, latest_at=latest)
    decided = await store.send_again(db, number, only, now)
    await _decided(db, number, decided, "send again", by, now)
    await store.change(db, number, latest_at=latest)
    if found.state == State.DONE:
        await store.change(db, number, state=State.RUNNING, ended_at=None, watched_from=now)
    return decided


async def _decided(  # noqa: PLR0913, PLR0917 - the fields of its audit line
    db: AsyncConnection, number: int, decided: int, act: str, by: Actor, now: datetime
) -> None:
    if not decided:
        raise NotNow(Why.NOTHING_UNSURE, number=number)
    await note(db, by, act, f"broadcast:{number}", now, after={"people": decided})


def rendered(
    broadcast: Broadcast, knowledge: Knowledge, channels: Collection[str], render: Render
) -> Mapping[str, tuple[Payload, ...]]:
    """What each channel would send, message by message: the preview, and then the real thing."""
    reply = message(broadcast, knowledge)
    return {name: render(name, reply) for name in channels}
