"""One turn: lock, load, decide, keep, and only then let the platform forget the message.

Turns of one conversation run one after the other in the order they came; those of different
conversations do not wait for each other. A handler runs with no transaction open.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.clock import Clock
from bot.store import people, quarantine, turns
from bot.store.database import Store
from bot.store.errors import StoreFailed
from bot.store.people import StoreLookup
from handlers import route
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step, Turn
from knowledge.entries import Knowledge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.delivery import Delivery

turn_log = structlog.get_logger("turn")
logger = logging.getLogger(__name__)

WAITING = 20  # messages of one conversation that may queue up
THINKING = 10.0  # seconds a handler may take before it counts as failed
TOLD_AGAIN = timedelta(minutes=10)


@dataclass(slots=True)
class _Lane:
    """One conversation's queue. `slowed` is set once it was told to slow down."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    slowed: bool = False


class Engine:
    """Takes messages in; see `bot.channels.Inbox` for what each call promises."""

    def __init__(
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        ways_out: Mapping[str, Delivery],
        render: Callable[[str, Reply], tuple[Payload, ...]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._ways_out = ways_out
        self._render = render
        self._clock = clock
        self._lanes: dict[Conversation, _Lane] = {}
        self._told: dict[Conversation, datetime] = {}

    async def receive(self, incoming: Incoming) -> None:
        """Answer one message; return when the turn is committed.

        Raises StoreFailed when nothing could be kept: the platform must bring the message again.
        """
        conversation = incoming.conversation
        try:
            async with self._lane(conversation) as lane:
                if lane is None:
                    await self._slow_down(incoming)
                else:
                    await self._turn(incoming)
        except StoreFailed:
            await self._say_not_recorded(conversation)
            raise

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        """See `bot.channels.Inbox`."""
        now = self._clock.now()
        logger.error("%s: an update was put aside: %s", channel, problem)
        await self._store.write(lambda db: quarantine.set_aside(db, channel, raw, problem, now))

    async def reachable(self, conversation: Conversation, *, yes: bool) -> None:
        """See `bot.channels.Inbox`."""
        now = self._clock.now()
        await self._store.write(lambda db: people.reachable(db, conversation, yes=yes, now=now))

    @asynccontextmanager
    async def _lane(self, conversation: Conversation) -> AsyncIterator[_Lane | None]:
        """The conversation's turn to be served; None at once where too many wait already."""
        lane = self._lanes.setdefault(conversation, _Lane())
        if lane.waiting >= WAITING:
            yield None
            return
        lane.waiting += 1
        try:
            async with lane.lock:
                yield lane
        finally:
            lane.waiting -= 1
            if not lane.waiting:
                self._lanes.pop(conversation, None)

    async def _turn(self, incoming: Incoming) -> None:
        started = self._clock.steady()
        session = await self._store.read(partial(_open, incoming=incoming))
        if session is None:
            return
        turn_id = secrets.token_hex(8)
        with structlog.contextvars.bound_contextvars(turn=turn_id):
            step, payloads = await self._decide(incoming, session)
            took = (self._clock.steady() - started) * 1000
            await self._keep(turn_id, incoming, step, payloads, took)

    async def _decide(
        self, incoming: Incoming, session: Session
    ) -> tuple[Step, tuple[Payload, ...]]:
        """The handler's step and its rendered replies; an apology where either fails."""
        lookup = StoreLookup(self._store, incoming.conversation)
        turn = Turn(incoming, session, self._knowledge(), self._clock.now(), lookup)
        try:
            async with asyncio.timeout(THINKING):
                step = await route(turn)
            return step, self._shape(incoming, step)
        except StoreFailed:
            raise
        except Exception:
            logger.exception("a turn failed")
            apology = Reply(turn.knowledge.say("failed"))
            step = Step((apology,), session, Outcome.FAILED)
            return step, self._shape(incoming, step)

    def _shape(self, incoming: Incoming, step: Step) -> tuple[Payload, ...]:
        channel = incoming.conversation.channel
        return tuple(part for reply in step.replies for part in self._render(channel, reply))

    async def _keep(
        self,
        turn_id: str,
        incoming: Incoming,
        step: Step,
        payloads: tuple[Payload, ...],
        took_ms: float,
    ) -> None:
        kept = await self._store.write(
            partial(
                turns.keep,
                turn_id=turn_id,
                incoming=incoming,
                step=step,
                payloads=payloads,
                now=self._clock.now(),
                took_ms=took_ms,
            )
        )
        if kept:
            self._ways_out[incoming.conversation.channel].wake()
            turn_log.info(
                "turn",
                channel=incoming.conversation.channel,
                outcome=step.outcome.value,
                entries=list(step.entries),
                confidence=step.confidence,
                ms=round(took_ms, 1),
            )

    async def _slow_down(self, incoming: Incoming) -> None:
        """Note a message that there was no room for; say so once until the queue is empty."""
        lane = self._lanes[incoming.conversation]
        first, lane.slowed = not lane.slowed, True
        session = await self._store.read(partial(_open, incoming=incoming))
        if session is None:
            return
        replies = (Reply(self._knowledge().say("slow_down")),) if first else ()
        # Kept without a session: the turns before it are still deciding where it stands.
        step = Step(replies, session, Outcome.SLOWED)
        await self._keep(secrets.token_hex(8), incoming, step, self._shape(incoming, step), 0.0)

    async def _say_not_recorded(self, conversation: Conversation) -> None:
        now = self._clock.now()
        told = self._told.get(conversation)
        if told is not None and now - told < TOLD_AGAIN:
            return
        self._told[conversation] = now
        reply = Reply(self._knowledge().say("not_recorded"))
        await self._ways_out[conversation.channel].say_now(conversation, reply)


async def _open(db: AsyncConnection, incoming: Incoming) -> Session | None:
    """Where the conversation stands, or None for a message that was answered before."""
    if await turns.seen(db, incoming.conversation.channel, incoming.external_id):
        return None
    return await turns.session_of(db, incoming.conversation)
