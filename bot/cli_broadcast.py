"""`donghanh broadcast`: announcements from the first draft to the list of who received them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.cli_draft_fields import changing, worded
from bot.terminal import Command, Group

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Gửi tin tới nhiều người: soạn, duyệt, theo dõi; không ai nhận hai lần.

    Các bước: compose (soạn) → preview, audience (xem trước) → submit (gửi duyệt) → approve (người
    khác duyệt) → tới giờ trợ lý tự gửi, chỉ từ 07:30 tới 20:00, chỉ cho người đang nhận tin.

    Lệnh ghi cần dừng trợ lý trước, vì mỗi lúc một tiến trình giữ cơ sở dữ liệu; chạy lại thì trợ lý
    gửi tiếp đúng chỗ. Lệnh xem (preview, audience, status, unsure, results) chạy bên cạnh được.
    """,
)

MOMENTS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
Number = Annotated[int, typer.Argument(help="Số của tin.")]
As = Annotated[int, typer.Option("--as", help="Nhân sự số mấy làm việc này (staff list).")]
Latest = Annotated[
    datetime | None,
    typer.Option(formats=MOMENTS, help="Sau lúc này thì không gửi nữa mà chờ cán bộ quyết định."),
]
Some = list[str]
Stage = Literal["none", "sent", "withdrawn"]  # bot.store.audiences is not imported here


@cli.command(cls=Command)
def compose(  # noqa: PLR0913, PLR0917 - the fields of a draft
    by: As,
    text: Annotated[str, typer.Option(help="Nội dung; hoặc dùng --file.")] = "",
    file: Annotated[Path | None, typer.Option(help="Tệp UTF-8 chứa nội dung.")] = None,
    link: Annotated[Some, typer.Option(help="Nút tới mục tri thức, hoặc form:MÃ.")] = [],  # noqa: B006 - Typer's own way to say "several"
    programme: Annotated[Some, typer.Option(help="Quan tâm chương trình này.")] = [],  # noqa: B006 - same
    sector: Annotated[Some, typer.Option(help="Thuộc ngành này.")] = [],  # noqa: B006 - same
    kind: Annotated[Some, typer.Option(help="Loại đơn vị này: enterprise, commune…")] = [],  # noqa: B006 - same
    province: Annotated[Some, typer.Option(help="Ở tỉnh, thành phố này.")] = [],  # noqa: B006 - same
    commune: Annotated[Some, typer.Option(help="Ở xã, phường này.")] = [],  # noqa: B006 - same
    channel: Annotated[Some, typer.Option(help="Chỉ trên kênh này.")] = [],  # noqa: B006 - same
    stage: Annotated[Stage | None, typer.Option(help="Phiếu: chưa gửi, đã gửi, đã rút.")] = None,
    correction_of: Annotated[
        int | None, typer.Option(help="Đính chính tin số này: tới ai đã nhận nó và vẫn nhận tin.")
    ] = None,
    send_at: Annotated[
        datetime | None, typer.Option(formats=MOMENTS, help="Giờ gửi; bỏ trống: duyệt xong là gửi.")
    ] = None,
    latest_at: Latest = None,
    note: Annotated[str, typer.Option(help="Ghi chú cho người duyệt.")] = "",
    attach: Annotated[Path | None, typer.Option(help="Ảnh hoặc tài liệu đi kèm.")] = None,
    *,
    edit: Annotated[bool, typer.Option("--edit", help="Sửa luôn tin đã gửi ấy.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Thu hồi tin đã gửi ấy.")] = False,
) -> None:
    """Soạn một tin; chưa gửi gì cả.

    Các điều kiện về người nhận phải đúng cùng lúc; một điều kiện nêu nhiều lần thì đúng một là đủ.
    Cuối tin luôn có nút “Dừng nhận tin”.

    Ví dụ:
      donghanh broadcast compose --as 2 --text "Có lớp mới" --kind enterprise
      donghanh broadcast compose --as 2 --file tin.txt --attach moi.pdf
      donghanh broadcast compose --as 2 --correction-of 7 --withdraw
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import broadcasts
    from bot.store import audiences

    said = worded(text, file, needed=not withdraw)
    changes = changing(correction_of, edit=edit, withdraw=withdraw)
    wanted: dict[str, list[str]] = {"programmes": programme, "sectors": sector, "kinds": kind}
    wanted |= {"provinces": province, "communes": commune, "channels": channel}
    people = audiences.Audience.of_data(wanted | {"stages": [stage] if stage else []})
    times, extra = (here(send_at), here(latest_at)), desk.attached(attach)
    draft = broadcasts.Draft(said, links(link), people, *times, correction_of, note, extra, changes)
    given = (draft, desk.acting(by), SystemClock().now())
    number = desk.writing(lambda db: broadcasts.compose(db, *given))
    typer.echo(f"Đã soạn tin số {number}. Xem trước: donghanh broadcast preview {number}")


@cli.command(cls=Command)
def preview(number: Number) -> None:
    """In đúng những gì mỗi kênh đã cấu hình sẽ gửi.

    Ví dụ:
      donghanh broadcast preview 3
    """
    from bot import app, desk
    from bot.channels.text import plain, written
    from bot.clock import SystemClock
    from bot.failures import explained
    from bot.operations import recipients
    from bot.store.columns import to_json

    by = desk.acting(None)
    found = desk.reading(lambda db: recipients.get(db, number, by))
    if found.changes == "withdraw":
        typer.echo(f"Thu hồi tin số {found.correction_of}; tin này không có nội dung.")
        return
    with explained():
        knowledge = desk.knowledge()
        channels = app.channels_for(desk.settings(), knowledge, SystemClock())
        names = [channel.name for channel in channels]
        shaped = recipients.rendered(found, knowledge, names, app.rendering(channels))
        typer.echo(plain(written(recipients.message(found, knowledge))))
        for name, payloads in shaped.items():
            for payload in payloads:
                typer.echo(f"\n{name}: {to_json(dict(payload))}")


@cli.command(cls=Command)
def audience(
    number: Number, limit: Annotated[int, typer.Option(help="Liệt kê bao nhiêu người.")] = 20
) -> None:
    """Đếm ai sẽ nhận ngay lúc này, và liệt kê những người đầu.

    Ví dụ:
      donghanh broadcast audience 3 --limit 100
    """
    from bot import desk
    from bot.operations import recipients

    by = desk.acting(None)
    count, people = desk.reading(lambda db: recipients.meant(db, number, limit, by))
    typer.echo(f"Sẽ nhận: {count} người")
    if others := desk.reading(lambda db: recipients.elsewhere(db, number, by)):
        typer.echo(f"Ngoài ra {others} người ở kênh mà trợ lý không chạy; tin không tới họ")
    for each in people:
        name = each.enterprise or "(chưa gửi phiếu)"
        where = f"{each.conversation.channel} {each.conversation.id}"
        typer.echo(f"{where}\t{name}\t{each.tax_code}\t{each.contact}")


@cli.command(cls=Command)
def submit(number: Number, by: As) -> None:
    """Gửi bản nháp đi duyệt.

    Ví dụ:
      donghanh broadcast submit 3 --as 2
    """
    from bot.operations import broadcasts

    act(broadcasts.submit, number, by, "đã gửi đi duyệt; người khác duyệt bằng “approve”")


@cli.command(cls=Command)
def start(number: Number, by: As) -> None:
    """Gửi ngay một tin đã duyệt, không đợi tới giờ hẹn.

    Ví dụ:
      donghanh broadcast start 3 --as 1
    """
    from bot.operations import broadcasts

    act(broadcasts.start, number, by, "sẽ gửi ngay khi trợ lý chạy (trong giờ 07:30–20:00)")


@cli.command(cls=Command)
def status(
    number: Annotated[int | None, typer.Argument(help="Số của tin; bỏ trống: 20 tin mới.")] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Xem thanh tiến độ cho tới khi xong.")] = (
        False
    ),
) -> None:
    """Tin đang ở đâu: đã gửi, lỗi theo lý do, chưa rõ, còn lại, còn bao lâu.

    Ví dụ:
      donghanh broadcast status
      donghanh broadcast status 3 --watch
    """
    from bot import broadcast_report, desk

    if number is None:
        if watch:
            raise typer.BadParameter("--watch cần số của một tin")
        broadcast_report.print_list(desk.acting(None))
    elif watch:
        broadcast_report.watch(number, desk.acting(None))
    else:
        broadcast_report.print_one(number, desk.acting(None))


@cli.command(cls=Command)
def pause(number: Number, by: As) -> None:
    """Tạm dừng một tin đang gửi.

    Gấp thì dừng trợ lý trước (Ctrl+C): dừng là không gửi nữa; rồi tạm dừng tin và chạy lại.

    Ví dụ:
      donghanh broadcast pause 3 --as 2
    """
    from bot.operations import broadcasts

    act(broadcasts.pause, number, by, "đã tạm dừng")


@cli.command(cls=Command)
def resume(number: Number, by: As, latest_at: Latest = None) -> None:
    """Gửi tiếp một tin tạm dừng hoặc bị giữ lại.

    Ví dụ:
      donghanh broadcast resume 3 --as 1
      donghanh broadcast resume 3 --as 1 --latest-at "2026-11-30 17:00"
    """
    from bot.operations import broadcasts

    act(broadcasts.resume, number, by, "sẽ gửi tiếp", latest_at=here(latest_at))


@cli.command(cls=Command)
def cancel(number: Number, by: As) -> None:
    """Huỷ hẳn một tin; ai chưa nhận thì không nhận nữa.

    Ví dụ:
      donghanh broadcast cancel 3 --as 1
    """
    from bot.operations import broadcasts

    act(broadcasts.cancel, number, by, "đã huỷ")


@cli.command(cls=Command)
def unsure(  # noqa: PLR0913 - one decision and its conditions
    number: Number,
    by: Annotated[int | None, typer.Option("--as", help="Nhân sự quyết định.")] = None,
    only: Annotated[list[int], typer.Option(help="Chỉ dòng này (nêu được nhiều lần).")] = [],  # noqa: B006 - Typer's own way to say "several"
    latest_at: Latest = None,
    *,
    count_as_sent: Annotated[bool, typer.Option("--count-as-sent", help="Coi như đã gửi.")] = False,
    send_again: Annotated[bool, typer.Option("--send-again", help="Gửi lại.")] = False,
) -> None:
    """Ai chưa rõ đã nhận hay chưa (mất mạng hoặc trợ lý bị ngắt đúng lúc gửi), và quyết định.

    Trợ lý không tự gửi lại những tin này, vì có thể thành hai lần. Không nêu gì thì chỉ liệt kê.

    Ví dụ:
      donghanh broadcast unsure 3
      donghanh broadcast unsure 3 --send-again --only 1207 --as 1
      donghanh broadcast unsure 3 --send-again --as 1 --only 1208 --only 1211
      donghanh broadcast unsure 3 --count-as-sent --as 1
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import recipients

    if count_as_sent and send_again:
        raise typer.BadParameter("chọn một: --count-as-sent hoặc --send-again")
    actor, now = desk.acting(by), SystemClock().now()
    if count_as_sent or send_again:
        again = partial(recipients.send_again, latest_at=here(latest_at))
        decide = recipients.count_as_sent if count_as_sent else again
        decided = desk.writing(lambda db: decide(db, number, actor, now, only))
        typer.echo(f"{decided} người: {'coi như đã gửi' if count_as_sent else 'sẽ gửi lại'}.")
        return
    for each in desk.reading(lambda db: recipients.unsure(db, number, actor)):
        who = each.person
        where = f"{who.conversation.channel} {who.conversation.id}"
        typer.echo(f"{each.delivery}\t{where}\t{who.enterprise}\t{who.contact}\t{each.reason}")


@cli.command(cls=Command)
def results(
    number: Number, target: Annotated[Path, typer.Argument(help="Tệp .xlsx sẽ ghi.")]
) -> None:
    """Xuất ra .xlsx từng người và kết quả gửi. Tệp có dữ liệu cá nhân.

    Ví dụ:
      donghanh broadcast results 3 ket-qua.xlsx
    """
    from bot import broadcast_report, desk

    if target.suffix.lower() != ".xlsx":
        raise typer.BadParameter("chỉ xuất được ra tệp .xlsx")
    rows = broadcast_report.export(number, target, desk.acting(None))
    typer.echo(f"Đã ghi {rows} người vào {target}")


def act(
    does: Callable[..., Awaitable[Any]],
    number: int,
    by: int,
    done: str,
    **given: Any,  # noqa: ANN401 - what the act takes
) -> None:
    from bot import desk
    from bot.clock import SystemClock

    actor, now = desk.acting(by), SystemClock().now()
    desk.writing(lambda db: does(db, number, by=actor, now=now, **given))
    typer.echo(f"Tin số {number}: {done}.")


def here(moment: datetime | None) -> datetime | None:
    from knowledge.clock import VIETNAM

    return moment.replace(tzinfo=VIETNAM) if moment else None


def links(targets: list[str]) -> tuple[Any, ...]:
    from bot import desk
    from handlers import speech

    try:
        return speech.links(desk.knowledge(), targets) if targets else ()
    except KeyError as error:
        raise typer.BadParameter(f"không có mục {error} trong tri thức") from None
