"""`donghanh leads`: the enterprises that registered, on the screen or as a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.failures import explained, typed
from bot.terminal import Command, Group

if TYPE_CHECKING:
    from bot.store.leads import Lead
    from knowledge.entries import Knowledge

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Doanh nghiệp đã đăng ký quan tâm: xem danh sách hoặc xuất ra tệp.",
)

OfForm = Annotated[str, typer.Option("--form", help="Chỉ lấy phiếu có mã này.")]
OfProgramme = Annotated[
    str, typer.Option("--programme", help="Chỉ lấy ai quan tâm chương trình có mã này.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], help="Chỉ lấy phiếu gửi hoặc sửa từ ngày này."),
]


@cli.command("list", cls=Command)
def leads_list(form: OfForm = "", programme: OfProgramme = "", since: Since = None) -> None:
    """In danh sách doanh nghiệp đã đăng ký, mới nhất trước.

    Xem được khi trợ lý đang chạy. Chuyển vào tệp thì mỗi dòng một người, các cột cách bởi tab.

    Ví dụ:
      donghanh leads list
      donghanh leads list --programme award --since 2026-11-01
    """
    from bot import lead_list

    with explained():
        found, knowledge = _found_leads(form, programme, since)
        if not found:
            typer.echo("Chưa có doanh nghiệp nào như vậy.", err=True)
        lead_list.show(found, knowledge, sys.stdout)


@cli.command("export", cls=Command)
def leads_export(
    target: Annotated[Path, typer.Argument(help="Tệp .xlsx hoặc .csv sẽ ghi (ghi đè nếu có).")],
    form: OfForm = "",
    programme: OfProgramme = "",
    since: Since = None,
) -> None:
    """Xuất danh sách doanh nghiệp ra .xlsx hoặc .csv (mở được bằng Excel).

    Mỗi dòng một người liên hệ của một doanh nghiệp. Tệp có dữ liệu cá nhân: giữ như giữ hồ sơ.

    Ví dụ:
      donghanh leads export dang-ky.xlsx
      donghanh leads export thang-11.csv --since 2026-11-01
    """
    from bot import lead_list

    with explained():
        typed(lead_list.writer_of, target)
        found, knowledge = _found_leads(form, programme, since)
        rows = lead_list.export(found, knowledge, target)
        print(f"Đã ghi {len(found)} doanh nghiệp, {rows} người liên hệ vào {target}")


def _found_leads(
    form: str, programme: str, since: datetime | None
) -> tuple[Sequence[Lead], Knowledge]:
    from bot import lead_list
    from bot.clock import SystemClock
    from bot.settings import read
    from knowledge import load

    settings, today = read(), SystemClock().now().date()
    knowledge = load(settings.knowledge_folder, today=today, cache=settings.cache_folder)
    wanted = typed(lead_list.wanted, knowledge, form, programme, since)
    return lead_list.read(settings.database, wanted), knowledge
