"""Real bot processes, each on its own from its first moment, without the second that Python needs.

A parent process has everything imported and the knowledge loaded; each bot is a fork of it that
opens the database, meets Telegram and serves, exactly as `donghanh run` does from there on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot import app, serving
from bot.channels import Pace, telegram  # noqa: F401 - Telegram is loaded here once for every fork
from bot.clock import SystemClock
from bot.settings import Settings, read
from knowledge import load
from knowledge.entries import Knowledge
from tests.shipped import TODAY


class Nursery:
    """Begins bots one after the other: `begin`, then `kill` or `stop`."""

    def __init__(self, folder: Path, cache: Path, token: str, base_url: str) -> None:
        settings = {
            "DONGHANH_DATA_FOLDER": str(folder),
            "DONGHANH_TELEGRAM_TOKEN": token,
            "DONGHANH_TELEGRAM_BASE_URL": base_url,
        }
        self._log = (folder / "bot.log").open("ab")
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery", str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=os.environ | settings,
            text=True,
        )
        self._bot = 0
        self._tell("")  # the parent is ready

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bot:
            self.kill()
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()
        self._log.close()

    def begin(self) -> None:
        self._bot = int(self._tell("begin"))

    def kill(self) -> None:
        """Kill the bot and wait until it is gone."""
        os.kill(self._bot, signal.SIGKILL)
        self._bot = 0
        self._tell("end")

    def stop(self) -> int:
        """Ask the bot to stop; return its exit code once it has."""
        os.kill(self._bot, signal.SIGTERM)
        self._bot = 0
        return int(self._tell("end"))

    def _tell(self, word: str) -> str:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(f"{word}\n")
        self._parent.stdin.flush()
        answer = self._parent.stdout.readline()
        if not answer:
            raise RuntimeError("the nursery has ended; its log says why")
        return answer


def main() -> None:
    settings = read()
    knowledge = load(today=TODAY, cache=Path(sys.argv[1]))
    bot = 0
    for word in sys.stdin:
        match word.strip():
            case "begin":
                bot = os.fork() or _be_a_bot(settings, knowledge)
                print(bot, flush=True)
            case "end":
                _, status = os.waitpid(bot, 0)
                print(os.waitstatus_to_exitcode(status), flush=True)
            case _:
                print("ready", flush=True)


def _be_a_bot(settings: Settings, knowledge: Knowledge) -> int:
    def loaded(folder: Path, *, today: date, cache: Path) -> Knowledge:
        del folder, today, cache
        return knowledge

    channels = app.channels_for(settings, knowledge, SystemClock())
    for channel in channels:
        # Telegram's own second between two messages to one person would leave a kill little to hit.
        channel.pace = Pace(1000.0, timedelta(0))
    code = 1
    try:
        serving.serve(settings, channels, loaded)
        code = 0
    finally:
        os._exit(code)  # nothing of the parent's is to be ended by its child


if __name__ == "__main__":
    main()
