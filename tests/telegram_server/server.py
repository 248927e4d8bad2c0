"""The server: HTTP in front, the world behind, and between them everything that can go wrong.

A request is read, struck by a fault if one is due, checked against the token, held to the flood
limits, performed, recorded and answered, in this order. The handler is a plain function on
aiohttp's low-level server: routing and middleware would cost more than all of Telegram's rules.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.telegram_server.call import LARGEST_UPLOAD, Call, read_call
from tests.telegram_server.control import Control
from tests.telegram_server.downloads import fetched
from tests.telegram_server.errors import ApiError, conflict
from tests.telegram_server.faults import Fault, Faults, What
from tests.telegram_server.limits import COUNTED, Flood
from tests.telegram_server.methods import METHODS
from tests.telegram_server.people import Group, Person
from tests.telegram_server.record import Arrival, Injected, Message, Refusal
from tests.telegram_server.updates import LONGEST_POLL, WEBHOOK_ACTIVE
from tests.telegram_server.webhook import Manners, Webhook
from tests.telegram_server.world import World

if TYPE_CHECKING:
    from types import TracebackType

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader
    from aiohttp.web_protocol import RequestHandler

Json = dict[str, Any]

TOKEN = "123456:TEST-TOKEN"
BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_AFTER_ACCEPTING = {What.SLOW, What.LOST, What.TRUNCATED}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class TelegramServer:
    """A Bot API for one bot; use it with `async with`, give `base_url` to the bot."""

    def __init__(  # noqa: PLR0913 -- every one is a fact about the world of one test
        self,
        token: str = TOKEN,
        *,
        username: str = "donghanh_bot",
        flood: Flood | None = None,
        latency: float = 0.0,
        seed: int = 0,
        webhooks: Manners | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,  # noqa: TID251 -- Telegram's clock, not the bot's
    ) -> None:
        self.token = token
        self.flood = flood
        self.latency = latency
        self.clock = clock
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Đồng Hành",
            "username": username,
        }
        self.world = World(bot, clock, wall)
        self.record = self.world.record
        self.updates = self.world.updates
        self.faults = Faults(seed)
        self.webhook = Webhook(self.world, webhooks or Manners(), self._perform_reply)
        self.control = Control(self)
        self.url = ""
        self.port = 0
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}
        self._stack = AsyncExitStack()

    @property
    def base_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def sent(self) -> list[Message]:
        """Every message that was accepted, in order."""
        return self.record.sent

    @property
    def refusals(self) -> list[Refusal]:
        """Every request that the bot should not have made; faults that a test ordered are apart."""
        return self.record.refusals

    def user(
        self,
        user_id: int,
        first_name: str = "Lan",
        *,
        started: bool = True,
        language_code: str = "vi",
        **about: Any,
    ) -> Person:
        """Return the person *user_id*, who is made on first mention."""
        if user_id not in self._people:
            named = {"first_name": first_name} | about
            user = {"id": user_id, "is_bot": False, "language_code": language_code} | named
            self.world.users[user_id] = user
            chat = self.world.add_chat(user_id, "private", named, user=user, started=started)
            self._people[user_id] = Person(self.world, chat)
        return self._people[user_id]

    def group(
        self,
        chat_id: int,
        title: str = "Sở KH&CN",
        *,
        forum: bool = False,
        members: dict[int, str] | None = None,
        bot_status: str = "administrator",
        **about: Any,
    ) -> Group:
        """Return the group *chat_id*; -100… and forums are supergroups, as at Telegram."""
        if chat_id not in self.world.chats:
            kind = "supergroup" if forum or str(chat_id).startswith("-100") else "group"
            about |= {"title": title} | ({"is_forum": True} if forum else {})
            chat = self.world.add_chat(chat_id, kind, about, members=members or {})
            chat.bot_status = bot_status
        if chat_id not in self._groups:
            self._groups[chat_id] = Group(self.world, self.world.chats[chat_id])
        return self._groups[chat_id]

    def poison(self, chat_id: int = 0) -> int:
        """Queue an update that no client library can parse: a message without date and chat."""
        return self.updates.add_raw({"message": {"message_id": 1, "text": "?"}}, chat_id)

    def repeats(self, update_id: int) -> None:
        """Deliver an update again that was delivered already."""
        self.updates.repeat(update_id)

    async def until(self, fact: Callable[[], object], timeout: float = 5.0) -> None:  # noqa: ASYNC109 -- a test's patience
        """Wait until *fact* holds; it is looked at whenever something is accepted or delivered."""
        await self.record.changed.until(lambda: bool(fact()), timeout)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.webhook.open(await self._stack.enter_async_context(asyncio.TaskGroup()))
        self._stack.push_async_callback(self.webhook.close)
        runner = web.ServerRunner(
            web.Server(self._handle, request_factory=_request, access_log=None),
            shutdown_timeout=0.1,
        )
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        self._stack.callback(self.updates.end_poll, ApiError(500, "Internal Server Error"))
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        self.port = runner.addresses[0][1]
        self.url = f"http://{host}:{self.port}"
        if self.webhook.url:
            self.webhook.resume()

    async def stop(self) -> None:
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/control/"):
            return await self.control.handle(request)
        if path.startswith("/file/bot"):
            return self._download(path.removeprefix("/file/bot"))
        token, slash, method = path.removeprefix("/bot").rpartition("/")
        call = Call(method, {}, self.clock())
        if not slash or not path.startswith("/bot"):
            return self._refuse(call, ApiError(404, "Not Found"))
        try:
            call = await read_call(request, method, self.clock)
        except ApiError as refused:
            return self._refuse(call, refused)
        self.record.arrivals.append(Arrival(call.arrived, call.method, call.text("chat_id")))
        fault = self.faults.strike(call) if self.faults.planned else None
        if fault is not None:
            self.record.injected.append(
                Injected(call.arrived, call.method, call.text("chat_id"), fault.what)
            )
            if fault.what not in _AFTER_ACCEPTING:
                return _fail(request, fault)
        try:
            answer = _answer({"ok": True, "result": await self._perform(call, token)}, 200)
        except ApiError as refused:
            if request.transport is None:  # A killed bot's poll; nobody is there to be blamed.
                return _answer(refused.body, refused.code)
            answer = self._refuse(call, refused)
        if self.latency:
            await asyncio.sleep(self.latency)
        return await _spoil(request, fault, answer) if fault is not None else answer

    async def _perform(self, call: Call, token: str) -> Any:
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        match call.method:
            case "getupdates":
                return await self._poll(call)
            case "setwebhook":
                return self.webhook.set(call)
            case "deletewebhook":
                return self.webhook.delete(call)
            case "getwebhookinfo":
                return self.webhook.info()
            case _:
                return self._do(call)

    def _do(self, call: Call) -> Any:
        method = METHODS.get(call.method)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        if self.flood is not None and call.method in COUNTED:
            self.flood.admit(call.integer("chat_id"), call.arrived)
        return method(self.world, call)

    async def _poll(self, call: Call) -> list[Json]:
        if self.webhook.url:
            raise conflict(WEBHOOK_ACTIVE)
        self.updates.allow(call.decoded("allowed_updates", "allowed updates"))
        return await self.updates.poll(
            call.integer("offset"),
            call.clamped("limit", 100, 1, 100),
            call.clamped("timeout", 0, 0, LONGEST_POLL),
        )

    def _download(self, where: str) -> web.Response:
        token, _, path = where.partition("/")
        file = fetched(self.world, path) if token == self.token else None
        if file is None:
            return self._refuse(Call("file", {}, self.clock()), ApiError(404, "Not Found"))
        return web.Response(body=file.content)

    def _perform_reply(self, method: str, args: Json) -> None:
        call = Call(method, args, self.clock())
        try:
            self._do(call)
        except ApiError as refused:
            self._refuse(call, refused)

    def _refuse(self, call: Call, refused: ApiError) -> web.Response:
        if refused.code < 500:  # What is wrong on this side is no fault of the bot.
            chat = call.text("chat_id")
            self.record.refusals.append(
                Refusal(call.arrived, call.method, chat, refused.code, refused.description)
            )
            self.record.changed.ring()
        return _answer(refused.body, refused.code)


def _fail(request: web.BaseRequest, fault: Fault) -> web.Response:
    if error := fault.error():
        return _answer(error.body, error.code)
    if fault.what is What.BAD_GATEWAY:
        return web.Response(body=BAD_GATEWAY, status=502, content_type="text/html")
    return _hang_up(request)


async def _spoil(request: web.BaseRequest, fault: Fault, answer: web.Response) -> web.Response:
    """Answer late, answer half, or not at all; the request itself has been accepted."""
    if fault.seconds:
        await asyncio.sleep(fault.seconds)
    if fault.what is What.LOST:
        return _hang_up(request)
    if fault.what is What.TRUNCATED:
        assert isinstance(answer.body, bytes)
        answer.body = answer.body[: len(answer.body) // 2]
    return answer


def _answer(body: Json, status: int) -> web.Response:
    response = web.Response(
        body=_encode(body).encode(), status=status, content_type="application/json"
    )
    if retry_after := body.get("parameters", {}).get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _hang_up(request: web.BaseRequest) -> web.Response:
    """Cut the connection the hard way: the client sees a reset, not an end."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_UPLOAD
    )
