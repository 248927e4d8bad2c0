"""What staff read and wrote about a person goes with that person, out of the staff's chats too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.attending import Attending
from bot.operations.attendance import Patience
from bot.operations.rights import Role
from bot.store import deliveries, erasure, retention, schema
from tests.staff_chat.office import Office
from tests.staff_chat.test_leads import register

NAME = "Nguyễn Thị Lan"  # as `register` has it
KEEP = retention.Retention()
PATIENCE = Patience(timedelta(hours=2), timedelta(hours=24))


async def everything(office: Office) -> str:
    """All rows of all tables, as one text."""
    found: list[Any] = []
    for table in schema.metadata.sorted_tables:
        rows = await office.store.read(lambda db, table=table: db.execute(select(table)))  # type: ignore[misc]  # mypy loses a lambda's default
        found += [f"{table.name}: {tuple(row)}" for row in rows]
    return "\n".join(found)


async def all_is_sent(office: Office) -> None:
    now = office.clock.at
    while due := await office.store.write(lambda db: deliveries.claim(db, "telegram", now, 9)):
        taken = [(row.id, str(row.id), now) for row in due]
        await office.store.write(lambda db, taken=taken: deliveries.sent(db, taken))  # type: ignore[misc]  # mypy loses a lambda's default


async def test_erasing_reaches_what_staff_read_and_typed_about_a_person(office: Office) -> None:
    await office.employs("Hoa", Role.ADMIN)
    await register(office, "Lan", "0101243150", "Công ty An Hòa")
    await office.types("Lan", "gặp cán bộ")
    await office.types("Lan", f"Tôi là {NAME}, hỏi hồ sơ")
    await Attending(office.house, PATIENCE).look()
    assert NAME in await office.presses("Hoa", "staff:ticket.show:1")
    await office.presses("Hoa", "staff:ticket.reply:1")
    await office.types("Hoa", f"Chào chị {NAME}")
    await office.presses("Hoa", "staff:lead.note:1")
    await office.types("Hoa", f"Đã gặp {NAME} ở xưởng")
    await office.types("Hoa", f"/doanhnghiep {NAME}")
    await all_is_sent(office)

    await office.store.write(lambda db: erasure.erase(db, office.at("Lan"), office.clock.at))

    left = await everything(office)
    assert [line for line in left.split("\n") if NAME in line] == []


async def test_what_staff_read_is_kept_until_it_is_sent(office: Office) -> None:
    await office.employs("Hoa", Role.ADMIN)
    await register(office, "Lan", "0101243150", "Công ty An Hòa")
    assert NAME in await office.presses("Hoa", "staff:lead.card:1")

    table = schema.delivery.c
    waiting = (await office.store.read(lambda db: db.scalars(select(table.payload)))).all()
    await all_is_sent(office)
    sent = (await office.store.read(lambda db: db.scalars(select(table.payload)))).all()
    assert (all(waiting), any(sent)) == (True, False)


async def in_the_middle(office: Office) -> None:
    """Three of the staff stand in dialogs about Lan, a fourth in one about nobody."""
    for who in ("Hoa", "Dũng", "Mai", "Nga"):
        await office.employs(who, Role.ADMIN)
    await register(office, "Lan", "0101243150", f"Hộ kinh doanh {NAME}")
    await office.types("Lan", f"{NAME} hỏi có được mượn phòng họp không")
    await office.presses("Lan", "none")
    await office.types("Hoa", "/chuatraloi")
    await office.presses("Hoa", "staff:learn.answer:1")
    await office.types("Hoa", f"Sở mời chị {NAME} tới xem phòng.")
    await office.types("Dũng", "/doanhnghiep")
    await office.types("Dũng", "/doanhnghiep ho kinh doanh")
    await office.presses("Mai", "staff:lead.note:1")
    await office.presses("Nga", "staff:news.write")


async def sessions(office: Office) -> str:
    table = schema.session.c.state
    return "\n".join((await office.store.read(lambda db: db.scalars(select(table)))).all())


async def test_erasing_reaches_what_staff_were_just_writing(office: Office) -> None:
    await in_the_middle(office)
    assert NAME in await sessions(office)
    await office.store.write(lambda db: erasure.erase(db, office.at("Lan"), office.clock.at))

    assert NAME not in await sessions(office)
    for who in ("Hoa", "Mai"):
        assert "Bước này không còn dùng được" in await office.types(who, "gọi lại sau")
    assert "Đã lưu bản nháp" in await office.types("Nga", "Mời tập huấn")


async def test_what_staff_left_half_written_is_forgotten_after_a_week(office: Office) -> None:
    await in_the_middle(office)
    for days, kept in ((6, True), (8, False)):
        later = office.clock.at + timedelta(days=days)
        await office.store.write(lambda db, at=later: retention.tidy(db, at, KEEP))  # type: ignore[misc]  # mypy loses a lambda's default
        assert (NAME in await sessions(office)) is kept
