"""Enterprises by chat, by hands that may not: forged buttons, viewers, updates brought again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.operations import lead_twins, leads
from bot.operations.rights import Role
from bot.staff_chat import ACTIONS
from bot.staff_chat.lead_days import read_day
from bot.store import schema, submissions
from bot.store.follow_up import Sought
from bot.store.lead_cards import Card
from handlers.attachments import LIVE, SentFile
from handlers.conversation import Conversation, Incoming
from handlers.effects import SaveSubmission
from knowledge.entries import Knowledge
from tests.staff_chat.office import CONSOLE, Office

VERBS = sorted(verb for verb in ACTIONS if verb.startswith("lead"))
FRIDAY = date(2026, 11, 20)


async def register(office: Office, chat: str, tax_code: str, name: str) -> None:
    form = SaveSubmission(
        "register",
        {"commune": "xã Thăng Bình", "phone": "+84912345678", "programmes": ["award"]},
        "lien-he-huong-dan",
        tax_code=tax_code,
        enterprise=name,
        contact="Nguyễn Thị Lan",
        phone="+84912345678",
        email="lan@anhoa.vn",
    )
    where, now = Conversation("telegram", chat), office.clock.at
    await office.store.write(lambda db: submissions.save(db, where, form, now))


async def two(office: Office) -> None:
    await register(office, "a", "0101243150", "Công ty An Hòa")
    await register(office, "b", "0400101394", "Công ty An Hoà")


async def cards(office: Office) -> list[Card]:
    return [
        await office.store.read(lambda db, n=number: leads.card(db, n, CONSOLE))  # type: ignore[misc]  # mypy loses a lambda's default
        for number in (1, 2)
    ]


@pytest.mark.parametrize(
    "argument",
    ["1", "1:2", "2:1", "1:guided", "1:1", "1:7", "1:none", "own", "owner:1", "due", "status:new"],
)
async def test_a_viewer_changes_nothing_and_learns_no_number_by_any_button(
    office: Office, argument: str
) -> None:
    await two(office)
    await office.employs("Vân", Role.VIEWER)
    before = await cards(office)

    for verb in VERBS:
        said = await office.presses("Vân", f"staff:{verb}:{argument}")
        said += await office.types("Vân", "0912")
        assert "912345678" not in said.replace(" ", "")
        assert "912 345" not in said
        assert "lan@anhoa.vn" not in said
        assert all(reply.attachment is None for reply in office.said)

    assert await cards(office) == before


async def test_forged_data_is_taken_calmly(office: Office, shipped: Knowledge) -> None:
    await two(office)
    await office.employs("Hoa", Role.ADMIN)
    for verb in VERBS:
        for data in ("9", "1:99", "x:y", "1:", "1:999999999", "%s"):
            said = await office.presses("Hoa", f"staff:{verb}:{data}")
            assert said not in {"", shipped.say("failed")}
        assert await office.types("Hoa", "/doanhnghiep") != shipped.say("failed")
    assert (await cards(office))[0].brief.merged_into is None


async def test_a_status_that_the_platform_brings_again_is_set_once(office: Office) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)
    await office.presses("Hoa", "staff:lead.status:1:guided")
    told = Incoming(office.at("Hoa"), "again", office.clock.at, text="đã gọi")

    assert "Đã đổi trạng thái" in await office.hears(told)
    assert await office.hears(replace(told)) == ""
    assert len((await cards(office))[0].changes) == 1


async def test_a_merge_needs_two_presses_by_a_person(office: Office) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)
    suggested = await office.store.read(lambda db: lead_twins.suggestions(db, 1, CONSOLE))
    assert [each.other.id for each in suggested] == [2]

    await office.presses("Hoa", "staff:lead.same:1")
    await office.presses("Hoa", "staff:lead.pair:1:2")
    assert (await cards(office))[1].brief.merged_into is None
    await office.presses("Hoa", "staff:lead.merge:1:2")
    assert [each.brief.id for each in await cards(office)] == [1, 1]


async def test_what_is_queued_for_a_file_names_no_enterprise_and_no_person(
    office: Office,
) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)
    await office.types("Hoa", "/doanhnghiep xuất")

    (file,) = (reply.attachment for reply in office.said if reply.attachment)
    assert file.kind in LIVE
    assert (file.content["staff"], Sought.of_data(file.content["sought"])) == (1, Sought())
    table = schema.delivery
    queued = await office.store.read(lambda db: db.scalars(select(table.c.payload)))
    for words in ("An Hòa", "Lan", "0101243150", "912345678"):
        assert words not in str(list(queued))


async def test_what_goes_into_a_file_is_the_list_that_is_looked_at(office: Office) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)

    async def taken() -> list[Sought]:
        files = [reply.attachment for reply in office.said if reply.attachment]
        return [Sought.of_data(file.content["sought"]) for file in files]

    await office.presses("Hoa", "staff:lead.list:new")
    of_the_new = office.offered()[-2].action
    assert "Mới: 2 doanh nghiệp" in await pressed_file(office, of_the_new)
    assert await taken() == [Sought(status="new")]

    await office.types("Hoa", "/doanhnghiep an")
    await office.presses("Hoa", of_the_new)  # an old button: another list is looked at by now
    assert await taken() == []
    assert "“an”" in office.said[0].text
    await office.presses("Hoa", office.offered()[-2].action)
    assert await taken() == [Sought(words="an")]


async def pressed_file(office: Office, action: str) -> str:
    await office.presses("Hoa", action)
    return "".join(reply.attachment.caption for reply in office.said if reply.attachment)


async def test_a_card_leads_back_to_the_page_of_the_list_that_it_was_opened_from(
    office: Office,
) -> None:
    await office.employs("Hoa", Role.OFFICER)
    for number in range(20):
        await register(office, f"c{number}", f"{number:010}", f"Công ty số {number}")
    await office.presses("Hoa", "staff:lead.list:new")
    second = await office.presses("Hoa", office.offered()[8].action)

    await office.presses("Hoa", office.offered()[0].action)
    (back,) = (each for each in office.offered() if each.label == "Trở lại danh sách")
    assert await office.presses("Hoa", back.action) == second
    await office.types("Hoa", "/doanhnghiep 3")  # of no list
    assert "Trở lại danh sách" not in {each.label for each in office.offered()}


async def test_two_are_told_apart_by_one_who_follows_up_and_never_asked_about_again(
    office: Office,
) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)
    assert "1 cặp" in await office.presses("Hoa", "staff:lead.twins")
    await office.presses("Hoa", office.offered()[0].action)
    (apart,) = (each for each in office.offered() if each.label == "Không phải trùng")

    said = await office.presses("Hoa", apart.action)

    assert "số 1 và số 2 là hai doanh nghiệp" in said
    assert "không thấy cặp nào" in said
    assert "không gợi ý" not in await office.presses("Hoa", "staff:lead.twins")
    assert (await cards(office))[1].brief.merged_into is None


async def test_a_list_is_taken_in_by_one_who_follows_up_and_by_nobody_else(office: Office) -> None:
    await office.employs("Hoa", Role.OFFICER)
    await office.employs("Vân", Role.VIEWER)
    await office.presses("Hoa", "staff:lead.import")
    sent = SentFile("danh sách.xlsx", "danh sách.xlsx")
    asked = Incoming(office.at("Hoa"), "file", office.clock.at, file=sent, unreadable=True)
    assert "Xem trước 4 dòng" in await office.hears(asked)
    take, rows = (choice.action for choice in office.offered()[:2])

    for action in (take, rows, "staff:lead.import"):
        assert "cần quyền khác" in await office.presses("Vân", action)
    assert "không còn giữ" in await office.presses("Hoa", "staff:lead.take:0123456789abcdef")
    assert "Doanh nghiệp**: 0" in await office.types("Hoa", "/doanhnghiep")

    kept = office.store.path.parent / "lists"
    assert len(list(kept.iterdir())) == 1  # what the viewer pressed has not removed it
    assert "Đã ghi: 2 doanh nghiệp mới" in await office.presses("Hoa", take)
    assert list(kept.iterdir()) == []
    assert "Doanh nghiệp**: 2" in await office.types("Hoa", "/doanhnghiep")


async def test_in_a_group_nobody_reads_a_number_and_no_file_goes_out(office: Office) -> None:
    await two(office)
    await office.employs("Hoa", Role.OFFICER)

    async def in_group(number: int, text: str = "", action: str = "") -> str:
        group, now = office.at("-100"), office.clock.at
        told = Incoming(group, f"g{number}", now, text, action, private=False, sender="Hoa")
        return await office.hears(told)

    asked = ("/doanhnghiep 1", "/doanhnghiep xuất")
    said = [await in_group(number, text) for number, text in enumerate(asked)]
    said += [await in_group(9, action="staff:lead.forms:1")]
    for each in said:
        assert "912" not in each
        assert "cuộc trò chuyện riêng" in each
    assert all(reply.attachment is None for reply in office.said)
    assert "912 345" in await office.types("Hoa", "/doanhnghiep 1")


async def test_a_long_list_is_turned_page_by_page(office: Office) -> None:
    await office.employs("Hoa", Role.OFFICER)
    for number in range(20):
        await register(office, f"c{number}", f"{number:010}", f"Công ty số {number}")

    first = await office.types("Hoa", "/doanhnghiep cong ty")
    assert first.count("\n- #") == 8
    second = await office.types("Hoa", "9")
    assert second.count("\n- #") == 8
    third = await office.presses("Hoa", office.offered()[8].action)
    assert third.count("\n- #") == 4


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hôm nay", FRIDAY),
        ("Mai", FRIDAY + timedelta(days=1)),
        ("10 ngày nữa", date(2026, 11, 30)),
        ("2 tuần", date(2026, 12, 4)),
        ("24/11", date(2026, 11, 24)),
        ("24-11-2026", date(2026, 11, 24)),
        ("19/11", date(2027, 11, 19)),
        ("31/02", None),
        ("29/2", None),
        ("ngày 24 tháng 11", date(2026, 11, 24)),
        ("ngày kia", date(2026, 11, 22)),
        ("thứ Sáu", FRIDAY),
        ("thứ 5", date(2026, 11, 26)),
        ("T2", date(2026, 11, 23)),
        ("thứ Tư tuần sau", date(2026, 11, 25)),
        ("thứ Sáu tuần tới", date(2026, 11, 27)),
        ("thứ Hai tuần này", date(2026, 11, 16)),
        ("chủ nhật", date(2026, 11, 22)),
        ("tuần sau", date(2026, 11, 27)),
        ("cuối tuần", FRIDAY),
        ("cuối tháng", date(2026, 11, 30)),
        ("cuối tháng sau", date(2026, 12, 31)),
        ("thứ Tám", None),
        ("thứ 8", None),
        ("", None),
        ("99/99/9999", None),
    ],
)
def test_days_are_read_as_staff_type_them(typed: str, expected: date | None) -> None:
    assert read_day(typed, FRIDAY) == expected
