"""What an approver at a terminal is shown, and that they meant just this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import typer

from bot import desk
from bot.broadcast_book import when
from bot.broadcast_files import folder_of
from bot.channels.text import plain, written
from bot.operations import recipients
from bot.operations.broadcasts import digest
from bot.staff_chat import audience_words
from bot.store.broadcasts import Broadcast
from knowledge.entries import Knowledge
from knowledge.text import fold

YES: Final = "duyệt"


@dataclass(frozen=True, slots=True)
class Shown:
    """An announcement as it was looked at: to how many people, and what it says to whom when."""

    people: int
    digest: str

    def __str__(self) -> str:
        return f"{self.people}-{self.digest}"


def given(code: str) -> Shown:
    """What a printed code stands for."""
    people, _, rest = code.partition("-")
    if not people.isdecimal() or not rest:
        raise typer.BadParameter("mã duyệt có dạng 412-5f2a9c01be, như lệnh “approve” vừa in")
    return Shown(int(people), rest)


def asked(number: int) -> Shown:
    """Show all that is approved; return it where the one at the terminal says so."""
    by = desk.acting(None)

    async def look(db: Any) -> tuple[Broadcast, int, int]:  # noqa: ANN401 - the store's connection, whose home is elsewhere
        found = await recipients.get(db, number, by)
        people, _ = await recipients.meant(db, number, 0, by)
        return found, people, await recipients.elsewhere(db, number, by)

    found, people, elsewhere = desk.reading(look)
    for line in _lines(found, people, elsewhere, desk.knowledge()):
        typer.echo(line)
    shown = Shown(people, digest(found))
    typer.echo(f"Mã duyệt: {shown}")
    answer = typer.prompt(f"Gõ “{YES}” để duyệt đúng tin này", default="", show_default=False)
    if fold(answer) != fold(YES):
        typer.echo("Chưa duyệt.")
        raise typer.Exit(1)
    return shown


def _lines(found: Broadcast, people: int, elsewhere: int, knowledge: Knowledge) -> list[str]:
    withdraws = found.changes == "withdraw"
    says = plain(written(recipients.message(found, knowledge)))
    told = [f"Thu hồi tin số {found.correction_of}; tin này không có nội dung."]
    lines = [*(told if withdraws else [says]), ""]
    if found.attachment:
        path = folder_of(desk.settings().data_folder) / found.attachment.content["sha256"]
        lines.append(f"Tệp kèm: {found.attachment.name} ({path})")
    meant = (
        f"những người đã nhận tin số {found.correction_of}"
        if found.correction_of
        else audience_words.describe(knowledge, found.audience)
    )
    lines.append(f"Sẽ tới: {meant} – {people} người lúc này")
    if elsewhere:
        lines.append(f"Ngoài ra {elsewhere} người ở kênh mà trợ lý không chạy; tin không tới họ")
    send_at = when(found.send_at) if found.send_at else "ngay khi duyệt (trong giờ 07:30–20:00)"
    latest = when(found.latest_at) if found.latest_at else "một ngày sau giờ gửi"
    lines.append(f"Gửi lúc: {send_at}; muộn nhất: {latest}")
    return [*lines, *([f"Ghi chú: {found.note}"] if found.note else [])]
