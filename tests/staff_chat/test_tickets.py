"""Ways round the hand-over: forged buttons, a group of others, the same message brought again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.attending import Attending
from bot.operations.attendance import Patience
from bot.operations.rights import Role
from bot.store import deliveries, desk_rooms, schema
from handlers.conversation import Conversation, Incoming
from tests.staff_chat.office import Office
from tests.staff_chat.test_leads import register
from tests.store.conftest import rows

FORGED = (
    "",
    ":",
    ":1",
    ":1:sure",
    ":99:sure",
    ":-1",
    ":0",
    ":1:1:1",
    ":٣",
    f":{'9' * 30}",
    ":1; DROP",
)
VERBS = ("show", "reply", "take", "close", "reopen", "page", "no_room", "answer")


async def wanted(office: Office) -> None:
    """Lan wants a person; Hoa may answer, Mai only looks."""
    await office.employs("Hoa", Role.OFFICER)
    await office.employs("Mai", Role.VIEWER)
    await office.types("Lan", "gặp cán bộ")
    assert "Tôi đã chuyển" in await office.types("Lan", "Hỏi về phí")
    patience = Patience(timedelta(hours=2), timedelta(hours=24))
    await Attending(office.house, patience).look()


async def nothing_arrives(office: Office, at: str) -> None:
    """Let everything go out; at that person it comes back."""
    now = office.clock.at

    async def go_out(db: AsyncConnection) -> None:
        while due := await deliveries.claim(db, "telegram", now, 9):
            for row in due:
                if row.conversation == office.at(at):
                    await deliveries.failed(db, row.id, "Forbidden: bot was blocked", now)
                else:
                    await deliveries.sent(db, [(row.id, str(row.id), now)])

    await office.store.write(go_out)


async def state(office: Office) -> list[object]:
    """Everything that a stranger or a viewer must not be able to move."""
    tables = (schema.ticket, schema.ticket_message, schema.staff_room, schema.duty)
    return [await rows(office.store, table) for table in tables]


@pytest.mark.parametrize("who", ["Mai", "Lan", "Minh"])
async def test_no_forged_button_of_who_may_not_moves_anything(office: Office, who: str) -> None:
    await wanted(office)
    before = await state(office)
    for verb in VERBS:
        for data in FORGED:
            await office.presses(who, f"staff:ticket.{verb}{data}")
    for slot in ("all", "head", "x", ""):
        await office.presses(who, f"staff:duty.put:{slot}:1")

    assert await state(office) == before
    outcomes = {row["outcome"] for row in await rows(office.store, schema.message)}
    assert "failed" not in outcomes


async def test_junk_pressed_by_who_may_answer_fails_nowhere(office: Office) -> None:
    await wanted(office)
    for verb in VERBS:
        for data in FORGED:
            await office.presses("Hoa", f"staff:ticket.{verb}{data}")
    for junk in ("1", "", "2 ", "x lời", "1:", f"{'9' * 9} lời", "٣ lời"):
        await office.types("Hoa", f"/traloi {junk}")

    outcomes = {row["outcome"] for row in await rows(office.store, schema.message)}
    assert "failed" not in outcomes


@pytest.mark.parametrize("data", ["rate:1:good", "rate:2:good", "rate:1:best", "rate:", "rate::"])
async def test_nobody_rates_the_ticket_of_another(office: Office, data: str) -> None:
    await wanted(office)
    await office.presses("Minh", data)

    (ticket,) = await rows(office.store, schema.ticket)
    assert ticket["rated"] == ""


async def test_the_same_answer_brought_again_is_sent_once(office: Office) -> None:
    await wanted(office)
    answer = Incoming(office.at("Hoa"), "again", office.clock.at, text="/traloi 1 Không thu phí")
    for _ in range(3):
        await office.hears(answer)

    said = [row["text"] for row in await rows(office.store, schema.ticket_message)]
    assert said == ["Không thu phí"]
    to_lan = [
        row["payload"]["text"]
        for row in await rows(office.store, schema.delivery)
        if (row["kind"], row["conversation"]) == ("staff", "Lan")
    ]
    assert len(to_lan) == 1
    assert "Hoa" not in to_lan[0]


async def test_a_message_of_another_chat_cannot_be_quoted(office: Office) -> None:
    """Ids of messages are small numbers that repeat from chat to chat: one must not fit by luck."""
    await wanted(office)
    (card,) = [r for r in await rows(office.store, schema.delivery) if r["conversation"] == "Hoa"]
    here = Conversation("telegram", "Hoa")
    found = await office.store.read(lambda db: desk_rooms.quoted(db, here, card["external_id"]))
    assert (card["external_id"], found) == ("", None)

    group = Incoming(Conversation("telegram", "-7"), "1", office.clock.at, text="Phí là 0 đồng")
    group = replace(group, private=False, sender="Hoa", quotes="1")
    assert await office.hears(group) == ""
    assert [row["kind"] for row in await rows(office.store, schema.ticket_message)] == []


async def test_in_a_group_that_is_not_ours_no_ticket_is_shown(office: Office) -> None:
    await wanted(office)
    group = Incoming(Conversation("telegram", "-7"), "1", office.clock.at, text="/yeucau 1")
    group = replace(group, private=False, sender="Hoa")

    assert "Hỏi về phí" not in await office.hears(group)
    assert await office.hears(replace(group, external_id="2", sender="Minh")) == ""


async def test_a_number_typed_into_an_open_form_rates_nothing(office: Office) -> None:
    await wanted(office)
    await office.types("Lan", "/dangky")
    await office.types("Lan", "1")
    await office.presses("Hoa", "staff:ticket.close:1:sure")

    (asked,) = [
        reply for reply in office.said if reply.choices[:1] and "rate:" in reply.choices[0].action
    ]
    assert not asked.numbered


async def test_of_an_unreached_enterprise_its_page_is_one_press_away(office: Office) -> None:
    await register(office, "Lan", "0101243150", "Công ty An Hòa")
    await wanted(office)
    await office.types("Hoa", "/traloi 1 Không thu phí ạ.")
    await nothing_arrives(office, "Lan")
    office.said.clear()
    patience = Patience(timedelta(hours=2), timedelta(hours=24))
    await Attending(office.house, patience).look()

    (told,) = office.said
    assert "Công ty An Hòa" in told.text
    assert "gọi điện" in told.text
    assert "Công ty An Hòa" in await office.presses("Hoa", told.choices[0].action)
