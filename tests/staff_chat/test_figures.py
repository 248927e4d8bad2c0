"""Every figure is a count of rows, and the rows can be listed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.digest import Digest
from bot.operations import figures
from bot.operations.periods import read_period
from bot.operations.rights import Role
from bot.store import schema
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge
from tests.staff_chat.office import CONSOLE, Office


async def counted(office: Office, knowledge: Knowledge) -> figures.Figures:
    period = read_period("", office.clock.at.date())
    assert period is not None
    return await office.store.read(lambda db: figures.gather(db, period, knowledge, CONSOLE))


async def test_a_question_counts_by_what_became_of_it_and_by_its_topic(
    office: Office, shipped: Knowledge
) -> None:
    await office.types("Lan", "hồ sơ gồm những gì")
    await office.types("Lan", "chưa có hạn nộp à")
    await office.types("Minh", "giải sao vàng đất việt đăng ký thế nào")
    await office.types("Minh", "xin chào")

    found = await counted(office, shipped)

    assert found.people == 2
    assert found.questions == 3
    assert found.outcomes["refused"] == 1
    assert dict(found.topics)["dossier"] == 1


async def test_the_funnel_says_where_people_stopped(office: Office, shipped: Knowledge) -> None:
    await office.types("Lan", "/dangky")
    for answer in ("Đồng ý", "Công ty TNHH Lan", "xyz"):
        await office.types("Lan", answer)
    await office.types("Minh", "/dangky")

    [funnel] = (await counted(office, shipped)).funnels

    assert (funnel.form, funnel.began, funnel.finished) == ("register", 2, 0)
    assert dict(funnel.stopped_at) == {"tax_code": 1, "consent": 1}


async def test_a_row_of_a_past_period_is_the_same_however_often_it_is_counted(
    office: Office, shipped: Knowledge
) -> None:
    await office.types("Lan", "hồ sơ gồm những gì")
    before = await counted(office, shipped)
    await office.types("Lan", "xoá dữ liệu")
    await office.types("Lan", "1")

    after = await counted(office, shipped)
    assert after.topics == before.topics
    assert after.questions == before.questions


async def waiting(office: Office) -> int:
    table = schema.delivery
    queued = select(table.c.id).where(table.c.kind == schema.literal("staff"))
    return len((await office.store.read(lambda db: db.scalars(queued))).all())


async def test_the_digest_goes_to_each_member_once_a_week_by_day(office: Office) -> None:
    digest = Digest(office.house)
    await office.types("Lan", "hồ sơ gồm những gì")  # on Friday the 20th
    office.clock.at = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)  # a Monday
    await digest.look()  # nobody is there to read it: it is not lost
    await office.employs("Hoa", Role.APPROVER)
    await office.employs("Dũng", Role.VIEWER)
    for hour in (7, 19):
        office.clock.at = datetime(2026, 11, 23, hour, 59, tzinfo=VIETNAM)
        await digest.look()
    assert await waiting(office) == 0

    for day in (24, 25, 29):  # it was off on Monday: Tuesday will do
        office.clock.at = datetime(2026, 11, day, 8, 0, tzinfo=VIETNAM)
        await Digest(office.house).look()
        assert await waiting(office) > 0
    sent = await waiting(office)

    office.clock.at = datetime(2026, 11, 30, 8, 0, tzinfo=VIETNAM)  # after a week without anybody
    await digest.look()
    assert await waiting(office) == sent
