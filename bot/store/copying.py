"""Copy a database file while it is in use, and prove the copy.

A file copy is no backup: measured under writes, copying the .db file alone kept 1 of 64 rows. Only
the driver offers SQLite's online backup, so this module speaks to `sqlite3` itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bot.store.errors import StoreDamaged


def copy_online(source: Path, target: Path) -> Mapping[str, int]:
    """Write one consistent moment of `source` to `target` and return its rows per table.

    `target` appears whole and proven (integrity, the same rows per table) or not at all. Raises
    StoreDamaged; FileNotFoundError where there is no source.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        rows = _copy(source, part)
        _flush(part)
        part.replace(target)
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"{source} cannot be copied: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    _flush(target.parent)
    return rows


def integrity(path: Path) -> str:
    """Say "ok", or what SQLite finds wrong with the file."""
    try:
        with closing(open_read_only(path)) as connection:
            return _integrity(connection)
    except sqlite3.DatabaseError as error:
        return str(error)


def rows_per_table(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return {
        # a table's name cannot be a parameter, and comes from the file's own schema
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in names.fetchall()
    }


def open_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _copy(source: Path, part: Path) -> dict[str, int]:
    with closing(open_read_only(source)) as old, closing(sqlite3.connect(part)) as new:
        old.execute("BEGIN")  # the rows are counted in the very moment that is copied
        rows = rows_per_table(old)
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm beside it
        found = rows_per_table(new)
        problem = _integrity(new)
    if problem != "ok" or found != rows:
        raise StoreDamaged(f"the copy of {source} is not sound: {problem}; {found} != {rows}")
    return rows


def _integrity(connection: sqlite3.Connection) -> str:
    return "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check(10)"))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
