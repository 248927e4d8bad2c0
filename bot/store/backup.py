"""Backups: taken while the bot runs, proven before they count, restored without a message sent.

After a restore the world has gone on and the database has not. So nothing that waited in it is
sent by itself: what staff had planned is held for them, old replies and reminders are cancelled.
Reminders are planned anew by the bot, from what people asked for and the deadlines of then.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Update, bindparam, delete, select, update

from bot.store.copying import copy_online, integrity
from bot.store.errors import StoreDamaged
from bot.store.lock import ProcessLock
from bot.store.schema import (
    GOING_OUT,
    HEAD,
    UtcTime,
    broadcast,
    delivery,
    literal,
    literals,
    reminder,
    reminder_day,
)
from bot.store.upgrade import plain_engine, upgrade, version_of

RESTORED: Final = "restored from a backup"

_IS_REPLY = delivery.c.kind == literal("reply")
_GOING_OUT = delivery.c.state.in_(literals(GOING_OUT))
_IS_REMINDER = delivery.c.kind == literal("reminder")
_HOLD = (
    update(delivery)
    .where(_GOING_OUT, ~_IS_REPLY, ~_IS_REMINDER)
    .values(state="held", reason=RESTORED)
)
_CANCEL = (
    update(delivery)
    .where(_GOING_OUT, _IS_REPLY | _IS_REMINDER)
    .values(
        state="cancelled",
        reason=RESTORED,
        settled_at=bindparam("now", type_=UtcTime),
    )
)
_FREE_DAYS = delete(reminder_day).where(
    reminder_day.c.delivery.in_(select(delivery.c.id).where(_GOING_OUT))
)
_PLAN_ANEW = update(reminder).values(planned_with="")
_HOLD_BROADCASTS = (
    update(broadcast)
    .where(broadcast.c.state.in_(["scheduled", "running", "paused"]))
    .values(state="held", reason=RESTORED)
)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was proven: where it is, and its rows per table."""

    path: Path
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `replaced` is the file that was there before, kept aside."""

    replaced: Path | None
    held: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The state of a database file, for `doctor`."""

    schema: str
    newest_schema: str
    sqlite_version: str
    wal_reset_bug: bool
    integrity: str
    bytes: int
    log_bytes: int
    last_backup: Path | None
    last_backup_at: datetime | None


def backup(source: Path, target: Path) -> Backup:
    """Copy a database in use to `target`, whole and proven, or leave `target` as it was.

    Raises StoreDamaged where the copy is not sound, FileNotFoundError where there is no source.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    version = version_of(source)
    if not version:
        raise StoreDamaged(f"{source} holds no schema of ours")
    done = Backup(target, copy_online(source, target))
    note = {"path": str(target.absolute()), "schema": version}
    _note(source).write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    return done


def restore(source: Path, target: Path) -> Restored:
    """Put the backup `source` in the place of `target`, which is kept aside.

    Raises StoreBusy while a process holds `target`; StoreDamaged and StoreTooNew for a backup that
    cannot be used, and then nothing is touched. Who was erased after the backup is back in it:
    erase them again.
    """
    lock = ProcessLock(target)
    lock.acquire()
    try:
        return _restore(source, target)
    finally:
        lock.release()


def inspect(path: Path) -> Inspection:
    """Look at a file, in use or not, sound or not. Raises FileNotFoundError, changes nothing."""
    log = path.with_name(f"{path.name}-wal")
    last, at = _last_backup(path)
    schema = ""
    with suppress(StoreDamaged):
        schema = version_of(path)
    return Inspection(
        schema=schema,
        newest_schema=HEAD,
        sqlite_version=sqlite3.sqlite_version,
        wal_reset_bug=has_wal_reset_bug(sqlite3.sqlite_version_info),
        integrity=integrity(path),
        bytes=path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
        last_backup=last,
        last_backup_at=at,
    )


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Say whether this SQLite can corrupt a WAL database that two connections write or checkpoint.

    https://sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, mended also in 3.44.6 and 3.50.7. Our
    one writer connection stays clear of it.
    """
    mended = (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )
    return version >= (3, 7) and not mended


def _restore(source: Path, target: Path) -> Restored:
    part = target.with_name(f"{target.name}.restoring")
    try:
        copy_online(source, part)
        upgrade(part, keep_copy=False)
        held, cancelled = _calm(part)
        replaced = _put_aside(target)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Restored(replaced, held, cancelled)


def _calm(path: Path) -> tuple[int, int]:
    """See to it that nothing in this file is sent by itself."""
    moment = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    engine = plain_engine(path)
    try:
        with engine.begin() as connection:
            for statement in (_HOLD_BROADCASTS, _FREE_DAYS, _PLAN_ANEW):
                connection.execute(statement)
            return _rows(connection, _HOLD), _rows(connection, _CANCEL, now=moment)
    finally:
        engine.dispose()


def _rows(connection: Connection, statement: Update, **values: object) -> int:
    return connection.execute(statement, values).rowcount


def _put_aside(target: Path) -> Path | None:
    """Keep the file that is replaced, with its log, under a name that is free."""
    if not target.exists():
        return None
    number = 1
    while (aside := target.with_name(f"{target.name}.replaced.{number}")).exists():
        number += 1
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(target)) as connection:
        connection.execute(
            "PRAGMA wal_checkpoint(TRUNCATE)"
        )  # one file, where it can still be read
    for suffix in ("", "-wal", "-shm"):
        part = target.with_name(f"{target.name}{suffix}")
        if part.exists():
            part.replace(aside.with_name(f"{aside.name}{suffix}"))
    return aside


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.backed-up")


def _last_backup(path: Path) -> tuple[Path | None, datetime | None]:
    """Read the note that `backup` left; the file system stamped it, no clock is read here."""
    note = _note(path)
    if not note.exists():
        return None, None
    stored = json.loads(note.read_text(encoding="utf-8"))
    return Path(stored["path"]), datetime.fromtimestamp(note.stat().st_mtime, tz=UTC)
