"""How broadcasts stand, for a terminal and for Excel. Read beside a running bot."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import typer

from bot import desk
from bot.broadcast_book import OUTCOMES, REASONS, when, write
from bot.channels.text import clean, one_line
from bot.clock import SystemClock
from bot.failures import explained
from bot.operations import recipients
from bot.operations.broadcasts import State
from bot.operations.recipients import Progress
from bot.operations.rights import Actor
from bot.store.broadcasts import Broadcast
from bot.store.database import Readers
from bot.store.schema import SETTLED_BADLY

LATEST: Final = 20
EVERY_SECONDS: Final = 1.0


def print_list(by: Actor) -> None:
    now = SystemClock().now()
    for each in desk.reading(lambda db: recipients.newest(db, LATEST, by)):
        withdraws = f"(thu hồi tin số {each.correction_of})"
        words = one_line(clean(each.text))[:60] or withdraws
        typer.echo(f"{each.id}\t{_state(each, now)}\t{when(each.send_at)}\t{words}")


def print_one(number: int, by: Actor) -> None:
    now = SystemClock().now()
    for line in lines(desk.reading(lambda db: recipients.progress(db, number, by, now))):
        typer.echo(line)


def _state(found: Broadcast, now: datetime) -> str:
    due = found.send_at is not None and found.send_at <= now
    if found.state == State.SCHEDULED and due:
        return "đã duyệt, gửi khi trợ lý chạy (07:30–20:00)"
    return desk.STATES[found.state]


def lines(progress: Progress) -> list[str]:
    """Say in words how far it has got: exact numbers, and why what was not sent was not."""
    found, counts = progress.broadcast, progress.counts
    why = f" ({desk.HELD.get(found.reason, found.reason)})" if found.reason else ""
    alone = ", tự duyệt vì không có người duyệt khác" if found.self_approved else ""
    told = [f"Tin số {found.id}: {_state(found, progress.at)}{why}{alone}"]
    if found.latest_at:
        told.append(f"Gửi từ {when(found.send_at)}, hạn chót {when(found.latest_at)}")
    told.append(f"Đã gửi {counts.of('sent')}/{counts.total}, còn lại {progress.left}")
    told += [
        f"{OUTCOMES[state]}: {number} ({REASONS.get(reason, reason)})"
        for state, reason, number in counts.by_reason
        if state in SETTLED_BADLY
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
            part.write_bytes(write(found))
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


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "chưa rõ"
    minutes = round(seconds / 60)
    return f"{minutes // 60} giờ {minutes % 60} phút" if minutes >= 60 else f"{minutes} phút"  # noqa: PLR2004 - an hour
