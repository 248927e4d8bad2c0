"""The ASGI application on a real socket, with Telegram's server on the other side."""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot.channels.telegram import Phrases, Settings, TelegramChannel
from bot.web.app import MAX_BODY, Webhook, application
from bot.web.server import serve
from tests.channels.inbox_double import MemoryInbox
from tests.telegram_server import Manners, Query, TelegramServer

TOKEN = "123456:TEST-TOKEN"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MANNERS = Manners(pause=0.0, http_on_loopback=True)


async def well() -> Mapping[str, Any]:
    return {"ok": True, "telegram": {"last_heard": NOW.isoformat()}}


async def ill() -> Mapping[str, Any]:
    return {"ok": False}


async def broken() -> Mapping[str, Any]:
    raise RuntimeError(TOKEN)


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(serve(app, "127.0.0.1", port, ready.set_result))
        try:
            yield f"http://127.0.0.1:{await ready}", task
        finally:
            task.cancel()
            await asyncio.wait([task])


class Hook:
    """A webhook that keeps what it is given, or fails."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.fails = False
        self.open = asyncio.Event()
        self.open.set()
        self.entered = asyncio.Event()

    async def accept(self, body: bytes) -> None:
        self.entered.set()
        await self.open.wait()
        if self.fails:
            raise OSError("disk full")
        self.bodies.append(body)


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def url(hook: Hook) -> AsyncIterator[str]:
    async with serving(application(well, Webhook("path", "secret", hook.accept))) as (address, _):
        yield address


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def post(
    client: aiohttp.ClientSession, url: str, body: bytes = b"{}", shown: str = "secret"
) -> tuple[int, bytes]:
    async with client.post(url, data=io.BytesIO(body), headers={HEADER: shown}) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize(("facts", "status"), [(well, 200), (ill, 503), (broken, 503)])
async def test_health(client: aiohttp.ClientSession, facts: Any, status: int) -> None:
    async with serving(application(facts)) as (url, _), client.get(f"{url}/health") as answer:
        assert answer.status == status
        assert (await answer.json())["ok"] == (status == 200)
        assert TOKEN not in await answer.text()
        assert "server" not in answer.headers


async def test_a_webhook_is_answered_200_after_the_commit(
    client: aiohttp.ClientSession, url: str, hook: Hook
) -> None:
    hook.open.clear()
    async with asyncio.TaskGroup() as group:
        answer = group.create_task(post(client, f"{url}/telegram/path", b'{"update_id": 1}'))
        await hook.entered.wait()
        assert not answer.done()
        hook.open.set()
    assert answer.result() == (200, b"")
    assert hook.bodies == [b'{"update_id": 1}']


async def test_an_update_that_comes_before_the_start_is_503_in_a_plain_line(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(TOKEN, webhook_url="https://a.vn")
    channel = TelegramChannel(settings, Phrases("Gửi số", "Bấm nút"), lambda: NOW)
    webhook = Webhook("path", "secret", channel.accept)

    with caplog.at_level(logging.INFO, "bot.web"):
        async with serving(application(well, webhook)) as (url, _):
            answer = await post(client, f"{url}/telegram/path")

    assert answer == (503, b"")
    (line,) = [record for record in caplog.records if record.name == "bot.web.app"]
    assert (line.levelname, line.exc_info) == ("INFO", None)


async def test_a_store_that_fails_is_503(
    client: aiohttp.ClientSession, url: str, hook: Hook
) -> None:
    hook.fails = True
    assert await post(client, f"{url}/telegram/path") == (503, b"")


async def test_a_wrong_secret_and_an_unknown_path_look_the_same(
    client: aiohttp.ClientSession, url: str, hook: Hook
) -> None:
    async with serving(application(well)) as (nowhere, _):
        answers = {
            await post(client, f"{url}/telegram/path", shown="Secret"),
            await post(client, f"{url}/telegram/path", shown=""),
            await post(client, f"{url}/telegram/path", shown="sécret"),
            await post(client, f"{url}/telegram/other"),
            await post(client, f"{url}/telegram/pa%C3%A9th"),
            await post(client, f"{url}/elsewhere"),
            await post(client, f"{nowhere}/telegram/path"),
        }
    assert [status for status, _ in answers] == [404]
    assert hook.bodies == []


async def test_a_webhook_without_a_secret_of_its_own_is_closed(
    client: aiohttp.ClientSession, hook: Hook
) -> None:
    async with serving(application(well, Webhook("path", "", hook.accept))) as (url, _):
        assert (await post(client, f"{url}/telegram/path", shown=""))[0] == 404


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
async def test_a_body_has_a_limit(
    client: aiohttp.ClientSession, url: str, size: int, status: int
) -> None:
    assert (await post(client, f"{url}/telegram/path", b"x" * size))[0] == status


async def test_stopping_finishes_the_request_in_hand(
    client: aiohttp.ClientSession, hook: Hook
) -> None:
    hook.open.clear()
    async with serving(application(well, Webhook("path", "secret", hook.accept))) as (url, task):
        async with asyncio.TaskGroup() as group:
            answer = group.create_task(post(client, f"{url}/telegram/path"))
            await hook.entered.wait()
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
            hook.open.set()
        assert answer.result()[0] == 200
        await asyncio.wait([task])
        assert task.cancelled()


async def test_an_address_in_use_is_an_error_and_not_the_end_of_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        await serve(application(well), "127.0.0.1", taken.getsockname()[1])


# With Telegram and the channel at its ends.


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def by_webhook(server: TelegramServer, inbox: MemoryInbox) -> AsyncIterator[TelegramChannel]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(TOKEN, server.url, webhook_url=f"http://127.0.0.1:{port}")
    channel = TelegramChannel(settings, Phrases("Gửi số", "Bấm nút."), lambda: NOW, no_pause)
    hook = Webhook(channel.webhook_path, channel.webhook_secret, channel.accept)
    async with serving(application(well, hook), port), asyncio.TaskGroup() as group:
        await channel.start()
        running = group.create_task(channel.run(inbox))
        try:
            yield channel
        finally:
            running.cancel()
            await asyncio.wait([running])
            await channel.close()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN, webhooks=MANNERS) as running:
        yield running


async def test_updates_come_by_webhook_once_and_in_order(server: TelegramServer) -> None:
    inbox = MemoryInbox()
    async with by_webhook(server, inbox):
        lan = server.user(1001)
        for n in range(20):
            lan.types(f"{n}")
        await inbox.until(lambda: len(inbox.received) == 20)
        server.repeats(1)
        await inbox.until(lambda: len(inbox.called) == 21)
        await server.until(lambda: not server.updates.pending)
    assert inbox.texts == [f"{n}" for n in range(20)]
    assert server.webhook.info()["pending_update_count"] == 0
    assert server.refusals == []


async def test_a_poison_update_and_a_failing_store_keep_nothing_from_what_is_behind(
    server: TelegramServer,
) -> None:
    inbox = MemoryInbox()
    inbox.failures["1"] = 2
    async with by_webhook(server, inbox):
        server.user(1001).types("trước")
        server.poison(1001)
        server.user(1001).types("sau")
        await inbox.until(lambda: inbox.texts == ["trước", "sau"])
        await server.until(lambda: not server.updates.pending)
    assert len(inbox.aside) == 1
    assert [delivery["status"] for delivery in server.record.deliveries] == [
        503,
        503,
        200,
        200,
        200,
    ]


async def test_what_waited_while_we_were_away_is_not_dropped(server: TelegramServer) -> None:
    inbox = MemoryInbox()
    server.user(1001).types("lúc vắng")
    async with by_webhook(server, inbox):
        await inbox.until(lambda: inbox.texts == ["lúc vắng"])


async def test_a_pressed_button_is_acknowledged(server: TelegramServer) -> None:
    inbox = MemoryInbox()
    async with by_webhook(server, inbox) as channel:
        lan = server.user(1001)
        button = {"inline_keyboard": [[{"text": "Hồ sơ", "callback_data": "entry:dossier"}]]}
        payload = {"method": "sendMessage", "text": "Chọn", "reply_markup": button}
        await channel.send("1001", payload)
        query = lan.presses("Hồ sơ")
        assert isinstance(query, Query)
        await query.answered()
        await inbox.until(lambda: bool(inbox.received))
    assert inbox.received[0].action == "entry:dossier"


async def test_polling_takes_over_from_a_webhook(server: TelegramServer) -> None:
    inbox = MemoryInbox()
    async with by_webhook(server, inbox):
        pass
    settings = Settings(TOKEN, server.url)
    channel = TelegramChannel(settings, Phrases("Gửi số", "Bấm nút."), lambda: NOW, no_pause)
    await channel.start()
    assert server.webhook.url == ""
    await channel.close()


async def test_no_secret_is_logged(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox = MemoryInbox()
    inbox.failures["1"] = 1
    async with by_webhook(server, inbox) as channel:
        server.user(1001).types("xin chào")
        await inbox.until(lambda: inbox.texts == ["xin chào"])
    assert "was not taken in" in caplog.text
    for secret in (TOKEN.partition(":")[2], channel.webhook_secret, channel.webhook_path):
        assert secret not in caplog.text
