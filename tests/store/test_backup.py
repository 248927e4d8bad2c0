# ruff: noqa: ASYNC240 - small files of the test itself; nothing else runs meanwhile

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.store import deliveries, schema
from bot.store.backup import RESTORED, Backup, backup, has_wal_reset_bug, inspect, restore
from bot.store.database import Store
from bot.store.errors import StoreBusy, StoreDamaged
from tests.new_database import new_database
from tests.store.conftest import LAN, MINH, NOW, rows, say
from tests.store.test_effects import CONSENT, form


async def busy_store(path: Path) -> Store:
    """A store with something in every state that a restore must calm."""
    store = await Store.open(new_database(path))
    await say(store, CONSENT, form(), payloads=[{"text": "một"}, {"text": "hai"}])
    for who in (LAN, MINH):
        for kind in ("broadcast", "reminder"):
            await store.write(lambda db, w=who, k=kind: deliveries.add(db, w, k, [{}], NOW))  # type: ignore[misc]  # mypy loses a lambda's default
    await store.write(lambda db: deliveries.claim(db, "telegram", NOW, 9))
    return store


async def test_a_backup_of_a_store_in_use_is_whole_and_one_file(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    done = backup(path, tmp_path / "copy.db")
    await say(store, external_id="2")
    await store.close()

    assert isinstance(done, Backup)
    assert (done.rows["message"], done.rows["delivery"]) == (1, 6)
    assert sorted(file.name for file in tmp_path.glob("copy.db*")) == ["copy.db"]
    copied = await Store.open(tmp_path / "copy.db")
    assert len(await rows(copied, schema.message)) == 1
    await copied.close()


def test_what_is_no_database_of_ours_is_not_backed_up(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"the last good backup")
    with pytest.raises(FileNotFoundError):
        backup(path, target)
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreDamaged):
        backup(path, target)

    assert target.read_bytes() == b"the last good backup"


async def test_after_a_restore_nothing_is_sent_by_itself(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    backup(path, tmp_path / "copy.db")
    await say(store, external_id="2")
    await store.close()

    done = restore(tmp_path / "copy.db", path)

    assert (done.held, done.cancelled) == (2, 4)
    restored = await Store.open(path)
    assert await restored.write(lambda db: deliveries.claim(db, "telegram", NOW, 9)) == []
    states = {(row["kind"], row["state"]) for row in await rows(restored, schema.delivery)}
    assert states == {("reply", "cancelled"), ("broadcast", "held"), ("reminder", "cancelled")}
    assert {row["reason"] for row in await rows(restored, schema.delivery)} == {RESTORED}
    assert len(await rows(restored, schema.message)) == 1
    await restored.close()

    assert done.replaced is not None
    with closing(sqlite3.connect(done.replaced)) as aside:
        assert aside.execute("SELECT count(*) FROM message").fetchone() == (2,)


async def test_a_file_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    backup(path, tmp_path / "copy.db")

    with pytest.raises(StoreBusy):
        restore(tmp_path / "copy.db", path)
    await say(store, external_id="2")
    await store.close()


async def test_a_damaged_backup_touches_nothing(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    await store.write(
        lambda db: db.execute(
            insert(schema.quarantine),
            [{"channel": "x", "raw": "y" * 3000, "problem": "", "at": NOW}] * 50,
        )
    )
    backup(path, tmp_path / "copy.db")
    await store.close()
    before = path.read_bytes()
    content = bytearray((tmp_path / "copy.db").read_bytes())
    content[4096 * 3 : -4096] = b"\xff" * (len(content) - 4096 * 4)
    (tmp_path / "copy.db").write_bytes(content)

    with pytest.raises(StoreDamaged):
        restore(tmp_path / "copy.db", path)

    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.glob("*.restoring")) == []


async def test_a_restore_works_where_nothing_was_before(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    backup(path, tmp_path / "copy.db")
    await store.close()

    done = restore(tmp_path / "copy.db", tmp_path / "new.db")

    assert done.replaced is None
    assert inspect(tmp_path / "new.db").integrity == "ok"


async def test_the_doctor_sees_a_store_in_use(path: Path, tmp_path: Path) -> None:
    store = await busy_store(path)
    before = inspect(path)
    backup(path, tmp_path / "copy.db")
    after = inspect(path)
    await store.close()

    assert (before.schema, before.newest_schema) == (schema.HEAD, schema.HEAD)
    assert (before.integrity, before.sqlite_version) == ("ok", sqlite3.sqlite_version)
    assert before.bytes > 0
    assert before.log_bytes > 0
    assert (before.last_backup, before.last_backup_at) == (None, None)
    assert after.last_backup == tmp_path / "copy.db"
    assert after.last_backup_at is not None


@pytest.mark.parametrize(
    ("version", "bug"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_the_wal_reset_bug_is_known_by_version(version: tuple[int, ...], bug: bool) -> None:  # noqa: FBT001 - a table's column
    assert has_wal_reset_bug(version) is bug
