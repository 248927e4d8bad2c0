"""Real processes that end badly: killed while writing, and with a disk that takes no more."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from bot.store.database import Store
from tests.store.conftest import say

WRITES_FOR_EVER = """
import asyncio, pathlib, sys
from bot.store.database import Store
from tests.store.conftest import say

async def caller(store, name):
    number = 0
    while True:
        await say(store, external_id=f"{name}-{number}")
        print(f"{name}-{number}", flush=True)
        number += 1

async def main():
    store = await Store.open(pathlib.Path(sys.argv[1]))
    await asyncio.gather(*(caller(store, name) for name in "abcdefgh"))

asyncio.run(main())
"""

RUNS_OUT_OF_DISK = """
import asyncio, pathlib, resource, signal, sys
from bot.store.database import Store
from bot.store.errors import StoreFailed
from tests.store.conftest import say

async def main():
    store = await Store.open(pathlib.Path(sys.argv[1]))
    await say(store, external_id="before")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    refused, number = 0, 0
    while refused < 20:
        number += 1
        try:
            await say(store, external_id=f"full-{number}", text="dài " * 2000)
        except StoreFailed:
            refused += 1
        else:
            print(f"full-{number}", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await say(store, external_id="after")
    print("after", flush=True)
    await store.close()

asyncio.run(main())
"""


def kept(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {row[0] for row in connection.execute("SELECT external_id FROM message")}


async def test_a_killed_process_loses_nothing_it_said_was_kept(path: Path) -> None:
    acknowledged: set[str] = set()
    for kill_after in (1, 40, 200):
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WRITES_FOR_EVER.replace('"abcdefgh"', f'["{kill_after}-" + c for c in "abcdefgh"]'),
            str(path),
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdout is not None
        for _ in range(kill_after):
            acknowledged.add((await child.stdout.readline()).decode().strip())
        child.kill()
        rest, _ = await child.communicate()
        acknowledged |= set(rest.decode().split("\n")[:-1])
        assert child.returncode == -signal.SIGKILL

    store = await Store.open(path)
    await say(store, external_id="the next process goes on")
    await store.close()
    assert len(acknowledged) > 240
    assert acknowledged <= kept(path)


def test_a_full_disk_keeps_what_was_kept_and_heals_by_itself(path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNS_OUT_OF_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    said = set(child.stdout.split())
    assert "after" in said
    assert kept(path) == said | {"before"}
