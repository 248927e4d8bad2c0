"""The command as people start it: a folder of its own, real files, a database with one lead."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.settings import Settings, variable
from bot.store import turns
from bot.store.database import Store
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step
from handlers.effects import GiveConsent, SaveSubmission
from knowledge.entries import Knowledge
from tests.new_database import new_database
from tests.shipped import lend_cache

SENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command is started, with its data folder."""
    assert knowledge.entries, "it is compiled by now"
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)
    lend_cache(tmp_path / "data")
    return tmp_path


@pytest.fixture
def donghanh(here: Path) -> Run:
    """Run the command inside this process; what it prints and its exit code come back."""
    assert here.is_dir()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return run


@pytest.fixture
def process(here: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command as a process of its own."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=here,
            env={**os.environ, **more},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def database(here: Path) -> Path:
    """A database in which two people registered one enterprise, a minute apart."""
    path = here / "data" / "donghanh.db"
    asyncio.run(_register_twice(path))
    return path


async def _register_twice(path: Path) -> None:
    store = await Store.open(new_database(path))
    try:
        for number, name in enumerate(("Nguyễn Thị Lan", "=Trần Văn Minh"), start=1):
            await _register(store, number, name)
    finally:
        await store.close()


async def _register(store: Store, number: int, name: str) -> None:
    phone = f"+8491234567{number}"
    values = {
        "enterprise": "Công ty An Hòa",
        "tax_code": "0101243150",
        "contact": name,
        "phone": phone,
        "province": "Đà Nẵng",
        "months_operating": 40,
        "programmes": ["award", "iso"],
    }
    submission = SaveSubmission(
        form="register",
        values=values,
        purpose="lien-he-huong-dan",
        tax_code="0101243150",
        enterprise="Công ty An Hòa",
        contact=name,
        phone=phone,
    )
    consent = GiveConsent("lien-he-huong-dan", "2026-11", "Tôi đồng ý")
    step = Step((Reply("vâng"),), Session(), Outcome.FORM, (consent, submission))
    who = Conversation("telegram", str(number))
    incoming = Incoming(who, str(number), SENT, text="gửi")
    await store.write(
        lambda db: turns.keep(
            db,
            turn_id=f"turn-{number}",
            incoming=incoming,
            step=step,
            payloads=({"text": "vâng"},),
            now=SENT.replace(minute=number),
            took_ms=1.0,
        )
    )
