"""The bot as a process: a piped terminal, signals, a second one on the same database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from knowledge.entries import Knowledge
from tests.end_to_end.registrant import GOOD_TAX_CODE, MISTAKES, Registrant, answers
from tests.shipped import lend_cache
from tests.telegram_server import Fault, TelegramServer, What

PATIENCE = 30.0
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("knowledge")  # compiled, before a process looks for it


@asynccontextmanager
async def process(
    *arguments: str, folder: Path, server: TelegramServer | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot …` with its own data folder and the suite's compiled knowledge."""
    lend_cache(folder)
    settings = {"DONGHANH_DATA_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    if server is not None:
        settings |= {
            "DONGHANH_TELEGRAM_TOKEN": server.token,
            "DONGHANH_TELEGRAM_BASE_URL": server.url,
        }
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        stdin=pipe, stdout=pipe, stderr=pipe,
        cwd=folder, env={**os.environ, **settings},
    )  # fmt: skip
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def test_the_same_registration_on_a_terminal(tmp_path: Path, knowledge: Knowledge) -> None:
    registrant = Registrant(knowledge, knowledge.forms["register"], answers(), dict(MISTAKES))
    lines = [registrant.opening, knowledge.say("form.agree")]
    for field in registrant.form.fields:
        if field.when is not None:
            continue  # it depends on an answer that is not given here
        lines += [registrant.mistakes[field.id]] if field.id in registrant.mistakes else []
        lines.append(registrant.answers[field.id])
        lines += [knowledge.say("form.finish_choices")] if field.kind == "choices" else []
    lines += [knowledge.say("form.send"), "phiếu của tôi", "dữ liệu của tôi"]
    async with process("chat", folder=tmp_path / "data") as bot:
        said, complaints = await bot.communicate("\n".join(lines).encode() + b"\n")
    text = said.decode()
    assert (bot.returncode, complaints.decode()) == (0, "")
    assert registrant.form.done.splitlines()[0] in text
    assert GOOD_TAX_CODE in text.split(registrant.form.done.splitlines()[0])[1]


async def test_sigterm_ends_it_with_everything_said(tmp_path: Path) -> None:
    async with (
        TelegramServer() as server,
        process("run", folder=tmp_path / "data", server=server) as bot,
    ):
        lan = server.user(100_001)
        lan.types("xin chào")
        await lan.reply(PATIENCE)
        server.faults.add(What.SLOW, method="sendMessage", seconds=0.5)
        lan.types("cảm ơn")
        await server.until(lambda: server.record.injected, PATIENCE)
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == 0
        assert len(lan.received) == 2
        assert server.refusals == []


async def test_a_second_sigterm_ends_it_at_once(tmp_path: Path) -> None:
    async with (
        TelegramServer() as server,
        process("run", folder=tmp_path / "data", server=server) as bot,
    ):
        lan = server.user(100_001)
        server.faults.planned.append(Fault(What.SLOW, method="sendMessage", seconds=PATIENCE))
        lan.types("xin chào")
        await server.until(lambda: server.record.injected, PATIENCE)
        assert bot.stderr is not None
        bot.send_signal(signal.SIGTERM)
        while b"told to stop" not in await bot.stderr.readline():
            pass
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == -signal.SIGTERM


async def test_a_second_process_on_the_same_database_says_who_has_it_and_leaves(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    async with (
        TelegramServer() as server,
        process("run", folder=folder, server=server) as first,
    ):
        lan = server.user(100_001)
        lan.types("xin chào")
        await lan.reply(PATIENCE)
        async with process("run", folder=folder, server=server) as second:
            _, complaints = await second.communicate()
        assert second.returncode == 75
        assert str(first.pid) in complaints.decode()
        assert server.refusals == []
