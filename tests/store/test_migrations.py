# ruff: noqa: ASYNC240 - small files of the test itself; nothing else runs meanwhile

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import bot.store.migrations
from bot.store import schema
from bot.store.database import Store
from bot.store.errors import StoreDamaged, StoreTooNew
from bot.store.upgrade import MIGRATIONS, plain_engine, upgrade, version_of

NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "next"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("seen_by", sa.Text()))
    {then}
"""


def shape(path: Path) -> dict[str, list[str]]:
    """Every table and index as SQLite has it; constraints have no order."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'"
            " AND name != 'alembic_version' AND sql IS NOT NULL"
        ).fetchall()
    return {
        name: sorted(" ".join(sql.split()).removesuffix(" )").split(", CONSTRAINT "))
        for name, sql in found
    }


def newer_release(folder: Path, then: str = "pass") -> str:
    """A copy of our migrations with one more step, as the next release will have it."""
    copied = folder / "migrations"
    shutil.copytree(Path(bot.store.migrations.__file__).parent, copied)
    (copied / "versions" / "next.py").write_text(
        NEXT.format(then=then, head=schema.HEAD), encoding="utf-8"
    )
    return str(copied)


def test_a_fresh_schema_is_the_migrated_schema(tmp_path: Path) -> None:
    upgrade(tmp_path / "migrated.db")
    engine = plain_engine(tmp_path / "fresh.db")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
    engine.dispose()

    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "fresh.db")


def test_the_schema_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_a_file_of_the_first_release_keeps_everything_that_was_queued(path: Path) -> None:
    upgrade(path, head="0001")
    row = (7, "telegram", "42", "reply", 0, "sent", '{"text": "chào"}', 1, 5, 6, "", "m9", 4, 8)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO delivery (id, channel, conversation, kind, lane, state, payload, attempts,"
            " due_at, ready_at, reason, external_id, created_at, settled_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    done = upgrade(path)

    assert (done.before, done.after) == ("0001", schema.HEAD)
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT * FROM delivery").fetchall()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert kept == [(*row, None, None, None)]


def test_an_upgrade_does_nothing_twice_and_says_little(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        first, second = upgrade(path), upgrade(path)

    assert (first.before, first.after, first.copy) == ("", schema.HEAD, None)
    assert (second.before, second.after, second.copy) == (schema.HEAD, schema.HEAD, None)
    assert {record.name for record in caplog.records} <= {"bot.store.upgrade", "asyncio"}


def test_an_older_file_is_copied_before_it_is_upgraded(path: Path, tmp_path: Path) -> None:
    upgrade(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO instance VALUES ('id', 'kept')")

    done = upgrade(path, location=newer_release(tmp_path), head="next")

    assert (done.before, done.after) == (schema.HEAD, "next")
    assert done.copy is not None
    assert (version_of(done.copy), version_of(path)) == (schema.HEAD, "next")
    for file in (done.copy, path):
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT value FROM instance").fetchall() == [("kept",)]


def test_a_failing_upgrade_leaves_the_old_schema(path: Path, tmp_path: Path) -> None:
    upgrade(path)
    before = shape(path)
    broken = newer_release(tmp_path, then='op.execute("nonsense")')

    with pytest.raises(Exception, match="nonsense"):
        upgrade(path, location=broken, head="next")

    assert (version_of(path), shape(path)) == (schema.HEAD, before)


async def test_a_file_of_a_newer_release_is_refused_and_let_go(path: Path, tmp_path: Path) -> None:
    upgrade(path, location=newer_release(tmp_path), head="next")

    for _ in range(2):  # twice: the lock is free again
        with pytest.raises(StoreTooNew, match=rf"schema next, this release knows {schema.HEAD}"):
            await Store.open(path)


@pytest.mark.parametrize("content", ["database", "text"])
async def test_a_file_that_is_not_ours_is_refused(path: Path, content: str) -> None:
    if content == "text":
        path.write_text("this is no database, it is a text of some length" * 100, encoding="utf-8")
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE theirs (x)")

    with pytest.raises(StoreDamaged):
        await Store.open(path)
