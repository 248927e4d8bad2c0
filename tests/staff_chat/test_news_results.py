"""What became of each recipient, by chat: the unsure in true words, and everybody as a file."""

from __future__ import annotations

import asyncio
import io

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import update

from bot import broadcast_book
from bot.broadcasting import Broadcasting
from bot.operations.refusals import NotAllowed
from bot.operations.rights import Role
from bot.store import audit, schema
from tests.staff_chat.announcing import approves
from tests.staff_chat.office import Office

_delivery = schema.delivery
_SENT = (
    update(_delivery)
    .where(_delivery.c.broadcast == 1)
    .values(state="sent", external_id="55", settled_at=_delivery.c.created_at)
)
_LOST = (
    update(_delivery)
    .where(_delivery.c.broadcast == 2)
    .values(
        state="unsure",
        reason="the process ended while it was sent",
        attempts=1,
        settled_at=_delivery.c.created_at,
    )
)


async def go_out(office: Office, number: int) -> None:
    """Submitted and approved by the only one, then started."""
    await office.presses("Hoa", f"staff:news.submit:{number}")
    await approves(office, "Hoa", number)
    await Broadcasting(office.house).look()


@pytest.fixture
async def sent(office: Office) -> Office:
    """Hoa's first announcement has reached Lan."""
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.APPROVER)
    await office.presses("Hoa", "staff:news.write")
    await office.types("Hoa", "Lớp ngày 18/11.")
    await go_out(office, 1)
    await office.store.write(lambda db: db.execute(_SENT))
    await Broadcasting(office.house).look()
    return office


@pytest.mark.parametrize(
    ("change", "words", "again"),
    [("edit", "đã được sửa hay còn nội dung cũ", "Sửa lại ở chỗ họ"),
     ("withdraw", "đã được thu hồi hay còn đó", "Thu hồi lại ở chỗ họ")],
)  # fmt: skip
async def test_to_change_a_message_again_is_not_said_to_double_anything(
    sent: Office, change: str, words: str, again: str
) -> None:
    await sent.presses("Hoa", f"staff:news.{change}:1")
    if change == "edit":
        await sent.types("Hoa", "Lớp ngày 28/11.")
    await go_out(sent, 2)
    await sent.store.write(lambda db: db.execute(_LOST))

    page = await sent.types("Hoa", "/thongbao 2")
    assert "trợ lý bị ngắt đúng lúc gửi – 1" in page
    said = await sent.presses("Hoa", "staff:news.unsure:2")
    assert words in said
    assert "không ai nhận thêm tin nào" in said
    assert "hai lần" not in said
    assert again in [choice.label for choice in sent.offered()]


async def test_results_are_the_command_lines_workbook_and_noted(sent: Office) -> None:
    await sent.presses("Hoa", "staff:news.results:1")
    (file,) = [reply.attachment for reply in sent.said if reply.attachment]
    made = await asyncio.to_thread(broadcast_book.workbook, sent.store.path, file.content)

    rows = list(openpyxl.load_workbook(io.BytesIO(made)).worksheets[0].values)
    assert rows[0] == broadcast_book.HEADINGS
    assert [row[3:6] for row in rows[1:]] == [("telegram", "Lan", "đã gửi")]
    newest = (await sent.store.read(lambda db: audit.latest(db, 1)))[0]
    assert (newest.act, newest.object) == ("export", "broadcast:1")
    assert newest.after == {"people": 1}


async def test_whoever_may_not_export_any_more_gets_no_file(sent: Office) -> None:
    viewer = await sent.employs("Vân", Role.VIEWER)
    assert "cần quyền khác" in await sent.presses("Vân", "staff:news.results:1")

    asked = {"broadcast": 1, "staff": viewer}
    with pytest.raises(NotAllowed):
        await asyncio.to_thread(broadcast_book.workbook, sent.store.path, asked)
