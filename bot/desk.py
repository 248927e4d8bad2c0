"""The command line as a way in for staff: who acts, on which file, and what a refusal is called.

Whoever can open the database's file owns it, so `--as` is believed; the audit says that an act came
this way and by which account of the machine. What writes needs the bot to be stopped: one process
holds the file. What reads works beside it.
"""

from __future__ import annotations

import asyncio
import errno
import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import typer

from bot import acts
from bot.broadcast_files import Files, folder_of
from bot.clock import SystemClock
from bot.failures import FAILED, explained
from bot.operations.refusals import Refused, Why
from bot.operations.rights import Actor
from bot.settings import Settings, read
from bot.store.database import Readers, Store, Work
from handlers.attachments import Attachment
from knowledge import Knowledge, load
from knowledge.clock import VIETNAM

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
    Why.NOT_RECEIVED: "Không ai đã nhận tin số {number} mà còn nhận tin, nên không gửi đính chính.",
    Why.NOTHING_TO_CHANGE: "Không còn tin nào sửa hay thu hồi được (tin kèm tệp không sửa được).",
    Why.SAYS_NOTHING: "Tin thu hồi không có nội dung, nút hay bản gửi thử.",
    Why.WITHOUT_FILE: "Tin sửa tin đã gửi không kèm được tệp.",
    Why.NAME: "Tên cần từ 1 tới {most} ký tự.",
    Why.TEXT: "Nội dung cần từ 1 tới {most} ký tự (đang có {now}).",
    Why.CHOICES: "Tối đa {most} nút.",
    Why.NOTE: "Ghi chú tối đa {most} ký tự.",
    Why.FILE: "Chỉ kèm được tệp .pdf, .docx, .xlsx, .png, .jpg đúng nội dung, không có macro.",
    Why.FILE_SIZE: "Tệp kèm theo tối đa {most} MB.",
    Why.FILE_SHAPE: "Ảnh quá to hoặc quá dài (rộng cộng cao tối đa {most} điểm ảnh); dùng .pdf.",
    Why.LIST: "Danh sách không dùng được: {problem}.",
    Why.LIST_GONE: "Danh sách không còn giữ (ghi xong, bỏ đi hoặc quá một ngày); hãy gửi lại.",
    Why.LIST_LONG: "Danh sách có {now} dòng; nhiều nhất {most} dòng.",
    Why.FILE_NOT_FETCHED: "Chưa tải được tệp.",
    Why.CAPTION: "Có tệp kèm thì nội dung và các nút tối đa {most} ký tự (đang có {now}).",
    Why.CHANGED_SINCE: "Tin đã được sửa sau khi xem; xem lại rồi hãy duyệt.",
    Why.COUNT: "Lúc này tin sẽ tới {now} người, không phải {said}; xem lại rồi duyệt với số mới.",
    Why.NOBODY: "Không có ai thuộc diện nhận tin này.",
    Why.LETTER: "Số văn bản cần từ 1 tới {most} ký tự.",
    Why.LATE: "Hạn chót đã qua hoặc sớm hơn giờ được gửi (07:30–20:00); hãy đặt hạn chót khác.",
    Why.NO_APPROVER: "Người soạn không tự duyệt được; hãy thêm một người duyệt.",
    Why.FOUR_EYES: "Người soạn không tự duyệt được; người có thể duyệt: {approvers}.",
    Why.NOTHING_UNSURE: "Không còn ai chưa rõ đã nhận hay chưa (hoặc đã thử đủ ba lần).",
    Why.NO_SUCH_ENTERPRISE: "Không có doanh nghiệp số {number}.",
    Why.NO_SUCH_CONTACT: "Không có người liên hệ ấy, hoặc người ấy không để lại số.",
    Why.NO_SUCH_MERGE: "Lần gộp ấy không còn tách lại được.",
    Why.NO_SUCH_VIEW: "Không có bộ lọc ấy.",
    Why.NO_SUCH_STATUS: "Không có tình trạng ấy.",
    Why.MERGED: "Doanh nghiệp này đã gộp vào số {into}.",
    Why.SAME_ENTERPRISE: "Đây là cùng một doanh nghiệp.",
    Why.NOT_AN_OFFICER: "{name} không có vai trò theo dõi doanh nghiệp.",
    Why.NO_SUCH_TICKET: "Không có yêu cầu số {number}.",
    Why.TICKET_CLOSED: "Yêu cầu số {number} đã đóng.",
    Why.TAKEN: "Yêu cầu số {number} đã có {name} nhận.",
    Why.NEWER_TICKET: "Người hỏi của yêu cầu số {number} đã có yêu cầu mới hơn, số {newer}.",
    Why.NO_SUCH_DUTY: "Lịch trực không có chỗ ấy.",
    Why.MAY_NOT_TALK: "{name} không có vai trò trả lời doanh nghiệp.",
    Why.NO_WAY: "Kênh {channel} của yêu cầu số {number} đang tắt.",
    Why.DAY: "Hạn phải từ hôm nay trở đi, trong vòng ba năm.",
    Why.NO_SUCH_GROUP: "Không có nhóm câu hỏi này, hoặc đã được giải quyết rồi.",
    Why.NO_SUCH_DRAFT: "Không có bản nháp số {number}.",
    Why.NO_SUCH_ENTRY: "Không có câu trả lời này trong tri thức.",
    Why.NO_SUCH_SOURCE: "Không có nguồn này trong sổ nguồn.",
    Why.NO_SUCH_TOPIC: "Không có chủ đề này.",
    Why.DRAFT_STATE: "Bản nháp số {number} đang ở trạng thái khác.",
    Why.CHANGED: "Bản nháp đã khác lúc được xem.",
    Why.NO_QUESTION: "Bản nháp chưa có câu hỏi nào.",
    Why.WORDING: "Cách hỏi cần ít nhất hai tiếng, không có tên riêng, số điện thoại hay mã số.",
    Why.MARKS: "Câu trả lời không được có dấu ngoặc nhọn hay dấu ** lẻ.",
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


def knowledge() -> Knowledge:
    """What this installation knows; what is wrong with its folder becomes sentences."""
    found, today = settings(), SystemClock().now().astimezone(VIETNAM).date()
    with explained():
        return load(found.knowledge_folder, today=today, cache=found.cache_folder)


def attached(path: Path | None) -> Attachment | None:
    """Keep a file to go along with an announcement; what is wrong with it becomes a sentence."""
    if path is None:
        return None
    with explained():
        try:
            return Files(folder_of(settings().data_folder)).keep(path)
        except Refused as refused:
            _refuse(refused)


def acting(staff: int | None) -> Actor:
    """Who acts: a member by number, or the command line itself."""
    account = "?"
    with suppress(OSError, KeyError):  # a container may know no name for its account
        account = getpass.getuser()
    return Actor(staff, f"dòng lệnh ({account})")


@contextmanager
def noted(act: str, about: str, **after: object) -> Iterator[None]:
    """Have what is done within in the audit, also while the bot holds the database."""
    at, via = SystemClock().now(), acting(None).via
    with acts.noted(settings().data_folder, acts.Act(at, via, act, about, {}, after)):
        yield


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
    readers = Readers.beside(found.database)
    try:
        return await readers.read(work)
    finally:
        await readers.close()
