"""Knowledge that changes while people ask: sound files are taken over, broken ones explained."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from bot.reload import CurrentKnowledge
from knowledge import KnowledgeError, Problem
from knowledge.entries import Knowledge
from knowledge.loading import fingerprint_of
from tests.bot.conftest import saying
from tests.doubles import FakeClock

TODAY = date(2026, 11, 20)


def load(folder: Path, *, today: date, cache: Path) -> Knowledge:
    """A loader for which any text is sound, and "hỏng" is not."""
    del today, cache
    text = (folder / "faq.yaml").read_text("utf-8")
    if text == "hỏng":
        raise KnowledgeError([Problem("faq.yaml", 1, "tệp hỏng", "sửa lại")])
    return saying({"greeting": text}, fingerprint_of(folder))


def write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


def remove(file: Path) -> None:
    file.unlink()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "faq.yaml"
    file.write_text("chào", "utf-8")
    return file


@pytest.fixture
def current(file: Path) -> CurrentKnowledge:
    return CurrentKnowledge(file.parent, file.parent, TODAY, load)


async def test_unchanged_files_are_not_read_again(current: CurrentKnowledge, file: Path) -> None:
    before = current()
    write(file, "chào")
    assert not await current.refresh(TODAY)
    assert current() is before


async def test_a_sound_change_is_taken_over_and_an_older_snapshot_stays(
    current: CurrentKnowledge, file: Path
) -> None:
    snapshot = current()
    write(file, "xin chào")
    assert await current.refresh(TODAY)
    assert current().say("greeting") == "xin chào"
    assert snapshot.say("greeting") == "chào"


async def test_a_broken_change_keeps_the_old_and_says_why(
    current: CurrentKnowledge, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, "hỏng")
    assert not await current.refresh(TODAY)
    assert current().say("greeting") == "chào"
    assert [str(problem) for problem in current.problems] == [
        str(Problem("faq.yaml", 1, "tệp hỏng", "sửa lại"))
    ]
    assert "faq.yaml" in caplog.text


async def test_a_broken_change_is_reported_once_and_forgotten_when_mended(
    current: CurrentKnowledge, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, "hỏng")
    for _ in range(3):
        await current.refresh(TODAY)
    assert caplog.text.count("is not used") == 1
    write(file, "chào")
    await current.refresh(TODAY)
    assert current.problems == ()


async def test_a_file_that_vanished_while_it_was_read_is_read_when_it_is_back(
    current: CurrentKnowledge, file: Path
) -> None:
    remove(file)
    assert not await current.refresh(TODAY)
    write(file, "đã về")
    assert await current.refresh(TODAY)
    assert current().say("greeting") == "đã về"


async def test_a_watch_looks_every_so_many_seconds(current: CurrentKnowledge, file: Path) -> None:
    clock = FakeClock()
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(current.watch(clock, 5.0))
        write(file, "mới")
        while current().say("greeting") != "mới":
            await clock.pass_by(5.0)
            await asyncio.sleep(0.001)  # the files are read in a thread, in real time
        watch.cancel()


async def test_a_folder_that_is_broken_at_the_start_is_an_error(file: Path) -> None:
    write(file, "hỏng")
    with pytest.raises(KnowledgeError):
        CurrentKnowledge(file.parent, file.parent, TODAY, load)
