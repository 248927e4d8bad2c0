"""Nothing that leaves through the logs shows a secret or a person, whatever library wrote it."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

TOKEN = "123456789:AAExampleOfATokenThatOpensNothing01"
PASSWORD = "p@ss:w/rd"
PROXY = f"http://me:{quote(PASSWORD, safe='')}@proxy.example:3128"


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def _undone() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    levels = {name: logging.getLogger(name).level for name in logs.CHATTY}
    yield
    root.handlers[:], root.level, sys.excepthook, threading.excepthook = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(params=[io.StringIO, Terminal], ids=["for machines", "for people"])
def out(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _undone: None
) -> io.StringIO:
    """Where the log of a DEBUG set-up ends up."""
    stream: io.StringIO = request.param()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up("DEBUG", [TOKEN, PROXY])
    return stream


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, _undone: None) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up("DEBUG", [TOKEN])
    return stream


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "shown",
    [TOKEN, quote(TOKEN), quote(TOKEN, safe=""), TOKEN.replace(":", "%3a"), PASSWORD, PROXY],
)
def test_a_secret_is_hidden_however_it_is_spelt(out: io.StringIO, shown: str) -> None:
    logging.getLogger("bot.any").debug("POST https://api.telegram.org/bot%s/getMe", shown)
    structlog.get_logger("turn").debug("turn", url=f"https://x/{shown}", tried=[{"at": shown}])

    said = out.getvalue()
    assert "getMe" in said
    assert shown not in said
    assert TOKEN.partition(":")[2] not in said


def test_a_secret_in_a_traceback_is_hidden(out: io.StringIO) -> None:
    try:
        int(f"/bot{TOKEN}/getMe")
    except ValueError:
        logging.getLogger("any.library").exception("it failed")

    assert "ValueError" in out.getvalue()
    assert TOKEN not in out.getvalue()


def test_what_ends_the_process_is_logged_without_its_secret(out: io.StringIO) -> None:
    error = RuntimeError(f"wrong token {TOKEN}")

    sys.excepthook(RuntimeError, error, None)

    assert "RuntimeError" in out.getvalue()
    assert TOKEN not in out.getvalue()


def test_what_ends_a_thread_is_logged_without_its_secret(out: io.StringIO) -> None:
    def fail() -> None:
        raise RuntimeError(f"wrong token {TOKEN}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert "RuntimeError" in out.getvalue()
    assert TOKEN not in out.getvalue()


def test_a_warning_is_a_log_line_without_its_secret(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"old address {TOKEN}", stacklevel=1)

    assert "old address" in out.getvalue()
    assert TOKEN not in out.getvalue()


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_token_is_hidden_whatever_stands_around_it(before: str, after: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, f"{before}{TOKEN}{after}", None, None)

    line = logs._Redacting(logging.Formatter(), [TOKEN]).format(record)

    assert TOKEN not in line


@pytest.mark.parametrize("person", ["0912 345 678", "+84912345678", "lan@congty.vn", "0101234567"])
def test_people_are_masked(out: io.StringIO, person: str) -> None:
    logging.getLogger("bot.any").info("she wrote: call %s", person)
    structlog.get_logger("turn").info("turn", text=f"gọi {person}", of={person: 1})

    assert "call" in out.getvalue()
    assert person not in out.getvalue()


def test_a_line_for_machines_is_one_json_object(lines: io.StringIO) -> None:
    structlog.get_logger("turn").info("turn", outcome="answered", ms=1.5, entries=["dossier.items"])

    (line,) = written(lines)
    assert line["event"] == "turn"
    assert line["level"] == "info"
    assert line["outcome"] == "answered"
    assert line["ms"] == 1.5
    assert line["entries"] == ["dossier.items"]


def test_our_own_numbers_stay_whole(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(turn="1234567890123456"):
        logging.getLogger("bot.engine").info("a turn failed")
        structlog.get_logger("app").info("start", knowledge="0123456789abcdef0123456789abcdef")

    failed, start = written(lines)
    assert failed["turn"] == "1234567890123456"
    assert start["knowledge"] == "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("name", logs.CHATTY)
def test_libraries_that_log_every_request_are_quiet(lines: io.StringIO, name: str) -> None:
    logging.getLogger(f"{name}.any").info("request")
    logging.getLogger(f"{name}.any").warning("trouble")

    assert [line["event"] for line in written(lines)] == ["trouble"]


@pytest.mark.usefixtures("_undone")
def test_setting_up_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG", [TOKEN])
    logs.set_up("DEBUG", [TOKEN])

    logging.getLogger("bot.any").info("once")

    assert len(capsys.readouterr().err.splitlines()) == 1
