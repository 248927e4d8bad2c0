"""A turn: in order, once, whole, and never at the cost of somebody else's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import engine as engines
from bot.delivery import Delivery
from bot.engine import WAITING, Engine
from bot.house import House
from bot.store import schema, turns
from bot.store.errors import StoreFailed
from handlers import Handler
from handlers.conversation import Conversation, Outcome, Reply, Session, Step, Turn
from handlers.effects import EraseMe, Subscribe
from knowledge.entries import Knowledge
from tests.bot.conftest import LAN, MINH, PHRASES, message, rows, saying, states
from tests.doubles import FakeChannel, FakeClock, WatchedStore


async def echo(turn: Turn) -> Step:
    """Answer with what was asked, and remember it."""
    heard = [*turn.session.data.get("heard", []), turn.incoming.text]
    session = Session(data={"heard": heard})
    return Step((Reply(f"vâng, {turn.incoming.text}"),), session, Outcome.ANSWERED)


class Gate:
    """A handler that waits for `open`; it counts who waits."""

    def __init__(self, only: Conversation | None = None) -> None:
        self.open = asyncio.Event()
        self.waiting = 0
        self._only = only

    async def __call__(self, turn: Turn) -> Step:
        if self._only in {None, turn.incoming.conversation}:
            self.waiting += 1
            await self.open.wait()
        return await echo(turn)


class Bot:
    """An engine with its way out, and its knowledge to be exchanged."""

    def __init__(self, store: WatchedStore, clock: FakeClock, words: Knowledge) -> None:
        self.store, self.clock, self.knowledge = store, clock, words
        self.channel = FakeChannel(clock)
        self.delivery = Delivery(store, self.channel, clock)

    def engine(self, handler: Handler = echo) -> Engine:
        house = House(
            self.store,
            lambda: self.knowledge,
            {"telegram": self.delivery},
            lambda _, reply: self.channel.render(reply),
            self.clock,
        )
        return Engine(house, handler)

    async def heard(self) -> list[str]:
        (row,) = await rows(self.store, schema.session)
        found = await self.store.read(lambda db: turns.session_of(db, LAN))
        assert row["conversation"] == LAN.id
        return list(found.data["heard"])

    async def said(self) -> list[str]:
        return [row["payload"]["text"] for row in await rows(self.store, schema.delivery)]

    async def outcomes(self) -> list[str]:
        return [row["outcome"] for row in await rows(self.store, schema.message)]


@pytest.fixture
def bot(store: WatchedStore, clock: FakeClock, words: Knowledge) -> Bot:
    return Bot(store, clock, words)


@asynccontextmanager
async def together(*calls: Awaitable[None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Start the calls in their order; wait for all of them at the end."""

    async def one(call: Awaitable[None]) -> None:
        await call

    async with asyncio.TaskGroup() as group:
        yield [group.create_task(one(call)) for call in calls]


async def until(fact: Callable[[], object]) -> None:
    """Let the others run until *fact* holds."""
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)


async def test_a_kept_turn_has_its_message_its_session_and_its_reply(bot: Bot) -> None:
    await bot.engine().receive(message(1, "chào"))
    assert await bot.outcomes() == ["answered"]
    assert await bot.said() == ["vâng, chào"]
    assert await bot.heard() == ["chào"]


async def test_turns_of_one_conversation_go_in_the_order_they_came(bot: Bot) -> None:
    engine = bot.engine()
    async with together(*(engine.receive(message(number)) for number in range(15))):
        pass
    assert await bot.heard() == [f"câu {number}" for number in range(15)]


async def test_the_same_message_brought_again_and_again_at_once_is_answered_once(bot: Bot) -> None:
    engine = bot.engine()
    async with together(*(engine.receive(message(7)) for _ in range(10))):
        pass
    await engine.receive(message(7))
    assert await bot.said() == ["vâng, câu 7"]


async def test_two_processes_in_a_row_answer_the_same_message_once(bot: Bot) -> None:
    await bot.engine().receive(message(7))
    await bot.engine().receive(message(7))
    assert await bot.said() == ["vâng, câu 7"]


async def test_a_slow_handler_of_one_conversation_does_not_delay_another(bot: Bot) -> None:
    gate = Gate(only=LAN)
    engine = bot.engine(gate)
    async with together(engine.receive(message(1))):
        await until(lambda: gate.waiting)
        await engine.receive(message(2, "chào", MINH))
        assert await bot.said() == ["vâng, chào"]
        gate.open.set()


async def test_who_floods_is_told_once_and_the_others_do_not_wait(bot: Bot) -> None:
    gate = Gate(only=LAN)
    engine = bot.engine(gate)
    flood = [engine.receive(message(number)) for number in range(WAITING + 30)]
    async with together(*flood) as tasks:
        await until(lambda: sum(task.done() for task in tasks) == 30)
        await engine.receive(message("x", "chào", MINH))
        assert await bot.said() == [PHRASES["slow_down"], "vâng, chào"]
        gate.open.set()
    outcomes = await bot.outcomes()
    assert (outcomes.count("slowed"), outcomes.count("answered")) == (30, WAITING + 1)


async def test_a_message_there_was_no_room_for_does_not_move_the_conversation(bot: Bot) -> None:
    gate = Gate()
    engine = bot.engine(gate)
    async with together(*(engine.receive(message(n)) for n in range(WAITING + 5))) as tasks:
        await until(lambda: sum(task.done() for task in tasks) == 5)
        gate.open.set()
    assert await bot.heard() == [f"câu {number}" for number in range(WAITING)]


async def test_who_flooded_is_told_again_only_after_the_queue_was_empty(bot: Bot) -> None:
    for flood in ("a", "b"):
        gate = Gate()
        engine = bot.engine(gate)
        calls = [engine.receive(message(f"{flood}{n}")) for n in range(WAITING + 5)]
        async with together(*calls) as tasks:
            await until(lambda: sum(task.done() for task in tasks) == 5)
            gate.open.set()
    assert (await bot.said()).count(PHRASES["slow_down"]) == 2


async def test_a_copy_of_a_message_that_waits_is_not_kept_as_one_too_many(bot: Bot) -> None:
    gate = Gate()
    engine = bot.engine(gate)
    async with together(*(engine.receive(message(n)) for n in range(WAITING))):
        await until(lambda: gate.waiting)
        async with together(engine.receive(message(WAITING - 1))):
            await asyncio.sleep(0)
            gate.open.set()
    assert await bot.outcomes() == ["answered"] * WAITING


async def test_a_failing_handler_apologises_and_keeps_the_session(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(turn: Turn) -> Step:
        raise ZeroDivisionError(turn.incoming.external_id)

    await bot.engine().receive(message(1, "chào"))
    await bot.engine(breaks).receive(message(2))
    assert await bot.outcomes() == ["answered", "failed"]
    assert await bot.said() == ["vâng, chào", PHRASES["failed"]]
    assert await bot.heard() == ["chào"]
    assert "ZeroDivisionError" in caplog.text


async def test_a_step_that_cannot_be_kept_is_a_failed_turn_too(bot: Bot) -> None:
    async def unspeakable(turn: Turn) -> Step:
        step = await echo(turn)
        return replace(step, session=Session(data={"when": turn.now}), effects=(Subscribe(True),))

    await bot.engine(unspeakable).receive(message(1))
    assert await bot.outcomes() == ["failed"]
    assert await bot.said() == [PHRASES["failed"]]
    (person,) = await rows(bot.store, schema.conversation)
    assert person["subscribed"] is False


async def test_a_handler_that_never_ends_is_a_failed_turn(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "THINKING", 0.01)
    await bot.engine(Gate()).receive(message(1))
    assert await bot.outcomes() == ["failed"]


async def test_a_full_store_refuses_the_message_and_says_so_once(bot: Bot) -> None:
    engine = bot.engine()
    bot.store.full = True
    for _ in range(3):
        with pytest.raises(StoreFailed):
            await engine.receive(message(1))
    assert bot.channel.texts(LAN.id) == [PHRASES["not_recorded"]]
    bot.store.full = False
    await engine.receive(message(1))
    assert await bot.said() == ["vâng, câu 1"]


async def test_after_ten_minutes_of_failure_a_person_is_told_again(bot: Bot) -> None:
    engine = bot.engine()
    bot.store.full = True
    for _ in range(2):
        with pytest.raises(StoreFailed):
            await engine.receive(message(1))
        await bot.clock.pass_by(601)
    assert bot.channel.texts(LAN.id) == [PHRASES["not_recorded"]] * 2


async def test_a_disk_that_is_really_full_keeps_nothing_of_the_turn(bot: Bot) -> None:
    engine = bot.engine()
    await engine.receive(message(1, "chào"))
    pages = await bot.store.write(lambda db: _limit(db, 0))
    with pytest.raises(StoreFailed):
        await engine.receive(message(2, "x" * 200_000))
    await bot.store.write(lambda db: _limit(db, 2 * pages + 1000))
    assert await bot.outcomes() == ["answered"]
    assert await bot.heard() == ["chào"]
    await engine.receive(message(2, "tiếp"))
    assert await bot.heard() == ["chào", "tiếp"]


async def _limit(db: AsyncConnection, pages: int) -> int:
    """Let the file grow to so many pages; SQLite never goes below what it has."""
    found = await db.exec_driver_sql(f"PRAGMA max_page_count = {pages or 1}")
    return int(found.scalar_one())


async def test_a_turn_keeps_the_knowledge_it_began_with(bot: Bot) -> None:
    gate = Gate()

    async def quoting(turn: Turn) -> Step:
        await gate(turn)
        return Step((Reply(turn.knowledge.fingerprint),), turn.session, Outcome.ANSWERED)

    engine = bot.engine(quoting)
    async with together(engine.receive(message(1))):
        await until(lambda: gate.waiting)
        bot.knowledge = saying(PHRASES, "new")
        gate.open.set()
    await engine.receive(message(2))
    assert await bot.said() == ["test", "new"]


async def test_a_cancelled_turn_is_kept_whole_or_not_at_all(bot: Bot) -> None:
    gate = Gate()
    engine = bot.engine(gate)
    async with together(engine.receive(message(1))) as (turn,):
        await until(lambda: gate.waiting)
        turn.cancel()
    assert await bot.outcomes() == []
    await bot.engine().receive(message(1))
    assert await bot.outcomes() == ["answered"]


async def test_a_person_who_was_erased_comes_back_as_a_stranger(bot: Bot) -> None:
    async def erase(_turn: Turn) -> Step:
        return Step((Reply("đã xoá"),), Session(), Outcome.PRIVACY, (EraseMe(),))

    await bot.engine().receive(message(1, "chào"))
    await bot.engine(erase).receive(message(2))
    await bot.engine().receive(message(3, "lại chào"))
    assert await bot.heard() == ["lại chào"]
    assert await states(bot.store) == ["cancelled: erased", "pending", "pending"]


async def test_an_update_put_aside_is_kept_raw(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await bot.engine().set_aside("telegram", '{"update_id": 1}', "KeyError: 'date'")
    (kept,) = await rows(bot.store, schema.quarantine)
    assert (kept["raw"], kept["problem"]) == ('{"update_id": 1}', "KeyError: 'date'")
    assert "put aside" in caplog.text


async def test_nobody_is_remembered_who_has_nothing_waiting(bot: Bot) -> None:
    engine = bot.engine()
    for number in range(20):
        await engine.receive(message(number, who=Conversation("telegram", str(number))))
    assert engine._lanes == {}  # a leak of chats would show nowhere else
