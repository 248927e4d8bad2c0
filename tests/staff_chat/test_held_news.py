"""An announcement that the bot holds waits for a person, and that person hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.broadcasting import Broadcasting
from bot.operations.broadcasts import State
from bot.operations.rights import Role
from bot.store import schema
from tests.staff_chat.announcing import approves, awaiting, broadcast
from tests.staff_chat.office import Office
from tests.store.conftest import rows


@pytest.fixture
async def late(office: Office) -> Office:
    """Written by Hoa and approved by Dũng in the evening; the next day it is too late for it."""
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.OFFICER)
    await office.employs("Dũng", Role.APPROVER)
    await office.employs("Nga", Role.ADMIN)
    await office.employs("Tú", Role.VIEWER)
    await awaiting(office, "Hoa", "Mời dự tập huấn.")
    await approves(office, "Dũng")
    office.clock.at += timedelta(days=2)
    return office


async def told(office: Office) -> list[str]:
    """Who of the staff is told that it is held, when the bot looks twice."""
    before = len(await rows(office.store, schema.delivery))
    office.said.clear()
    await Broadcasting(office.house).look()
    await Broadcasting(office.house).look()
    assert (await broadcast(office, 1)).state == State.HELD
    queued = (await rows(office.store, schema.delivery))[before:]
    assert {row["kind"] for row in queued} <= {"staff"}
    return [row["conversation"] for row in queued]


async def test_whoever_wrote_and_approved_it_reads_why_and_has_the_way_to_it(late: Office) -> None:
    assert await told(late) == ["Hoa", "Dũng"]
    assert "**Tin số 1** cần anh/chị xem" in late.said[0].text
    assert "đã quá giờ muộn nhất" in late.said[0].text

    (way,) = late.offered()[:1]
    assert "Bị giữ lại" in await late.presses("Dũng", way.action)
    assert "Gửi tiếp" in {choice.label for choice in late.offered()}


async def test_where_its_approver_has_left_all_who_can_let_it_go_on_are_told(late: Office) -> None:
    await late.presses("Nga", "staff:team.end:2:sure")
    assert await told(late) == ["Hoa", "Nga"]


async def test_an_author_who_can_approve_hears_of_it_once(late: Office) -> None:
    await late.presses("Nga", "staff:team.role:1:approver")
    await late.presses("Nga", "staff:team.end:2:sure")
    assert await told(late) == ["Hoa"]
