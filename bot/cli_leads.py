"""`donghanh leads`: the enterprises that registered, on the screen or as a file."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.failures import explained, typed
from bot.terminal import Command, Group

if TYPE_CHECKING:
    from bot.lead_book import Book
    from bot.lead_import import Row
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

    Mỗi dòng một người liên hệ của một doanh nghiệp. Tệp .xlsx còn có các trang doanh nghiệp, người
    liên hệ, phiếu, nhật ký trạng thái, ghi chú và biểu đồ. Tệp có dữ liệu cá nhân: giữ như hồ sơ.

    Ví dụ:
      donghanh leads export dang-ky.xlsx
      donghanh leads export thang-11.csv --since 2026-11-01
    """
    from bot import desk, lead_list

    with explained():
        typed(lead_list.writer_of, target)
        found, knowledge = _found_leads(form, programme, since)
        everyone = not (form or programme or since)
        only = None if everyone else {lead.tax_code for lead in found}
        asked = {
            "form": form,
            "programme": programme,
            "since": f"{since:%Y-%m-%d}" if since else "",
        }
        given = {name: value for name, value in asked.items() if value}
        with desk.noted("export", "enterprises", enterprises=len(found), **given):
            rows = lead_list.export(found, knowledge, target, _tables(knowledge, only))
        print(f"Đã ghi {len(found)} doanh nghiệp, {rows} người liên hệ vào {target}")


@cli.command("import", cls=Command)
def leads_import(
    source: Annotated[Path, typer.Argument(help="Tệp .xlsx hoặc .csv của cơ quan.")],
    by: Annotated[
        int | None, typer.Option("--as", help="Làm với tư cách nhân sự số này (ghi vào nhật ký).")
    ] = None,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Ghi thật; không có thì chỉ xem trước.")
    ] = False,
) -> None:
    """Nhận danh sách doanh nghiệp của cơ quan từ .xlsx hoặc .csv.

    In từng dòng: mới, đã có, hay không hợp lệ vì sao; chưa ghi gì cho tới khi thêm --apply (khi ấy
    cần dừng trợ lý trước). Cần cột “Mã số thuế” và “Tên doanh nghiệp”; nhận thêm người liên hệ,
    chức vụ, điện thoại, thư điện tử, tỉnh, xã phường; thứ tự và dấu tuỳ ý. Chạy lại không nhân
    đôi. Ai có trong danh sách cũng không vì thế mà nhận tin nhắn.

    Ví dụ:
      donghanh leads import danh-sach.xlsx
      donghanh leads import danh-sach.xlsx --apply
    """
    from bot import desk, lead_import, lead_sheet
    from bot.clock import SystemClock
    from bot.operations import lead_listing

    with explained():
        sheet = typed(lead_sheet.opened, source)
        judged, actor = lead_import.judged(sheet, _knowledge()), desk.acting(by)
    if not apply:
        rows = desk.reading(lambda db: lead_listing.preview(db, judged, actor))
        _show_rows(rows, sheet.ignored)
        typer.echo("Đây là bản xem trước, chưa ghi gì. Thêm --apply để ghi.")
        return
    now = SystemClock().now()
    taken = desk.writing(lambda db: lead_listing.take_in(db, judged, actor, now))
    _show_rows(taken.rows, sheet.ignored)
    typer.echo(f"Đã ghi; thêm {taken.people} người liên hệ.")


def _show_rows(rows: Sequence[Row], ignored: Sequence[str]) -> None:
    from bot.lead_import import Verdict, counts

    words = {Verdict.NEW: "mới", Verdict.EXISTING: "đã có", Verdict.INVALID: "không hợp lệ"}
    for row in rows:
        told = (f"dòng {row.number}", words[row.verdict], row.tax_code, row.name, row.remark)
        typer.echo("\t".join(told).rstrip())
    if ignored:
        typer.echo(f"Cột không dùng: {', '.join(ignored)}")
    typer.echo(", ".join(f"{words[each]}: {count}" for each, count in counts(rows).items()))


def _found_leads(
    form: str, programme: str, since: datetime | None
) -> tuple[Sequence[Lead], Knowledge]:
    from bot import lead_list
    from bot.settings import read

    knowledge = _knowledge()
    wanted = typed(lead_list.wanted, knowledge, form, programme, since)
    return lead_list.read(read().database, wanted), knowledge


def _knowledge() -> Knowledge:
    from bot.clock import SystemClock
    from bot.settings import read
    from knowledge import load

    settings, today = read(), SystemClock().now().date()
    return load(settings.knowledge_folder, today=today, cache=settings.cache_folder)


def _tables(knowledge: Knowledge, only: Collection[str] | None) -> Book:
    from bot import desk, lead_tables

    return desk.reading(lambda db: lead_tables.read(db, knowledge, only))
