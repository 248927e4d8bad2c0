"""The whole, joined: what one part's trouble does to the others, and how everything ends."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from bot import app as apps
from bot.app import App
from bot.channels import Inbox
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import TelegramChannel
from bot.delivery import Delivery
from bot.engine import Engine
from bot.failures import FAILED, explained
from bot.house import House
from bot.reload import CurrentKnowledge
from bot.settings import read
from bot.store import instance, schema
from handlers.conversation import Conversation
from knowledge.entries import Knowledge
from tests.bot.conftest import LAN, message, queue, rows, states
from tests.bot.test_engine import echo
from tests.doubles import FakeChannel, FakeClock, WatchedStore

MINH = Conversation("zalo", "200002")


@pytest.fixture
def zalo(clock: FakeClock) -> FakeChannel:
    return FakeChannel(clock, "zalo")


@pytest.fixture
def app(  # noqa: PLR0913, PLR0917 - the parts that it joins
    store: WatchedStore,
    clock: FakeClock,
    channel: FakeChannel,
    zalo: FakeChannel,
    words: Knowledge,
    tmp_path: Path,
) -> App:
    def load(folder: Path, *, today: date, cache: Path) -> Knowledge:
        del folder, today, cache
        return words

    knowledge = CurrentKnowledge(tmp_path, tmp_path, clock.now().date(), load)
    ways_out = {each.name: Delivery(store, each, clock) for each in (channel, zalo)}
    house = House(store, knowledge, ways_out, lambda _, reply: channel.render(reply), clock)
    settings = read(data_folder=tmp_path, reload_seconds=3600)
    return App(settings, house, knowledge, (channel, zalo), Engine(house, echo))


class Run:
    """The application at work."""

    def __init__(self, app: App, clock: FakeClock, group: asyncio.TaskGroup) -> None:
        self.stop = asyncio.Event()
        self.task = group.create_task(apps.run(app, self.stop))
        self._clock = clock

    async def ended(self, within: float = 60.0) -> None:
        await self._clock.until(self.task.done, within)


@asynccontextmanager
async def running(app: App, clock: FakeClock) -> AsyncIterator[Run]:
    async with asyncio.TaskGroup() as group:
        run = Run(app, clock, group)
        try:
            yield run
        finally:
            run.task.cancel()


async def test_what_comes_in_is_answered_on_its_own_channel(
    app: App, clock: FakeClock, channel: FakeChannel, zalo: FakeChannel
) -> None:
    async with running(app, clock):
        channel.typed.put_nowait(message(1, "chào"))
        zalo.typed.put_nowait(message(1, "alo", MINH))
        await clock.until(lambda: channel.sent and zalo.sent)
    assert channel.texts(LAN.id) == ["vâng, chào"]
    assert zalo.texts(MINH.id) == ["vâng, alo"]


async def test_the_start_notes_which_channels_run(
    app: App, clock: FakeClock, zalo: FakeChannel, tmp_path: Path
) -> None:
    settings = read(data_folder=tmp_path / "new")
    async with apps.built(settings, [zalo], clock, app.knowledge) as started:
        assert await started.house.store.read(instance.channels) == ("zalo",)


async def test_a_channel_that_ends_by_an_error_begins_again_and_the_other_goes_on(
    app: App,
    clock: FakeClock,
    channel: FakeChannel,
    zalo: FakeChannel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(app, clock):
        for _ in range(3):
            channel.typed.put_nowait(ZeroDivisionError("ours"))
        channel.typed.put_nowait(message(1, "chào"))
        zalo.typed.put_nowait(message(1, "alo", MINH))
        await clock.until(lambda: zalo.sent, within=1.0)
        await clock.until(lambda: channel.sent)
    assert caplog.text.count("telegram ended by an error") == 3
    assert clock.passed == pytest.approx(2 + 4 + 8)


async def test_a_full_store_does_not_end_the_application(
    app: App,
    clock: FakeClock,
    channel: FakeChannel,
    store: WatchedStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apps, "TIDY_SECONDS", 60.0)
    async with running(app, clock):
        await clock.pass_by(1)
        store.full = True
        channel.typed.put_nowait(message(1, "mất"))
        await clock.pass_by(100)  # the housekeeping meets it too
        assert (await apps.health(app))["ok"] is False
        store.full = False
        channel.typed.put_nowait(message(1, "về"))
        await clock.until(lambda: "vâng, về" in channel.texts(LAN.id))
        assert (await apps.health(app))["ok"] is True


async def test_a_full_store_ends_a_terminal_with_one_sentence(
    app: App, store: WatchedStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.full = True
    said = io.StringIO()
    terminal = ConsoleChannel(app.house.clock.now, tmp_path, io.StringIO("chào\n"), said)
    doors = {terminal.name: Delivery(store, terminal, app.house.clock)}
    house = replace(app.house, ways_out=doors, render=lambda _, reply: terminal.render(reply))
    alone = replace(app, house=house, channels=(terminal,), engine=Engine(house, echo))

    with pytest.raises(typer.Exit) as ended, explained():
        await apps.run(alone, asyncio.Event())

    assert ended.value.exit_code == FAILED
    complaint = capsys.readouterr().err
    assert complaint.startswith("Đĩa đã đầy nên không ghi được; hãy giải phóng chỗ trống.\n")
    assert "Traceback" not in complaint
    assert said.getvalue().count("Tạm thời không ghi nhận được.") == 1


async def test_a_stop_sends_what_is_queued_and_then_closes_the_channels(
    app: App, clock: FakeClock, channel: FakeChannel, store: WatchedStore
) -> None:
    channel.takes = 1.0
    await queue(store, "một", "hai")
    async with running(app, clock) as run:
        await clock.pass_by(0.5)
        run.stop.set()
        await clock.pass_by(1)
        assert channel.closed == 0
        await run.ended()
    assert channel.texts(LAN.id) == ["một", "hai"]
    assert await states(store) == ["sent", "sent"]
    assert (channel.opened, channel.closed) == (1, 1)


async def test_a_message_without_an_answer_does_not_hold_up_the_stop_for_ever(
    app: App,
    clock: FakeClock,
    channel: FakeChannel,
    store: WatchedStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apps, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(apps, "LAST_SECONDS", 0.01)  # real seconds: a cut-off cannot be virtual
    channel.answers[LAN.id].append(asyncio.Event())
    await queue(store, "một")
    async with running(app, clock) as run:
        await clock.until(lambda: channel.tried)
        run.stop.set()
        await asyncio.wait([run.task])
    assert await states(store) == ["sending"]


async def test_when_all_input_has_ended_the_answers_still_go_out(
    app: App, clock: FakeClock, channel: FakeChannel, zalo: FakeChannel
) -> None:
    channel.takes = 1.0
    async with running(app, clock) as run:
        for typed in (message(1, "chào"), message(2, "tạm biệt"), None):
            channel.typed.put_nowait(typed)
        await clock.pass_by(1)
        assert not run.task.done()
        zalo.typed.put_nowait(None)
        await run.ended()
    assert channel.texts(LAN.id) == ["vâng, chào", "vâng, tạm biệt"]


async def test_a_channel_that_fails_while_it_is_stopped_does_not_begin_again(
    app: App, clock: FakeClock, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0

    async def run(inbox: Inbox) -> None:
        nonlocal begun
        begun += 1
        try:
            await inbox.receive(message(1))
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    monkeypatch.setattr(channel, "run", run)
    async with running(app, clock) as running_app:
        await clock.until(lambda: channel.sent)
        running_app.stop.set()
        await running_app.ended()
    assert begun == 1


async def test_old_contents_are_removed_while_it_runs(
    app: App, clock: FakeClock, store: WatchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "TIDY_SECONDS", 60.0)
    async with running(app, clock):
        old = replace(message(1, "câu hỏi cũ"), at=clock.now() - timedelta(days=91))
        await app.engine.receive(old)
        await clock.pass_by(apps.TIDY_SECONDS)
    (kept,) = await rows(store, schema.message)
    assert kept["text"] == ""


async def test_nothing_spins_while_nothing_happens(app: App, clock: FakeClock) -> None:
    async with running(app, clock):
        await clock.pass_by(1)
        before = clock.sleeps
        await clock.pass_by(3600)
    a_look_each = {20: 4, 60: 3, 300: 1, 600: 1}  # so many seconds: so many who look after things
    looks = sum(who * 3600 // seconds for seconds, who in a_look_each.items())
    assert clock.sleeps - before <= 2 * 2 * 120 + looks + 2


def test_without_a_token_the_terminal_is_the_channel(words: Knowledge) -> None:
    (only,) = apps.channels_for(read(), words, FakeClock())
    assert isinstance(only, ConsoleChannel)


def test_with_a_token_telegram_is_the_channel(knowledge: Knowledge) -> None:
    settings = read(telegram_token=SecretStr("123456:TEST-TOKEN"))
    (only,) = apps.channels_for(settings, knowledge, FakeClock())
    assert isinstance(only, TelegramChannel)
    assert "TEST-TOKEN" not in repr(settings)
