"""One turn: lock, load, decide, keep, and only then let the platform forget the message.

Turns of one conversation run one after the other in the order they came; those of different
conversations do not wait for each other. A handler runs with no transaction open, but for those of
the staff's desk: what a member does is kept together with the message that asked for it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import staff_chat
from bot.house import House
from bot.lead_import import SentList
from bot.operations.refusals import Refused
from bot.staff_chat.files import Files, files_of
from bot.staff_chat.turn import StaffTurn
from bot.store import people, quarantine, staffing, turns
from bot.store.errors import StoreFailed
from bot.store.people import StoreLookup
from bot.store.staffing import Member
from handlers import Handler, route
from handlers.attachments import Attachment
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step, Turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

turn_log = structlog.get_logger("turn")
logger = logging.getLogger(__name__)

WAITING = 20  # messages of one conversation that may queue up
THINKING = 10.0  # seconds a handler may take before it counts as failed
TOLD_AGAIN = 600.0  # seconds until a person is told again that nothing can be kept


@dataclass(slots=True)
class _Lane:
    """One conversation's queue. `slowed` is set once it was told to slow down."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[str] = field(default_factory=list)  # external ids
    slowed: bool = False

    def has_room(self, external_id: str) -> bool:
        """A copy of a message that waits already waits with it: it must not be kept before it."""
        return len(self.waiting) < WAITING or external_id in self.waiting


class Engine:
    """Takes messages in; see `bot.channels.Inbox` for what each call promises."""

    def __init__(self, house: House, handler: Handler = route) -> None:
        self._house = house
        self._store = house.store
        self._clock = house.clock
        self._handler = handler
        self._lanes: dict[Conversation, _Lane] = {}
        self._told: dict[Conversation, float] = {}

    async def receive(self, incoming: Incoming) -> None:
        """Answer one message; return when the turn is committed.

        Raises StoreFailed when nothing could be kept: the platform must bring the message again.
        """
        try:
            async with self._lane(incoming) as lane:
                if lane.has_room(incoming.external_id):
                    await self._wait_and_answer(lane, incoming)
                else:
                    await self._slow_down(lane, incoming)
        except StoreFailed:
            await self._say_not_recorded(incoming.conversation)
            raise

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        """See `bot.channels.Inbox`."""
        now = self._clock.now()
        logger.error("%s: an update was put aside: %s", channel, problem)
        await self._store.write(lambda db: quarantine.set_aside(db, channel, raw, problem, now))

    async def reachable(self, conversation: Conversation, *, yes: bool, at: datetime) -> None:
        """See `bot.channels.Inbox`."""
        now = self._clock.now()
        await self._store.write(
            lambda db: people.reachable(db, conversation, yes=yes, at=at, now=now)
        )

    @asynccontextmanager
    async def _lane(self, incoming: Incoming) -> AsyncIterator[_Lane]:
        """The conversation's queue, for as long as anybody stands in it."""
        lane = self._lanes.setdefault(incoming.conversation, _Lane())
        try:
            yield lane
        finally:
            if not lane.waiting and self._lanes.get(incoming.conversation) is lane:
                del self._lanes[incoming.conversation]

    async def _wait_and_answer(self, lane: _Lane, incoming: Incoming) -> None:
        lane.waiting.append(incoming.external_id)
        try:
            async with lane.lock:
                await self._turn(incoming)
        finally:
            lane.waiting.remove(incoming.external_id)

    async def _turn(self, incoming: Incoming) -> None:
        started = self._clock.steady()
        opened = await self._store.read(partial(_open, incoming=incoming))
        if opened is None:
            return
        session, member = opened
        turn_id = secrets.token_hex(8)
        knowledge = self._house.knowledge()
        lookup = StoreLookup(self._store, incoming.conversation)
        turn = Turn(incoming, session, knowledge, self._clock.now(), lookup)
        with structlog.contextvars.bound_contextvars(turn=turn_id):
            try:
                if await self._kept_at_desk(turn_id, turn, member, started):
                    return
                if incoming.private:  # in a group there is nobody else to talk to
                    step = await self._decide(turn)
                    await self._keep(turn_id, incoming, step, started)
            except StoreFailed:
                raise
            except Exception:
                # The handler, the rendering, or a step that cannot be kept: a defect of ours.
                logger.exception("a turn failed")
                step = Step((Reply(knowledge.say("failed")),), session, Outcome.FAILED)
                await self._keep(turn_id, incoming, step, started)

    async def _decide(self, turn: Turn) -> Step:
        async with asyncio.timeout(THINKING):
            return await self._handler(staff_chat.elsewhere(turn))

    async def _kept_at_desk(
        self, turn_id: str, turn: Turn, member: Member | None, started: float
    ) -> bool:
        """Do and keep what staff asked for, in one transaction; False where nobody of them did."""
        if not staff_chat.concerns(turn.incoming, member):
            return False

        link = partial(self._house.link, turn.incoming.conversation.channel)
        files = files_of(turn, member)
        brought = await self._brought(turn, files)

        async def act(db: AsyncConnection) -> Step | None:
            at_desk = StaffTurn(turn, db, member, self._house.render, link, brought=brought)
            step = await staff_chat.route(at_desk)
            if step is not None:
                await self._keeping(turn_id, turn.incoming, step, turn.now, started)(db)
            return step

        step = await self._store.write(act)
        if step is None:
            return False
        self._house.wake()  # what was done may speak anywhere
        self._house.staff_called.set()
        self._log(turn.incoming, step, started)
        if files.over:
            await self._house.drop_list(files.over)
        return True

    async def _brought(self, turn: Turn, files: Files) -> Attachment | SentList | Refused | None:
        """What was fetched for a message before its transaction, or why it could not be."""
        channel = turn.incoming.conversation.channel
        try:
            if files.listed:
                return await self._house.read_list(channel, files.listed)
            if files.keep:
                return await self._house.keep_file(channel, files.keep)
        except Refused as refused:
            return refused
        return None

    def _keeping(
        self, turn_id: str, incoming: Incoming, step: Step, now: datetime, started: float
    ) -> Callable[[AsyncConnection], Awaitable[bool]]:
        """What keeps a step, its replies shaped for their channel, in one transaction."""
        channel = incoming.conversation.channel
        return partial(
            turns.keep,
            turn_id=turn_id,
            incoming=incoming,
            step=step,
            payloads=[
                part for reply in step.replies for part in self._house.render(channel, reply)
            ],
            now=now,
            took_ms=(self._clock.steady() - started) * 1000,
        )

    async def _keep(self, turn_id: str, incoming: Incoming, step: Step, started: float) -> None:
        now = self._clock.now()
        if await self._store.write(self._keeping(turn_id, incoming, step, now, started)):
            self._house.ways_out[incoming.conversation.channel].wake()
            if step.effects:
                self._house.staff_called.set()
            self._log(incoming, step, started)

    def _log(self, incoming: Incoming, step: Step, started: float) -> None:
        turn_log.info(
            "turn",
            channel=incoming.conversation.channel,
            outcome=step.outcome.value,
            entries=list(step.entries),
            confidence=step.confidence,
            ms=round((self._clock.steady() - started) * 1000, 1),
        )

    async def _slow_down(self, lane: _Lane, incoming: Incoming) -> None:
        """Note a message that there was no room for; say so once until the queue is empty."""
        first, lane.slowed = not lane.slowed, True
        replies = (Reply(self._house.knowledge().say("slow_down")),) if first else ()
        # The session of such a step is not kept: the turns before it still decide where it stands.
        step = Step(replies, Session(), Outcome.SLOWED)
        await self._keep(secrets.token_hex(8), incoming, step, self._clock.steady())

    async def _say_not_recorded(self, conversation: Conversation) -> None:
        steady = self._clock.steady()
        self._told = {who: at for who, at in self._told.items() if steady - at < TOLD_AGAIN}
        if conversation in self._told:
            return
        self._told[conversation] = steady
        reply = Reply(self._house.knowledge().say("not_recorded"))
        await self._house.ways_out[conversation.channel].say_now(conversation, reply)


async def _open(db: AsyncConnection, incoming: Incoming) -> tuple[Session, Member | None] | None:
    """Where the conversation stands and who of the staff writes; None for what was seen before."""
    opening = await turns.opening(db, incoming)
    if opening is None:
        return None
    session, member = opening
    return session, None if member is None else await staffing.member(db, member)
