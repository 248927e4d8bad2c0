"""Delivery by webhook: what Telegram posts, how often, and in which order.

One chat's updates go one after the other, different chats' side by side up to `max_connections`.
The first retry follows at once, the next with a doubling pause; in the end Telegram gives an update
up (after a day; here after `attempts`) and goes on with the ones behind it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from tests.telegram_server.errors import bad_request, conflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.call import Call
    from tests.telegram_server.updates import Update
    from tests.telegram_server.world import World

Json = dict[str, Any]

PORTS = {None, 443, 80, 88, 8443}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NOT_FROM_WEBHOOKS = ("get", "setwebhook", "deletewebhook", "close", "logout")


@dataclass(frozen=True, slots=True)
class Manners:
    """How patient the deliverer is; Telegram's figures are seconds to hours."""

    timeout: float = 10.0
    attempts: int = 8
    pause: float = 1.0
    in_order: bool = True
    http_on_loopback: bool = False


class Webhook:
    """The webhook that is set, if one is, and the deliveries under way."""

    def __init__(
        self, world: World, manners: Manners, perform: Callable[[str, Json], None]
    ) -> None:
        self.world = world
        self.manners = manners
        self._perform = perform
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None
        self._lanes: dict[int, deque[Update]] = {}
        self._ready: deque[int] = deque()
        self._flying = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._session: aiohttp.ClientSession | None = None

    def open(self, group: asyncio.TaskGroup) -> None:
        self._group = group

    async def close(self) -> None:
        self._stop()
        if self._session is not None:
            await self._session.close()

    def set(self, call: Call) -> bool:
        url = call.text("url")
        if url:
            self._check(url)
            secret = call.text("secret_token")
            if secret and not _SECRET.fullmatch(secret):
                raise bad_request("secret token contains unallowed characters")
        updates = self.world.updates
        if call.flag("drop_pending_updates"):
            updates.drop_all()
        updates.allow(call.decoded("allowed_updates", "allowed updates"))
        self._stop()
        self.url = url
        if not url:
            return True
        updates.end_poll(conflict("terminated by setWebhook request"))
        self.secret = secret
        self.max_connections = call.clamped("max_connections", 40, 1, 100)
        self.last_error = None
        self.resume()
        return True

    def resume(self) -> None:
        """Begin to deliver: first what waits already, then what comes."""
        self.world.updates.on_add = self._enqueue
        for update in list(self.world.updates.pending.values()):
            self._enqueue(update)

    def delete(self, call: Call) -> bool:
        if call.flag("drop_pending_updates"):
            self.world.updates.drop_all()
        self._stop()
        self.url = self.secret = ""
        return True

    def info(self) -> Json:
        about: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates.pending),
        }
        if self.url:
            about["max_connections"] = self.max_connections
            about["ip_address"] = "127.0.0.1"
        if self.last_error:
            about["last_error_date"], about["last_error_message"] = self.last_error
        if self.world.updates.allowed:
            about["allowed_updates"] = self.world.updates.allowed
        return about

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise bad_request("invalid webhook URL specified") from None
        if self.manners.http_on_loopback and parts.hostname in _LOOPBACK:
            return
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not parts.hostname:
            raise bad_request("invalid webhook URL specified")
        if port not in PORTS:
            raise bad_request(
                "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            )

    def _stop(self) -> None:
        self.world.updates.on_add = None
        self._lanes.clear()
        self._ready.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._flying = 0

    def _enqueue(self, update: Update) -> None:
        lane = update.lane if self.manners.in_order and update.lane else -update.id
        if lane in self._lanes:
            self._lanes[lane].append(update)
            return
        self._lanes[lane] = deque([update])
        self._ready.append(lane)
        self._fill()

    def _fill(self) -> None:
        assert self._group is not None, "a webhook delivers only while the server runs"
        while self._ready and self._flying < self.max_connections:
            lane = self._ready.popleft()
            self._flying += 1
            task = self._group.create_task(self._deliver(lane), name=f"webhook lane {lane}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, lane: int) -> None:
        """Deliver the first update of *lane*, then let the next lane have the connection."""
        update = self._lanes[lane][0]
        for attempt in range(self.manners.attempts):
            if error := await self._post(update):
                self.last_error = (self.world.now(), error)
            else:
                break
            if attempt:
                self._release()
                await asyncio.sleep(self.manners.pause * 2.0 ** (attempt - 1))
                self._flying += 1
        else:
            self.world.record.undelivered.append(update.body)
        self.world.updates.forget(update.id)
        self._lanes[lane].popleft()
        if self._lanes[lane]:
            self._ready.append(lane)
        else:
            del self._lanes[lane]
        self._release()
        self.world.record.changed.ring()

    def _release(self) -> None:
        self._flying -= 1
        self._fill()

    async def _post(self, update: Update) -> str:
        """Post one update; return what went wrong, or nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=100),
                timeout=aiohttp.ClientTimeout(total=self.manners.timeout),
            )
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        error, body = "", b""
        try:
            async with self._session.post(self.url, json=update.body, headers=headers) as answer:
                body = await answer.read()
                status = answer.status
                if not 200 <= status < 300:
                    error = f"Wrong response from the webhook: {status} {answer.reason}"
        except TimeoutError:
            status, error = 0, "Read timeout expired"
        except aiohttp.ClientError:
            status, error = 0, "Connection failed"
        self.world.record.deliveries.append(
            {"at": self.world.clock(), "update_id": update.id, "status": status}
        )
        self.world.record.changed.ring()
        if not error and body:
            self._take_reply(body)
        return error

    def _take_reply(self, body: bytes) -> None:
        """Perform the method that came as the answer to an update; its result goes nowhere."""
        try:
            reply = json.loads(body)
        except ValueError:
            return
        if isinstance(reply, dict) and isinstance(reply.get("method"), str):
            method = reply.pop("method").lower()
            if not method.startswith(_NOT_FROM_WEBHOOKS):
                self._perform(method, reply)
