"""python-telegram-bot's HTTP on aiohttp, through its public `BaseRequest`.

The default (httpx) sends 78 messages/s at 80 ms and 100 in flight where this sends 984
(reliability.md 0.2). Every failure leaves here as one of the errors of `errors`, worded without
the token: the URL of a call contains it, and exceptions of HTTP clients like to show URLs.
"""

from __future__ import annotations

import json
import logging
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.errors import NotSentError, UnansweredError, refusal

# At DEBUG the library logs the parameters of every call: what people were told, and the secret
# of the webhook.
logging.getLogger("telegram").setLevel(logging.INFO)

POOL_SECONDS = 10.0
CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
UPLOAD_SECONDS = 120.0  # besides, with a file
KEEP_ALIVE_SECONDS = 30.0  # below a server's usual 60 to 75: the side that waits closes first

_JSON = {"Content-Type": "application/json"}

# With these nothing was written yet.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    aiohttp.ServerFingerprintMismatch,
)


class Transport(BaseRequest):
    """One pool of connections to one Bot API.

    `proxy` is an http:// or https:// URL (aiohttp speaks no SOCKS); a wrong one raises ValueError
    at once. Redirects are not followed: Telegram sends none, and one would carry the token along.
    """

    def __init__(self, token: str, *, connections: int, proxy: str | None = None) -> None:
        super().__init__()
        if proxy is not None and urlsplit(proxy).scheme not in {"http", "https"}:
            raise ValueError("a proxy must be an http:// or https:// URL")
        self._connections = connections
        self._proxy = proxy
        self._secrets = _spellings(token, (urlsplit(proxy).password or "") if proxy else "")
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the pool; no request is made. Again: nothing happens."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS
            )
            self._session = aiohttp.ClientSession(
                connector=connector, proxy=self._proxy, headers={"User-Agent": self.USER_AGENT}
            )

    async def shutdown(self) -> None:
        """Close the pool and everything in flight. Again: nothing happens."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0913, PLR0917 -- the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request, once. Returns only a 2xx answer.

        Raises a TelegramError without a secret in it for everything else.
        """
        if self._session is None:
            raise RuntimeError("the transport is not open")
        files = request_data is not None and request_data.contains_files
        timeout = _timeout(
            _given(pool_timeout, POOL_SECONDS),
            _given(connect_timeout, CONNECT_SECONDS),
            _given(write_timeout, UPLOAD_SECONDS if files else 0.0),
            _given(read_timeout, READ_SECONDS),
        )
        problem: TelegramError
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=None if files else _JSON,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            kind = NotSentError if _unsent(error) else UnansweredError
            problem = kind(self._worded(error))
        else:
            if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                return status, body
            problem = refusal(status, body)
        # Raised out here so that the client's own exception, and its URL, is not its context.
        raise problem

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The envelope of a 2xx answer. Cut short or not Telegram's: UnansweredError.

        The library's own version logs what it cannot read, and so what people wrote.
        """
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or "result" not in answer:
            raise UnansweredError("the answer cannot be read")
        return answer

    def _worded(self, error: BaseException) -> str:
        words = f"{type(error).__name__}: {error}".rstrip(": ")
        for secret in self._secrets:
            words = words.replace(secret, "<secret>")
        return words


def _unsent(error: BaseException) -> bool:
    """Whether Telegram cannot have got a whole request.

    The second case is a kept connection that the other side closed meanwhile: aiohttp refuses to
    write the body (`StreamWriter._write`), and a request without its body is none.
    """
    unwritten = isinstance(error.__cause__, aiohttp.ClientConnectionResetError)
    return isinstance(error, _NOT_SENT) or unwritten


@cache
def _timeout(pool: float, connect: float, write: float, read: float) -> aiohttp.ClientTimeout:
    """A limit on connecting, and one on everything.

    None on reading alone: that starts anew with every byte, and took a seventh of a call's work.
    """
    return aiohttp.ClientTimeout(
        total=connect + write + read, connect=pool + connect, sock_connect=connect
    )


def _given(seconds: object, otherwise: float) -> float:
    return float(seconds) if isinstance(seconds, int | float) else otherwise


def _body(data: RequestData | None) -> aiohttp.FormData | bytes | None:
    """The body of a call: a form where files go along, else JSON.

    A form of Vietnamese words is nearly twice as long, and takes seven times the work.
    """
    if data is None:
        return None
    if not data.contains_files:
        return json.dumps(data.parameters, ensure_ascii=False).encode()
    form = aiohttp.FormData(quote_fields=False)  # people would read "b%C3%A1o%20c%C3%A1o.pdf"
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form


def _spellings(*secrets: str) -> tuple[str, ...]:
    """Every way in which a URL may show a secret, longest first."""
    found = {
        form
        for secret in secrets
        if secret
        for form in (secret, quote(secret), quote(secret, safe=""), unquote(secret))
    }
    return tuple(sorted(found, key=len, reverse=True))
