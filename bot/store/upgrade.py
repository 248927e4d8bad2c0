"""Bring a database file to the newest schema, a copy of the old one first.

The whole way up is one transaction: a crash leaves the old schema or the new one. Only this module
and the tests know Alembic; a file that is already up to date does not even import it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.sql import column, table

from bot.store.copying import copy_online
from bot.store.errors import StoreDamaged, StoreOld, StoreTooNew
from bot.store.schema import HEAD, to_json

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = "bot.store:migrations"  # a package path, so that an installed wheel finds it
_VERSION = table("alembic_version", column("version_num"))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did. `before` is empty for a new file, `copy` is the backup."""

    before: str
    after: str
    copy: Path | None


def upgrade(
    path: Path, *, keep_copy: bool = True, location: str = MIGRATIONS, head: str = HEAD
) -> Upgraded:
    """Bring `path` to `head`, creating it where missing; doing it twice does it once.

    Raises StoreTooNew, and StoreDamaged for a file that is no database of ours.
    """
    before = version_of(path)
    if before == head:
        return Upgraded(before, head, None)
    _not_too_new(path, before, location, head)
    copy = _copy(path, before) if before and keep_copy else None
    path.touch(mode=0o600)  # people's data: for nobody but the account that runs us
    engine = plain_engine(path)
    try:
        with engine.begin() as connection:
            _climb(connection, location, head)
    finally:
        engine.dispose()
    log.info("schema upgraded from %s to %s, copy: %s", before or "nothing", head, copy or "none")
    return Upgraded(before, head, copy)


def up_to_date(path: Path) -> None:
    """See that a file has the newest schema; changes nothing.

    Raises StoreOld, StoreTooNew, and StoreDamaged for a file that is no database of ours.
    """
    found = version_of(path)
    if found != HEAD:
        _not_too_new(path, found, MIGRATIONS, HEAD)
        raise StoreOld(f"{path} has schema {found or 'none'}, this release works with {HEAD}")


def version_of(path: Path) -> str:
    """Name the schema of a file; empty for a missing or empty one. Raises StoreDamaged."""
    if not path.exists() or path.stat().st_size == 0:
        return ""
    engine = plain_engine(path, begin="BEGIN")
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                return ""
            if _VERSION.name not in tables:
                raise StoreDamaged(f"{path} is a database, but none of ours")
            return str(connection.scalar(select(_VERSION.c.version_num)) or "")
    except DatabaseError as error:
        raise StoreDamaged(f"{path} cannot be read: {error.orig}") from error
    finally:
        engine.dispose()


def plain_engine(path: Path, begin: str = "BEGIN IMMEDIATE") -> Engine:
    """Open a file with the blocking driver, for what happens beside the running store."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, json_serializer=to_json)

    @event.listens_for(engine, "connect")
    def no_implicit_begin(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Python's driver begins no transaction before DDL; we begin all of them (SQLAlchemy's
        # "Serializable isolation / Savepoints / Transactional DDL").
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def begins(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _not_too_new(path: Path, found: str, location: str, head: str) -> None:
    if found and found not in _known(location):
        raise StoreTooNew(
            f"{path} has schema {found}, this release knows {head}: start the newer release, "
            "or restore a backup that this one wrote"
        )


def _known(location: str) -> set[str]:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config(location))
    return {revision.revision for revision in script.walk_revisions()}


def _climb(connection: Connection, location: str, head: str) -> None:
    from alembic import command

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = _config(location)
    config.attributes["connection"] = connection
    command.upgrade(config, head)


def _copy(path: Path, before: str) -> Path:
    number = 1
    while (copy := path.with_name(f"{path.name}.schema-{before}.{number}")).exists():
        number += 1
    copy_online(path, copy)
    return copy


def _config(location: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", location)
    return config
