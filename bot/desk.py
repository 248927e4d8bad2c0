"""The command line as a way in for staff: who acts, on which file, and what a refusal is called.

Whoever can open the database's file owns it, so `--as` is believed; the audit says that an act came
this way and by which account of the machine. What writes needs the bot to be stopped: one process
holds the file. What reads works beside it.
"""

from __future__ import annotations

import asyncio
import errno
import getpass
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn, TypeVar

import typer

from bot.failures import FAILED, explained
from bot.operations.refusals import Refused, Why
from bot.operations.rights import Actor
from bot.settings import Settings, read
from bot.store.database import Readers, Store, Work

T = TypeVar("T")

ROLES: Final[Mapping[str, str]] = {
    "viewer": "người xem",
    "officer": "cán bộ",
    "approver": "người duyệt",
    "admin": "quản trị",
}
STATES: Final[Mapping[str, str]] = {
    "draft": "bản nháp",
    "awaiting": "chờ duyệt",
    "scheduled": "đã duyệt, chờ giờ gửi",
    "running": "đang gửi",
    "paused": "tạm dừng",
    "held": "bị giữ lại",
    "done": "đã gửi xong",
    "cancelled": "đã huỷ",
}
HELD: Final[Mapping[str, str]] = {
    "late": "quá thời hạn gửi",
    "failures": "quá nhiều tin không gửi được",
    "unrenderable": "không gói được trong một tin",
    "restored from a backup": "cơ sở dữ liệu vừa khôi phục từ bản sao lưu",
}
WORDS: Final[Mapping[Why, str]] = {
    Why.NO_RIGHT: "Người này không có quyền làm việc đó. Dùng --as với số của người có quyền.",
    Why.NO_SUCH_MEMBER: "Không có nhân sự số {number}; xem: donghanh staff list",
    Why.NO_SUCH_BROADCAST: "Không có tin số {number}; xem: donghanh broadcast status",
    Why.NO_SUCH_INVITATION: "Lời mời này không còn dùng được.",
    Why.LAST_ADMIN: "{name} là quản trị duy nhất; hãy thêm một quản trị khác trước.",
    Why.ALREADY_STAFF: "{name} đã ở trong danh sách nhân sự rồi.",
    Why.HAS_LEFT: "{name} không còn trong danh sách nhân sự.",
    Why.STATE: "Tin số {number} {state}; việc này chỉ làm được khi tin {needed}.",
    Why.NOT_RECEIVED: "Chưa ai nhận được tin số {number}, nên không có gì để đính chính.",
    Why.NAME: "Tên cần từ 1 tới {most} ký tự.",
    Why.TEXT: "Nội dung cần từ 1 tới {most} ký tự (đang có {now}).",
    Why.CHOICES: "Tối đa {most} nút.",
    Why.NOTE: "Ghi chú tối đa {most} ký tự.",
    Why.COUNT: "Lúc này tin sẽ tới {now} người, không phải {said}; xem lại rồi duyệt với số mới.",
    Why.NOBODY: "Không có ai thuộc diện nhận tin này.",
    Why.LATE: "Hạn chót đã qua hoặc sớm hơn giờ được gửi (07:30–20:00); hãy đặt hạn chót khác.",
    Why.FOUR_EYES: "Người soạn không tự duyệt được; người có thể duyệt: {approvers}.",
    Why.NOTHING_UNSURE: "Không còn ai chưa rõ đã nhận hay chưa (hoặc đã thử đủ ba lần).",
}


def writing(work: Work[T]) -> T:
    """Do one act; what is expected to fail becomes a sentence and an exit code."""
    with explained():
        try:
            return asyncio.run(_writing(settings(), work))
        except Refused as refused:
            _refuse(refused)


def reading(work: Work[T]) -> T:
    """Look at the database, beside a running bot too."""
    with explained():
        try:
            return asyncio.run(_reading(settings(), work))
        except Refused as refused:
            _refuse(refused)


def settings() -> Settings:
    return read()


def acting(staff: int | None) -> Actor:
    """Who acts: a member by number, or the command line itself."""
    account = "?"
    with suppress(OSError, KeyError):  # a container may know no name for its account
        account = getpass.getuser()
    return Actor(staff, f"dòng lệnh ({account})")


def said(refused: Refused) -> str:
    """A refusal in words."""
    facts: dict[str, Any] = dict(refused.facts)
    if refused.why is Why.STATE:
        facts["state"] = STATES[facts["state"]]
        facts["needed"] = " / ".join(STATES[each] for each in facts["needed"])
    if refused.why is Why.FOUR_EYES:
        facts["approvers"] = ", ".join(facts["approvers"])
    return WORDS[refused.why].format_map(facts)


def _refuse(refused: Refused) -> NoReturn:
    typer.echo(said(refused), err=True)
    raise typer.Exit(FAILED)


async def _writing(found: Settings, work: Work[T]) -> T:
    found.data_folder.mkdir(parents=True, exist_ok=True)
    store = await Store.open(found.database)
    try:
        return await store.write(work)
    finally:
        await store.close()


async def _reading(found: Settings, work: Work[T]) -> T:
    if not found.database.exists():
        raise FileNotFoundError(errno.ENOENT, "no database yet", str(found.database))
    readers = Readers(found.database)
    try:
        return await readers.read(work)
    finally:
        await readers.close()
