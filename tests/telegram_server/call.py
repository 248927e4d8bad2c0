"""One request to the Bot API, whatever way its arguments came: query, form, multipart or JSON.

Arguments are read as leniently as Telegram reads them (a number that is no number counts as absent,
unknown arguments are ignored); what they must *be* is decided by the methods.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.telegram_server.errors import ApiError, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_UPLOAD = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Call:
    """A method and its arguments. `method` is lower case: Telegram does not mind the case."""

    method: str
    args: dict[str, Any]
    arrived: float
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.args.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.args[name])
        except (KeyError, TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def clamped(self, name: str, default: int, least: int, most: int) -> int:
        return min(most, max(least, self.integer(name, default)))

    def decoded(self, name: str, what: str) -> Any:
        """Return a JSON argument, or `None` when it is absent; *what* names it in the refusal."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def required(self, name: str, otherwise: str) -> str:
        value = self.text(name)
        if not value:
            raise bad_request(otherwise)
        return value


async def read_call(request: web.BaseRequest, method: str, clock: Callable[[], float]) -> Call:
    """Read the whole request; it has arrived when its last byte has."""
    args: dict[str, Any] = dict(request.query) if request.rel_url.raw_query_string else {}
    files: dict[str, Upload] = {}
    kind = request.content_type if request.body_exists else ""
    try:
        if kind == "multipart/form-data":
            await _read_multipart(request, args, files)
        elif kind:
            args.update(_decode(kind, await request.read()))
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    return Call(method.lower(), args, clock(), files)


def _decode(kind: str, body: bytes) -> dict[str, Any]:
    try:
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        if kind == "application/json" and body:
            return _decode_json(body)
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return {}


def _decode_json(body: bytes) -> dict[str, Any]:
    try:
        args = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(args, dict):
        raise bad_request("expected a JSON object as the request body")
    return args


async def _read_multipart(
    request: web.BaseRequest, args: dict[str, Any], files: dict[str, Upload]
) -> None:
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file as file:
                files[name] = Upload(value.filename, value.content_type, file.read())
        else:
            args[name] = value if isinstance(value, str) else value.decode()
