"""Going round the unanswered loop: buttons nobody was shown, old ones, the same update again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import staff_chat
from bot.attending import Attending
from bot.operations import drafting
from bot.operations.attendance import Patience
from bot.operations.drafting import State, Written
from bot.operations.rights import Actor, Role
from bot.store import deliveries, schema
from handlers.conversation import Incoming
from handlers.faq import NONE_OF_THESE
from knowledge.entries import Knowledge
from tests.staff_chat.office import Office

QUESTION = "có được mượn phòng họp không"
OTHER = "cho mượn máy phân tích mẫu không"
VERBS = [verb for verb in staff_chat.ACTIONS if verb.startswith("learn.")]
FORGED = (
    "",
    "0",
    "x",
    "-1",
    "9999999999999",
    "1:x",
    "1:2:3",
    "cost.fee",
    "so",
    "tell:x",
    "@office",
)


async def ask(office: Office, who: str, question: str) -> None:
    await office.types(who, question)
    if NONE_OF_THESE in {each.action for each in office.offered()}:
        await office.presses(who, NONE_OF_THESE)


async def press(office: Office, who: str, label: str) -> str:
    action = next(each.action for each in office.offered() if each.label == label)
    return await office.presses(who, action)


async def rows(office: Office, table: Any) -> list[Any]:
    found = await office.store.read(lambda db: db.execute(select(table)))
    return list(found.all())


async def told(office: Office) -> list[str]:
    return [row.conversation for row in await rows(office, schema.delivery) if row.kind == "staff"]


async def ready_to_send(office: Office) -> Incoming:
    """Hoa stands before the button that sends her answer to Lan and Minh; her press on it."""
    await office.employs("Hoa", Role.OFFICER)
    for who in ("Lan", "Minh"):
        await ask(office, who, QUESTION)
    await office.types("Hoa", "/chuatraloi")
    await office.types("Hoa", "1")
    await press(office, "Hoa", "Viết câu trả lời")
    await office.types("Hoa", "Sở cho mượn phòng họp khi còn trống.")
    await press(office, "Hoa", "Theo trả lời của Sở hôm nay")
    action = next(each.action for each in office.offered() if "learn.send" in each.action)
    return Incoming(office.at("Hoa"), "send", office.clock.at, action=action)


async def test_the_same_press_brought_twice_sends_once(office: Office) -> None:
    sends = await ready_to_send(office)
    await office.hears(sends)
    await office.hears(sends)
    await office.hears(replace(sends, external_id="again"))

    assert await told(office) == ["Lan", "Minh"]
    assert len(await rows(office, schema.entry_draft)) == 1


async def test_who_answered_hears_of_those_whom_the_answer_did_not_reach(office: Office) -> None:
    await office.hears(await ready_to_send(office))
    now = office.clock.at

    async def ends(db: AsyncConnection) -> None:
        """Lan's came back; Minh's was on its way when the process was killed."""
        asked = {office.at("Lan"), office.at("Minh")}
        while due := await deliveries.claim(db, "telegram", now, 9):
            for row in due:
                if row.kind == "staff" and row.conversation == office.at("Lan"):
                    await deliveries.failed(db, row.id, "Forbidden: bot was blocked", now)
                elif row.kind != "staff" or row.conversation not in asked:
                    await deliveries.sent(db, [(row.id, str(row.id), now)])
        await deliveries.recover(db, now)

    await office.store.write(ends)
    office.said.clear()
    for _ in range(2):
        await Attending(office.house, Patience(timedelta(hours=2), timedelta(hours=24))).look()
    failed, unsure = (reply.text for reply in office.said)

    assert "không tới 1 người" in failed
    assert "đang tới 1 người hỏi" in unsure
    assert (await told(office)).count("Hoa") == len(office.said)
    assert await rows(office, schema.answer_on_its_way) == []


async def test_an_old_button_does_not_send_what_was_written_since(office: Office) -> None:
    sends = await ready_to_send(office)
    await press(office, "Hoa", "Viết lại")
    await office.types("Hoa", "Một câu khác.")
    await office.hears(sends)

    assert await told(office) == []
    assert await rows(office, schema.entry_draft) == []


@pytest.mark.parametrize("role", [Role.OFFICER, Role.VIEWER])
async def test_buttons_that_nobody_was_shown_do_nothing(office: Office, role: Role) -> None:
    await office.employs("Hoa", role)
    await ask(office, "Lan", QUESTION)
    for verb in VERBS:
        for argument in FORGED:
            await office.presses("Hoa", f"staff:{verb}:{argument}"[:64])

    assert await told(office) == []
    assert [row.settled_at for row in await rows(office, schema.unanswered)] == [None]
    outcomes = {row.outcome for row in await rows(office, schema.message)}
    assert "failed" not in outcomes


async def test_a_viewer_cannot_answer_by_a_button_of_an_officers(office: Office) -> None:
    await office.employs("Vy", Role.VIEWER)
    await ask(office, "Lan", QUESTION)
    assert "quyền" not in await office.presses("Vy", "staff:learn.answer:1")
    await office.types("Vy", "Sở cho mượn.")
    await office.presses("Vy", "staff:learn.of:so")
    action = next(each.action for each in office.offered() if "learn.send" in each.action)
    said = await office.presses("Vy", action)

    assert "quyền khác" in said
    assert await told(office) == []


async def test_who_has_left_the_staff_publishes_nothing(office: Office) -> None:
    sends = await ready_to_send(office)
    await office.hears(sends)
    number = (await rows(office, schema.entry_draft))[0].id
    found = await office.store.read(lambda db: drafting.get(db, number, Actor(1, "telegram")))
    said = await office.presses("Lan", f"staff:learn.publish:{number}:{drafting.digest(found)}")

    assert "bản nháp" not in said
    assert (await rows(office, schema.entry_draft))[0].state == State.DRAFT


async def test_questions_that_came_meanwhile_stay_to_be_answered(office: Office) -> None:
    sends = await ready_to_send(office)
    await ask(office, "An", QUESTION)
    await ask(office, "An", OTHER)
    await office.hears(sends)

    assert await told(office) == ["Lan", "Minh"]
    said = await office.types("Hoa", "/chuatraloi")
    assert "2 nhóm" in said


async def test_long_lists_are_paged_and_a_page_can_be_typed(office: Office) -> None:
    await office.employs("Hoa", Role.OFFICER)
    words = ("mượn phòng họp", "máy phân tích mẫu", "trạm sạc", "bể bơi", "sân bóng", "nhà ăn")
    for number, each in enumerate((*words, "kho lạnh", "thư viện sách")):
        row = {
            "channel": "telegram",
            "conversation": str(number),
            "turn": str(number),
            "question": f"{each} zz{number} ở nơi nào",
            "reason": "unanswered",
            "candidates": [],
            "at": office.clock.at,
        }
        await office.store.write(lambda db, row=row: db.execute(insert(schema.unanswered), row))  # type: ignore[misc]  # mypy loses a lambda's default
    first = await office.types("Hoa", "/chuatraloi")
    second = await press(office, "Hoa", "Xem thêm")

    assert ("6. " in first, "6. " in second, "2. " in second) == (True, False, True)
    assert await office.types("Hoa", "/chuatraloi 2") == second
    assert await office.types("Hoa", "/chuatraloi 1") == first


async def many_variants(office: Office, knowledge: Knowledge, count: int) -> int:
    """A draft that somebody else wrote, for Hoa to publish; its last variant has a small name."""
    await office.employs("Hoa", Role.APPROVER)
    author = await office.employs("Dũng", Role.OFFICER)
    words = [f"xưởng gỗ {'rất ' * number}lớn có được dự không" for number in range(count)]
    words[-1] = "xưởng của cô zebra có được dự không"
    written = Written(
        "cost", "Xưởng gỗ", "xưởng gỗ có dự được không", "Có.", tuple(words), "@office"
    )
    by, now = Actor(author, "telegram"), office.clock.at
    return await office.store.write(
        lambda db: drafting.draft_entry(db, written, knowledge, by, now)
    )


def acts(office: Office, verb: str) -> list[str]:
    return [each.action for each in office.offered() if verb in each.action]


async def test_a_draft_is_published_only_from_the_page_that_ends_it(
    office: Office, shipped: Knowledge
) -> None:
    number = await many_variants(office, shipped, 14)
    first = await office.presses("Hoa", f"staff:learn.draft:{number}")
    assert ("zebra" in first, acts(office, "publish")) == (False, [])
    last = await press(office, "Hoa", "Xem thêm")
    assert ("zebra" in last, len(acts(office, "publish"))) == (True, 1)

    await press(office, "Hoa", "Đăng")
    assert (await rows(office, schema.entry_draft))[0].state == State.PUBLISHING


async def test_the_next_page_of_a_draft_that_was_changed_is_its_first(
    office: Office, shipped: Knowledge
) -> None:
    number = await many_variants(office, shipped, 14)
    await office.presses("Hoa", f"staff:learn.draft:{number}")
    (more,) = acts(office, f"learn.draft:{number}:")
    await office.presses("Dũng", f"staff:learn.part:{number}:variant")
    await office.types("Dũng", "hợp tác xã gỗ có dự được không")

    assert "Cách hỏi (15)" in await office.presses("Hoa", more)
    assert acts(office, "publish") == []
    assert "Cách hỏi (15)" in await office.presses("Hoa", f"staff:learn.draft:{number}:1:x")
    assert acts(office, "publish") == []


async def test_every_variant_can_be_read_whole_and_taken_out(
    office: Office, shipped: Knowledge
) -> None:
    number = await many_variants(office, shipped, 14)
    await office.presses("Hoa", f"staff:learn.cut:{number}")
    await press(office, "Hoa", "Xem thêm")
    (cut,) = [each.action for each in office.offered() if "zebra" in each.label]
    await office.presses("Hoa", cut)

    (found,) = await rows(office, schema.entry_draft)
    assert len(found.variants) == 13
    assert not [each for each in found.variants if "zebra" in each]
