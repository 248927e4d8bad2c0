"""Through real HTTP: webhooks in and answers out, ours beside a bare echo bot, and our memory.

Three processes on the machine's cores: the fake Telegram, the bot, and this one, which only asks
and waits. Telegram's own pace is lifted (`DONGHANH_TELEGRAM_PER_SECOND=1000`, 40 in flight); every
update comes from another chat, so that the second between two messages to one chat plays no part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import free_port
from tests.shipped import CACHE, shipped

ROOT = Path(__file__).parents[2]
TOKEN = "123456:TEST-TOKEN"
PATIENCE = 60.0
BURST = 1000


@dataclass
class Telegram:
    """The fake Telegram in its own process."""

    url: str
    people: Iterator[int] = field(default_factory=lambda: count(1_000_000))
    sent: int = 0

    def tell(self, name: str, **arguments: Any) -> Any:
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self.url}/control/{name}", body)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=PATIENCE + 10) as answer:  # noqa: S310 - same
            return json.load(answer)

    def rate(self, text: str, number: int) -> float:
        """Answers per second to *number* people who write at once, in bursts."""
        began = time.perf_counter()
        for _ in range(0, number, BURST):
            burst = min(BURST, number)
            first = next(self.people)
            for _ in range(burst - 1):
                next(self.people)
            self.tell("crowd", first=first, count=burst, text=text)
            self.sent += burst
            self.tell("wait", sent=self.sent, timeout=PATIENCE)
        return number / (time.perf_counter() - began)


@contextmanager
def telegram(*, latency: float = 0.0) -> Iterator[Telegram]:
    arguments = ["--http-webhooks", "--webhook-pause", "0.1", "--latency", str(latency)]
    with _process("tests.telegram_server", *arguments) as process:
        assert process.stdout is not None
        yield Telegram(json.loads(process.stdout.readline())["url"])


@contextmanager
def ours(server: Telegram) -> Iterator[int]:
    """Our bot behind a webhook; yields its process id once it answers."""
    shipped()
    port = free_port()
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "cache").symlink_to(CACHE)
        settings = {
            "DONGHANH_DATA_FOLDER": made,
            "DONGHANH_TELEGRAM_TOKEN": TOKEN,
            "DONGHANH_TELEGRAM_BASE_URL": server.url,
            "DONGHANH_TELEGRAM_PER_SECOND": "1000",
            "DONGHANH_IN_FLIGHT": "40",
            "DONGHANH_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DONGHANH_WEB_PORT": str(port),
            "DONGHANH_LOG_LEVEL": "WARNING",
        }
        with _process("bot", "run", settings=settings) as process:
            server.rate("/start", 1)
            yield process.pid


@contextmanager
def echo(server: Telegram) -> Iterator[int]:
    """A bare python-telegram-bot that says what it hears."""
    with _process("tests.bench.echo", server.url, str(free_port())) as process:
        server.rate("/start", 1)
        yield process.pid


@contextmanager
def _process(
    module: str, *arguments: str, settings: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | (settings or {})
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=environment, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds now."""
    import psutil  # type: ignore[import-untyped]

    return float(psutil.Process(pid).memory_info().rss) / 1e6


def compare(number: int) -> dict[str, float]:
    """Answers per second, each measured against a fresh Telegram."""
    question = shipped().entries["eligibility.conditions"].variants[0]
    rates = {}
    with telegram() as server, echo(server):
        server.rate("hello", number // 5)
        rates["echo"] = server.rate("hello", number)
    with telegram() as server, ours(server):
        server.rate("/start", number // 5)
        rates["/start"] = server.rate("/start", number)
        rates["question"] = server.rate(question, number)
    return rates


def memory(half: int) -> tuple[float, float, float]:
    """Megabytes after start, after *half* questions, and after as many again."""
    question = shipped().entries["eligibility.conditions"].variants[0]
    with telegram() as server, ours(server) as pid:
        start = resident(pid)
        server.rate(question, half)
        middle = resident(pid)
        server.rate(question, half)
        return start, middle, resident(pid)


def main(number: int = 2000, half: int = 5000) -> None:
    rates = compare(number)
    bare = rates.pop("echo")
    print(f"a bare python-telegram-bot echo bot: {bare:.0f} answers/s by webhook")
    for what, rate in rates.items():
        print(f"ours, {what}: {rate:.0f} answers/s by webhook, {rate / bare:.2f} of the echo bot")
    start, middle, end = memory(half)
    print(
        f"resident memory: {start:.0f} MB at start, {middle:.0f} MB after {half:,} turns, "
        f"{end:.0f} MB after {2 * half:,}"
    )
