"""Lists sent by chat: fetched within limits, kept for a day, forged keys read nothing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.lead_import import Verdict, counts
from bot.lead_inbox import MOST_ROWS, Lists, tidy
from bot.lead_sheet import MOST_BYTES
from bot.operations.refusals import Unfit, Why
from handlers.attachments import SentFile
from knowledge.entries import Knowledge
from tests.list_contents import fetch
from tests.transcripts import START, SetClock

FORGED = ("", "*", "../../x", "0123456789abcde", "0123456789ABCDEF", "?" * 16)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def lists(tmp_path: Path, shipped: Knowledge, clock: SetClock) -> Lists:
    return Lists(tmp_path / "lists", lambda: shipped, clock)


async def never(name: str) -> bytes:
    raise AssertionError(name)


def aged(folder: Path, ago: timedelta) -> None:
    for path in folder.iterdir():
        os.utime(path, ((START - ago).timestamp(),) * 2)


async def test_what_was_previewed_is_read_again_by_its_key(lists: Lists, tmp_path: Path) -> None:
    sent = await lists.receive(SentFile("danh sách.xlsx", "Danh Sách.XLSX"), fetch)

    assert counts(sent.rows) == {Verdict.NEW: 2, Verdict.EXISTING: 1, Verdict.INVALID: 1}
    assert await lists.again(sent.key) == sent
    (kept,) = (tmp_path / "lists").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert "danh" not in kept.name.lower()


async def test_a_list_is_kept_for_a_day_and_then_gone(
    lists: Lists, clock: SetClock, tmp_path: Path
) -> None:
    sent = await lists.receive(SentFile("x.xlsx", "x.xlsx"), fetch)
    aged(tmp_path / "lists", timedelta(days=1, seconds=-1))
    assert (await lists.again(sent.key)).key == sent.key

    clock.at += timedelta(seconds=2)
    with pytest.raises(Unfit) as refused:
        await lists.again(sent.key)
    assert refused.value.why is Why.LIST_GONE

    (tmp_path / "lists" / f"{sent.key}.part").touch()  # of a process that was killed
    aged(tmp_path / "lists", timedelta(days=1))
    tidy(tmp_path / "lists", START + timedelta(days=1))
    assert list((tmp_path / "lists").iterdir()) == []
    tidy(tmp_path / "no lists", clock.now())


async def test_what_is_younger_than_a_day_stays(
    lists: Lists, clock: SetClock, tmp_path: Path
) -> None:
    sent = await lists.receive(SentFile("x.xlsx", "x.xlsx"), fetch)
    aged(tmp_path / "lists", timedelta(hours=23))
    tidy(tmp_path / "lists", clock.now())
    assert (await lists.again(sent.key)).key == sent.key
    for key in FORGED:
        await lists.drop(key)
    assert (await lists.again(sent.key)).key == sent.key
    await lists.drop(sent.key)
    assert list((tmp_path / "lists").iterdir()) == []


@pytest.mark.parametrize("key", FORGED)
async def test_a_forged_key_reads_nothing(lists: Lists, key: str) -> None:
    await lists.receive(SentFile("x.xlsx", "x.xlsx"), fetch)

    with pytest.raises(Unfit) as refused:
        await lists.again(key)
    assert refused.value.why is Why.LIST_GONE


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (SentFile("x", "x.xls"), Why.LIST),
        (SentFile("x", "x"), Why.LIST),
        (SentFile("x", "x.xlsx", MOST_BYTES + 1), Why.FILE_SIZE),
    ],
)
async def test_what_is_refused_by_its_name_or_size_is_not_fetched(
    lists: Lists, file: SentFile, why: Why
) -> None:
    with pytest.raises(Unfit) as refused:
        await lists.receive(file, never)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("hỏng.xlsx", Why.LIST),
        ("mất.xlsx", Why.FILE_NOT_FETCHED),
        ("dài.csv", Why.LIST_LONG),
    ],
)
async def test_a_list_that_cannot_be_used_is_not_kept(
    lists: Lists, tmp_path: Path, name: str, why: Why
) -> None:
    with pytest.raises(Unfit) as refused:
        await lists.receive(SentFile(name, name), fetch)

    assert refused.value.why is why
    assert refused.value.facts.get("most", MOST_ROWS) == MOST_ROWS
    assert not (tmp_path / "lists").exists()


async def test_more_than_was_told_is_refused_too(lists: Lists) -> None:
    async def large(_name: str) -> bytes:
        return b"x" * (MOST_BYTES + 1)

    with pytest.raises(Unfit) as refused:
        await lists.receive(SentFile("x.csv", "x.csv"), large)
    assert refused.value.why is Why.FILE_SIZE
