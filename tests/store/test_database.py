from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import connections, driver, schema
from bot.store.database import GROUP, Readers, Store
from bot.store.errors import StoreBusy, StoreFailed, StoreFull
from tests.store.conftest import NOW, rows

Work = Callable[[AsyncConnection], Awaitable[None]]


def note(entry: str) -> Work:
    async def work(db: AsyncConnection) -> None:
        await db.execute(insert(schema.choice_made).values(question="q", entry=entry, at=NOW))

    return work


async def entries(store: Store) -> list[str]:
    return [row["entry"] for row in await rows(store, schema.choice_made)]


def count_commits(store: Store) -> list[str]:
    """Record every COMMIT of the writer; the engine is reached into because only it sees them."""
    commits: list[str] = []
    event.listen(store._engine.sync_engine, "commit", lambda _connection: commits.append("commit"))
    return commits


async def test_what_was_written_can_be_read(store: Store) -> None:
    await store.write(note("a"))

    assert await entries(store) == ["a"]


async def test_writes_that_wait_together_share_one_commit(store: Store) -> None:
    commits = count_commits(store)

    await asyncio.gather(*(store.write(note(str(n))) for n in range(GROUP)))

    assert await entries(store) == [str(n) for n in range(GROUP)]
    assert len(commits) == 1


async def test_a_failing_write_does_not_spoil_its_neighbours(store: Store) -> None:
    async def bad(db: AsyncConnection) -> None:
        await note("half done")(db)
        await db.execute(text("INSERT INTO instance (name, value) VALUES ('x', NULL)"))

    async def worse(db: AsyncConnection) -> None:
        await note("half done, too")(db)
        raise ZeroDivisionError

    results = await asyncio.gather(
        store.write(note("a")),
        store.write(bad),
        store.write(note("b")),
        store.write(worse),
        store.write(note("c")),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [
        type(None),
        IntegrityError,
        type(None),
        ZeroDivisionError,
        type(None),
    ]
    assert await entries(store) == ["a", "b", "c"]


async def test_nobody_hears_of_success_before_the_commit(store: Store, path: Path) -> None:
    seen_at_success: list[int] = []

    async def write_and_look(entry: str) -> None:
        await store.write(note(entry))
        with sqlite3.connect(path) as other:
            found = other.execute("SELECT count(*) FROM choice_made WHERE entry = ?", [entry])
            seen_at_success.append(found.fetchone()[0])
        other.close()

    await asyncio.gather(*(write_and_look(str(n)) for n in range(10)))

    assert seen_at_success == [1] * 10


async def test_awaiting_anything_but_the_database_is_refused_and_undone(store: Store) -> None:
    async def work(db: AsyncConnection) -> None:
        await note("a")(db)
        await asyncio.get_running_loop().create_future()

    async def waits(db: AsyncConnection) -> None:
        await note("a")(db)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="no running event loop"):
        await store.write(work)
    with pytest.raises(RuntimeError, match="other than its connection"):
        await store.write(waits)

    await store.write(note("b"))
    assert await entries(store) == ["b"]


@pytest.mark.parametrize("steps", range(8))
async def test_a_write_cancelled_anywhere_is_kept_whole_or_not_at_all(
    store: Store, steps: int
) -> None:
    finished: list[str] = []

    async def two(db: AsyncConnection) -> None:
        await note("first half")(db)
        await note("second half")(db)
        finished.append("ran")

    async with asyncio.TaskGroup() as group:
        writing = group.create_task(store.write(two))
        for _ in range(steps):
            await asyncio.sleep(0)
        writing.cancel()

    kept = await entries(store)
    assert kept == (["first half", "second half"] if finished else [])
    await store.write(note("the writer goes on"))


async def test_a_write_cancelled_before_its_turn_never_runs(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        async with store._turn:  # as while another group is being committed
            writing = group.create_task(store.write(note("never")))
            other = group.create_task(store.write(note("other")))
            await asyncio.sleep(0)
            writing.cancel()
            await asyncio.sleep(0)
        await other

    assert writing.cancelled()
    assert await entries(store) == ["other"]


async def test_a_cancelled_read_leaves_its_connection_usable(store: Store) -> None:
    for steps in range(12):
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(entries(store))
            for _ in range(steps):
                await asyncio.sleep(0)
            reading.cancel()

    found = await asyncio.gather(*(entries(store) for _ in range(connections.READERS * 3)))
    assert found == [[]] * len(found)


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreFailed, match="readonly"):
        await store.read(note("a"))

    assert await entries(store) == []


async def test_a_read_sees_one_moment(store: Store, path: Path) -> None:
    count = select(func.count()).select_from(schema.choice_made)

    async def look_twice(db: AsyncConnection) -> tuple[int, int]:
        before = (await db.execute(count)).scalar_one()
        other = sqlite3.connect(path)
        other.execute("INSERT INTO choice_made (question, entry, at) VALUES ('q', 'e', 0)")
        other.commit()
        other.close()
        return before, (await db.execute(count)).scalar_one()

    assert await store.read(look_twice) == (0, 0)
    assert await entries(store) == ["e"]


async def test_every_pragma_is_really_in_force(store: Store) -> None:
    async def pragmas(db: AsyncConnection) -> dict[str, int | str]:
        found = {name: await db.scalar(text(f"PRAGMA {name}")) for name in connections.WRITER}
        return {name: value for name, value in found.items() if value is not None}

    assert await store.write(pragmas) == connections.WRITER


async def test_a_second_store_on_the_file_is_refused_and_names_the_first(
    store: Store, path: Path
) -> None:
    code = (
        "import asyncio, pathlib, sys; from bot.store.database import Store;"
        "asyncio.run(Store.open(pathlib.Path(sys.argv[1])))"
    )
    second = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )

    assert "StoreBusy" in second.stderr
    assert f"process {os.getpid()}, started 20" in second.stderr
    with pytest.raises(StoreBusy):
        await Store.open(path)
    await store.write(note("the first goes on"))


async def test_a_closed_store_writes_no_more_and_lets_go_of_the_file(path: Path) -> None:
    store = await Store.open(path)
    waiting = asyncio.gather(*(store.write(note(str(n))) for n in range(100)))
    await asyncio.sleep(0)
    await store.close()
    await store.close()

    assert len(await waiting) == 100
    with pytest.raises(StoreFailed, match="closed"):
        await store.write(note("late"))
    again = await Store.open(path)
    assert len(await entries(again)) == 100
    await again.close()


async def test_a_stopped_writer_keeps_what_it_began_and_refuses_what_waits(path: Path) -> None:
    store = await Store.open(path)
    waiting = [asyncio.ensure_future(store.write(note(str(n)))) for n in range(GROUP + 1)]
    while len(store._waiting) != 1:  # noqa: ASYNC110 - the writer tells nobody that it began
        await asyncio.sleep(0)
    store._writer.cancel()

    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(result) for result in results] == [type(None)] * GROUP + [StoreFailed]
    with pytest.raises(StoreFailed, match="closed"):
        await store.write(note("late"))
    assert len(await entries(store)) == GROUP
    await store.close()


async def test_only_its_own_account_can_read_the_file(store: Store, path: Path) -> None:
    await store.write(note("a"))

    for file in (path, path.with_name("donghanh.db-wal")):
        assert file.stat().st_mode & 0o077 == 0, file


async def test_a_full_disk_refuses_the_group_and_the_store_recovers_by_itself(
    store: Store,
) -> None:
    async def limit(pages: int) -> None:
        thread = await writer_thread(store)
        await thread.execute(f"PRAGMA max_page_count = {pages}")

    async def big(db: AsyncConnection) -> None:
        await note("x" * 2_000_000)(db)

    await store.write(note("before"))
    await limit(1)  # SQLite takes the present size as the smallest limit

    results = await asyncio.gather(
        store.write(note("neighbour")), store.write(big), return_exceptions=True
    )
    assert [type(result) for result in results] == [StoreFull, StoreFull]
    assert await entries(store) == ["before"]

    await store.write(note("there is room again"))
    assert await entries(store) == ["before", "there is room again"]


async def writer_thread(store: Store) -> driver.InThread:
    """The writer's driver connection; only through it can the disk be made small."""
    return await driver.thread_of(await store._connected())


async def test_an_error_of_a_statement_is_not_taken_for_one_of_the_disk(store: Store) -> None:
    async def nonsense(db: AsyncConnection) -> None:
        await db.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError, match="no such table"):
        await store.write(nonsense)
    with pytest.raises(DBAPIError, match="no such table"):
        await store.read(nonsense)


async def test_another_process_can_read_beside_the_running_store(store: Store, path: Path) -> None:
    await store.write(note("a"))
    readers = Readers(path)

    found = await readers.read(lambda db: db.scalar(select(schema.choice_made.c.entry)))

    await readers.close()
    assert found == "a"
