"""One process per database file: an operating-system lock beside it, held for life.

The lock itself is the truth; the note beside it only says whose it is. It ends with the process,
however the process ends.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.store.errors import StoreBusy


class ProcessLock:
    """The right to write one database file."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._note = database.with_name(f"{database.name}.owner")
        self._lock = FileLock(
            database.with_name(f"{database.name}.lock"), timeout=0, thread_local=False
        )

    def acquire(self) -> None:
        """Take the lock at once, or raise StoreBusy with the holder's process id and start time."""
        try:
            self._lock.acquire()
        except Timeout:
            raise StoreBusy(
                f"{self._database} is in use by {self._holder()}; one process per file: stop it "
                "first, or give this one its own file"
            ) from None
        self._note.write_text(f"{os.getpid()}\n", encoding="ascii")

    def release(self) -> None:
        """Give the lock back; without it, do nothing: the note may be another's by now."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def _holder(self) -> str:
        with suppress(OSError, ValueError):
            pid = int(self._note.read_text(encoding="ascii"))
            # the file system stamped the note when the holder wrote it: no clock is read here
            started = datetime.fromtimestamp(self._note.stat().st_mtime, tz=UTC)
            return f"process {pid}, started {started:%Y-%m-%d %H:%M:%S} UTC"
        return "another process"
