"""Logs to standard error: for people on a terminal, JSON elsewhere, and never a secret.

structlog and the standard library leave through one handler. There every value is masked (phone
numbers, mail addresses, tax codes, what looks like a token) before it is rendered, and the known
secrets are removed from the finished line, however they are spelt. So a library that logs a URL
with a token in it is covered too, and so is a traceback, a warning or what ends the process.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

import structlog

from bot.store.masking import mask

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

CHATTY: Final = (
    "aiohttp",
    "aiosqlite",
    "alembic",
    "asyncio",
    "filelock",
    "httpcore",
    "httpx",
    "telegram",
    "uvicorn",
)
HIDDEN: Final = "***"
SHORTEST_SECRET: Final = 6  # shorter, and hiding it would riddle the lines with holes
# What we make ourselves and need whole: hexadecimal numbers look like phones and tokens.
OURS: Final = frozenset({"timestamp", "level", "logger", "turn", "knowledge"})

logger = logging.getLogger(__name__)


class _Redacting(logging.Formatter):
    """Formats with *inner*, then removes the known secrets."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = spellings(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every way in which a line may show one of *secrets*, longest first.

    Of a URL it is the password that is secret; the URL itself is one more.
    """
    bare = {part for secret in secrets for part in (secret, urlsplit(secret).password or "")}
    plain = {form for secret in bare for form in (secret, unquote(secret))}
    found = {
        form
        for secret in plain
        if len(secret) >= SHORTEST_SECRET
        for escaped in (quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1])
        for form in (secret, escaped, escaped.replace("%3A", "%3a"))
    }
    return tuple(sorted(found, key=len, reverse=True))


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Send every log, warning and last traceback of the process to standard error, redacted.

    Again: replaces the former.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    inner = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _masked,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting(inner, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        # At INFO httpx logs each full URL, and Telegram's URLs carry the token.
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _last_words
    threading.excepthook = _last_words_of_thread


def _masked(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: value if name in OURS else _mask(value) for name, value in event.items()}


def _mask(value: Any) -> Any:  # noqa: ANN401 - what people log
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, Mapping):
        return {mask(str(name)): _mask(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_mask(each) for each in value]
    shown = mask(str(value))
    return value if shown == str(value) and isinstance(value, int) else shown


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.critical("the process ends by a defect", exc_info=(kind, error, trace))


def _last_words_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        logger.critical("a thread ended by a defect", exc_info=told.exc_value)
