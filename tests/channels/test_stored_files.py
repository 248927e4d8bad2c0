"""A file that staff chose: one message with its words and buttons, uploaded once, or not at all."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.broadcast_files import Files
from bot.channels import FILE_LOST, Payload, Rejected, Unsure
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import Settings, TelegramChannel, rendering
from bot.channels.telegram.rendering import MAX_CAPTION
from bot.drawing import Drawer, draw
from handlers.attachments import DOCUMENT, PICTURE, STORED, Attachment, stored
from handlers.conversation import Choice, Reply
from tests.channels.test_telegram_channel import PHRASES, TOKEN
from tests.telegram_server import TelegramServer
from tests.telegram_server.entities import parse_html

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n a poster"
STOP = (Choice("Dừng nhận tin", "cmd:stop"),)
CROWD = range(1001, 1006)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


@pytest.fixture
def drawer(files: Files) -> Drawer:
    return Drawer(partial(draw, live=dict.fromkeys(STORED, files.read)))


@pytest.fixture
def poster(files: Files, tmp_path: Path) -> Attachment:
    path = tmp_path / "Áp phích.png"
    path.write_bytes(PNG)
    return files.keep(path)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN) as running:
        for person in CROWD:
            running.user(person)
        yield running


@pytest.fixture
async def channel(server: TelegramServer, drawer: Drawer) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(Settings(TOKEN, server.url), PHRASES, lambda: NOW, drawer=drawer)
    await made.open()
    yield made
    await made.close()


def render(reply: Reply) -> tuple[Payload, ...]:
    return rendering.render(reply, "Gửi số điện thoại", "Hoặc bấm nút dưới đây.")


def announcement(attachment: Attachment, text: str = "**Mời họp** <sáng> thứ Hai") -> Payload:
    (payload,) = render(Reply(text, STOP, numbered=False, attachment=attachment))
    return payload


def uploaded(server: TelegramServer) -> int:
    return len({message.payload["photo"][-1]["file_id"] for message in server.sent})


async def test_many_get_the_picture_with_words_and_buttons_and_it_is_uploaded_once(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment
) -> None:
    payload = announcement(poster)
    await asyncio.gather(*(channel.send(str(person), payload) for person in CROWD))

    assert len(server.sent) == len(CROWD)
    assert uploaded(server) == 1
    for message in server.sent:
        assert message.method == "sendphoto"
        assert message.text == "Mời họp <sáng> thứ Hai"
        assert message.labels == ["Dừng nhận tin"]
        assert message.upload is not None
        assert (message.upload.name, message.upload.content) == ("Áp phích.png", PNG)
    assert server.refusals == []


async def test_a_file_that_telegram_knows_no_more_is_uploaded_again(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment
) -> None:
    payload = announcement(poster)
    await channel.send("1001", payload)
    server.world.files.clear()
    await asyncio.gather(*(channel.send(str(person), payload) for person in CROWD[1:]))

    assert len(server.sent) == len(CROWD)
    assert uploaded(server) >= 2  # those on their way at that moment may each upload it


async def test_an_upload_without_an_answer_is_unsure_and_holds_nobody_up(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment
) -> None:
    server.faults.add("lost", method="sendPhoto")
    with pytest.raises(Unsure):
        await channel.send("1001", announcement(poster))

    await channel.send("1002", announcement(poster))
    assert len(server.sent) == 2


async def test_without_its_file_an_announcement_is_not_sent(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment, tmp_path: Path
) -> None:
    (tmp_path / "files" / poster.content["sha256"]).unlink()

    with pytest.raises(Rejected, match=FILE_LOST):
        await channel.send("1001", announcement(poster))
    assert server.sent == []


@pytest.mark.parametrize(
    "digest", ["../Áp phích.png", "/etc/hostname", "", "0" * 64, "A" * 64, None]
)
async def test_forged_data_names_no_file(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment, digest: str | None
) -> None:
    assert poster.kind == PICTURE
    forged = Attachment(PICTURE, "x.png", "", "", {"sha256": digest})

    with pytest.raises(Rejected, match=FILE_LOST):
        await channel.send("1001", announcement(forged))
    assert server.sent == []


async def test_a_file_that_telegram_refuses_is_not_passed_over(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment
) -> None:
    server.faults.add(
        "bad_request", method="sendPhoto", description="Bad Request: PHOTO_INVALID_DIMENSIONS"
    )
    with pytest.raises(Rejected, match="Photo_invalid"):
        await channel.send("1001", announcement(poster))
    assert server.sent == []


async def test_markup_that_telegram_cannot_parse_goes_out_as_plain_words(
    server: TelegramServer, channel: TelegramChannel, poster: Attachment
) -> None:
    payload = {**announcement(poster), "caption": "<b>Mời &amp; họp"}
    await channel.send("1001", payload)

    assert [message.text for message in server.sent] == ["Mời & họp"]


async def test_the_terminal_shows_the_words_and_where_the_file_lies(
    poster: Attachment, drawer: Drawer, tmp_path: Path
) -> None:
    out = io.StringIO()
    console = ConsoleChannel(lambda: NOW, tmp_path / "seen", io.StringIO(), out, drawer=drawer)
    (payload,) = console.render(Reply("Mời họp", STOP, numbered=False, attachment=poster))
    await console.send("local", payload)

    assert (tmp_path / "seen" / "Áp phích.png").read_bytes() == PNG
    assert out.getvalue().startswith("Mời họp\n\n- Dừng nhận tin\n")
    (tmp_path / "files" / poster.content["sha256"]).write_bytes(b"something else")
    with pytest.raises(Rejected, match=FILE_LOST):
        await console.send("local", payload)


words = st.text(max_size=30) | st.sampled_from(["🇻🇳", "<b>", "**đậm**", "\n- mục", "&amp;"])


@settings(deadline=None)
@given(st.builds(lambda text, times: text * times, words, st.integers(0, 60)))
def test_words_that_fit_go_under_the_file_and_longer_ones_after_it(text: str) -> None:
    file = stored(DOCUMENT, "thư mời.pdf", "0" * 64)
    first, *others = render(Reply(text, STOP, numbered=False, attachment=file))

    assert first["method"] == "sendDocument"
    assert "instead" not in first
    assert json.loads(json.dumps(first)) == first
    said = parse_html(first.get("caption", ""))[0]
    assert len(said.encode("utf-16-le")) // 2 <= MAX_CAPTION
    assert "reply_markup" in (others[-1] if others else first)
