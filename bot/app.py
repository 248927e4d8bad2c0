"""The composition root: the one place where the parts are made and joined.

Nothing here decides anything. `run` starts the parts in the order in which they need each other
and stops them in the opposite one: first no more comes in, then what was queued goes out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

from bot import acts
from bot.broadcasting import Broadcasting
from bot.channels import Channel
from bot.channels.console import ConsoleChannel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.engine import Engine
from bot.operations.recipients import Render
from bot.reload import CurrentKnowledge
from bot.reminding import Reminding
from bot.settings import Settings
from bot.store import deliveries, retention
from bot.store.database import Store
from bot.store.errors import StoreFailed
from handlers.menu import menu_commands
from knowledge.entries import Knowledge

logger = logging.getLogger(__name__)

TIDY_SECONDS = 3600.0
DRAIN_SECONDS = 10.0  # for the replies that are queued when the stop comes
LAST_SECONDS = 10.0  # and then for what is on its way
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, joined."""

    settings: Settings
    clock: Clock
    store: Store
    knowledge: CurrentKnowledge
    channels: Sequence[Channel]
    deliveries: Mapping[str, Delivery]
    engine: Engine


@asynccontextmanager
async def built(
    settings: Settings, channels: Sequence[Channel], clock: Clock, knowledge: CurrentKnowledge
) -> AsyncIterator[App]:
    """Open the database and join the parts; close it at the end.

    Raises StoreBusy, StoreTooNew, StoreDamaged or StoreFailed.
    """
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.database)
    try:
        recovered = await store.write(lambda db: deliveries.recover(db, clock.now()))
        if recovered.replies or recovered.unsure:
            logger.warning("after the last stop: %s", recovered)
        ways_out = {
            channel.name: Delivery(store, channel, clock, in_flight=settings.in_flight)
            for channel in channels
        }
        engine = Engine(store, knowledge, ways_out, rendering(channels), clock)
        yield App(settings, clock, store, knowledge, channels, ways_out, engine)
    finally:
        await store.close()


async def run(app: App, stop: asyncio.Event) -> None:
    """Serve until *stop* is set or every channel's input has ended; then drain and return.

    Raises OSError, in a group, where the web server's address cannot be had.
    """
    logger.info(
        "donghanh %s starts: channels %s, knowledge %s",
        version("donghanh"),
        ", ".join(channel.name for channel in app.channels),
        app.knowledge().fingerprint[:8],
    )
    async with AsyncExitStack() as opened, asyncio.TaskGroup() as tasks:
        for channel in app.channels:
            await channel.open()
            opened.push_async_callback(channel.close)
        sending = [tasks.create_task(delivery.run()) for delivery in app.deliveries.values()]
        await _take_in(app, stop)
        for delivery in app.deliveries.values():
            delivery.drain(DRAIN_SECONDS)
        _, late = await asyncio.wait(sending, timeout=DRAIN_SECONDS + LAST_SECONDS)
        for task in late:
            logger.warning("a message got no answer before the stop; the next start judges it")
            task.cancel()
    logger.info("donghanh has stopped")


async def _take_in(app: App, stop: asyncio.Event) -> None:
    """Run the channels and the housekeeping until told to stop, or until all input has ended."""
    async with asyncio.TaskGroup() as tasks:

        def begin(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
            return tasks.create_task(_kept_running(name, run, app.clock), name=name)

        inputs = [begin(channel.name, partial(channel.run, app.engine)) for channel in app.channels]
        watch = partial(app.knowledge.watch, app.clock, app.settings.reload_seconds)
        beside = [begin("reload", watch), begin("tidy", partial(_tidy, app))]
        shape = rendering(app.channels)
        announcing = Broadcasting(app.store, app.knowledge, app.deliveries, shape, app.clock)
        beside.append(begin("broadcasting", announcing.run))
        reminding = Reminding(app.store, app.knowledge, app.deliveries, shape, app.clock)
        beside.append(begin("reminding", reminding.run))
        watch_acts = partial(acts.watch, app.store, app.settings.data_folder, app.clock)
        beside.append(begin("acts", watch_acts))
        if any(needs_web(app.settings, channel) for channel in app.channels):
            beside.append(tasks.create_task(_web(app), name="web"))
        told = tasks.create_task(stop.wait())
        ended = tasks.create_task(asyncio.wait(inputs))
        await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (told, ended, *inputs, *beside):
            task.cancel()


async def _kept_running(name: str, run: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run until it returns; what ends by an error is logged and begun again, the others go on."""
    failures = 0
    while True:
        began = clock.steady()
        try:
            return await run()
        except Exception:
            logger.exception("%s ended by an error", name)
        this = asyncio.current_task()
        if this is not None and this.cancelling():
            raise asyncio.CancelledError  # the error came up while it was being stopped
        failures = 0 if clock.steady() - began > LONGEST_PAUSE else failures + 1
        await clock.sleep(min(LONGEST_PAUSE, 2.0**failures))


def rendering(channels: Sequence[Channel]) -> Render:
    """What shapes a reply for the channel of that name."""
    by_name = {channel.name: channel for channel in channels}
    return lambda name, reply: by_name[name].render(reply)


def needs_web(settings: Settings, channel: Channel) -> bool:
    return bool(settings.public_url) and channel.name == "telegram"


async def _web(app: App) -> None:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.web.app import Webhook, application
    from bot.web.server import serve

    webhook = None
    for channel in app.channels:
        if isinstance(channel, TelegramChannel):
            webhook = Webhook(channel.webhook_path, channel.webhook_secret, channel.accept)

    async def facts() -> Mapping[str, Any]:
        return await health(app)

    await serve(application(facts, webhook), app.settings.web_host, app.settings.web_port)


async def health(app: App) -> Mapping[str, Any]:
    """What a watchdog wants to know: does the writer answer, what waits, is the knowledge sound."""
    try:
        counted = await app.store.write(deliveries.counts)
    except StoreFailed:
        return {"ok": False, "store": "failed"}
    waiting = {kind: states["pending"] for kind, states in counted.items() if states["pending"]}
    unsure = sum(states["unsure"] for states in counted.values())
    knowledge_ok = not app.knowledge.problems
    return {"ok": True, "waiting": waiting, "unsure": unsure, "knowledge_ok": knowledge_ok}


async def _tidy(app: App) -> None:
    keep = retention.Retention(messages=app.settings.keep_messages)
    while True:
        try:
            tidied = await app.store.write(lambda db: retention.tidy(db, app.clock.now(), keep))
            await app.store.checkpoint()
        except StoreFailed:
            logger.exception("old contents could not be removed")
            tidied = None
        if tidied is None or not tidied.more:
            await app.clock.sleep(TIDY_SECONDS)


def terminal(settings: Settings, clock: Clock) -> ConsoleChannel:
    """The terminal; pictures and documents, which it cannot show, go beside the data."""
    return ConsoleChannel(clock.now, settings.data_folder / "files")


def channels_for(settings: Settings, knowledge: Knowledge, clock: Clock) -> list[Channel]:
    """The channels that the settings configure; the terminal where they configure none."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return [terminal(settings, clock)]
    from bot.channels.telegram.channel import Phrases, TelegramChannel
    from bot.channels.telegram.channel import Settings as TelegramSettings
    from bot.channels.telegram.profile import Command, Profile

    commands = [Command(*each) for each in menu_commands(knowledge)]
    profile = Profile(
        commands,
        knowledge.say("telegram.description"),
        knowledge.say("telegram.description_en"),
    )
    share, hint = knowledge.say("form.share_phone"), knowledge.say("form.share_phone_hint")
    telegram = TelegramSettings(
        token,
        settings.telegram_base_url,
        proxy=settings.telegram_proxy.get_secret_value() or None,
        webhook_url=settings.public_url,
        connections=max(16, settings.in_flight + 4),
        per_second=settings.telegram_per_second,
    )
    return [TelegramChannel(telegram, Phrases(share, hint, profile), clock.now)]
