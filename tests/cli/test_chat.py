"""`donghanh chat`: a conversation through the pipes of a process, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.lock import ProcessLock


@pytest.fixture
def chat(here: Path) -> Iterator[subprocess.Popen[str]]:
    """A running chat that has said its first words."""
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat"],
        cwd=here,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert running.stdin
    assert running.stdout
    running.stdin.write("/help\n")
    running.stdin.flush()
    assert running.stdout.readline().strip()
    yield running
    running.kill()
    running.communicate()


def test_the_end_of_the_input_ends_the_chat(chat: subprocess.Popen[str]) -> None:
    said, complaint = chat.communicate("bao giờ có lịch\n", timeout=60)

    assert chat.returncode == 0, complaint
    assert complaint == ""
    assert said.strip()


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot send these signals to a process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_chat_in_order(
    chat: subprocess.Popen[str], here: Path, number: signal.Signals
) -> None:
    chat.send_signal(number)

    _, complaint = chat.communicate(timeout=60)
    assert chat.returncode == 0, complaint
    assert complaint == ""
    lock = ProcessLock(here / "data" / "donghanh.db")
    lock.acquire()
    lock.release()
