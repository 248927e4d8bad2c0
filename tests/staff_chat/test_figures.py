"""Every figure is a count of rows, and the rows can be listed."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select

from bot import stats_list
from bot.digest import Digest
from bot.operations import figures
from bot.operations.periods import read_period, usual
from bot.operations.rights import Role
from bot.store import schema, submissions
from handlers.effects import SaveSubmission
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


async def a_busy_day(office: Office) -> None:
    """Twelve people ask, open the form and want a person; two hand the form in."""
    await office.employs("Hoa", Role.ADMIN)
    for number in range(12):
        who = f"person {number}"
        await office.types(who, "hồ sơ gồm những gì")
        await office.types(who, "zxcv qwer tyui")
        await office.types(who, "/dangky")
        await office.types(who, "gặp cán bộ")
        await office.types(who, "Hỏi phí")
    await office.types("Hoa", "/traloi 1 Không thu phí ạ.")
    await office.presses("person 0", "rate:1:good")
    for commune in ("xã Thăng Bình", "xã Hòa Vang"):
        form = SaveSubmission("register", {"commune": commune, "programmes": ["award"]}, "v1")
        where, now = office.at(commune), office.clock.at
        await office.store.write(partial(submissions.save, conversation=where, sent=form, now=now))


async def test_every_count_is_as_many_rows_as_can_be_listed(
    office: Office, shipped: Knowledge
) -> None:
    await a_busy_day(office)
    found = await counted(office, shipped)

    async def listed(what: str) -> int:
        period = usual(office.clock.at.date())
        rows = await office.store.read(stats_list.reading(what, period, shipped, CONSOLE))
        return len(stats_list.lines(what, rows, shipped)) - 1  # the columns

    assert await listed("questions") == found.questions == 24
    assert await listed("left") == sum(times for _, times in found.left_open) >= 12
    assert await listed("calls") == found.called == 12
    assert await listed("submitted") == dict(found.forms)["register"] == 2
    assert await listed("stood") == sum(each.began - each.finished for each in found.funnels) == 12
    assert (found.answered, found.rated) == (1, {"good": 1})
    assert dict(found.communes) == {"xã Thăng Bình": 1, "xã Hòa Vang": 1}
    assert dict(found.programmes)["award"] == 2


async def test_long_lists_are_turned_over_page_by_page(office: Office) -> None:
    await a_busy_day(office)
    await office.types("Hoa", "/thongke")
    for label, rows in (("Xem từng câu hỏi", 24), ("Xem yêu cầu gặp cán bộ", 12)):
        await office.types("Hoa", "/thongke")
        lines, more = [], label
        while more:
            action = next(each.action for each in office.offered() if each.label == more)
            said = await office.presses("Hoa", action)
            lines += [line for line in said.split("\n") if line.startswith("- ")]
            more = next((each.label for each in office.offered() if each.label == "Xem thêm"), "")
        assert (len(lines), len(set(lines))) == (rows, rows)


@pytest.mark.parametrize("words", ["thống kê tuần trước", "Số liệu quý 3", "thong ke thang 10"])
async def test_a_period_may_stand_behind_the_words_of_the_command(
    office: Office, words: str
) -> None:
    await office.employs("Hoa", Role.VIEWER)

    assert "**Số liệu " in await office.types("Hoa", words)
    assert "**Số liệu " not in await office.types("Lan", words)
    assert "**Số liệu " not in await office.types("Hoa", "số liệu bán hàng của giải là gì")


async def test_what_was_pressed_is_told_from_what_lost_its_words_by_age(office: Office) -> None:
    await office.employs("Hoa", Role.VIEWER)
    await office.presses("Lan", "entry:cost.fee")
    day = f"{office.clock.at:%Y%m%d}"

    assert "(bấm nút)" in await office.presses("Hoa", f"staff:stats.questions:{day}-{day}:0")
