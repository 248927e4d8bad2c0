"""Telegram as a channel: the port's promises kept with the parts beside this file.

The channel keeps nothing about people; what it remembers (an outage, the last sign of life) may be
forgotten at any time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels import FILE_LOST, Inbox, NotFetched, NotRunning, Pace, Payload, Rejected, Unsure
from bot.channels.telegram import rendering, updates
from bot.channels.telegram.client import Client
from bot.channels.telegram.errors import (
    BusyError,
    NotSentError,
    TooManyError,
    UnansweredError,
    already_deleted,
    cannot_parse,
    not_modified,
    port_error,
    wrong_file,
)
from bot.channels.telegram.intake import Intake, decoded
from bot.channels.telegram.polling import ALLOWED_UPDATES, LONGEST_PAUSE, Polling, back_off
from bot.channels.telegram.profile import Profile, introduce
from bot.channels.telegram.updates import NAME
from bot.channels.telegram.uploads import Uploads
from bot.drawing import Drawer, NotDrawnError
from handlers.conversation import Reply

PER_GROUP = timedelta(seconds=3.05)  # 20 a minute, in every sliding minute

_START_ATTEMPTS = 3
_FILE = {"sendPhoto": "photo", "sendDocument": "document"}  # the argument that holds the file

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """`webhook_url` is our public address without a path; empty for long polling."""

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org"
    proxy: str | None = field(default=None, repr=False)
    webhook_url: str = ""
    webhook_connections: int = 40
    poll_seconds: int = 25
    connections: int = 16
    per_second: float = 25.0  # Telegram's free limit is 30


@dataclass(frozen=True, slots=True)
class Phrases:
    """What people read that no handler says: the contact button, and the words it may need."""

    share_phone: str
    share_phone_hint: str
    profile: Profile = field(default_factory=Profile)


@dataclass(frozen=True, slots=True)
class TelegramPace(Pace):
    """One message a second to a person, twenty a minute to a group."""

    def between(self, address: str) -> timedelta:
        return PER_GROUP if address.startswith("-") else self.per_address

    def counted_with(self, address: str) -> str:
        return address.partition("/")[0]  # the topics of a group have its limit together


class TelegramChannel:
    """See `bot.channels.Channel`. `start` is `open` for who wants to see Telegram answer first.

    `now` is the application's clock; `pause` is how the channel waits after a failure.
    """

    name = NAME

    def __init__(
        self,
        settings: Settings,
        phrases: Phrases,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        drawer: Drawer | None = None,
    ) -> None:
        self.pace: Pace = TelegramPace(settings.per_second, per_address=timedelta(seconds=1))
        self.last_heard: datetime | None = None  # an answered poll or a webhook, for the watchdog
        self.ready = False  # whether Telegram knows how we want our updates
        self._settings = settings
        self._phrases = phrases
        self._now = now
        self._pause = pause
        self._client = Client(
            settings.token,
            settings.base_url,
            connections=settings.connections,
            proxy=settings.proxy,
        )
        self._drawer = drawer or Drawer()
        self._uploads = Uploads()
        self._intake: Intake | None = None
        self._username = ""
        self._outage = 0

    @property
    def webhook_path(self) -> str:
        """The last part of our webhook's address: stable for a token, and not to be guessed."""
        return self._derived("path")[:32]

    @property
    def webhook_secret(self) -> str:
        """What Telegram must show with every update: stable for a token, on every machine."""
        return self._derived("secret")

    async def open(self) -> None:
        """Make calls possible; makes none. Again: nothing happens."""
        await self._client.open()

    async def start(self) -> None:
        """Open the connections and introduce ourselves, as far as Telegram can be reached.

        Unreachable: returns after a few attempts, and `run` goes on trying.
        """
        await self.open()
        for failures in range(1, _START_ATTEMPTS + 1):
            if await self._prepared():
                return
            if failures < _START_ATTEMPTS:
                await self._pause(back_off(failures))

    async def close(self) -> None:
        """Close the connections. Again: nothing happens."""
        await self._client.close()

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into one payload per message, each within Telegram's limits."""
        return rendering.render(reply, self._phrases.share_phone, self._phrases.share_phone_hint)

    def edited(self, payload: Payload, external_id: str) -> Payload | None:
        """The same message as a change of an earlier one; a file cannot take the place of words."""
        if payload["method"] != "sendMessage":
            return None
        return {**payload, "method": "editMessageText", "message_id": int(external_id)}

    def withdrawn(self, external_id: str) -> Payload | None:
        """The deletion of an earlier message; Telegram allows it for 48 hours."""
        return {"method": "deleteMessage", "message_id": int(external_id)}

    def link(self, start: str) -> str:
        """See `bot.channels.Channel`; known from the first answer of Telegram on."""
        return f"https://t.me/{self._username}?start={start}" if self._username else ""

    async def fetch(self, file: str) -> bytes:
        """See `bot.channels.Channel`; Telegram gives up to 20 MB."""
        try:
            return await self._client.content(file)
        except TelegramError as error:
            raise NotFetched(error.message) from error

    async def send(self, address: str, payload: Payload) -> str:
        """Send one message; return Telegram's id for it.

        Markup that Telegram cannot parse is sent again as plain text, and words are sent in place
        of a file that cannot be made or is not taken: the first was not sent. A stored file is
        uploaded once, and named to Telegram from then on.

        Raises Gone, Later, Rejected, Unsure or Moved.
        """
        async with self._uploads.first(payload):
            return await self._send(address, payload)

    async def _send(self, address: str, payload: Payload) -> str:
        named = self._uploads.named(payload)
        try:
            arguments = await self._arguments(payload, named)
            where = updates.place_of(address)
            sent = await self._client.call(payload["method"], {**arguments, **where})
        except NotDrawnError as error:
            return await self._send(address, _in_words(payload, error))
        except TelegramError as error:
            if not_modified(error) or already_deleted(error):
                return str(payload["message_id"])
            if cannot_parse(error) and "parse_mode" in payload:
                logger.exception("Telegram cannot parse our markup; sent as plain text")
                return await self._send(address, rendering.without_markup(payload))
            if named and wrong_file(error):
                self._uploads.forget(payload, named)
                return await self.send(address, payload)
            if isinstance(error, NotSentError | BusyError):
                self._outage += 1
            refused = port_error(error, timedelta(seconds=back_off(self._outage)))
            if isinstance(refused, Rejected) and "instead" in payload:
                logger.exception("Telegram does not take our file; sent as words")
                return await self._send(address, rendering.without_file(payload))
            raise refused from error
        self._outage = 0
        message = _shown(sent, payload)
        self._uploads.remember(payload, message)
        return str(message["message_id"])

    async def run(self, inbox: Inbox) -> None:
        """Take messages in until cancelled; on cancellation finish what was already taken.

        With a webhook, updates come through `accept` for as long as this runs.
        """
        async with asyncio.TaskGroup() as answers:
            self._intake = Intake(
                inbox, self._now, lambda pressed: answers.create_task(self._acknowledge(pressed))
            )
            try:
                await self._until_prepared()
                if self._settings.webhook_url:
                    await asyncio.get_running_loop().create_future()
                await self._polling(self._intake).run()
            finally:
                self._intake = None

    async def accept(self, body: bytes) -> None:
        """Take one webhook delivery in; return after its commit, or after it was set aside.

        Raises NotRunning, or whatever the inbox raised: it must come again.
        """
        intake = self._intake
        if intake is None:
            raise NotRunning
        self._heard()
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError) as problem:
            await intake.set_aside(decoded(body), f"no JSON: {type(problem).__name__}")
            return
        await intake.take(raw)

    async def _arguments(self, payload: Payload, named: str) -> dict[str, Any]:
        """What to call with; a file that Telegram has not is made here. Raises NotDrawnError."""
        ours = ("method", "attachment", "instead")
        arguments = {key: value for key, value in payload.items() if key not in ours}
        if named:
            arguments[_FILE[payload["method"]]] = named
        elif "attachment" in payload:
            file = payload["attachment"]
            made = await self._drawer.draw(file["kind"], file["content"])
            arguments[_FILE[payload["method"]]] = InputFile(made, filename=file["name"])
        return arguments

    def _polling(self, intake: Intake) -> Polling:
        return Polling(
            self._client,
            intake,
            seconds=self._settings.poll_seconds,
            pause=self._pause,
            heard=self._heard,
        )

    def _heard(self) -> None:
        self.last_heard = self._now()

    async def _until_prepared(self) -> None:
        failures = 0
        while not self.ready and not await self._prepared():
            failures += 1
            await self._pause(back_off(failures))

    async def _prepared(self) -> bool:
        try:
            me = await self._client.call("getMe")
            if not isinstance(me, Mapping):
                raise UnansweredError("something else answers in Telegram's place")
            await self._choose_road()
        except TooManyError as error:
            await self._pause(min(LONGEST_PAUSE, error.after.total_seconds()))
            return False
        except TelegramError as error:
            logger.warning("Telegram is not ready for us: %r", error)
            return False
        self.ready = True
        self._username = str(me.get("username") or "")
        logger.info("Telegram knows us as @%s", self._username)
        await introduce(self._client, self._phrases.profile)
        return True

    async def _choose_road(self) -> None:
        if self._settings.webhook_url:
            await self._client.call("setWebhook", self._webhook())
            return
        try:
            await self._client.call("deleteWebhook", {"drop_pending_updates": False})
        except (BadRequest, InvalidToken) as error:
            # getMe has just succeeded, so the token is good; a webhook left behind will show
            # as a conflict of the first poll.
            logger.warning("deleteWebhook was refused: %r", error)

    def _webhook(self) -> dict[str, Any]:
        base = self._settings.webhook_url.rstrip("/")
        return {
            "url": f"{base}/telegram/{self.webhook_path}",
            "secret_token": self.webhook_secret,
            "max_connections": self._settings.webhook_connections,
            "allowed_updates": ALLOWED_UPDATES,
            "drop_pending_updates": False,
        }

    async def _acknowledge(self, pressed: str) -> None:
        """Stop the button's spinner. Too late (a minute or so): nobody is waiting any more."""
        try:
            await self._client.call("answerCallbackQuery", {"callback_query_id": pressed})
        except TelegramError as error:
            logger.info("a pressed button was not acknowledged: %s", error.message)

    def _derived(self, what: str) -> str:
        key = self._settings.token.encode()
        return hmac.new(key, f"telegram webhook {what}".encode(), hashlib.sha256).hexdigest()


def _in_words(payload: Payload, error: NotDrawnError) -> Payload:
    """The message without a file that cannot be made. Raises Rejected where nothing is left."""
    logger.error("a file could not be made: %s", error)
    if "instead" not in payload:
        raise Rejected(FILE_LOST) from error
    return rendering.without_file(payload)


def _shown(sent: object, payload: Payload) -> Mapping[str, Any]:
    """The message that an answer shows; to a deletion it is only `true`. Raises Unsure."""
    if sent is True and payload["method"] == "deleteMessage":
        return payload
    if not isinstance(sent, Mapping) or "message_id" not in sent:
        raise Unsure("the answer shows no message")
    return sent
