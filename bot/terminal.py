"""What every terminal needs: Vietnamese on any code page, and help with Vietnamese headings."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from typer import Context
from typer.core import TyperCommand, TyperGroup

T = TypeVar("T")

_WORDS = {
    "Usage:": "Cách dùng:",
    "Arguments:": "Tham số:",
    "Options:": "Tuỳ chọn:",
    "Commands:": "Các lệnh:",
    "Show this message and exit.": "In phần trợ giúp này rồi thoát.",
    "[required]": "[bắt buộc]",
    "[OPTIONS]": "[TUỲ CHỌN]",
    "COMMAND [ARGS]...": "LỆNH ...",
}
_HEADING = re.compile(r"\n\n(?=[^\n]+:\n)")


def speak_utf8() -> None:
    """Read and write UTF-8 whatever the system's code page is; what cannot be shown becomes "?".

    A Windows console page such as 1258 has no "ộ"; a command line may carry half characters.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def counted(items: Sequence[T], doing: str) -> Iterator[T]:
    """Give them one by one, with a bar beside for whoever waits at a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, doing, console=Console(stderr=True), transient=True)


class Command(TyperCommand):
    """A command whose help has Vietnamese headings and keeps the lines of its examples."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Typer's own signature
        super().__init__(*args, **options)
        self.help = _kept_lines(self.help)

    def get_help(self, ctx: Context) -> str:  # type: ignore[override] # its own Context is private
        return _translated(super().get_help(ctx))


class Group(TyperGroup):
    """A group of such commands."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Typer's own signature
        super().__init__(*args, **options)
        self.help = _kept_lines(self.help)

    def get_help(self, ctx: Context) -> str:  # type: ignore[override] # its own Context is private
        return _translated(super().get_help(ctx))


def _kept_lines(text: str | None) -> str:
    """Mark each paragraph that begins with a heading as one that must not be filled."""
    return _HEADING.sub("\n\n\b\n", text or "")


def _translated(text: str) -> str:
    for english, vietnamese in _WORDS.items():
        text = text.replace(english, vietnamese)
    return text
