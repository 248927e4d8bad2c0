"""`donghanh broadcast` on a draft that exists: change it, try it, approve it or send it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli_broadcast import MOMENTS, As, Latest, Number, Some, act, cli, here, links
from bot.terminal import Command

__all__ = ["cli"]


@cli.command(cls=Command)
def edit(  # noqa: PLR0913, PLR0917 - the fields of a draft
    number: Number,
    by: As,
    text: Annotated[str, typer.Option(help="Nội dung mới; hoặc dùng --file.")] = "",
    file: Annotated[Path | None, typer.Option(help="Tệp UTF-8 chứa nội dung mới.")] = None,
    link: Annotated[Some, typer.Option(help="Các nút mới, thay mọi nút cũ.")] = [],  # noqa: B006 - Typer's own way to say "several"
    send_at: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="Giờ gửi mới.")] = None,
    latest_at: Latest = None,
    note: Annotated[str, typer.Option(help="Ghi chú mới cho người duyệt.")] = "",
    attach: Annotated[Path | None, typer.Option(help="Ảnh hoặc tài liệu đi kèm.")] = None,
    *,
    no_attach: Annotated[bool, typer.Option("--no-attach", help="Bỏ tệp đi kèm.")] = False,
) -> None:
    """Sửa một bản nháp hoặc tin đang chờ duyệt; phần không nêu giữ nguyên.

    Tin đang chờ duyệt thành bản nháp trở lại và phải gửi duyệt lần nữa.

    Ví dụ:
      donghanh broadcast edit 3 --as 2 --text "Lớp dời sang ngày 28/11"
      donghanh broadcast edit 3 --as 2 --send-at "2026-11-27 08:00"
      donghanh broadcast edit 3 --as 2 --attach thu-moi.pdf
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.failures import explained
    from bot.operations import broadcasts, recipients

    if text and file is not None:
        raise typer.BadParameter("chỉ một: --text hoặc --file")
    if attach and no_attach:
        raise typer.BadParameter("chỉ một: --attach hoặc --no-attach")
    actor, now = desk.acting(by), SystemClock().now()
    with explained():
        said = file.read_text(encoding="utf-8-sig") if file else text
        given: dict[str, Any] = {"text": said, "choices": links(link), "note": note}
    given |= {"send_at": here(send_at), "latest_at": here(latest_at)}
    given |= {"attachment": desk.attached(attach)}
    changes = {name: value for name, value in given.items() if value}
    changes |= {"attachment": None} if no_attach else {}
    if not changes:
        raise typer.BadParameter("chưa nêu phần nào cần sửa")

    async def change(db: Any) -> None:  # noqa: ANN401 - the store's connection, whose type is not loaded here
        draft = broadcasts.draft_of(await recipients.get(db, number, actor))
        await broadcasts.edit(db, number, replace(draft, **changes), actor, now)

    desk.writing(change)
    typer.echo(f"Tin số {number}: đã sửa.")


@cli.command(cls=Command)
def test(number: Number, by: As) -> None:
    """Gửi thử cho chính mình, đúng như người nhận sẽ thấy; tin đi khi trợ lý chạy.

    Ví dụ:
      donghanh broadcast test 3 --as 2
    """
    from bot import app, desk
    from bot.clock import SystemClock
    from bot.failures import explained
    from bot.operations import recipients

    with explained():
        knowledge = desk.knowledge()
        render = app.rendering(app.channels_for(desk.settings(), knowledge, SystemClock()))
    done = "sẽ gửi thử cho anh/chị khi trợ lý chạy"
    try:
        act(recipients.test, number, by, done, knowledge=knowledge, render=render)
    except KeyError as error:
        raise typer.BadParameter(f"kênh {error} của người này chưa bật trong cài đặt") from None


@cli.command(cls=Command)
def send_back(
    number: Number, by: As, note: Annotated[str, typer.Option(help="Cần sửa gì.")]
) -> None:
    """Trả tin đang chờ duyệt lại cho người soạn, kèm lời nhắn.

    Ví dụ:
      donghanh broadcast send-back 3 --as 1 --note "Ghi rõ giờ học"
    """
    from bot.operations import broadcasts

    act(broadcasts.send_back, number, by, "đã trả lại người soạn", remark=note)


@cli.command(cls=Command)
def approve(
    number: Number,
    by: As,
    digest: Annotated[
        str, typer.Option(help="Duyệt không hỏi lại, đúng bản có mã này (lệnh này in mã).")
    ] = "",
) -> None:
    """Xem rồi duyệt tin của người khác; tới giờ thì trợ lý gửi.

    In nội dung, tệp kèm, người nhận, giờ gửi, rồi hỏi lại. Chỉ duyệt được đúng những gì vừa in: tin
    hay số người đã khác thì phải xem lại. Người soạn, sửa hay gửi duyệt không tự duyệt được, trừ
    khi không còn ai khác có quyền duyệt; khi đó nhật ký ghi rõ.

    Ví dụ:
      donghanh broadcast approve 3 --as 1
      donghanh broadcast approve 3 --as 1 --digest 412-5f2a9c01be
    """
    from bot import cli_approval
    from bot.operations import broadcasts

    shown = cli_approval.given(digest) if digest else cli_approval.asked(number)
    done = "đã duyệt; trợ lý gửi khi tới giờ"
    act(broadcasts.approve, number, by, done, count=shown.people, seen=shown.digest)
