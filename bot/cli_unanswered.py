"""`donghanh unanswered`: what people asked in vain, by meaning, and the drafts that wait."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.failures import FAILED, explained, typed
from bot.terminal import Command, Group

if TYPE_CHECKING:
    from bot.operations.asked import Listing
    from knowledge.entries import Knowledge

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Câu hỏi chưa trả lời được, gom theo ý; và các bản nháp câu trả lời đang chờ.",
)


@cli.command("list", cls=Command)
def unanswered_list_() -> None:
    """In các nhóm câu hỏi chưa giải quyết, nhiều người hỏi nhất trước.

    Xem được khi trợ lý đang chạy. Trả lời thì cán bộ gõ /chuatraloi trong cuộc trò chuyện.

    Ví dụ:
      donghanh unanswered list
    """
    from bot import unanswered_list

    with explained():
        told, knowledge, now = _found()
        if not told.groups:
            typer.echo("Không có câu nào chờ trả lời.", err=True)
        for line in unanswered_list.lines(told, knowledge, now):
            print(line)


@cli.command("show", cls=Command)
def unanswered_show(
    number: Annotated[int, typer.Argument(help="Số thứ tự của nhóm trong “unanswered list”.")],
) -> None:
    """In mọi cách hỏi của một nhóm.

    Ví dụ:
      donghanh unanswered show 1
    """
    from bot import unanswered_list

    with explained():
        told, _, _ = _found()
        if not 1 <= number <= len(told.groups):
            typer.echo(f"Không có nhóm số {number}; xem: donghanh unanswered list", err=True)
            raise typer.Exit(FAILED)
        for line in unanswered_list.details(told.groups[number - 1]):
            print(line)


@cli.command("export", cls=Command)
def unanswered_export(
    target: Annotated[Path, typer.Argument(help="Tệp .xlsx hoặc .tsv sẽ ghi (ghi đè nếu có).")],
) -> None:
    """Xuất mọi cách hỏi chưa giải quyết ra .xlsx hoặc .tsv, mọi ô là chữ.

    Số điện thoại, thư điện tử và mã số đã được che; tên người gõ trong câu thì vẫn còn.

    Ví dụ:
      donghanh unanswered export chua-tra-loi.xlsx
    """
    from bot import unanswered_list

    with explained():
        typed(unanswered_list.writer_of, target)
        told, knowledge, now = _found()
        rows = unanswered_list.export(told, knowledge, now, target)
        print(f"Đã ghi {len(told.groups)} nhóm, {rows} cách hỏi vào {target}")


@cli.command("drafts", cls=Command)
def unanswered_drafts() -> None:
    """In các bản nháp câu trả lời đang chờ người duyệt.

    Xem và đăng thì người duyệt gõ /bannhap trong cuộc trò chuyện.

    Ví dụ:
      donghanh unanswered drafts
    """
    from bot import desk, unanswered_list
    from bot.operations import drafting

    with explained():
        found = desk.reading(lambda db: drafting.waiting(db, desk.acting(None)))
        if not found:
            typer.echo("Không có bản nháp nào đang chờ.", err=True)
        for line in unanswered_list.draft_lines(found):
            print(line)


def _found() -> tuple[Listing, Knowledge, datetime]:
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import asked
    from knowledge import load

    settings, now = desk.settings(), SystemClock().now()
    knowledge = load(settings.knowledge_folder, today=now.date(), cache=settings.cache_folder)
    by = desk.acting(None)
    told = desk.reading(lambda db: asked.listing(db, knowledge, by))
    return told, knowledge, now
