"""Lists of enterprises as officers send them, by the name of their file."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import openpyxl  # type: ignore[import-untyped]

from bot.channels import NotFetched
from bot.lead_import import SentList
from bot.lead_inbox import Lists
from handlers.attachments import SentFile

HEAD = ["STT", "Tên doanh nghiệp", "Mã số thuế", "Người liên hệ", "Điện thoại", "Xã, phường", "Vốn"]
ROWS: list[list[object]] = [
    ["1", "Công ty CP Nam Ô", "0101243150", "Trần Văn Minh", "0987654321", "phường Hải Vân", "5"],
    ["2", "HTX Hòa Phong", 400101394, "Lê Thị Hoa", 905123456, "xã Hòa Vang", "1"],
    ["3", "HTX Hoà Phong", 400101394, "", "", "", ""],
    ["4", "Cơ sở bánh tráng", "0101243151", "", "", "", ""],
]


def workbook(*rows: list[object]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def _content(name: str) -> bytes:
    if name == "hỏng.xlsx":
        return b"PK nothing"
    if name == "dài.csv":
        return "\n".join(["MST,Tên doanh nghiệp", *["0101243150,An Hòa"] * 2001]).encode()
    return workbook([], ["DANH SÁCH DOANH NGHIỆP"], [*HEAD], *ROWS)


async def fetch(name: str) -> bytes:
    """What a file of this name holds."""
    if name == "mất.xlsx":
        raise NotFetched(name)
    return _content(name)


def list_reader(lists: Lists) -> Callable[[str, SentFile | str], Awaitable[SentList]]:
    """What reads the lists that people send, as the application does."""

    async def read(_channel: str, sent: SentFile | str) -> SentList:
        return await lists.read(sent, fetch)

    return read
