"""An announcement with a file: what is taken in, what is refused, and what becomes of the file."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcast_files import LONGEST_NAME, Files, received
from bot.channels import NotFetched
from bot.drawing import MOST_BYTES
from bot.operations import broadcasts, recipients
from bot.operations.broadcasts import LONGEST_CAPTION, Draft, draft_of
from bot.operations.refusals import Unfit, Why
from bot.picture_shape import measured
from bot.store import attached
from bot.store.database import Store
from handlers.attachments import DOCUMENT, PICTURE, Attachment, SentFile
from handlers.conversation import Choice
from tests.bot.conftest import saying
from tests.file_contents import JPEG, PNG
from tests.file_contents import office as office_file
from tests.operations.conftest import DAY, LAN, approved, do, found, start, subscribe


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


@pytest.fixture
def poster(files: Files, tmp_path: Path) -> Attachment:
    return files.keep(written(tmp_path / "Áp phích.png", PNG))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


WORD = office_file("word/document.xml")


def workbook() -> bytes:
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", PNG, PICTURE),
        ("a.JPG", JPEG, PICTURE),
        ("a.jpeg", JPEG, PICTURE),
        ("a.pdf", b"%PDF-1.7", DOCUMENT),
        ("a.docx", WORD, DOCUMENT),
        ("a.xlsx", workbook(), DOCUMENT),
    ],
)
def test_these_kinds_of_files_are_kept(
    files: Files, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    kept = files.keep(written(tmp_path / name, content))

    assert (kept.kind, kept.name) == (kind, name.lower())
    assert files.read(kept.content) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"%PDF-1.7"),
        ("a.pdf", b"MZ\x90 a program"),
        ("a.pdf", b""),
        ("a.docx", workbook()),
        ("a.docx", office_file("word/document.xml", "word/vbaProject.bin")),
        ("a.xlsx", b"PK\x03\x04 cut short"),
        ("a.docx", b"MZ" + WORD),
        ("a.png.exe", PNG),
        ("a", PNG),
        ("a.svg", b"<svg/>"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(
    files: Files, tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(Unfit) as refused:
        files.keep(written(tmp_path / name, content))

    assert refused.value.why is Why.FILE
    assert not (tmp_path / "files").exists()


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


def jpeg(width: int, height: int) -> bytes:
    table = b"\xff\xc4" + struct.pack(">H", 4) + b"xx"
    return b"\xff\xd8" + table + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width)


@pytest.mark.parametrize("made", [png, jpeg])
def test_a_picture_that_no_telephone_would_be_sent_is_refused(
    files: Files, made: Callable[[int, int], bytes]
) -> None:
    name = "a.png" if made is png else "a.jpg"
    for width, height in ((1080, 8_920), (450, 9_000), (1, 20)):
        files.take(name, made(width, height))

    for width, height in ((1080, 8_921), (449, 9_000), (6_000, 4_001)):
        with pytest.raises(Unfit) as refused:
            files.take(name, made(width, height))
        assert refused.value.why is Why.FILE_SHAPE


@given(content=st.binary(max_size=60))
def test_any_bytes_of_a_picture_are_measured_calmly(content: bytes) -> None:
    for begin in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b""):
        found = measured(begin + content)
        assert found is None or min(found) >= 0


async def test_what_is_too_large_or_of_no_kind_that_is_sent_is_not_even_fetched(
    files: Files,
) -> None:
    async def fetch(_file: str) -> bytes:
        raise AssertionError

    for sent, why in (
        (SentFile("1", "a.pdf", MOST_BYTES + 1), Why.FILE_SIZE),
        (SentFile("2", "a.mp4", 1), Why.FILE),
        (SentFile("3", ""), Why.FILE),
    ):
        with pytest.raises(Unfit) as refused:
            await received(files, sent, fetch)
        assert refused.value.why is why


async def test_what_is_larger_than_it_was_told_to_be_is_not_kept(files: Files) -> None:
    async def fetch(_file: str) -> bytes:
        return PNG + bytes(MOST_BYTES)

    with pytest.raises(Unfit) as refused:
        await received(files, SentFile("1", "a.png", 10), fetch)
    assert refused.value.why is Why.FILE_SIZE


async def test_what_the_platform_does_not_give_is_told_apart(files: Files) -> None:
    async def fetch(file: str) -> bytes:
        raise NotFetched(file)

    with pytest.raises(Unfit) as refused:
        await received(files, SentFile("1", "a.png", 10), fetch)
    assert refused.value.why is Why.FILE_NOT_FETCHED


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('mời"; filename="x\r\n.png', "mời_ filename_x_.png"),
        ("..\\..\\x.png", "_.._x.png"),
        ("\u202egnp.exe.png", "_gnp.exe.png"),
        ("đ" * 120 + ".png", "đ" * LONGEST_NAME + ".png"),
        ("….png", "_.png"),
        (" . .png", "tep.png"),
    ],
)
def test_a_name_is_letters_and_a_few_signs(
    files: Files, tmp_path: Path, name: str, shown: str
) -> None:
    assert files.keep(written(tmp_path / name, PNG)).name == shown


async def test_the_file_goes_along_from_the_draft_to_the_last_recipient(
    office: Store, poster: Attachment
) -> None:
    await subscribe(office, "77")
    number = await approved(office, Draft("Mời họp", attachment=poster))
    await start(office, number)

    now = await found(office, number)
    assert now.attachment == poster
    said = recipients.message(now, saying({"choice.stop_news": "Dừng nhận tin"}))
    assert (said.text, said.attachment) == ("Mời họp", poster)


async def test_a_change_of_words_keeps_the_file_and_it_can_be_taken_away(
    office: Store, poster: Attachment
) -> None:
    number = await do(office, broadcasts.compose, Draft("Mời họp", attachment=poster), LAN)
    draft = replace(draft_of(await found(office, number)), text="Mời họp lại")
    await do(office, broadcasts.edit, number, draft, LAN)
    assert (await found(office, number)).attachment == poster

    await do(office, broadcasts.edit, number, replace(draft, attachment=None), LAN)
    assert (await found(office, number)).attachment is None


async def test_what_was_cancelled_before_anybody_had_it_names_no_file(
    office: Store, poster: Attachment
) -> None:
    number = await do(office, broadcasts.compose, Draft("Mời họp", attachment=poster), LAN)
    await do(office, broadcasts.cancel, number, LAN)

    assert await office.read(attached.named_files) == frozenset()


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("x" * (LONGEST_CAPTION + 1), ()),
        ("🇻🇳" * (LONGEST_CAPTION // 4 + 1), ()),
        ("x" * (LONGEST_CAPTION - 5), (Choice("Hạn nộp", "entry:deadline.next"),)),
    ],
)
async def test_words_too_long_to_stand_under_a_file_are_refused(
    office: Store, poster: Attachment, text: str, choices: tuple[Choice, ...]
) -> None:
    with pytest.raises(Unfit) as refused:
        await do(office, broadcasts.compose, Draft(text, choices, attachment=poster), LAN)
    assert refused.value.why is Why.CAPTION

    await do(office, broadcasts.compose, Draft(text, choices), LAN)


@pytest.mark.parametrize(
    "forged",
    [
        Attachment("leads", "x.xlsx", "", "", {"sha256": "0" * 64}),
        Attachment(PICTURE, "x.png", "", "", {"sha256": "../donghanh.db"}),
        Attachment(PICTURE, "x.png", "", "", {}),
    ],
)
async def test_only_kept_files_go_along(office: Store, forged: Attachment) -> None:
    with pytest.raises(Unfit) as refused:
        await do(office, broadcasts.compose, Draft("Mời họp", attachment=forged), LAN)
    assert refused.value.why is Why.FILE


async def test_files_that_no_announcement_names_are_removed_after_an_hour(
    office: Store, files: Files, poster: Attachment, tmp_path: Path
) -> None:
    unused = files.keep(written(tmp_path / "b.pdf", b"%PDF-1.7"))
    fresh = files.keep(written(tmp_path / "c.pdf", b"%PDF-1.8"))
    (tmp_path / "files" / "local").mkdir()  # the terminal's own
    await do(office, broadcasts.compose, Draft("Mời họp", attachment=poster), LAN)
    long_ago = (DAY - timedelta(hours=2)).timestamp()
    for each in (unused, poster):
        os.utime(tmp_path / "files" / each.content["sha256"], (long_ago, long_ago))
    os.utime(tmp_path / "files" / fresh.content["sha256"], (DAY.timestamp(), DAY.timestamp()))

    named = await office.read(attached.named_files)
    files.tidy(named, DAY)

    left = {path.name for path in (tmp_path / "files").iterdir()}
    assert left == {poster.content["sha256"], fresh.content["sha256"], "local"}
