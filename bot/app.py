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

from bot import acts, broadcast_book, lead_tables
from bot.attending import Attending
from bot.broadcast_files import Files, received
from bot.broadcast_files import folder_of as kept_in
from bot.broadcasting import Broadcasting
from bot.channels import Channel, Inbox, Over
from bot.channels.console import LOCAL, ConsoleChannel
from bot.clock import Clock
from bot.dating import Dating, Register
from bot.delivery import Delivery
from bot.digest import Digest
from bot.drawing import Drawer, Maker, draw
from bot.engine import Engine
from bot.house import House
from bot.lead_due import LeadDue
from bot.lead_inbox import FOLDER as LISTS
from bot.lead_inbox import Lists, tidy
from bot.operations.attendance import Patience
from bot.operations.recipients import Render
from bot.publishing import QUESTIONS, Press, Publishing
from bot.reload import CurrentKnowledge
from bot.reminding import Reminding
from bot.settings import Settings
from bot.store import attached, deliveries, instance, retention
from bot.store.database import Store
from bot.store.errors import StoreFailed
from bot.terminal_files import WithFiles, folder_of
from bot.watching import Watching
from handlers.attachments import DOCUMENT, LEADS, PICTURE, RESULTS
from handlers.menu import menu_commands
from knowledge import load
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
    house: House
    knowledge: CurrentKnowledge
    channels: Sequence[Channel]
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
        if recovered.again or recovered.unsure:
            logger.warning("after the last stop: %s", recovered)
        ways_out = {
            channel.name: Delivery(store, channel, clock, in_flight=settings.in_flight)
            for channel in channels
        }
        by_name = {channel.name: channel for channel in channels}
        files = Files(kept_in(settings.data_folder))
        lists = Lists(settings.data_folder / LISTS, knowledge, clock)
        await store.write(lambda db: instance.runs(db, by_name))
        house = House(
            store,
            knowledge,
            ways_out,
            rendering(channels),
            clock,
            lambda name, start: by_name[name].link(start),
            keep_file=lambda name, file: received(files, file, by_name[name].fetch),
            read_list=lambda name, sent: lists.read(sent, by_name[name].fetch),
            drop_list=lists.drop,
        )
        yield App(settings, house, knowledge, channels, Engine(house))
    finally:
        await store.close()


async def run(app: App, stop: asyncio.Event) -> None:
    """Serve until *stop* is set or every channel's input has ended; then drain and return.

    Raises, in a group, OSError where the web server's address cannot be had, and what a channel's
    input ended by for good.
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
        sending = [tasks.create_task(delivery.run()) for delivery in app.house.ways_out.values()]
        await _take_in(app, stop)
        for delivery in app.house.ways_out.values():
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
            return tasks.create_task(_kept_running(name, run, app.house.clock), name=name)

        inputs = [
            begin(channel.name, partial(channel.run, _inbox(app, channel)))
            for channel in app.channels
        ]
        watch = partial(app.knowledge.watch, app.house.clock, app.settings.reload_seconds)
        beside = [begin("reload", watch), begin("tidy", partial(_tidy, app))]
        beside += [begin(name, run) for name, run in _workers(app).items()]
        watch_acts = partial(acts.watch, app.house.store, app.settings.data_folder, app.house.clock)
        beside.append(begin("acts", watch_acts))
        if any(needs_web(app.settings, channel) for channel in app.channels):
            beside.append(tasks.create_task(_web(app), name="web"))
        told = tasks.create_task(stop.wait())
        ended = tasks.create_task(asyncio.wait(inputs))
        await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (told, ended, *inputs, *beside):
            task.cancel()


def _workers(app: App) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """Who looks after what, again and again, by what the database and the knowledge say."""
    house, settings = app.house, app.settings
    patience = Patience(settings.answer_within, settings.talk_silence)
    register = Register(settings.knowledge_folder, settings.cache_folder)
    return {
        "broadcasting": Broadcasting(house).run,
        "watching": Watching(house).run,
        "reminding": Reminding(house).run,
        "attending": Attending(house, patience).run,
        "publishing": Publishing(house, _press(settings)).run,
        "dating": Dating(house, register).run,
        "due leads": LeadDue(house).run,
        "digest": Digest(house).run,
    }


def _press(settings: Settings) -> Press:
    folder = settings.knowledge_folder
    own = folder / QUESTIONS
    evaluation = settings.evaluation_file or (own if own.exists() else None)
    return Press(folder, settings.cache_folder, evaluation)


def _inbox(app: App, channel: Channel) -> Inbox:
    if isinstance(channel, ConsoleChannel):
        return WithFiles(app.engine, app.house.store, partial(folder_of, app.settings.data_folder))
    return app.engine


async def _kept_running(name: str, run: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run until it returns; what ends by an error is logged and begun again, the others go on."""
    failures = 0
    while True:
        began = clock.steady()
        try:
            return await run()
        except Over as over:
            raise over.error from None
        except StoreFailed as error:
            logger.warning("%s waits for the store: %s", name, error)
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
        counted = await app.house.store.write(deliveries.counts)
    except StoreFailed:
        return {"ok": False, "store": "failed"}
    waiting = {kind: states["pending"] for kind, states in counted.items() if states["pending"]}
    unsure = sum(states["unsure"] for states in counted.values())
    knowledge_ok = not app.knowledge.problems
    return {"ok": True, "waiting": waiting, "unsure": unsure, "knowledge_ok": knowledge_ok}


async def _tidy(app: App) -> None:
    store, clock = app.house.store, app.house.clock
    files = Files(kept_in(app.settings.data_folder))
    keep = retention.Retention(messages=app.settings.keep_messages)
    while True:
        try:
            tidied = await store.write(lambda db: retention.tidy(db, clock.now(), keep))
            await store.checkpoint()
            named = await store.read(attached.named_files)
            await asyncio.to_thread(files.tidy, named, clock.now())
            await asyncio.to_thread(tidy, app.settings.data_folder / LISTS, clock.now())
        except StoreFailed as error:
            logger.warning("old contents could not be removed: %s", error)
            tidied = None
        if tidied is None or not tidied.more:
            await clock.sleep(TIDY_SECONDS)


def drawer(settings: Settings, clock: Clock) -> Drawer:
    """What makes files, also those that show the database as it is when they are sent."""

    def known() -> Knowledge:
        today = clock.now().date()
        return load(settings.knowledge_folder, today=today, cache=settings.cache_folder)

    kept = Files(kept_in(settings.data_folder)).read
    workbook = partial(lead_tables.workbook, settings.database, known)
    results = partial(broadcast_book.workbook, settings.database)
    live: dict[str, Maker] = {
        LEADS: workbook,
        RESULTS: results,
        PICTURE: kept,
        DOCUMENT: kept,
    }
    return Drawer(partial(draw, live=live))


def terminal(settings: Settings, clock: Clock) -> ConsoleChannel:
    """The terminal; pictures and documents, which it cannot show, go beside the data."""
    folder = folder_of(settings.data_folder, LOCAL)
    return ConsoleChannel(clock.now, folder, drawer=drawer(settings, clock))


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
    phrases, files = Phrases(share, hint, profile), drawer(settings, clock)
    return [TelegramChannel(telegram, phrases, clock.now, drawer=files)]
