"""Tickets that go on: opened again, taken by another, and answers that did not arrive."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.operations import duty, hand_over, staff
from bot.operations.hand_over import Voice
from bot.operations.refusals import Why
from bot.operations.rights import Actor
from bot.store import deliveries, erasure, handover, schema
from bot.store.database import Store
from bot.store.deliveries import Due
from handlers.conversation import Conversation
from knowledge.entries import Knowledge
from tests.operations.conftest import CONSOLE, DAY, HOA, LAN, MINH, NGA, at, claim, do
from tests.operations.test_hand_over import (
    AN,
    ROOM,
    ask,
    look,
    posted,
    refused,
    render,
    tell,
    ticket,
)
from tests.store.conftest import rows

LANS, MINHS = "staff 2", "staff 3"  # their own chats


@pytest.fixture
def voice(shipped: Knowledge) -> Voice:
    return Voice(shipped, render)


async def answered(store: Store, voice: Voice, number: int, by: Actor = LAN) -> Due:
    """Answer it, and let everything go out but the answer; that is on its way."""
    await do(store, hand_over.answer, number, "Chào anh chị", f"x:{by.staff}", voice, by)
    answer = [each for each in await claim(store, at(minutes=1)) if each.conversation == AN]
    return answer[0]


async def audited(store: Store, act: str) -> list[str]:
    lines = await rows(store, schema.audit)
    return [row["object"] for row in lines if row["act"] == act]


async def test_whoever_took_it_in_the_group_hears_alone_that_it_is_open_again(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.use_room, ROOM, MINH)
    number = await ask(office)
    await look(office, voice)
    await do(office, hand_over.take, number, LAN)
    await do(office, hand_over.close, number, voice, LAN)
    await tell(office, "còn một việc nữa", at(minutes=5))
    for _ in range(2):
        await look(office, voice, at(minutes=5))

    told = await posted(office, LANS)
    assert [line for line in told if line.startswith("**Mở lại")] == told[:1]
    assert told[1:] == ["Yêu cầu số 1, doanh nghiệp viết: còn một việc nữa"]
    assert await audited(office, "reopen") == ["ticket:1"]


async def test_staff_opens_what_was_closed_and_the_enterprise_knows(
    office: Store, voice: Voice
) -> None:
    number = await ask(office)
    await do(office, hand_over.close, number, voice, LAN)
    for _ in range(2):
        await do(office, hand_over.reopen, number, voice, MINH, now=at(days=3))
    await look(office, voice, at(days=3))

    found = await ticket(office, number)
    assert (found.closed_at, found.waiting_since, found.released_at) == (None, None, None)
    assert (await posted(office, AN.id))[-1].startswith("Cán bộ mở lại yêu cầu số 1")
    assert (await office.read(lambda db: handover.desk(db, AN))).listening
    assert await audited(office, "reopen") == ["ticket:1"]


async def test_only_who_may_answer_opens_and_only_the_latest_of_a_person_still_there(
    office: Store, voice: Voice
) -> None:
    number = await ask(office)
    await do(office, hand_over.close, number, voice, LAN)
    for by in (HOA, CONSOLE, Actor(99, "telegram")):
        assert await refused(office, hand_over.reopen, number, voice, by) is Why.NO_RIGHT
    later = await ask(office, now=at(hours=1))
    assert await refused(office, hand_over.reopen, number, voice, LAN) is Why.NEWER_TICKET
    await do(office, erasure.erase, AN)

    assert await refused(office, hand_over.reopen, later, voice, LAN) is Why.TICKET_CLOSED
    assert await refused(office, hand_over.reopen, 99, voice, LAN) is Why.NO_SUCH_TICKET


async def test_it_changes_hands_only_knowingly(office: Store, voice: Voice) -> None:
    number = await ask(office)
    await look(office, voice)
    await do(office, hand_over.take, number, LAN)
    assert await refused(office, hand_over.take, number, MINH) is Why.TAKEN
    await do(office, hand_over.take, number, MINH, instead_of=LAN.staff)
    assert await refused(office, hand_over.take, number, NGA, instead_of=LAN.staff) is Why.TAKEN
    for _ in range(2):
        await look(office, voice, at(minutes=1))

    assert (await ticket(office, number)).taken_by == MINH.staff
    assert (await posted(office, LANS))[1:] == ["staff 3 đã nhận xử lý yêu cầu số 1."]
    assert (await posted(office, MINHS))[1:] == []


@pytest.mark.parametrize(
    ("reason", "state", "words"),
    [
        ("Forbidden: bot was blocked by the user", "failed", "đã chặn trợ lý"),
        ("gave up after 3 attempts", "failed", "ứng dụng chat không nhận tin"),
        ("the process ended while it was sent", "unsure", "Chưa rõ đã tới chưa"),
    ],
)
async def test_who_answered_hears_once_that_it_did_not_arrive(
    office: Store, voice: Voice, reason: str, state: str, words: str
) -> None:
    number = await ask(office)
    answer = await answered(office, voice, number)
    settle = deliveries.failed if state == "failed" else deliveries.unsure
    await office.write(lambda db: settle(db, answer.id, reason, DAY))
    await do(office, hand_over.close, number, voice, LAN)
    for _ in range(2):
        await look(office, voice, at(minutes=2))

    (told,) = [line for line in await posted(office, LANS) if "lúc 09:00 cho yêu cầu" in line]
    assert words in told
    assert await posted(office, MINHS) == []


async def test_of_an_answer_that_arrived_nobody_hears(office: Store, voice: Voice) -> None:
    number = await ask(office)
    answer = await answered(office, voice, number)
    await office.write(lambda db: deliveries.sent(db, [(answer.id, "7", DAY)]))
    before = await posted(office, LANS)
    await look(office, voice, at(minutes=2))

    assert len(await posted(office, LANS)) == len(before) + 1  # the card
    left = select(schema.ticket_message.c.delivery)
    assert (await office.read(lambda db: db.scalars(left))).all() == [None]


async def test_where_who_answered_has_left_the_others_hear_of_it(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.put, "duty", 0, 3, MINH)
    number = await ask(office)
    await look(office, voice)
    answer = await answered(office, voice, number)
    await office.write(lambda db: deliveries.gone(db, answer.id, AN, "blocked", DAY))
    await do(office, staff.end, 2, NGA)
    await look(office, voice, at(minutes=2))

    assert any("Chưa tới doanh nghiệp" in line for line in await posted(office, MINHS))
    assert not any("Chưa tới" in line for line in await posted(office, LANS))


async def test_an_erased_person_is_not_reported_as_unreached(office: Store, voice: Voice) -> None:
    number = await ask(office)
    await look(office, voice)
    await do(office, hand_over.answer, number, "Chào chị An", "x:1", voice, LAN)
    await do(office, erasure.erase, AN)
    await look(office, voice, at(minutes=2))

    told = await posted(office, LANS)
    assert told == [""]


async def test_who_helped_somebody_lately_gets_their_next_card_too(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.put, "duty", 0, 3, MINH)

    async def greeted() -> int:
        return len([line for line in await posted(office, LANS) if "Người quen" in line])

    for days, told in ((0, 0), (2, 1), (40, 1)):
        number = await ask(office, now=at(days=days))
        await look(office, voice, at(days=days))
        assert await greeted() == told
        await do(office, hand_over.take, number, LAN)
        await do(office, hand_over.close, number, voice, LAN, now=at(days=days))
    await ask(office, Conversation("telegram", "990003"), at(days=41))
    await look(office, voice, at(days=41))

    assert await greeted() == 1
