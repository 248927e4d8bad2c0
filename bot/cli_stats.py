"""`donghanh stats`: the figures of a period, and the rows that they were counted from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.terminal import Command, Group

if TYPE_CHECKING:
    from bot.operations.periods import Period

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Số liệu của một kỳ, đếm từ các việc đã ghi; xem được khi trợ lý đang chạy.

    Kỳ: để trống (30 ngày qua), hoặc "tuần trước", "tháng 10", "quý 3/2026", "từ 1/9 đến 30/9".
    """,
)

InPeriod = Annotated[str, typer.Argument(help="Kỳ, ví dụ “tháng 10”.")]
What = Literal["questions", "left", "submitted", "stood", "calls", "broadcasts"]


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
        What,
        typer.Argument(
            help="questions (câu hỏi), left (câu còn chờ trả lời), submitted (phiếu đã gửi), "
            "stood (phiếu bỏ dở), calls (yêu cầu gặp cán bộ), broadcasts (tin thông báo)."
        ),
    ],
    period: InPeriod = "",
) -> None:
    """In từng dòng đứng sau các con số, các cột cách bởi tab, dòng đầu là tên cột.

    Ví dụ:
      donghanh stats rows questions "tuần này"
      donghanh stats rows stood > bo-do.tsv
    """
    from bot import desk, stats_list

    found, by, knowledge = _period(period), desk.acting(None), desk.knowledge()
    listed = desk.reading(stats_list.reading(what, found, knowledge, by))
    for line in stats_list.lines(what, listed, knowledge):
        typer.echo(line)


def _period(words: str) -> Period:
    from bot.clock import SystemClock
    from bot.operations.periods import read_period
    from knowledge.clock import VIETNAM

    found = read_period(words, SystemClock().now().astimezone(VIETNAM).date())
    if found is None:
        raise typer.BadParameter(f"không hiểu kỳ “{words}”")
    return found
