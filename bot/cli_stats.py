"""`donghanh stats`: the figures of a period, and the rows that they were counted from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bot.terminal import Command, Group

if TYPE_CHECKING:
    from bot.operations.periods import Period

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Số liệu của một kỳ, đếm từ các việc đã ghi; xem được khi trợ lý đang chạy.

    Kỳ: để trống (30 ngày qua), hoặc "tuần trước", "tháng 10", "quý 3/2026", "1/10-15/11".
    """,
)

InPeriod = Annotated[str, typer.Argument(help="Kỳ, ví dụ “tháng 10”.")]
What = Literal["questions", "submitted", "stood", "calls"]  # bot.operations is not imported here


@cli.command(cls=Command)
def show(period: InPeriod = "") -> None:
    """In số liệu của một kỳ.

    Ví dụ:
      donghanh stats show
      donghanh stats show "tháng trước"
    """
    from bot import desk
    from bot.channels.text import plain
    from bot.operations import figures
    from bot.staff_chat import figure_words

    found, by = _period(period), desk.acting(None)
    knowledge = desk.knowledge()
    counted = desk.reading(lambda db: figures.gather(db, found, knowledge, by))
    typer.echo(plain(figure_words.told(knowledge, counted)))


@cli.command(cls=Command)
def chart(
    target: Annotated[Path, typer.Argument(help="Tệp .png sẽ ghi (ghi đè nếu có).")],
    period: InPeriod = "",
) -> None:
    """Vẽ số liệu của một kỳ thành hình.

    Ví dụ:
      donghanh stats chart so-lieu.png "quý này"
    """
    from bot import desk
    from bot.drawing import draw
    from bot.failures import FAILED, explained
    from bot.operations import figures
    from bot.staff_chat import figure_words

    if target.suffix.lower() != ".png":
        raise typer.BadParameter("chỉ vẽ được ra tệp .png")
    found, by = _period(period), desk.acting(None)
    knowledge = desk.knowledge()
    counted = desk.reading(lambda db: figures.gather(db, found, knowledge, by))
    picture = figure_words.picture(knowledge, counted)
    if picture is None:
        typer.echo("Kỳ này chưa có gì để vẽ.", err=True)
        raise typer.Exit(FAILED)
    with explained():
        target.write_bytes(draw(picture.kind, picture.content))
    typer.echo(f"Đã vẽ vào {target}")


@cli.command(cls=Command)
def rows(
    what: Annotated[
        What, typer.Argument(help="questions, submitted (phiếu), stood (đang ở đâu), calls.")
    ],
    period: InPeriod = "",
) -> None:
    """In từng dòng đứng sau các con số, các cột cách bởi tab.

    Ví dụ:
      donghanh stats rows questions "tuần này"
      donghanh stats rows stood > bo-do.tsv
    """
    from bot import desk
    from bot.operations import figures

    found, by = _period(period), desk.acting(None)
    listed: dict[str, Any] = {
        "questions": lambda db: figures.questions(db, found, by, limit=-1),
        "submitted": lambda db: figures.submitted(db, found, by),
        "stood": lambda db: figures.stood(db, found, by),
        "calls": lambda db: figures.calls(db, found, by),
    }
    for row in desk.reading(listed[what]):
        typer.echo("\t".join(_cells(row)))


def _cells(row: Any) -> Iterator[str]:  # noqa: ANN401 - one of the three kinds of rows
    from dataclasses import astuple

    from bot.channels.text import one_line
    from knowledge.clock import VIETNAM

    for cell in astuple(row):
        if isinstance(cell, datetime):
            yield cell.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")
        elif isinstance(cell, tuple):
            yield ",".join(map(str, cell))
        else:
            yield one_line(str(cell))


def _period(words: str) -> Period:
    from bot.clock import SystemClock
    from bot.operations.periods import read_period
    from knowledge.clock import VIETNAM

    found = read_period(words, SystemClock().now().astimezone(VIETNAM).date())
    if found is None:
        raise typer.BadParameter(f"không hiểu kỳ “{words}”")
    return found
