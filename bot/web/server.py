"""uvicorn as one task among the application's tasks: it owns no process, no signals, no log.

Access logs stay off: the path of a webhook is half of its secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

STOP_SECONDS = 10
_BACKLOG = 1024


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the application."""
        yield


async def serve(
    app: ASGIApp, host: str, port: int, ready: Callable[[int], None] | None = None
) -> None:
    """Serve until cancelled; then finish the requests in hand, `STOP_SECONDS` at most.

    Port 0 takes any free one; `ready` is told which, once connections are accepted. A second
    cancellation drops what is in hand.

    Raises OSError at once when the address cannot be had.
    """
    # Bound here, since uvicorn ends the whole process when it cannot bind.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    server = _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    with listening:
        if ready is not None:
            ready(listening.getsockname()[1])
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listening]))
            try:
                await asyncio.shield(serving)
            except asyncio.CancelledError:
                server.should_exit = True
                await serving
                raise
