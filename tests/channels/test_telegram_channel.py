"""The Telegram channel against a strict server, with everything going wrong that can."""

import asyncio
import logging
import re
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from telegram import InputFile
from telegram.error import BadRequest

from bot.channels import Gone, Later, Moved, NotRunning, Payload, Rejected, Unsure
from bot.channels.telegram import (
    Command,
    Phrases,
    Profile,
    Settings,
    TelegramChannel,
    transport,
)
from bot.channels.telegram.errors import port_error
from bot.channels.telegram.polling import AT_ONCE
from handlers.conversation import Choice, Reply
from tests.channels.inbox_double import MemoryInbox, StoreDownError
from tests.telegram_server import Query, TelegramServer

TOKEN = "123456:TEST-TOKEN"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PROFILE = Profile(
    commands=(Command("batdau", "Bắt đầu", "Begin"), Command("hoso", "Hồ sơ của tôi", "My file")),
    description_vi="Trợ lý tự động của Sở.",
    description_en="The department's automatic assistant.",
)
PHRASES = Phrases("Gửi số điện thoại", "Hoặc bấm nút dưới đây.", PROFILE)
HELLO = {"method": "sendMessage", "text": "<b>Xin chào</b> &amp; chúc mừng", "parse_mode": "HTML"}


class Pauses:
    """How the channel waits: not at all, but it is written down; `then` happens meanwhile."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.then: Callable[[], Awaitable[None]] | None = None
        self._used = asyncio.Event()

    async def used(self) -> None:
        """Wait until there was a pause."""
        async with asyncio.timeout(5):
            await self._used.wait()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._used.set()
        if self.then is not None:
            await self.then()
        await asyncio.sleep(0)


class Bot:
    """A channel at work, with the inbox behind it."""

    def __init__(self, base_url: str, **settings: object) -> None:
        self.pauses = Pauses()
        self.inbox = MemoryInbox()
        made = Settings(TOKEN, base_url, **settings)  # type: ignore[arg-type]
        self.channel = TelegramChannel(made, PHRASES, lambda: NOW, self.pauses)
        self.running: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def taking_in(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the channel for as long as the block lasts."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.channel.run(self.inbox))
            try:
                yield running
            finally:
                running.cancel()
                await asyncio.wait([running])

    async def send(self, chat: int, payload: Payload = HELLO) -> str:
        return await self.channel.send(str(chat), payload)


@asynccontextmanager
async def started(server: TelegramServer, **settings: object) -> AsyncIterator[Bot]:
    bot = Bot(server.url, **settings)
    try:
        await bot.channel.start()
        yield bot
    finally:
        await bot.channel.close()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN) as running:
        yield running


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with started(server) as made:
        yield made


# Sending: each answer of Telegram's is one of the port's errors, or none.


async def test_an_earlier_message_is_changed_and_to_change_nothing_succeeds(
    bot: Bot, server: TelegramServer
) -> None:
    server.user(7).starts()
    choices = (Choice("Xem", "a:1"),)
    (before,), (after,) = (bot.channel.render(Reply(text, choices)) for text in ("một", "hai"))
    sent = await bot.send(7, before)
    edit = bot.channel.edited(after, sent)
    assert edit is not None
    assert [await bot.send(7, edit) for _ in range(2)] == [sent, sent]
    assert [message.text for message in server.sent] == ["hai"]
    assert bot.channel.edited({"method": "sendPhoto"}, sent) is None


async def test_an_earlier_message_is_withdrawn_and_to_withdraw_it_again_succeeds(
    bot: Bot, server: TelegramServer
) -> None:
    server.user(7).starts()
    (words,) = bot.channel.render(Reply("nhầm", (Choice("Xem", "a:1"),)))
    sent = await bot.send(7, words)
    withdrawal, edit = bot.channel.withdrawn(sent), bot.channel.edited(words, sent)
    assert withdrawal is not None
    assert edit is not None
    assert [await bot.send(7, withdrawal) for _ in range(2)] == [sent, sent]
    assert [message.deleted for message in server.sent] == [True]
    with pytest.raises(Rejected, match="no longer there"):
        await bot.send(7, edit)


async def test_what_cannot_be_changed_any_more_is_told_in_a_reason_of_ours() -> None:
    told = {
        "Bad Request: message can't be deleted for everyone": "too late to withdraw",
        "Bad Request: there is no text in the message to edit": "cannot be edited",
    }
    for said, reason in told.items():
        assert str(port_error(BadRequest(said), timedelta(0))) == reason


async def test_send_gives_telegrams_id(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    sent_id = await bot.send(1001)
    message = await lan.reply()
    assert (str(message.id), message.text) == (sent_id, "Xin chào & chúc mừng")
    assert server.refusals == []


async def test_every_rendered_kind_of_message_is_taken(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    menu = (Choice("Hạn nộp", "entry:deadline"), Choice("Quay lại", "back"))
    for reply in (Reply("a " * 5000, menu), Reply("Số?", menu, asks_phone=True), Reply("Xong.")):
        for payload in bot.channel.render(reply):
            await bot.send(1001, payload)
    assert [message.labels for message in lan.received] == [
        [],
        [],
        ["1. Hạn nộp", "0. Quay lại"],
        ["1. Hạn nộp", "0. Quay lại"],
        ["Gửi số điện thoại"],
        [],
    ]
    assert server.refusals == []


@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        ({"what": "forbidden"}, Gone, 0),
        ({"what": "forbidden", "description": "Forbidden: user is deactivated"}, Gone, 0),
        ({"what": "forbidden", "description": "Forbidden: not enough rights"}, Rejected, 0),
        ({"what": "bad_request", "description": "Bad Request: chat not found"}, Gone, 0),
        ({"what": "bad_request", "description": "Bad Request: message is too long"}, Rejected, 0),
        ({"what": "too_many", "retry_after": 7}, Later, 0),
        ({"what": "server_error"}, Later, 0),
        ({"what": "bad_gateway"}, Unsure, 0),
        ({"what": "reset"}, Unsure, 0),
        ({"what": "lost"}, Unsure, 1),
        ({"what": "truncated"}, Unsure, 1),
    ],
)
async def test_what_went_wrong_decides_what_to_do(
    server: TelegramServer, bot: Bot, fault: dict[str, object], error: type[Exception], sent: int
) -> None:
    server.user(1001)
    server.faults.add(**fault, method="sendMessage")  # type: ignore[arg-type]
    with pytest.raises(error) as caught:
        await bot.send(1001)
    assert len(server.sent) == sent
    if fault["what"] == "too_many":
        assert isinstance(caught.value, Later)
        assert caught.value.after == timedelta(seconds=7)


async def test_people_who_blocked_us_are_gone(server: TelegramServer, bot: Bot) -> None:
    server.user(1001).blocks()
    server.user(1002).deactivates()
    server.user(1003, started=False)
    for chat in (1001, 1002, 1003, 4040):
        with pytest.raises(Gone):
            await bot.send(chat)


async def test_a_group_that_moved_says_where(server: TelegramServer, bot: Bot) -> None:
    server.group(-5).migrates(-1005, by=server.user(1001))
    with pytest.raises(Moved) as caught:
        await bot.send(-5)
    assert caught.value.to == "-1005"


async def test_markup_that_telegram_cannot_parse_is_sent_as_plain_text(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    why = "Bad Request: can't parse entities: Unsupported start tag"
    server.faults.add("bad_request", method="sendMessage", description=why)
    await bot.send(1001)
    assert [message.text for message in lan.received] == ["Xin chào & chúc mừng"]


async def test_an_outage_waits_longer_and_longer_and_is_forgotten_after_it() -> None:
    async with TelegramServer(TOKEN) as server:
        server.user(1001)
        port = server.port
        async with started(server) as bot:
            await bot.send(1001)
            await server.stop()
            waits = [await later(bot.send(1001)) for _ in range(8)]
            assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
            await server.start(port=port)
            await bot.send(1001)
            server.faults.add("server_error", method="sendMessage")
            assert await later(bot.send(1001)) == 1


async def test_an_answer_that_comes_too_late_may_have_been_a_delivery(
    server: TelegramServer, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.user(1001)
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.05)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    server.faults.add("slow", method="sendMessage", seconds=1.0)
    with pytest.raises(Unsure):
        await bot.send(1001)
    assert len(server.sent) == 1


async def test_files_are_uploaded(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    report = InputFile(b"\x00\xff" * 1000, filename="báo cáo.pdf")
    await bot.send(1001, {"method": "sendDocument", "document": report, "caption": "Đây ạ"})
    message = await lan.reply()
    assert message.upload is not None
    assert message.upload.content == b"\x00\xff" * 1000
    assert (message.upload.name, message.text) == ("báo cáo.pdf", "Đây ạ")


async def test_a_revoked_token_fails_nobody(server: TelegramServer, bot: Bot) -> None:
    server.user(1001)
    server.token = "123456:ANOTHER"
    assert await later(bot.send(1001)) == 60


async def later(sending: Awaitable[str]) -> float:
    with pytest.raises(Later) as caught:
        await sending
    return caught.value.after.total_seconds()


@asynccontextmanager
async def stranger(answer: bytes) -> AsyncIterator[str]:
    """Something between us and Telegram that answers everything in the same way."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(answer)
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def http(status: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http("403 Forbidden", "<html>blocked by the firewall</html>"), Later),
        (http("302 Found", ""), Later),
        (http("407 Proxy Authentication Required", "{}"), Later),
        (http("504 Gateway Timeout", "<html></html>"), Unsure),
        (http("200 OK", "<html>welcome</html>"), Unsure),
        (http("200 OK", '{"ok": true, "result": true}'), Unsure),
        (http("200 OK", '{"ok": false, "error_code": 400}'), Unsure),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", Unsure),
        (b"nonsense\r\n\r\n", Unsure),
        (b"", Unsure),
    ],
)
async def test_only_telegrams_own_word_makes_anybody_gone(
    answer: bytes, error: type[Exception]
) -> None:
    async with stranger(answer) as url:
        bot = Bot(url)
        await bot.channel.start()
        assert not bot.channel.ready
        with pytest.raises(error):
            await bot.send(1001)
        await bot.channel.close()


async def test_a_proxy_is_used(server: TelegramServer) -> None:
    bot = Bot("http://api.telegram.invalid", proxy=server.url)
    await bot.channel.start()
    assert bot.channel.ready
    await bot.channel.close()


def test_a_proxy_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="proxy"):
        transport.Transport(TOKEN, connections=1, proxy="socks5://127.0.0.1:1080")


# Starting: Telegram may be away.


async def test_start_introduces_us_and_writes_only_what_differs(server: TelegramServer) -> None:
    async with started(server):
        first = [arrival.method for arrival in server.record.arrivals]
    async with started(server):
        second = [arrival.method for arrival in server.record.arrivals][len(first) :]
    assert {"setmycommands", "setmydescription"} < set(first)
    assert not [method for method in second if method.startswith("set")]
    assert server.refusals == []


async def test_an_outage_at_start_ends_nothing_and_run_goes_on_trying() -> None:
    server = TelegramServer(TOKEN)
    await server.start()
    port = server.port
    await server.stop()
    bot = Bot(server.url)
    await bot.channel.start()
    assert (bot.channel.ready, bot.pauses.seconds) == (False, [1, 2])

    async def returns() -> None:
        if len(bot.pauses.seconds) == 5:
            await server.start(port=port)

    bot.pauses.then = returns
    async with bot.taking_in():
        server.user(1001).types("còn đó không?")
        await bot.inbox.until(lambda: bot.inbox.texts == ["còn đó không?"])
    assert bot.pauses.seconds[:5] == [1, 2, 1, 2, 4]
    await bot.channel.close()
    await server.stop()


async def test_what_telegram_refuses_to_show_stops_nothing(server: TelegramServer) -> None:
    server.faults.add("too_many", method="setMyDescription", times=None, retry_after=9000)
    async with started(server) as bot:
        assert bot.channel.ready
        assert bot.pauses.seconds == []


# Taking in.


async def test_polling_hands_in_what_people_do_in_order(server: TelegramServer, bot: Bot) -> None:
    lan, hung = server.user(1001), server.user(1002)
    async with bot.taking_in():
        for n in range(60):
            (lan if n % 2 else hung).types(f"{n}")
        await bot.inbox.until(lambda: len(bot.inbox.received) == 60)
        lan.blocks()
        await bot.inbox.until(lambda: bot.inbox.reached == [("1001", False)])
        lan.unblocks()
        await bot.inbox.until(lambda: len(bot.inbox.reached) == 2)
    assert bot.inbox.called == sorted(bot.inbox.called, key=int)
    assert bot.channel.last_heard == NOW
    assert server.refusals == []


async def test_after_an_outage_few_updates_are_at_work_at_once(
    server: TelegramServer, bot: Bot
) -> None:
    lan, hung = server.user(1001), server.user(1002)
    for n in range(60):
        (lan if n % 3 else hung).types(f"{n}")
    bot.inbox.open.clear()
    async with bot.taking_in():
        await bot.inbox.until(lambda: len(bot.inbox.called) == AT_ONCE)
        bot.inbox.open.set()
        await bot.inbox.until(lambda: len(bot.inbox.received) == 60)
    assert bot.inbox.most_at_once == AT_ONCE
    assert bot.inbox.called == sorted(bot.inbox.called, key=int)
    assert not server.updates.pending


async def test_a_pressed_button_is_acknowledged_while_its_turn_is_still_thinking(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    for payload in bot.channel.render(Reply("Chọn:", (Choice("Hạn nộp", "entry:deadline"),))):
        await bot.send(1001, payload)
    bot.inbox.open.clear()
    async with bot.taking_in():
        query = lan.presses("1. Hạn nộp")
        assert isinstance(query, Query)
        await query.answered()
        assert bot.inbox.received == []
        bot.inbox.open.set()
        await bot.inbox.until(lambda: bool(bot.inbox.received))
    assert bot.inbox.received[0].action == "entry:deadline"


async def test_an_acknowledgement_that_is_too_late_harms_nobody(
    server: TelegramServer, bot: Bot
) -> None:
    await bot.send(server.user(1001).id)
    why = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    server.faults.add("bad_request", method="answerCallbackQuery", description=why)
    async with bot.taking_in():
        server.user(1001).forges("entry:a")
        server.user(1001).types("và nữa")
        await bot.inbox.until(lambda: bot.inbox.texts == ["", "và nữa"])


async def test_a_poison_update_is_set_aside_alone(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    lan.types("trước")
    server.poison()
    lan.types("sau")
    async with bot.taking_in():
        await bot.inbox.until(lambda: len(bot.inbox.received) == 2)
    assert bot.inbox.texts == ["trước", "sau"]
    ((channel, raw, problem),) = bot.inbox.aside
    assert (channel, '"text": "?"' in raw) == ("telegram", True)
    assert problem
    assert not server.updates.pending


async def test_the_offset_moves_only_after_the_commit(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(1001)
    for text in ("một", "hai", "ba"):
        lan.types(text)
    bot.inbox.failures["2"] = 1
    confirmed: list[list[int]] = []

    async def look() -> None:
        confirmed.append(sorted(server.updates.pending))

    bot.pauses.then = look
    async with bot.taking_in():
        await bot.inbox.until(lambda: bot.inbox.called == ["1", "2", "3", "2", "3"])
    assert sorted(bot.inbox.texts) == ["ba", "hai", "một"]
    assert bot.pauses.seconds == [1]
    assert confirmed == [[1, 2, 3]]
    assert not server.updates.pending


async def test_an_update_that_no_store_takes_is_set_aside_once_the_store_works(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    lan.types("độc")
    lan.types("sau")
    bot.inbox.failures["1"] = 1000
    bot.inbox.failures["aside"] = 1
    async with bot.taking_in():
        await bot.inbox.until(lambda: len(bot.inbox.aside) == 1)
    assert bot.inbox.called.count("1") == 4
    assert bot.inbox.texts == ["sau"]
    assert bot.pauses.seconds == [1, 2, 4]


async def test_a_repeated_update_is_handed_in_again_and_polling_goes_on(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(1001)
    async with bot.taking_in():
        lan.types("một")
        lan.types("hai")
        await bot.inbox.until(lambda: len(bot.inbox.received) == 2)
        server.repeats(1)
        lan.types("ba")
        await bot.inbox.until(lambda: len(bot.inbox.received) == 3)
    assert bot.inbox.called.count("1") == 2
    assert bot.pauses.seconds == []


@pytest.mark.parametrize("what", ["lost", "truncated", "reset", "bad_gateway", "server_error"])
async def test_a_failed_poll_loses_nothing(server: TelegramServer, bot: Bot, what: str) -> None:
    server.faults.add(what, method="getUpdates", times=2)
    server.user(1001).types("một")
    async with bot.taking_in():
        await bot.inbox.until(lambda: bot.inbox.texts == ["một"])
    assert bot.pauses.seconds == [1, 2]


async def test_polling_pauses_as_long_as_telegram_asks(server: TelegramServer, bot: Bot) -> None:
    server.faults.add("too_many", method="getUpdates", retry_after=17)
    server.user(1001).types("một")
    async with bot.taking_in():
        await bot.inbox.until(lambda: bot.inbox.texts == ["một"])
    assert bot.pauses.seconds == [17]


async def test_another_consumer_is_reported_loudly_and_not_fought(
    server: TelegramServer, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    server.webhook.url = "https://example.org/"  # somebody else's: every poll is a conflict
    enough = asyncio.Event()

    async def count() -> None:
        if len(bot.pauses.seconds) == 9:
            enough.set()

    bot.pauses.then = count
    async with bot.taking_in(), asyncio.timeout(5):
        await enough.wait()
    assert bot.pauses.seconds[:9] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert "another program takes this bot's updates" in caplog.text


async def test_stopping_finishes_what_was_taken_and_confirms_it(
    server: TelegramServer, bot: Bot
) -> None:
    server.user(1001).types("một")
    bot.inbox.open.clear()
    async with bot.taking_in() as running:
        await bot.inbox.until(lambda: bot.inbox.called == ["1"])
        running.cancel()
        await asyncio.sleep(0)
        assert not running.done()
        bot.inbox.open.set()
        await asyncio.wait([running])
    assert bot.inbox.texts == ["một"]
    assert running.cancelled()
    assert not server.updates.pending


async def test_a_second_cancellation_ends_at_once_and_the_update_comes_again(
    server: TelegramServer, bot: Bot
) -> None:
    server.user(1001).types("một")
    bot.inbox.open.clear()
    async with bot.taking_in() as running:
        await bot.inbox.until(lambda: bot.inbox.called == ["1"])
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
    assert list(server.updates.pending) == [1]
    bot.inbox.open.set()
    async with bot.taking_in():
        await bot.inbox.until(lambda: bot.inbox.texts == ["một"])


# By hand, as a webhook brings it.


async def test_accept_needs_somebody_who_takes_in(bot: Bot) -> None:
    with pytest.raises(NotRunning):
        await bot.channel.accept(b"{}")


async def test_accept_sets_aside_what_is_no_json(server: TelegramServer, bot: Bot) -> None:
    async with bot.taking_in():
        await server.updates.polled()
        for body in (b"{", b"\xff\x00", b"[" * 100_000, b"null"):
            await bot.channel.accept(body)
    assert len(bot.inbox.aside) == 4
    assert "\0" not in bot.inbox.aside[1][1]


async def test_accept_says_when_the_store_failed(server: TelegramServer, bot: Bot) -> None:
    body = (
        b'{"update_id": 5, "message": {"message_id": 1, "date": 1, "text": "hi",'
        b' "chat": {"id": 1001, "type": "private"}}}'
    )
    bot.inbox.failures["5"] = 1
    async with bot.taking_in():
        await server.updates.polled()
        with pytest.raises(StoreDownError):
            await bot.channel.accept(body)
        await bot.channel.accept(body)
    assert bot.inbox.texts == ["hi"]


# Secrets.


def told(error: BaseException | None) -> list[str]:
    """All that a log could show of an error: its words, its traceback and what caused it."""
    words = []
    while error is not None:
        words += [repr(error), "".join(traceback.format_exception(error))]
        error = error.__cause__ or error.__context__
    return words


async def test_no_secret_shows_in_anything_that_is_logged_or_raised(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as freed:
        nowhere = f"127.0.0.1:{freed.getsockname()[1]}"
    for base, proxy in (
        (server.url, None),
        (f"http://{nowhere}", None),
        ("http://[broken", None),
        ("ftp://example.invalid", None),
        (server.url, f"http://user:proxy-password@{nowhere}"),
    ):
        bot = Bot(base, proxy=proxy)
        server.faults.add("server_error", method="getUpdates")
        await bot.channel.start()
        said.append(repr(bot.channel))
        with pytest.raises((Gone, Later)) as caught:
            await bot.send(4040)
        said += told(caught.value)
        async with bot.taking_in():
            await bot.pauses.used()
        await bot.channel.close()
    everything = caplog.text + "".join(said)
    assert "<secret>" in everything
    for secret in (TOKEN, TOKEN.partition(":")[2], "proxy-password"):
        assert secret not in everything
