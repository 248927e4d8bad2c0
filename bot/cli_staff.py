"""`donghanh staff`: who may act for the department, and what they did."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from bot.terminal import Command, Group

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Nhân sự: ai được soạn tin, duyệt tin, quản trị; và nhật ký việc đã làm.

    Vai trò, người sau làm được mọi việc của người trước:
      viewer    xem tình hình gửi tin
      officer   soạn, gửi duyệt, tạm dừng tin; theo dõi, xuất doanh nghiệp
      approver  duyệt tin của người khác, gửi, tiếp tục, huỷ; đọc nhật ký
      admin     mời người, đổi vai trò, cho thôi

    Lệnh ghi (add, invite, role, end) cần dừng trợ lý trước; lệnh xem thì không.
    """,
)

Role = Literal["viewer", "officer", "approver", "admin"]  # bot.operations is not imported here
Number = Annotated[int, typer.Argument(help="Số của nhân sự, như trong “staff list”.")]
By = Annotated[
    int | None, typer.Option("--as", help="Làm với tư cách nhân sự số này (ghi vào nhật ký).")
]


@cli.command(cls=Command)
def add(
    name: Annotated[str, typer.Argument(help="Họ và tên.")],
    chat: Annotated[
        str, typer.Option("--chat", help="Mã số hội thoại riêng với trợ lý (trên Telegram: số ID).")
    ],
    channel: Annotated[str, typer.Option("--channel", help="Kênh của hội thoại.")] = "telegram",
    role: Annotated[Role, typer.Option("--role", help="Vai trò.")] = "admin",
) -> None:
    """Thêm một nhân sự bằng tay; dùng cho quản trị đầu tiên.

    Chỉ nhận mã số, không nhận tên người dùng: tên thì ai cũng đặt được.

    Ví dụ:
      donghanh staff add "Nguyễn Thị Lan" --chat 987654321
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import rights, staff
    from handlers.conversation import Conversation

    by, now, where = desk.acting(None), SystemClock().now(), Conversation(channel, chat)
    number = desk.writing(lambda db: staff.add(db, where, name, rights.Role(role), by, now))
    typer.echo(f"Đã thêm {name} ({desk.ROLES[role]}), nhân sự số {number}.")


@cli.command(cls=Command)
def invite(
    role: Annotated[Role, typer.Option("--role", help="Vai trò của người được mời.")],
    by: By = None,
) -> None:
    """Tạo mã mời dùng một lần, có hạn 24 giờ.

    Mã chỉ hiện một lần này; gửi riêng cho người nhận, không đăng vào nhóm.

    Ví dụ:
      donghanh staff invite --role officer
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import rights, staff

    actor, now = desk.acting(by), SystemClock().now()
    made = desk.writing(lambda db: staff.invite(db, rights.Role(role), actor, now))
    typer.echo(f"Mã mời làm {desk.ROLES[role]}, hết hạn lúc {made.expires_at:%H:%M %d/%m/%Y}:")
    typer.echo(made.token)


@cli.command("list", cls=Command)
def list_() -> None:
    """In danh sách nhân sự; xem được khi trợ lý đang chạy.

    Ví dụ:
      donghanh staff list
    """
    from bot import desk
    from bot.operations import staff
    from knowledge.clock import VIETNAM

    by = desk.acting(None)
    for member in desk.reading(lambda db: staff.everyone(db, by)):
        since = member.since.astimezone(VIETNAM).strftime("%d/%m/%Y")
        left = "" if member.active else ", đã thôi"
        place = f"{member.conversation.channel} {member.conversation.id}"
        typer.echo(f"{member.id}\t{member.name}\t{desk.ROLES[member.role]}{left}\t{place}\t{since}")


@cli.command(cls=Command)
def role(
    number: Number,
    role: Annotated[Role, typer.Argument(help="Vai trò mới.")],
    by: By = None,
) -> None:
    """Đổi vai trò của một nhân sự.

    Ví dụ:
      donghanh staff role 3 approver
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import rights, staff

    actor, now = desk.acting(by), SystemClock().now()
    desk.writing(lambda db: staff.change_role(db, number, rights.Role(role), actor, now))
    typer.echo(f"Nhân sự số {number} nay là {desk.ROLES[role]}.")


@cli.command(cls=Command)
def end(number: Number, by: By = None) -> None:
    """Cho một người thôi: từ lúc này họ không làm được gì nữa.

    Việc họ đã làm vẫn ở trong nhật ký; lời mời họ đã tạo hết hiệu lực.

    Ví dụ:
      donghanh staff end 3
    """
    from bot import desk
    from bot.clock import SystemClock
    from bot.operations import staff

    actor, now = desk.acting(by), SystemClock().now()
    desk.writing(lambda db: staff.end(db, number, actor, now))
    typer.echo(f"Nhân sự số {number} đã thôi.")


@cli.command(cls=Command)
def audit(
    about: Annotated[str, typer.Option(help="Chỉ của một đối tượng: broadcast:3, staff:2.")] = "",
    limit: Annotated[int, typer.Option(help="Số dòng mới nhất.")] = 50,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="In đúng như trong cơ sở dữ liệu.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Kiểm tra cả chuỗi: có ai sửa, xoá dòng nào không.")
    ] = False,
) -> None:
    """Đọc nhật ký việc đã làm; xem được khi trợ lý đang chạy.

    --verify in số dòng và mã cuối. Ghi mã ấy ra giấy: lần sau nó không còn trong chuỗi thì phần
    đuôi đã bị cắt. Chuỗi hỏng thì mã thoát là 65.

    Ví dụ:
      donghanh staff audit --about broadcast:3
      donghanh staff audit --limit 500 --raw > nhat-ky.tsv
      donghanh staff audit --verify
    """
    from bot import desk, staff_list
    from bot.failures import DATA
    from bot.operations import auditing, staff

    by = desk.acting(None)
    if verify:
        chain = desk.reading(lambda db: auditing.verify(db, by))
        typer.echo(f"{chain.lines} dòng, mã cuối {chain.last_hash}")
        if chain.broken_at is not None:
            typer.echo(f"HỎNG từ dòng {chain.broken_at}: đã có người sửa hoặc xoá.", err=True)
            raise typer.Exit(DATA)
        return
    found = desk.reading(lambda db: auditing.lines(db, by, limit, about=about))
    if raw:
        told = staff_list.as_written(found)
    else:
        everyone = desk.reading(lambda db: staff.everyone(db, by))
        told = staff_list.in_words(found, everyone, desk.knowledge())
    for line in told:
        typer.echo(line)
