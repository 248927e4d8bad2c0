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
from handlers import Handler, route
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step, Turn
from knowledge.entries import Knowledge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.delivery import Delivery

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

    def __init__(  # noqa: PLR0913, PLR0917 - the parts that a turn joins
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        ways_out: Mapping[str, Delivery],
        render: Callable[[str, Reply], tuple[Payload, ...]],
        clock: Clock,
        handler: Handler = route,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._ways_out = ways_out
        self._render = render
        self._clock = clock
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

    async def reachable(self, conversation: Conversation, *, yes: bool) -> None:
        """See `bot.channels.Inbox`."""
        now = self._clock.now()
        await self._store.write(lambda db: people.reachable(db, conversation, yes=yes, now=now))

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
        session = await self._store.read(partial(_open, incoming=incoming))
        if session is None:
            return
        turn_id = secrets.token_hex(8)
        knowledge = self._knowledge()
        with structlog.contextvars.bound_contextvars(turn=turn_id):
            try:
                step = await self._decide(incoming, session, knowledge)
                await self._keep(turn_id, incoming, step, started)
            except StoreFailed:
                raise
            except Exception:
                # The handler, the rendering, or a step that cannot be kept: a defect of ours.
                logger.exception("a turn failed")
                step = Step((Reply(knowledge.say("failed")),), session, Outcome.FAILED)
                await self._keep(turn_id, incoming, step, started)

    async def _decide(self, incoming: Incoming, session: Session, knowledge: Knowledge) -> Step:
        lookup = StoreLookup(self._store, incoming.conversation)
        turn = Turn(incoming, session, knowledge, self._clock.now(), lookup)
        async with asyncio.timeout(THINKING):
            return await self._handler(turn)

    async def _keep(self, turn_id: str, incoming: Incoming, step: Step, started: float) -> None:
        channel = incoming.conversation.channel
        payloads = tuple(part for reply in step.replies for part in self._render(channel, reply))
        took_ms = (self._clock.steady() - started) * 1000
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
            self._ways_out[channel].wake()
            turn_log.info(
                "turn",
                channel=channel,
                outcome=step.outcome.value,
                entries=list(step.entries),
                confidence=step.confidence,
                ms=round(took_ms, 1),
            )

    async def _slow_down(self, lane: _Lane, incoming: Incoming) -> None:
        """Note a message that there was no room for; say so once until the queue is empty."""
        first, lane.slowed = not lane.slowed, True
        replies = (Reply(self._knowledge().say("slow_down")),) if first else ()
        # The session of such a step is not kept: the turns before it still decide where it stands.
        step = Step(replies, Session(), Outcome.SLOWED)
        await self._keep(secrets.token_hex(8), incoming, step, self._clock.steady())

    async def _say_not_recorded(self, conversation: Conversation) -> None:
        steady = self._clock.steady()
        self._told = {who: at for who, at in self._told.items() if steady - at < TOLD_AGAIN}
        if conversation in self._told:
            return
        self._told[conversation] = steady
        reply = Reply(self._knowledge().say("not_recorded"))
        await self._ways_out[conversation.channel].say_now(conversation, reply)


async def _open(db: AsyncConnection, incoming: Incoming) -> Session | None:
    """Where the conversation stands, or None for a message that was answered before."""
    if await turns.seen(db, incoming.conversation.channel, incoming.external_id):
        return None
    return await turns.session_of(db, incoming.conversation)
