"""Logs to standard error: for people on a terminal, JSON elsewhere, and never a secret.

Redaction happens where a line leaves, so a library that logs a URL with a token in it is covered
too. Phone numbers, mail addresses and tax codes are masked the same way.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog

from bot.store.masking import mask

if TYPE_CHECKING:
    from structlog.typing import Processor

CHATTY = ("aiohttp", "asyncio", "httpcore", "httpx", "telegram", "uvicorn", "alembic", "aiosqlite")
HIDDEN = "***"


class _Redacting(logging.Formatter):
    """Formats with *inner*, then removes what must not be read."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return mask(line)


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Send every log of the process to standard error, redacted. Again: replaces the former."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    terminal = sys.stderr.isatty()
    renderer: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if terminal
        else [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    inner = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting(inner, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        # At INFO httpx logs each full URL, and Telegram's URLs carry the token.
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
