"""A colleague whose channel does not run at present is told nothing, and holds up nobody."""

from __future__ import annotations

from bot.operations import staff
from bot.operations.rights import Role
from bot.store import schema
from handlers.conversation import Conversation
from tests.staff_chat.office import CONSOLE, Office
from tests.store.conftest import rows

ELSEWHERE = Conversation("zalo", "minh")


async def test_an_announcement_is_submitted(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.OFFICER)
    await office.employs("Tâm", Role.APPROVER)
    now = office.clock.at
    await office.store.write(
        lambda db: staff.add(db, ELSEWHERE, "Minh", Role.APPROVER, CONSOLE, now)
    )
    await office.presses("Hoa", "staff:news.write")
    await office.types("Hoa", "Tin.")

    assert "Đã gửi duyệt" in await office.presses("Hoa", "staff:news.submit:1")
    told = [row for row in await rows(office.store, schema.delivery) if row["kind"] == "staff"]
    assert [(row["channel"], row["conversation"]) for row in told] == [("telegram", "Tâm")]
