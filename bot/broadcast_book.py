"""What became of an announcement's recipients as a workbook: the same by chat and command line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot import lead_book
from bot.channels import FILE_LOST
from bot.channels.text import clean, one_line
from bot.lead_book import Book, Table
from bot.operations import recipients
from bot.operations.rights import Actor
from bot.store.broadcasts import Result
from bot.store.database import Readers
from knowledge.clock import VIETNAM

SHEET: Final = "Kết quả gửi"
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
    "Forbidden: bot was blocked by the user": "đã chặn trợ lý",
    "Forbidden: user is deactivated": "tài khoản chat đã xoá",
    "unsubscribed": "đã dừng nhận tin",
    "erased": "đã xoá dữ liệu",
    "broadcast cancelled": "tin bị huỷ",
    "counted as sent": "cán bộ coi như đã gửi",
    "the process ended while it was sent": "trợ lý bị ngắt đúng lúc gửi",
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


def workbook(database: Path, content: Mapping[str, Any]) -> bytes:
    """Make the file that the content of an `attachments.RESULTS` stands for, as things are now.

    Raises NotAllowed where the member may not export any more, and what `Readers` raises.
    """
    by = Actor(int(content["staff"]), "tệp")
    return asyncio.run(_workbook(database, int(content["broadcast"]), by))


async def _workbook(database: Path, number: int, by: Actor) -> bytes:
    readers = Readers.beside(database)
    try:
        return write(await readers.read(lambda db: recipients.outcomes(db, number, by)))
    finally:
        await readers.close()


def write(results: Sequence[Result]) -> bytes:
    """The .xlsx file, a row for each person."""
    rows = [dict(zip(HEADINGS, _cells(each), strict=True)) for each in results]
    return lead_book.write(Book({SHEET: Table({each: each for each in HEADINGS}, rows)}))


def when(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if moment else "–"


def _cells(result: Result) -> list[str]:
    who = result.person
    cells = (
        who.enterprise,
        "" if who.tax_code.startswith("erased:") else who.tax_code,
        who.contact,
        who.conversation.channel,
        who.conversation.id,
        OUTCOMES[result.state],
        REASONS.get(result.reason, result.reason),
        when(result.settled_at),
    )
    return [one_line(clean(cell)) for cell in cells]
