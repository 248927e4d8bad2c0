"""Acts of the command line: noted with what they do, and taken into the audit once."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot import acts
from bot.acts import Act
from bot.store import audit
from tests.doubles import START, FakeClock, WatchedStore

ACT = Act(
    START,
    "dòng lệnh (lan)",
    "deadline extend",
    "deadline:gtclqg.registration.2027",
    {"deadlines": ["31/03"]},
    {"deadline": "15/04"},
)


async def lines(store: WatchedStore) -> list[audit.Line]:
    return list(await store.read(lambda db: audit.latest(db, 9)))


async def test_an_act_becomes_one_line_of_the_chain(store: WatchedStore, tmp_path: Path) -> None:
    with acts.noted(tmp_path, ACT):
        pass
    await acts.take_in(store, tmp_path)
    await acts.take_in(store, tmp_path)

    (line,) = await lines(store)
    assert (line.at, line.who, line.via, line.act) == (START, None, ACT.via, ACT.act)
    assert (line.object, line.before) == (ACT.about, ACT.before)
    assert line.after["deadline"] == "15/04"
    assert (await store.read(audit.verify)).broken_at is None


async def test_what_failed_was_not_done(store: WatchedStore, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), acts.noted(tmp_path, ACT):
        raise ValueError("no")
    await acts.take_in(store, tmp_path)

    assert await lines(store) == []
    assert list((tmp_path / acts.FOLDER).iterdir()) == []


async def test_a_line_is_not_written_twice_when_the_file_outlives_it(
    store: WatchedStore, tmp_path: Path
) -> None:
    with acts.noted(tmp_path, ACT):
        pass
    shutil.copytree(tmp_path / acts.FOLDER, tmp_path / "kept")
    await acts.take_in(store, tmp_path)
    shutil.copytree(tmp_path / "kept", tmp_path / acts.FOLDER, dirs_exist_ok=True)
    await acts.take_in(store, tmp_path)

    assert len(await lines(store)) == 1


async def test_a_file_that_is_none_of_ours_does_not_stop_the_others(
    store: WatchedStore, tmp_path: Path
) -> None:
    with acts.noted(tmp_path, ACT):
        pass
    for name, text in (("0.json", "{"), ("1.json", '{"at": "x"}'), ("2.json", "[]")):
        (tmp_path / acts.FOLDER / name).write_text(text, encoding="utf-8")
    await acts.take_in(store, tmp_path)

    assert len(await lines(store)) == 1


async def test_the_oldest_act_comes_first(store: WatchedStore, tmp_path: Path) -> None:
    for minutes in (5, 0):
        at = START + timedelta(minutes=minutes)
        with acts.noted(tmp_path, Act(at, "x", f"act {minutes}", "y", {}, {})):
            pass
    await acts.take_in(store, tmp_path)

    assert [line.act for line in await lines(store)] == ["act 5", "act 0"]


async def test_it_looks_again_and_again(
    store: WatchedStore, clock: FakeClock, tmp_path: Path
) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(acts.watch(store, tmp_path, clock))
        await clock.pass_by(1)
        with acts.noted(tmp_path, ACT):
            pass
        await clock.pass_by(acts.LOOK_SECONDS)
        task.cancel()

    assert len(await lines(store)) == 1
