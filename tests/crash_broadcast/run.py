"""One run: send, kill, start again, until everybody is accounted for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL, SIGTERM
from typing import Final

from bot.clock import SystemClock
from tests.crash_broadcast.bot import Lives, lives
from tests.crash_broadcast.deeds import DEEDS, FIRST, TEXT, Deed
from tests.crash_broadcast.office import Office
from tests.crash_broadcast.server import IN_DOUBT, Telegram, telegram
from tests.shipped import lend_cache, shipped

IN_FLIGHT: Final = 4
BUSY: Final = 75
PER_SECOND: Final = 900
HURRIED: Final = 6  # one life in so many ends before it has sent anything
PATIENCE: Final = 30.0


@dataclass(slots=True)
class Report:
    """The figures of a run; `faults` lists every broken promise, and must be empty."""

    chats: int
    kills: int = 0
    pauses: int = 0
    refused: int = 0  # second processes that were turned away
    most_in_doubt: int = 0  # after one kill
    in_doubt_by_kills: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def check(self, promise: str, *, kept: bool) -> None:
        if not kept:
            self.faults.append(promise)


@dataclass(slots=True)
class Run:
    """The parts of a run, and the one bot that lives at a time."""

    telegram: Telegram
    office: Office
    environment: Mapping[str, str]
    moved: float  # seconds from the machine's clock to the bot's
    chance: Random
    report: Report
    lives: Lives
    deed: Deed

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.moved)

    async def begin(self, does: str) -> None:
        """Have it approved; before what changes messages, let these go out."""
        await self.office.approve(self.deed.draft, self.report.chats, self.now())
        if DEEDS[does] is self.deed:
            return
        await self.to_the_end()
        self.office, self.deed = replace(self.office, number=FIRST + 1), DEEDS[does]
        await self.office.approve(self.deed.draft, self.report.chats, self.now())

    async def live_and_die(self, between: int) -> None:
        """One life, ended by SIGKILL after up to `between` more messages."""
        await self.lives.begin()
        if self.chance.randrange(HURRIED):
            more = self.chance.randint(1, between)
            await self.telegram.happens(self.deed.counted, more, PATIENCE)
        await self.kill()

    async def kill(self) -> None:
        await self.lives.end(SIGKILL)
        report = self.report
        doubtful = self.office.counts()["sending"]
        report.kills += 1
        report.in_doubt_by_kills += doubtful
        report.most_in_doubt = max(report.most_in_doubt, doubtful)
        report.check(f"{doubtful} in doubt after one kill", kept=doubtful <= IN_FLIGHT)

    async def pause_and_go_on(self) -> None:
        """Paused, the bot still answers people, and sends nothing else; killed so, it stays so."""
        if not await self.office.pause(self.now()):
            return
        self.report.pauses += 1
        before = (await self.telegram.reached(self.deed)).total()
        await self.lives.begin()
        # any update will do: the answer shows that the queue was looked at
        await self.telegram.ask("users", id=42, started=True)
        await self.telegram.ask("act", person=42, act="types", text="xin chào")
        answered = await self.telegram.happens("sent", 1, PATIENCE)
        after = (await self.telegram.reached(self.deed)).total()
        await self.kill()
        self.report.check("paused, it does not answer people", kept=answered)
        self.report.check("paused, it still announces", kept=before == after)
        await self.office.resume(self.now())

    async def second_process(self) -> None:
        """The real command line on the same database, beside the running bot: it must refuse."""
        await self.lives.begin()
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=self.environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        code = await second.wait()
        self.report.check(f"a second process ended with {code}", kept=code == BUSY)
        self.report.refused += 1
        await self.kill()

    async def to_the_end(self) -> None:
        """A last life that may finish; a hold is looked at and lifted, as staff would."""
        while True:
            await self.lives.begin()
            while (state := self.office.state()) not in {"done", "held"}:  # noqa: ASYNC110 - another process's file
                await asyncio.sleep(0.1)
            await asyncio.wait_for(self.lives.end(SIGTERM), PATIENCE)
            if state == "done":
                return
            await self.office.resume(self.now())

    async def settle_accounts(self) -> None:
        """Hold what the bot believes against what arrived, chat by chat."""
        report = self.report
        books, copies = self.office.books(), await self.telegram.copies(TEXT)
        reached = await self.telegram.reached(self.deed)
        report.counts = Counter(books.values())
        report.troubles = await self.telegram.troubles(self.deed)
        twice = [chat for chat, number in copies.items() if number > 1]
        report.check(f"sent twice: {twice}", kept=not twice)
        report.check("somebody has no row", kept=len(books) == report.chats)
        for chat, state in books.items():
            arrived = reached[chat]
            right = {"sent": arrived == 1, "failed": arrived == 0, "unsure": True}
            report.check(f"chat {chat} is {state}, {arrived} arrived", kept=right.get(state, False))
        doubtful = report.in_doubt_by_kills + sum(report.troubles[each] for each in IN_DOUBT)
        named = await self.office.named()
        unsure = {str(chat) for chat, state in books.items() if state == "unsure"}
        report.check(f"{len(unsure)} unsure, {doubtful} explained", kept=len(unsure) <= doubtful)
        report.check("an unsure one is not named", kept=unsure == set(named))
        report.check("the audit is broken", kept=(await self.office.audited()).broken_at is None)


async def run(folder: Path, *, chats: int, kills: int, seed: int, does: str = "send") -> Report:
    """Broadcast to `chats` with `kills` random kills and every trouble; say how it went.

    What edits or withdraws does so to messages that went out in peace.
    """
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    began = asyncio.get_running_loop().time()
    shipped()
    lend_cache(folder)  # to compile is not on trial
    async with telegram() as server, AsyncExitStack() as stack:
        now = SystemClock().now()
        moved = (now.replace(hour=9, minute=0) - now).total_seconds()
        environment = os.environ | {
            "DONGHANH_DATA_FOLDER": str(folder),
            "DONGHANH_TELEGRAM_TOKEN": server.token,
            "DONGHANH_TELEGRAM_BASE_URL": server.url,
            "DONGHANH_TELEGRAM_PER_SECOND": str(PER_SECOND),
            "DONGHANH_WEB_PORT": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        office, report = Office(folder / "donghanh.db"), Report(chats)
        log = stack.enter_context((folder / "bot.log").open("ab"))
        bots = await stack.enter_async_context(lives(moved, environment, log))
        whole = Run(server, office, environment, moved, chance, report, bots, DEEDS["send"])
        everybody = await server.people(chats)
        await office.prepare(everybody, whole.now())
        await whole.begin(does)
        await server.leave(chance.sample(everybody, chats * 3 // 100))
        await server.trouble(seed, whole.deed)
        between = max(1, 2 * chats // (kills + 2))
        for number in range(kills):
            if number % 20 == 3:
                await whole.pause_and_go_on()
            elif number % 20 == 5:
                await whole.second_process()
            else:
                await whole.live_and_die(between)
            if whole.office.state() == "held":
                await whole.office.resume(whole.now())
        await whole.to_the_end()
        await whole.settle_accounts()
    report.seconds = asyncio.get_running_loop().time() - began
    return report
