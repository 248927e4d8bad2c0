"""How broadcasts stand, for a terminal and for Excel. Read beside a running bot."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import typer

from bot import desk
from bot.channels import FILE_LOST
from bot.channels.text import clean, one_line
from bot.clock import SystemClock
from bot.failures import explained
from bot.operations import recipients
from bot.operations.recipients import Progress
from bot.operations.rights import Actor
from bot.store.broadcasts import Result
from bot.store.database import Readers
from knowledge.clock import VIETNAM

LATEST: Final = 20
EVERY_SECONDS: Final = 1.0
OUTCOMES: Final = {
    "pending": "chờ gửi",
    "sending": "đang gửi",
    "held": "giữ lại",
    "sent": "đã gửi",
    "failed": "không gửi được",
    "unsure": "chưa rõ",
    "cancelled": "không gửi nữa",
}
REASONS: Final = {
    "blocked": "đã chặn trợ lý",
    "unsubscribed": "đã dừng nhận tin",
    "erased": "đã xoá dữ liệu",
    "broadcast cancelled": "tin bị huỷ",
    "counted as sent": "cán bộ coi như đã gửi",
    FILE_LOST: "tệp kèm theo bị mất hoặc hỏng",
    "nothing to change": "không còn tin cũ để sửa",
    "too late to withdraw": "quá hạn thu hồi của ứng dụng chat",
    "no longer there": "tin cũ không còn ở chỗ họ",
    "cannot be edited": "tin cũ không sửa được chữ",
}
HEADINGS: Final = (
    "Doanh nghiệp",
    "Mã số thuế",
    "Người liên hệ",
    "Kênh",
    "Mã hội thoại",
    "Kết quả",
    "Lý do",
    "Lúc",
)


def print_list(by: Actor) -> None:
    for each in desk.reading(lambda db: recipients.newest(db, LATEST, by)):
        withdraws = f"(thu hồi tin số {each.correction_of})"
        words = one_line(clean(each.text))[:60] or withdraws
        typer.echo(f"{each.id}\t{desk.STATES[each.state]}\t{_when(each.send_at)}\t{words}")


def print_one(number: int, by: Actor) -> None:
    now = SystemClock().now()
    for line in lines(desk.reading(lambda db: recipients.progress(db, number, by, now))):
        typer.echo(line)


def lines(progress: Progress) -> list[str]:
    """Say in words how far it has got: exact numbers, and why what was not sent was not."""
    found, counts = progress.broadcast, progress.counts
    why = f" ({desk.HELD.get(found.reason, found.reason)})" if found.reason else ""
    alone = ", tự duyệt vì không có người duyệt khác" if found.self_approved else ""
    told = [f"Tin số {found.id}: {desk.STATES[found.state]}{why}{alone}"]
    if found.latest_at:
        told.append(f"Gửi từ {_when(found.send_at)}, hạn chót {_when(found.latest_at)}")
    told.append(f"Đã gửi {counts.of('sent')}/{counts.total}, còn lại {progress.left}")
    told += [
        f"{OUTCOMES[state]}: {number} ({REASONS.get(reason, reason)})"
        for state, reason, number in counts.by_reason
        if state in {"failed", "unsure", "cancelled"}
    ]
    if progress.seconds_to_go is not None:
        told.append(f"Còn khoảng {_span(progress.seconds_to_go)}")
    return told


def watch(number: int, by: Actor) -> None:
    """Show a bar until the broadcast does not run any more, then the numbers."""
    with explained():
        asyncio.run(_watch(number, by))
    print_one(number, by)


def export(number: int, target: Path, by: Actor) -> int:
    """Write who received it into an .xlsx, whole or not at all; return the count of rows."""
    found = desk.reading(lambda db: recipients.outcomes(db, number, by))
    part = target.with_name(f"{target.name}.part")
    with explained(), desk.noted("export", f"broadcast:{number}", people=len(found)):
        try:
            part.write_bytes(_xlsx([_cells(each) for each in found]))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return len(found)


async def _watch(number: int, by: Actor) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    readers, clock = Readers.beside(desk.settings().database), SystemClock()
    look = partial(recipients.progress, number=number, by=by)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Bar(*columns) as bar:
            task = bar.add_task(f"Tin số {number}")
            while True:
                progress = await readers.read(partial(look, now=clock.now()))
                counts = progress.counts
                bar.update(
                    task,
                    total=counts.total or None,
                    completed=counts.total - progress.left,
                    description=f"đã gửi {counts.of('sent')}, lỗi {counts.of('failed')}, "
                    f"chưa rõ {counts.of('unsure')}, còn {_span(progress.seconds_to_go)}",
                )
                if progress.broadcast.state not in {"scheduled", "running"}:
                    return
                await clock.sleep(EVERY_SECONDS)
    finally:
        await readers.close()


def _cells(result: Result) -> list[str]:
    who = result.person
    reason = REASONS.get(result.reason, result.reason)
    cells = (
        who.enterprise,
        "" if who.tax_code.startswith("erased:") else who.tax_code,
        who.contact,
        who.conversation.channel,
        who.conversation.id,
        OUTCOMES[result.state],
        reason,
        _when(result.settled_at),
    )
    return [one_line(clean(cell)) for cell in cells]


def _xlsx(rows: list[list[str]]) -> bytes:
    """Every cell as text: `write` would make formulas and links of what looks like them."""
    import xlsxwriter  # type: ignore[import-untyped]

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Kết quả gửi")
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for column, heading in enumerate(HEADINGS):
            sheet.set_column(column, column, max(len(heading), 18), text)
            sheet.write_string(0, column, heading, head)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(HEADINGS) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})
    return content.getvalue()


def _when(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if moment else "–"


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "chưa rõ"
    minutes = round(seconds / 60)
    return f"{minutes // 60} giờ {minutes % 60} phút" if minutes >= 60 else f"{minutes} phút"  # noqa: PLR2004 - an hour
