"""How a connection to the file is made: the pragmas, set and read back, and where each BEGINs.

SQLAlchemy begins when it must and never the driver: a writer takes the write lock at once
(`IMMEDIATE`; a transaction that reads first and writes later fails in 0 ms, busy_timeout or not),
a reader sees one moment of the database for as long as it reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, NullPool

from bot.store.driver import connect
from bot.store.errors import StoreFailed, StoreFull
from bot.store.schema import to_json

READERS: Final = 2

_EVERYWHERE: Final = {"foreign_keys": 1, "busy_timeout": 5_000, "trusted_schema": 0}
WRITER: Final[Mapping[str, int | str]] = {
    **_EVERYWHERE,
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL lost acknowledged commits in 94.7 % of simulated power cuts
    "journal_size_limit": 64 * 2**20,
    "cell_size_check": 1,
    "secure_delete": 1,  # what is erased is overwritten with zeros, not only unlinked
}
READER: Final[Mapping[str, int | str]] = {**_EVERYWHERE, "query_only": 1}

# What is wrong with the file or the disk, and so with the whole group, not with one statement.
_OURS: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)


def writing(path: Path) -> AsyncEngine:
    """Make the engine of the one writer connection, which its owner keeps open."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=NullPool,
        json_serializer=to_json,
        connect_args={"isolation_level": None, "async_creator_fn": connect},
    )
    _prepare(engine, WRITER, "BEGIN IMMEDIATE")
    return engine


def reading(path: Path) -> AsyncEngine:
    """Make an engine that cannot write, with a pool of two connections."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=uri, query={"uri": "true"}),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
        pool_reset_on_return=None,  # who reads ends their transaction in the thread: one hop less
        json_serializer=to_json,
        connect_args={"isolation_level": None, "async_creator_fn": connect},
    )
    _prepare(engine, READER, "BEGIN")
    return engine


def refusal(error: BaseException) -> StoreFailed | None:
    """Tell a disk or a file that fails us (StoreFull, StoreFailed) from a statement's own error."""
    if isinstance(error, StoreFailed):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(f"no room for the database: {cause}")
    return StoreFailed(f"the database cannot be used: {cause}") if code in _OURS else None


def _prepare(engine: AsyncEngine, pragmas: Mapping[str, int | str], begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = raw.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name} = {value}")
            cursor.execute(f"PRAGMA {name}")
            (found,) = cursor.fetchone() or (None,)
            if found != value:
                raise StoreFailed(f"SQLite keeps {name} at {found}, {value} is needed")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begins(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
