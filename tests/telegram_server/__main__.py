"""The server as a process of its own: prints one JSON line when it listens, stops on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path

from tests.telegram_server.limits import Flood
from tests.telegram_server.server import TOKEN, TelegramServer
from tests.telegram_server.state import dump, restore
from tests.telegram_server.webhook import Manners


def main() -> None:
    chosen = _arguments()
    file: Path | None = chosen.state_file
    server = TelegramServer(
        chosen.token,
        flood=Flood() if chosen.flood else None,
        latency=chosen.latency,
        seed=chosen.seed,
        webhooks=Manners(http_on_loopback=chosen.http_webhooks, pause=chosen.webhook_pause),
    )
    if file is not None and file.exists():
        restore(server, json.loads(file.read_text("utf-8")))
    asyncio.run(_serve(server, chosen.port))
    if file is not None:
        partial = file.with_suffix(".part")
        partial.write_text(json.dumps(dump(server), ensure_ascii=False), "utf-8")
        partial.replace(file)


async def _serve(server: TelegramServer, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await server.start(port=port)
    print(json.dumps({"port": server.port, "url": server.url, "token": server.token}), flush=True)
    await stopped.wait()
    await server.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--state-file", type=Path, help="read at start, written at the end")
    parser.add_argument("--flood", action="store_true", help="enforce Telegram's limits")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--seed", type=int, default=0, help="of the faults by probability")
    parser.add_argument(
        "--http-webhooks", action="store_true", help="accept http:// webhooks on loopback"
    )
    parser.add_argument(
        "--webhook-pause", type=float, default=1.0, help="seconds before the second retry"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
