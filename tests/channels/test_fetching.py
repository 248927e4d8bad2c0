"""A file that a person sent is fetched from Telegram, or it is said that it cannot be had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.channels import NotFetched
from bot.channels.telegram import Settings, TelegramChannel
from bot.channels.telegram.updates import incoming
from handlers.attachments import SentFile
from handlers.conversation import Incoming
from tests.channels.test_telegram_channel import PHRASES, TOKEN
from tests.file_contents import JPEG, PDF
from tests.telegram_server import Person, TelegramServer

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN) as running:
        yield running


@pytest.fixture
def lan(server: TelegramServer) -> Person:
    return server.user(1001)


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(Settings(TOKEN, server.url), PHRASES, lambda: NOW)
    await made.open()
    yield made
    await made.close()


def heard(server: TelegramServer) -> SentFile:
    """The file of the latest update, as the channel reads it."""
    found = incoming(list(server.updates.pending.values())[-1].body, NOW)
    assert isinstance(found, Incoming)
    assert found.file is not None
    return found.file


async def test_a_document_and_a_picture_in_its_largest_size_are_fetched(
    server: TelegramServer, channel: TelegramChannel, lan: Person
) -> None:
    lan.sends_document("Thư mời.pdf", PDF)
    document = heard(server)
    lan.sends_photo("đây ạ", JPEG)
    picture = heard(server)

    assert (document.name, document.size) == ("Thư mời.pdf", len(PDF))
    assert await channel.fetch(document.id) == PDF
    assert (picture.name, picture.size) == ("photo.jpg", len(JPEG))
    assert await channel.fetch(picture.id) == JPEG
    assert server.refusals == []


async def test_what_telegram_does_not_give_is_not_fetched_and_no_error_shows_the_token(
    server: TelegramServer, channel: TelegramChannel, lan: Person
) -> None:
    lan.sends_document("lớn.pdf", PDF + bytes(21 * 1024 * 1024))
    too_large = heard(server).id
    lan.sends_document("Thư mời.pdf", PDF)
    good = heard(server).id
    for wanted, goes_wrong in ((too_large, ""), ("no such file", ""), (good, "lost"), (good, "x")):
        if goes_wrong == "x":
            await server.stop()
        elif goes_wrong:
            server.faults.add(goes_wrong, method="getFile")
        with pytest.raises(NotFetched) as refused:
            await channel.fetch(wanted)
        assert TOKEN not in f"{refused.value!r} {refused.value.__cause__!r}"
