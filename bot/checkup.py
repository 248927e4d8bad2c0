"""`donghanh doctor`: look at everything that a start needs, and name the remedy of what is amiss.

Nothing that lasts is changed.
A finding is what an administrator reads, so it is Vietnamese, one line, and never shows a secret.
What cannot be examined is a finding as well: an examination does not crash.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.settings import ENV_FILE, Settings, variable
from bot.store import backup
from bot.store.errors import StoreBusy
from bot.store.lock import ProcessLock
from knowledge import Knowledge, KnowledgeError, checks, load
from knowledge.clock import VIETNAM

MIB: Final = 2**20
LITTLE_ROOM: Final = 1024 * MIB
NO_ROOM: Final = 100 * MIB
LARGE_LOG: Final = 256 * MIB
OLD_BACKUP: Final = timedelta(days=7)
TELEGRAM_SECONDS: Final = 8.0
PACKAGES: Final = ("python-telegram-bot", "sqlalchemy", "aiosqlite", "numpy")


class Mark(StrEnum):
    """How a finding stands: sound, worth a look, or in the way."""

    GOOD = "ĐẠT"
    LOOK = "NHẮC"
    BAD = "LỖI"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination; `remedy` is empty where nothing is to be done."""

    mark: Mark
    what: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        """Whether the bot can run with this."""
        return self.mark is not Mark.BAD

    def __str__(self) -> str:
        return f"{self.mark:<4}  {self.what}" + (f" → {self.remedy}" if self.remedy else "")


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Look at versions, settings, knowledge, database, Telegram and the web port, in this order.

    Makes one call to Telegram where a token is set, and waits eight seconds for it at most.
    """
    busy = _holder(settings.database)
    return [
        _versions(),
        *_room(settings.data_folder),
        *_secrecy(ENV_FILE),
        *_knowledge(settings, now),
        *_database(settings.database, now, busy),
        await _telegram(settings),
        *_web(settings, running=bool(busy)),
    ]


def _versions() -> Finding:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    python = platform.python_version()
    return Finding(Mark.GOOD, f"Đồng Hành {version('donghanh')}, Python {python}, {packages}")


def _room(folder: Path) -> Iterator[Finding]:
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        remedy = f"cấp quyền ghi, hoặc đổi {variable('data_folder')}"
        yield Finding(Mark.BAD, f"Không ghi được vào thư mục dữ liệu {folder}", remedy)
        return
    free = shutil.disk_usage(existing).free
    what = f"Thư mục dữ liệu {folder} ghi được, đĩa còn {_mib(free)} MiB"
    if free >= LITTLE_ROOM:
        yield Finding(Mark.GOOD, what)
    else:
        mark = Mark.BAD if free < NO_ROOM else Mark.LOOK
        yield Finding(mark, what, "giải phóng chỗ trống: đĩa đầy thì tin nhắn không được ghi nhận")


def _secrecy(file: Path) -> Iterator[Finding]:
    """Whether others on this machine can read the token. Windows has no such bits."""
    if os.name != "posix" or not file.exists():
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        what = f"Người khác trên máy này đọc được {file} (quyền {mode:o}), trong đó có mã bot"
        yield Finding(Mark.LOOK, what, f"chmod 600 {file}")
    else:
        yield Finding(Mark.GOOD, f"Chỉ chủ tệp đọc được {file}")


def _knowledge(settings: Settings, now: datetime) -> Iterator[Finding]:
    today = now.date()
    cache = settings.cache_folder if settings.data_folder.exists() else None
    try:
        knowledge = load(settings.knowledge_folder, today=today, cache=cache)
    except KnowledgeError as error:
        first, count = error.problems[0], len(error.problems)
        yield Finding(Mark.BAD, f"Tri thức có {count} lỗi; đầu tiên: {first}", "donghanh check")
        return
    yield Finding(Mark.GOOD, f"Tri thức: {len(knowledge.entries)} câu trả lời, không lỗi")
    ageing = len(list(checks.ageing(knowledge, today)))
    if ageing:
        yield Finding(Mark.LOOK, f"{ageing} câu trả lời cần rà soát", "xem bằng: donghanh check")
    yield _organisation(knowledge)


def _organisation(knowledge: Knowledge) -> Finding:
    ours = knowledge.organisation
    needed = {"name": "tên", "address": "địa chỉ", "phone": "điện thoại", "province": "tỉnh"}
    missing = [label for field, label in needed.items() if not getattr(ours, field)]
    if not missing:
        return Finding(Mark.GOOD, f"Thông tin cơ quan: {ours.name}")
    what = f"Thông tin cơ quan còn thiếu: {', '.join(missing)}"
    return Finding(Mark.LOOK, what, "điền organisation.yaml trong thư mục tri thức")


def _holder(database: Path) -> str:
    """What holds the database, or nothing. Asking means trying: the lock itself is the truth."""
    if not database.exists():
        return ""
    lock = ProcessLock(database)
    try:
        lock.acquire()
    except StoreBusy as error:
        return str(error)
    lock.release()
    return ""


def _database(path: Path, now: datetime, busy: str) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(Mark.GOOD, f"Chưa có cơ sở dữ liệu {path}; lần chạy đầu tiên sẽ tạo")
        return
    seen = backup.inspect(path)
    if seen.integrity != "ok":
        remedy = "dừng trợ lý rồi khôi phục: donghanh restore BẢN-SAO-LƯU"
        yield Finding(Mark.BAD, f"Cơ sở dữ liệu {path} bị hỏng: {seen.integrity}", remedy)
        return
    yield Finding(Mark.GOOD, f"Cơ sở dữ liệu {path} nguyên vẹn, {_mib(seen.bytes)} MiB")
    if not seen.schema:
        remedy = f"đổi {variable('data_folder')} hoặc cất tệp này đi"
        yield Finding(Mark.BAD, f"{path} không phải cơ sở dữ liệu của Đồng Hành", remedy)
    elif seen.schema != seen.newest_schema:
        what = f"Lược đồ {seen.schema}, bản này dùng {seen.newest_schema}"
        yield Finding(Mark.LOOK, what, "donghanh run sẽ nâng cấp và giữ bản sao; sao lưu trước")
    what = f"Đang chạy: {busy}" if busy else "Không có tiến trình nào đang giữ cơ sở dữ liệu"
    yield Finding(Mark.GOOD, what)
    if seen.wal_reset_bug:
        what = f"SQLite {seen.sqlite_version} có lỗi WAL-reset; Đồng Hành tránh nhờ chỉ một nơi ghi"
        yield Finding(
            Mark.LOOK, what, "đừng ghi vào tệp bằng công cụ khác; khi tiện, nâng cấp Python"
        )
    if seen.log_bytes > LARGE_LOG:
        what = f"Tệp nhật ký ghi trước (-wal) lớn: {_mib(seen.log_bytes)} MiB"
        yield Finding(Mark.LOOK, what, "đóng công cụ đang mở tệp này, rồi khởi động lại trợ lý")
    yield _last_backup(seen.last_backup, seen.last_backup_at, now)


def _last_backup(last: Path | None, at: datetime | None, now: datetime) -> Finding:
    if last is None or at is None:
        return Finding(Mark.LOOK, "Chưa sao lưu lần nào", "donghanh backup, và đặt lịch mỗi ngày")
    what = f"Sao lưu gần nhất {at.astimezone(VIETNAM):%d/%m/%Y %H:%M}: {last}"
    if not last.exists():
        return Finding(Mark.LOOK, f"{what}, nay không còn ở đó", "donghanh backup")
    if now - at > OLD_BACKUP:
        return Finding(Mark.LOOK, f"{what}, đã quá {OLD_BACKUP.days} ngày", "donghanh backup")
    return Finding(Mark.GOOD, what)


def _mib(count: int) -> str:
    """Bytes as people here write numbers: 80.811 and 0,4."""
    written = f"{count / MIB:,.0f}" if count >= MIB else f"{count / MIB:.1f}"
    return written.translate(str.maketrans(",.", ".,"))


async def _telegram(settings: Settings) -> Finding:
    token = settings.telegram_token.get_secret_value()
    if not token:
        what = "Chưa cấu hình Telegram; donghanh run sẽ trò chuyện trong cửa sổ dòng lệnh"
        return Finding(Mark.GOOD, what)
    from telegram.error import InvalidToken, TelegramError

    try:
        async with asyncio.timeout(TELEGRAM_SECONDS):
            name = await _who_we_are(settings, token)
    except InvalidToken:
        remedy = f"lấy lại mã ở @BotFather, đặt vào {variable('telegram_token')}"
        return Finding(Mark.BAD, "Telegram không nhận mã bot này", remedy)
    except ValueError as error:
        return Finding(
            Mark.BAD, f"Proxy không dùng được: {error}", f"sửa {variable('telegram_proxy')}"
        )
    except (TelegramError, TimeoutError) as error:
        reason = str(error) or "không trả lời kịp"
        remedy = f"kiểm tra mạng, {variable('telegram_proxy')}, {variable('telegram_base_url')}"
        return Finding(Mark.BAD, f"Không tới được Telegram: {reason}", remedy)
    return Finding(Mark.GOOD, f"Telegram trả lời: bot @{name}")


async def _who_we_are(settings: Settings, token: str) -> str:
    from bot.channels.telegram.client import Client

    proxy = settings.telegram_proxy.get_secret_value() or None
    client = Client(token, settings.telegram_base_url, connections=1, proxy=proxy)
    await client.open()
    try:
        me = await client.call("getMe")
    finally:
        await client.close()
    return str(me.get("username", "?")) if isinstance(me, dict) else "?"


def _web(settings: Settings, *, running: bool) -> Iterator[Finding]:
    if not settings.public_url:
        return
    where = f"{settings.web_host}:{settings.web_port}"
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    try:
        socket.create_server((settings.web_host, settings.web_port), family=family).close()
    except OSError as error:
        if running:
            yield Finding(Mark.GOOD, f"Cổng web {where} đang được dùng, trợ lý đang chạy")
        else:
            reason = error.strerror or "không rõ"
            remedy = f"dừng chương trình kia, hoặc đổi {variable('web_port')}"
            yield Finding(Mark.BAD, f"Không mở được cổng web {where} ({reason})", remedy)
    else:
        yield Finding(Mark.GOOD, f"Cổng web {where} còn trống")
