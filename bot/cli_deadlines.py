"""`donghanh deadlines`: what is known of the deadlines, and how a new one gets in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import Command, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge.entries import Deadline, Knowledge

cli = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Thời hạn: xem, thêm, công bố, gia hạn; không cần dừng trợ lý.

    Lệnh sửa tệp rules/deadlines.yaml của thư mục tri thức, giữ nguyên ghi chú và thứ tự. Tệp mới
    được kiểm tra trước khi thay tệp cũ. Trợ lý đang chạy nhận ngay, lời nhắc đã xếp đổi theo.
    """,
)

Key = Annotated[str, typer.Argument(help="Mã hạn, như gtclqg.registration.2027.")]
Closes = Annotated[
    datetime, typer.Option("--closes", formats=["%Y-%m-%d"], help="Ngày cuối (năm-tháng-ngày).")
]
MayClose = Annotated[
    datetime | None,
    typer.Option("--closes", formats=["%Y-%m-%d"], help="Ngày cuối, nếu đã công bố."),
]
Opens = Annotated[
    datetime | None,
    typer.Option("--opens", formats=["%Y-%m-%d"], help="Ngày bắt đầu nhận, nếu có."),
]
Hour = Annotated[
    datetime | None, typer.Option("--hour", formats=["%H:%M"], help="Giờ chốt, như 17:00.")
]
Before = Annotated[
    bool, typer.Option("--before", help="Văn bản viết “trước ngày”: ngày ấy không còn được tính.")
]
Letter = Annotated[str, typer.Option("--letter", help="Số công văn, thông báo.")]
Issued = Annotated[
    datetime | None,
    typer.Option(
        "--issued",
        formats=["%Y-%m-%d"],
        help="Ngày ban hành văn bản ấy; có ngày này thì lệnh tự ghi văn bản vào sources.yaml.",
    ),
]
Source = Annotated[
    str, typer.Option("--source", help="Mã nguồn, khi văn bản đã có trong sources.yaml.")
]
Province = Annotated[str, typer.Option("--province", help="Chỉ của tỉnh, thành phố này.")]
Day = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Tính như đang ở ngày này (năm-tháng-ngày)."),
]

NO_SOURCE = (
    "ngày nào cũng phải có văn bản làm căn cứ: nêu --letter và --issued (ngày ban hành của nó), "
    "hoặc --source khi văn bản đã có trong sources.yaml"
)


@cli.command("list", cls=Command)
def list_(on: Day = None) -> None:
    """In mọi thời hạn đang biết, mỗi hạn một dòng, các cột cách bởi tab.

    Cột: mã hạn, nơi, tình trạng, ngày cuối, giờ chốt, số ngày còn, số ngày làm việc còn, công văn.

    Ví dụ:
      donghanh deadlines list
      donghanh deadlines list --date 2027-03-01
    """
    from bot.clock import SystemClock
    from bot.failures import explained
    from bot.settings import read
    from knowledge import load
    from knowledge.clock import noon

    with explained():
        settings, now = read(), SystemClock().now()
        now = noon(on.date()) if on else now
        knowledge = load(settings.knowledge_folder, today=now.date(), cache=settings.cache_folder)
        for each in knowledge.deadlines:
            typer.echo(_row(knowledge, each, now))


@cli.command(cls=Command)
def add(  # noqa: PLR0913 - an argument for each option
    key: Key,
    *,
    closes: MayClose = None,
    opens: Opens = None,
    hour: Hour = None,
    before: Before = False,
    letter: Letter = "",
    issued: Issued = None,
    source: Source = "",
    province: Province = "",
) -> None:
    r"""Thêm một thời hạn; không có --closes thì là “chưa công bố”.

    Ví dụ:
      donghanh deadlines add gtclqg.registration.2028
      donghanh deadlines add gtclqg.dossier.2027 --province "Đà Nẵng" \
        --closes 2027-05-31 --hour 17:00 --letter 12/TB-SKHCN --issued 2027-01-15
    """
    from bot import deadline_file as file

    def made(knowledge: Knowledge, source: str) -> Deadline:
        deadline = file.fresh(knowledge, key, province)
        if closes is None:
            return deadline
        return file.announced(
            deadline,
            opens_on=opens.date() if opens else None,
            closes_on=closes.date(),
            closes_at=hour.time() if hour else None,
            inclusive=not before,
            letter=letter,
            source=source,
        )

    if closes is None and (opens or hour or before):
        raise typer.BadParameter("--opens, --hour và --before cần đi cùng --closes")
    _change("add", made, letter, issued, source, needed=closes is not None)


@cli.command(cls=Command)
def announce(  # noqa: PLR0913 - an argument for each option
    key: Key,
    closes: Closes,
    *,
    letter: Letter,
    issued: Issued = None,
    source: Source = "",
    opens: Opens = None,
    hour: Hour = None,
    before: Before = False,
    province: Province = "",
) -> None:
    r"""Ghi ngày của một hạn trước đó chưa công bố.

    Ai đã nhờ nhắc hạn này thì từ đây được nhắc. Văn bản nêu ở --letter, --issued được ghi vào sổ
    nguồn (sources.yaml) nếu chưa có; đã có thì nêu --source thay cho --issued.

    Ví dụ:
      donghanh deadlines announce gtclqg.registration.2027 --closes 2027-03-31 \
        --hour 17:00 --letter 12/TB-SKHCN --issued 2027-01-15
    """
    from bot import deadline_file as file

    def made(knowledge: Knowledge, source: str) -> Deadline:
        return file.announced(
            file.known(knowledge, key, province),
            opens_on=opens.date() if opens else None,
            closes_on=closes.date(),
            closes_at=hour.time() if hour else None,
            inclusive=not before,
            letter=letter,
            source=source,
        )

    _change("announce", made, letter, issued, source, needed=True)


@cli.command(cls=Command)
def extend(  # noqa: PLR0913 - an argument for each option
    key: Key,
    closes: Closes,
    *,
    letter: Letter,
    hour: Hour = None,
    before: Before = False,
    issued: Issued = None,
    source: Source = "",
    province: Province = "",
) -> None:
    r"""Gia hạn: ngày cuối mới, phải sau ngày cũ; ngày cũ được giữ để nói lại.

    Văn bản gia hạn nêu ở --letter, với --issued hoặc --source như ở announce. Không nêu --hour thì
    giữ giờ cũ. Lời nhắc đã xếp đổi theo ngày mới.

    Ví dụ:
      donghanh deadlines extend gtclqg.registration.2027 --closes 2027-04-15 \
        --letter 20/TB-SKHCN --issued 2027-03-10
    """
    from bot import deadline_file as file

    def made(knowledge: Knowledge, source: str) -> Deadline:
        return file.extended(
            file.known(knowledge, key, province),
            closes_on=closes.date(),
            closes_at=hour.time() if hour else None,
            inclusive=not before,
            letter=letter,
            source=source,
        )

    _change("extend", made, letter, issued, source, needed=True)


def _change(  # noqa: PLR0913 - the act, and the letter that it rests on
    act: str,
    made: Callable[[Knowledge, str], Deadline],
    letter: str,
    issued: datetime | None,
    source: str,
    *,
    needed: bool,
) -> None:
    """Change the file, note the act, and show the deadline as it is now."""
    if needed and not (issued or source):
        raise typer.BadParameter(NO_SOURCE)
    from bot import acts, desk
    from bot import deadline_file as file
    from bot.clock import SystemClock
    from bot.failures import explained
    from knowledge import load
    from knowledge.rules import key_of

    with explained():
        settings, now = desk.settings(), SystemClock().now()
        folder, cache = settings.knowledge_folder, settings.cache_folder
        knowledge = load(folder, today=now.date(), cache=cache)
        try:
            cited = None
            if issued and not source:
                cited = file.letter_source(knowledge, letter, issued.date(), now.date())
            new = made(knowledge, cited.id if cited else source)
            old = [each for each in knowledge.deadlines if key_of(each) == key_of(new)]
            done = acts.Act(
                at=now,
                via=desk.acting(None).via,
                act=f"deadline {act}",
                about=f"deadline:{key_of(new)}",
                before={"deadlines": [file.written(each) for each in old]},
                after={"deadline": file.written(new)},
            )
            with acts.noted(settings.data_folder, done):
                changed = file.change(folder, knowledge, new, now.date(), cache, source=cited)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        typer.echo(_row(changed, new, now))
        typer.echo("Đã ghi tệp và nhật ký. Câu trả lời và lời nhắc đổi theo.", err=True)


def _row(knowledge: Knowledge, deadline: Deadline, now: datetime) -> str:
    from knowledge.rules import key_of, standing

    found = standing(knowledge, deadline, now)
    left, working = found.days_left, found.working_days_left
    cells = (
        key_of(deadline),
        deadline.province or "cả nước",
        str(found.state) + (" (đã gia hạn)" if deadline.extended_from else ""),
        f"{found.last_day:%d/%m/%Y}" if found.last_day else "",
        f"{deadline.closes_at:%H:%M}" if deadline.closes_at else "",
        "" if left is None else str(left),
        "" if working is None else str(working),
        deadline.letter,
    )
    return "\t".join(cells).rstrip()
