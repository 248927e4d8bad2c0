"""A file goes before its words, within every limit, and its words arrive whatever becomes of it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Gone, Payload, Unsure
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import rendering
from bot.channels.telegram.rendering import MAX_CAPTION, MAX_TEXT, utf16
from bot.channels.text import blank
from handlers.attachments import KINDS, Attachment
from handlers.conversation import Reply
from tests.channels.attached import DOCUMENT, OF_ANOTHER_VERSION, PICTURE, WAYS
from tests.channels.test_telegram_channel import TOKEN, Bot, started
from tests.telegram_server import TelegramServer
from tests.telegram_server.entities import parse_html

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
SHARE, HINT = "Gửi số điện thoại", "Hoặc bấm nút dưới đây."


def render(reply: Reply) -> tuple[Payload, ...]:
    return rendering.render(reply, SHARE, HINT)


# Rendering: the queue holds what the file is made from, and the platform's limits are kept.

words = st.text(max_size=40) | st.sampled_from(["Lãnh đạo", "🇻🇳", "<b>", "**đậm**", "\ud800", "\0"])
long_words = st.builds(lambda text, times: text * times, words, st.integers(0, 300))
plain_data = st.recursive(
    st.none() | st.booleans() | st.floats(0, 5) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
attached = st.builds(
    Attachment,
    kind=st.sampled_from(KINDS),
    name=st.just("tệp.png"),
    caption=long_words,
    instead=long_words,
    content=st.dictionaries(words, plain_data, max_size=3),
)


@settings(deadline=None)
@given(attached, long_words)
def test_telegram_takes_every_rendered_attachment(attachment: Attachment, text: str) -> None:
    file, *said = render(Reply(text, WAYS, attachment=attachment))

    assert file["method"] in {"sendPhoto", "sendDocument"}
    assert utf16(file.get("caption", "")) <= MAX_CAPTION
    assert not blank(file.get("caption", "x"))
    assert "parse_mode" not in file
    instead = rendering.without_file(file)["text"]
    assert not blank(instead)
    assert utf16(instead) <= MAX_TEXT
    assert json.loads(json.dumps(file)) == file
    assert said == list(render(Reply(text, WAYS)))  # the words are those of a reply without a file
    assert all(parse_html(payload["text"])[0].strip() for payload in said)


@pytest.mark.parametrize("attachment", [PICTURE, DOCUMENT], ids=lambda each: each.kind)
def test_the_buttons_stay_under_the_words(attachment: Attachment) -> None:
    file, said = render(Reply("Kết quả:", WAYS, attachment=attachment))

    assert "reply_markup" not in file
    assert "inline_keyboard" in said["reply_markup"]


def test_a_file_may_come_without_words() -> None:
    (file,) = render(Reply("", attachment=DOCUMENT))

    assert file["caption"] == "Danh mục để in"


# Telegram: the strict server gets a real picture and a real document.


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN) as running:
        yield running


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with started(server) as made:
        yield made


async def test_a_picture_is_shown_in_the_chat(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    file, said = render(Reply("**Kết quả:**", WAYS, attachment=PICTURE))
    sent_id = await bot.send(1001, file)
    picture = await lan.reply()

    assert picture.method == "sendphoto"
    assert str(picture.id) == sent_id
    assert picture.text == "Bức tranh tự đánh giá <của anh/chị>"
    assert picture.upload is not None
    assert picture.upload.content.startswith(PNG)
    assert (picture.upload.name, picture.upload.mime_type) == ("tự-đánh-giá.png", "image/png")
    await bot.send(1001, said)
    assert (await lan.reply()).labels == ["1. Các chủ đề", "0. Quay lại"]
    assert server.refusals == []


async def test_a_list_is_sent_as_a_document(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    (file,) = render(Reply("", attachment=DOCUMENT))
    await bot.send(1001, file)
    document = await lan.reply()

    assert document.method == "senddocument"
    assert document.upload is not None
    assert document.upload.name == "danh-muc.docx"
    assert document.upload.content.startswith(b"PK")
    assert server.refusals == []


async def test_words_stand_in_for_a_picture_that_cannot_be_drawn(
    server: TelegramServer, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    lan = server.user(1001)
    file, _ = render(Reply("Kết quả", attachment=OF_ANOTHER_VERSION))
    await bot.send(1001, file)
    message = await lan.reply()

    assert (message.method, message.text) == ("sendmessage", "Không vẽ được.")
    assert "a file could not be made" in caplog.text


async def test_words_stand_in_for_a_picture_that_telegram_does_not_take(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    server.faults.add(
        "bad_request", method="sendPhoto", description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    file, _ = render(Reply("Kết quả", attachment=PICTURE))
    await bot.send(1001, file)

    assert (await lan.reply()).text == "Tôi chưa vẽ được hình."


async def test_who_blocked_us_gets_no_words_instead(server: TelegramServer, bot: Bot) -> None:
    server.user(1001)
    server.faults.add("forbidden", method="sendPhoto")
    file, _ = render(Reply("Kết quả", attachment=PICTURE))

    with pytest.raises(Gone):
        await bot.send(1001, file)


async def test_a_picture_that_may_have_arrived_is_not_said_in_words(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    server.faults.add("lost", method="sendPhoto")
    file, _ = render(Reply("Kết quả", attachment=PICTURE))

    with pytest.raises(Unsure):
        await bot.send(1001, file)
    assert [message.method for message in lan.received] == ["sendphoto"]


# The terminal: a file beside the data, and its path.


def console(folder: Path) -> tuple[ConsoleChannel, io.StringIO]:
    out = io.StringIO()
    return ConsoleChannel(lambda: NOW, folder, io.StringIO(), out), out


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found}


@pytest.mark.parametrize("attachment", [PICTURE, DOCUMENT], ids=lambda each: each.kind)
async def test_the_terminal_keeps_the_file_and_says_where(
    tmp_path: Path, attachment: Attachment
) -> None:
    channel, out = console(tmp_path / "data" / "files")
    for payload in channel.render(Reply("Kết quả", WAYS, attachment=attachment)):
        await channel.send("local", payload)

    path = tmp_path / "data" / "files" / attachment.name
    assert path.stat().st_size > 1000
    assert out.getvalue().startswith(f"{attachment.caption}\n{path}\n\nKết quả\n")


async def test_the_terminal_says_words_where_nothing_can_be_drawn(tmp_path: Path) -> None:
    channel, out = console(tmp_path)
    file, said = channel.render(Reply("Kết quả", attachment=OF_ANOTHER_VERSION))
    await channel.send("local", file)
    await channel.send("local", said)

    assert out.getvalue() == "Không vẽ được.\n\nKết quả\n\n"
    assert files(tmp_path) == set()


async def test_the_terminal_says_words_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file in the folder's place", encoding="utf-8")
    channel, out = console(tmp_path / "files")
    file, _ = channel.render(Reply("Kết quả", attachment=PICTURE))
    await channel.send("local", file)

    assert out.getvalue() == "Tôi chưa vẽ được hình.\n\n"


async def test_a_file_never_leaves_its_folder(tmp_path: Path) -> None:
    channel, _ = console(tmp_path / "files")
    sly = Attachment(PICTURE.kind, "../../x.png", "Hình", "Không.", PICTURE.content)
    file, _ = channel.render(Reply("Kết quả", attachment=sly))
    await channel.send("local", file)

    assert files(tmp_path) == {"files/x.png"}
