"""Announcements when a channel does not run, and when their latest time has passed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from bot.broadcasting import Broadcasting
from bot.operations.broadcasts import State
from bot.operations.rights import Role
from bot.store import instance, schema
from tests.staff_chat.announcing import approves, awaiting, broadcast
from tests.staff_chat.office import Office
from tests.store.conftest import rows

_LOST = (
    update(schema.delivery)
    .where(schema.delivery.c.broadcast == 1)
    .values(state="unsure", attempts=1, settled_at=schema.delivery.c.created_at)
)


async def test_sending_again_when_it_is_late_asks_until_when(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.APPROVER)
    await awaiting(office, "Hoa", "Tin.")
    await approves(office, "Hoa")
    sending = Broadcasting(office.house)
    await sending.look()
    await office.store.write(lambda db: db.execute(_LOST))
    await sending.look()
    office.clock.at += timedelta(days=2)

    assert "quá giờ muộn nhất" in await office.presses("Hoa", "staff:news.again:1")
    sent = [row for row in await rows(office.store, schema.delivery) if row["broadcast"] == 1]
    assert [row["state"] for row in sent] == ["unsure"]
    assert "Đang gửi lại" in await office.types("Hoa", "17h mai")
    await sending.look()
    assert (await broadcast(office, 1)).state == State.RUNNING


async def test_who_the_running_channels_do_not_reach_is_told_apart(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    now = office.clock.at
    other = {"channel": "zalo", "conversation": "z", "first_seen": now, "last_seen": now}
    subscribed = insert(schema.conversation).values(**other, subscribed=True)
    await office.store.write(lambda db: db.execute(subscribed))
    await office.store.write(lambda db: instance.runs(db, office.house.ways_out))
    await office.employs("Hoa", Role.APPROVER)
    await office.presses("Hoa", "staff:news.write")

    page = await office.types("Hoa", "Tin.")
    assert "**1 người** lúc này" in page
    assert "Ngoài ra 1 người ở kênh mà trợ lý hiện không chạy" in page
