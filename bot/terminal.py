"""What every terminal needs: Vietnamese on any code page, in help and about what was typed."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from typer import Abort, Context, TyperException, echo
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
# What is typed wrongly, as Typer tells it; what it is about stays as it was typed.
_COMPLAINTS = tuple(
    (re.compile(english, re.DOTALL), vietnamese)
    for english, vietnamese in (
        (r"Invalid value: (.+)", r"\1"),
        (r"Invalid value for '?(.+?)'?: (?:Value error, )?(.+)", r"\1: \2"),
        (r"(.+: )?'(.*)' does not match the formats (.+)\.", r"\1“\2” không viết theo dạng \3"),
        (r"(.+: )?'(.*)' is not one of (.+)\.", r"\1“\2” phải là một trong: \3"),
        (r"(.+: )?Input should be a valid integer.*", r"\1phải là số nguyên"),
        (r"Missing (?:argument|option|parameter) '?(.+?)'?\.", r"thiếu \1"),
        (
            r"Missing (?:argument|option) '?(.+?)'?\. Choose from:\s+(.+)",
            r"thiếu \1, là một trong: \2",
        ),
        (r"Missing command\.", "thiếu lệnh"),
        (r"No such command '(.+?)'\.", r"không có lệnh “\1”"),
        (r"No such command '(.+?)'\. Did you mean (.+)\?", r"không có lệnh “\1”; gần giống: \2"),
        (r"No such option: (\S+)", r"không có tuỳ chọn \1"),
        (
            r"No such option: (\S+) \(Possible options: (.+)\)",
            r"không có tuỳ chọn \1; gần giống: \2",
        ),
        (r"Option '(.+)' requires an argument\.", r"\1 cần một giá trị đứng sau"),
        (r"Option '(.+)' does not take a value\.", r"\1 không nhận giá trị"),
        (
            r"Got unexpected extra argument\(?s?\)? \((.+)\)",
            r"thừa: \1 (nhiều chữ thì để chung trong một cặp dấu nháy)",
        ),
    )
)
_PARTS = {"%Y": "năm", "%m": "tháng", "%d": "ngày", "%H": "giờ", "%M": "phút"}
_FORMATS = re.compile(r"(?<=does not match the formats )'.+")
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
    """A group of such commands. What was typed wrongly is told in one Vietnamese sentence."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Typer's own signature
        super().__init__(*args, **options)
        self.help = _kept_lines(self.help)

    def get_help(self, ctx: Context) -> str:  # type: ignore[override] # its own Context is private
        return _translated(super().get_help(ctx))

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Typer's own signature
        try:
            code = super().main(*args, **options | {"standalone_mode": False})
        except TyperException as error:
            echo(_complaint(error), err=True)
            sys.exit(error.exit_code)
        except Abort:
            echo("Đã dừng.", err=True)
            sys.exit(1)
        sys.exit(code or 0)


def _complaint(error: TyperException) -> str:
    """What was typed wrongly, and where to read how it is typed; a whole help text as it is."""
    said = _FORMATS.sub(_in_words, error.format_message())
    if said.startswith(_WORDS["Usage:"]):
        return said
    for english, vietnamese in _COMPLAINTS:
        if found := english.fullmatch(said):
            said = found.expand(vietnamese)
    context: Context | None = getattr(error, "ctx", None)
    where = f"\nXem cách dùng: {context.command_path} --help" if context else ""
    return f"Lỗi: {said}{where}"


def _in_words(formats: re.Match[str]) -> str:
    return re.sub(r"%\w", lambda part: _PARTS.get(part[0], part[0]), formats[0])


def _kept_lines(text: str | None) -> str:
    """Mark each paragraph that begins with a heading as one that must not be filled."""
    return _HEADING.sub("\n\n\b\n", text or "")


def _translated(text: str) -> str:
    for english, vietnamese in _WORDS.items():
        text = text.replace(english, vietnamese)
    return text
