"""One file, one process, one writer that commits in groups.

Whatever waits to be written is run in one transaction, each piece in a savepoint of its own, and
flushed once: a slow disk does 170 flushes per second, and 32 waiting turns need one. Nobody hears
of a success before its COMMIT. A piece of work awaits nothing but its connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from bot.store import connections, driver, instance, lead_index
from bot.store.errors import StoreFailed
from bot.store.lock import ProcessLock
from bot.store.upgrade import up_to_date, upgrade

GROUP = 64  # how many pieces of work share a commit, at most

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

log = logging.getLogger(__name__)


class Readers:
    """A database that is only read: beside the running bot, without its lock."""

    def __init__(self, path: Path) -> None:
        self._engine = connections.reading(path)

    @classmethod
    def beside(cls, path: Path) -> Self:
        """For who does not know what release wrote the file: it is looked at first.

        Raises StoreOld, StoreTooNew or StoreDamaged.
        """
        up_to_date(path)
        return cls(path)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one moment of the database. Raises what it raises, and StoreFailed."""
        try:
            async with self._engine.connect() as connection:
                return await driver.run(connection, _look(connection, work))
        except Exception as error:
            refused = connections.refusal(error)
            if refused is None:
                raise
            raise refused from error

    async def close(self) -> None:
        await self._engine.dispose()


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class _Job(Generic[T]):
    """One caller's work, and where its result is delivered once it is durable."""

    work: Work[T]
    done: asyncio.Future[T] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(frozen=True, slots=True)
class _Result:
    value: Any


class Store:
    """The database of this process."""

    def __init__(self, path: Path, lock: ProcessLock) -> None:
        self.path = path
        self._lock = lock
        self._readers = Readers(path)
        self._engine: AsyncEngine = connections.writing(path)
        self._connection: AsyncConnection | None = None
        self._waiting: deque[_Job[Any]] = deque()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()  # held by whoever uses the writer connection
        self._closing = False
        # close() awaits it, and write() sees whether it ended
        self._writer = asyncio.create_task(self._write_on())  # noqa: TID251 - owned by this object

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Take the file for this process and bring it to the newest schema.

        Raises StoreBusy at once where another process has it; StoreTooNew, StoreDamaged or
        StoreFailed where it cannot be used. Nothing stays locked then.
        """
        lock = ProcessLock(path)
        lock.acquire()
        try:
            await asyncio.to_thread(upgrade, path)
            store = cls(path, lock)
        except BaseException:
            lock.release()
            raise
        try:
            await store.write(instance.begin)
            await store.write(lead_index.fill)
        except BaseException:
            await store.close()
            raise
        return store

    async def write(self, work: Work[T]) -> T:
        """Run `work` and return its result once it is durable; what it raises undoes it alone.

        `work` runs in the database's thread and awaits nothing but its connection (RuntimeError).

        Raises StoreFull or StoreFailed when nothing of it was kept. Cancelled before its turn,
        `work` never runs; cancelled later, this ends only when the outcome is final, and what was
        done stays done. So after this call nothing is in the air.
        """
        if self._closing or self._writer.done():
            raise StoreFailed("the store is closed")
        job = _Job(work)
        self._waiting.append(job)
        self._wake.set()
        try:
            return await asyncio.shield(job.done)
        except asyncio.CancelledError:
            if job in self._waiting:
                self._waiting.remove(job)
            else:
                await driver.ended(job.done)
                job.done.exception()  # looked at: asyncio complains of errors that nobody saw
            raise

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one moment of the database, beside the writer. It cannot write.

        Raises what `work` raises, and StoreFailed. Like `write`, it runs in the database's thread.
        """
        return await self._readers.read(work)

    async def checkpoint(self) -> None:
        """Move the write-ahead log into the file and empty it: what was erased is gone from it."""
        async with self._turn:
            thread = await driver.thread_of(await self._connected())
            await thread.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Keep what still waits, then let go of the file. Closing twice closes once."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(self._writer, return_exceptions=True)
        await self._readers.close()  # before the writer: the last connection moves the log
        await self._disconnect()
        await self._engine.dispose()
        self._lock.release()

    async def _write_on(self) -> None:
        try:
            while not self._closing or self._waiting:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                async with self._turn:
                    size = min(GROUP, len(self._waiting))
                    await self._keep([self._waiting.popleft() for _ in range(size)])
        finally:  # nobody waits for a writer that was stopped
            _refuse(list(self._waiting), StoreFailed("the store is closed"))
            self._waiting.clear()

    async def _keep(self, group: list[_Job[Any]]) -> None:
        """Commit a group, or refuse all of it; tell every caller, even when being cancelled."""
        cancelled = False
        try:
            connection = await self._connected()
            thread = await driver.thread_of(connection)
            done = thread.start(_commit(connection, [job.work for job in group]))
            cancelled = await driver.ended(done)
            results = done.result()
        except BaseException as error:
            _refuse(group, error)
            await self._disconnect()  # a new connection has no half-done transaction
            if not isinstance(error, Exception):
                raise
        else:
            _deliver(group, results)
        if cancelled:
            raise asyncio.CancelledError

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self._engine.connect()
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):  # a broken one may fail at this, too
                await connection.close()


async def _look(connection: AsyncConnection, work: Work[T]) -> T:
    try:
        return driver.drive(work(connection))
    finally:
        await connection.rollback()


async def _commit(connection: AsyncConnection, group: list[Work[Any]]) -> list[_Result | Exception]:
    async with connection.begin() as whole:
        if len(group) == 1:  # it needs no savepoint: nobody else's work is there to be kept
            return [await _run(connection, group[0], whole)]
        return [await _run(connection, work, await connection.begin_nested()) for work in group]


async def _run(
    connection: AsyncConnection, work: Work[Any], within: AsyncTransaction
) -> _Result | Exception:
    """Run one piece *within* its own; give back its error, raise what spoils the whole group."""
    try:
        result = _Result(driver.drive(work(connection)))
    except Exception as error:
        thread = await driver.thread_of(connection)
        if connections.refusal(error) or not thread.in_transaction:
            raise  # SQLite may have rolled everything back by itself: nobody's work is there
        await within.rollback()
        return error
    await within.commit()
    return result


def _deliver(group: list[_Job[Any]], results: list[_Result | Exception]) -> None:
    for job, result in zip(group, results, strict=True):
        if isinstance(result, _Result):
            job.done.set_result(result.value)
        else:
            job.done.set_exception(result)


def _refuse(group: list[_Job[Any]], error: BaseException) -> None:
    refused = StoreFailed(f"the database cannot be used: {error}")
    cause: BaseException | None = error
    while cause is not None:  # a full disk is often followed by "no such savepoint"
        refused = connections.refusal(cause) or refused
        cause = cause.__context__
    if group:
        log.error("a group of %d writes was not kept: %s", len(group), refused)
    for job in group:
        if not job.done.done():
            each = type(refused)(*refused.args)  # one exception object per caller: tracebacks grow
            each.__cause__ = error
            job.done.set_exception(each)
