"""What the bot itself does about a broadcast: start it, hold it, finish it. Nothing else.

What is next is decided by a pure function of how it stands and of the time, so a process that ended
anywhere goes on from what the database says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.operations.broadcasts import State
from bot.operations.rights import Actor, note
from bot.store import broadcasts as store
from bot.store.announcing import opens_at
from bot.store.broadcasts import Broadcast
from bot.store.schema import SETTLED
from handlers.conversation import Conversation

WATCHED: Final = 100  # the last so many that were settled
ENOUGH: Final = 20  # fewer say nothing yet
TOO_MANY: Final = 0.3  # of them failed, or nobody knows

LATE: Final = "late"
FAILURES: Final = "failures"
UNRENDERABLE: Final = "unrenderable"  # a channel would make several messages of it, or none

BOT: Final = Actor(None, "bot")
FIRST: Final = Conversation("", "")


class Next(StrEnum):
    """What is to be done now."""

    WAIT = "wait"
    START = "start"
    HOLD_LATE = "hold: late"
    HOLD_FAILURES = "hold: failures"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the next act depends on. `blocked`: what it corrects is still on its way somewhere."""

    state: State
    send_at: datetime
    latest_at: datetime
    is_open: bool = False
    last_settled: Sequence[str] = ()
    blocked: bool = False


def decide(standing: Standing, now: datetime) -> Next:
    """Say what is to be done at this moment, and only that."""
    match standing.state:
        case State.SCHEDULED:
            if now >= standing.latest_at:
                return Next.HOLD_LATE
            ready = now >= max(standing.send_at, opens_at(now)) and not standing.blocked
            return Next.START if ready else Next.WAIT
        case State.RUNNING:
            if not standing.is_open:
                return Next.FINISH
            if now >= standing.latest_at:
                return Next.HOLD_LATE
            return Next.HOLD_FAILURES if _failing(standing.last_settled) else Next.WAIT
        case _:
            return Next.WAIT


async def standing(db: AsyncConnection, found: Broadcast, now: datetime) -> Standing:
    """Look at what the next act of a scheduled or running broadcast depends on."""
    wrong, since = found.correction_of, found.watched_from or now
    return Standing(
        State(found.state),
        found.send_at or now,
        found.latest_at or now,
        is_open=await store.is_open(db, found.id),
        last_settled=await store.last_settled(db, found.id, since, WATCHED),
        blocked=wrong is not None and await store.on_its_way(db, wrong),
    )


async def prepare(
    db: AsyncConnection, number: int, payloads: Mapping[str, Payload]
) -> Broadcast | None:
    """Fix what is said, once; give the broadcast, or None where it is not to start any more."""
    found = await _if(db, number, State.SCHEDULED)
    if found and not found.payloads:
        await store.change(db, number, payloads=dict(payloads))
    return await store.get(db, number) if found else None


async def fan_out(
    db: AsyncConnection, number: int, after: Conversation, now: datetime
) -> Conversation | None:
    """Fix the next part of the audience; return where to go on, None at the end."""
    found = await _if(db, number, State.SCHEDULED)
    return await store.fan_out(db, found, after, now) if found else None


async def begin(db: AsyncConnection, number: int, now: datetime) -> bool:
    """Open the gate, once the whole audience is fixed; False where somebody cancelled it."""
    if await _if(db, number, State.SCHEDULED) is None:
        return False
    await store.change(db, number, state=State.RUNNING, started_at=now, watched_from=now)
    people = (await store.counts(db, number, now)).total
    await note(db, BOT, "begin", f"broadcast:{number}", now, after={"people": people})
    return True


async def hold(db: AsyncConnection, number: int, reason: str, now: datetime) -> Broadcast | None:
    """Stop it until a person has looked at it; give it as it was, None where it goes no more."""
    found = await _if(db, number, State.SCHEDULED, State.RUNNING)
    if found:
        await store.change(db, number, state=State.HELD, reason=reason)
        before, after = {"state": found.state}, {"reason": reason}
        await note(db, BOT, "hold", f"broadcast:{number}", now, before=before, after=after)
    return found


async def finish(db: AsyncConnection, number: int, now: datetime) -> None:
    """Close it, nobody being left; who is unsure stays so until a person decides."""
    if await _if(db, number, State.RUNNING) and not await store.is_open(db, number):
        await store.change(db, number, state=State.DONE, ended_at=now)
        counts = await store.counts(db, number, now)
        after = {state: counts.of(state) for state in SETTLED}
        await note(db, BOT, "finish", f"broadcast:{number}", now, after=after)


async def _if(db: AsyncConnection, number: int, *states: State) -> Broadcast | None:
    """The broadcast, if it still stands as it was seen a moment ago."""
    found = await store.get(db, number)
    return found if found and found.state in states else None


def _failing(last: Sequence[str]) -> bool:
    failed = sum(state != "sent" for state in last)
    return len(last) >= ENOUGH and failed > TOO_MANY * len(last)
