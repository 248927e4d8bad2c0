"""The ASGI application: webhooks in, health out.

A webhook is answered 200 only after its update is committed, 503 when it could not be: the platform
brings it again. Who does not know a webhook's path and secret learns nothing, not even that one
of the two was right.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels import NotRunning

MAX_BODY = 1024 * 1024
_TELEGRAM_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- the name of a header

Facts = Callable[[], Awaitable[Mapping[str, Any]]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where one platform delivers. `accept` returns after the commit and raises otherwise."""

    path: str = field(repr=False)
    secret: str = field(repr=False)
    accept: Callable[[bytes], Awaitable[None]] = field(repr=False)


def application(facts: Facts, telegram: Webhook | None = None) -> Starlette:
    """`GET /health`, and `POST /telegram/<path>` where Telegram has a webhook.

    `facts` says how things stand; its "ok" decides between 200 and 503. Everybody can read it.
    """

    async def health(_: Request) -> Response:
        return await _health(facts)

    async def deliver(request: Request) -> Response:
        return await _deliver(request, telegram)

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            Route("/telegram/{path}", deliver, methods=["POST"]),
        ]
    )


async def _health(facts: Facts) -> Response:
    try:
        found = dict(await facts())
    except Exception:
        # Whatever is wrong with the facts, the answer is that we are not well.
        logger.exception("the facts about health could not be found")
        found = {"ok": False}
    return JSONResponse(found, status_code=200 if found.get("ok") else 503)


async def _deliver(request: Request, webhook: Webhook | None) -> Response:
    if webhook is None or not _known(request, webhook):
        raise HTTPException(404)
    try:
        body = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return Response(status_code=413)
    try:
        await webhook.accept(body)
    except NotRunning:
        logger.info("a webhook's update came before we take any in: it must come again")
        return Response(status_code=503)
    except Exception:
        # The store's failures are of many kinds; each means: not committed, bring it again.
        logger.exception("a webhook's update was not taken in")
        return Response(status_code=503)
    return Response(status_code=200)


def _known(request: Request, webhook: Webhook) -> bool:
    """Both comparisons are made, each in constant time."""
    path = _same(request.path_params["path"], webhook.path)
    secret = _same(request.headers.get(_TELEGRAM_SECRET, ""), webhook.secret)
    return path and secret and bool(webhook.secret)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


async def _body(request: Request) -> bytes | None:
    """The whole body, or None as soon as it is known to be too large."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
