"""Tickets: who may do what with them, once and in time; what reaches whom; what is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest

from bot.channels import Payload
from bot.operations import duty, hand_over, staff
from bot.operations.attendance import Outlook, Patience, attend
from bot.operations.hand_over import Voice
from bot.operations.refusals import Refused, Why
from bot.operations.rights import Actor, Right, Role, roles_with
from bot.staff_chat import cards
from bot.store import deliveries, desk_rooms, erasure, handover, retention, schema
from bot.store.database import Store
from bot.store.handover import MAY_ANSWER, Ticket
from handlers.conversation import Conversation, Reply
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge
from tests.operations.conftest import CONSOLE, DAY, HOA, LAN, MINH, NGA, at, claim, do
from tests.store.conftest import rows

AN: Final = Conversation("telegram", "990001")
BINH: Final = Conversation("telegram", "990002")
ROOM: Final = Conversation("telegram", "-100555/7")
PATIENCE: Final = Patience(timedelta(hours=2), timedelta(hours=24))


def render(channel: str, reply: Reply) -> tuple[Payload, ...]:
    if channel != "telegram":
        raise KeyError(channel)
    return ({"text": reply.text},)


@pytest.fixture
def voice(shipped: Knowledge) -> Voice:
    return Voice(shipped, render)


async def ask(store: Store, who: Conversation = AN, now: datetime = DAY, reason: str = "") -> int:
    await store.write(lambda db: handover.hand_over(db, who, reason, "telegram:0", now))
    opened = (await store.read(lambda db: handover.desk(db, who))).ticket
    assert opened
    return opened.number


async def tell(store: Store, text: str, now: datetime = DAY, who: Conversation = AN) -> None:
    await store.write(lambda db: handover.tell(db, who, text, f"telegram:{text}", now))


async def look(store: Store, voice: Voice, now: datetime = DAY) -> None:
    view = Outlook(voice.knowledge, ["telegram"], render, cards, PATIENCE, now)
    await store.write(partial(attend, at=view))


async def ticket(store: Store, number: int) -> Ticket:
    found = await store.read(lambda db: handover.get(db, number))
    assert found
    return found


async def posted(store: Store, address: str) -> Sequence[str]:
    return [
        row["payload"].get("text", "").split("\n")[0]
        for row in await rows(store, schema.delivery)
        if row["conversation"] == address
    ]


async def refused(store: Store, act: Any, *given: Any, **more: Any) -> Why:
    with pytest.raises(Refused) as error:
        await do(store, act, *given, **more)
    return error.value.why


def test_who_may_answer_is_the_same_to_the_database_and_to_the_table_of_rights() -> None:
    assert tuple(map(str, roles_with(Right.TALK))) == MAY_ANSWER


@pytest.mark.parametrize("by", [HOA, CONSOLE, Actor(99, "telegram")])
async def test_a_viewer_a_stranger_and_the_command_line_do_nothing(
    office: Store, voice: Voice, by: Actor
) -> None:
    number = await ask(office)
    for act, *what in (
        (hand_over.answer, number, "lời", "telegram:1", voice, by),
        (hand_over.take, number, by),
        (hand_over.close, number, voice, by),
        (duty.put, "duty", 0, 2, by),
        (duty.use_room, ROOM, by),
    ):
        assert await refused(office, act, *what) is Why.NO_RIGHT
    assert await rows(office, schema.delivery) == []


async def test_who_left_the_staff_answers_no_more(office: Store, voice: Voice) -> None:
    number = await ask(office)
    await do(office, staff.end, 2, NGA)

    assert await refused(office, hand_over.answer, number, "a", "s", voice, LAN) is Why.NO_RIGHT


async def test_the_same_message_answers_once_and_the_first_answer_is_a_fact(
    office: Store, voice: Voice
) -> None:
    number = await ask(office)
    for later, source in ((1, "telegram:7"), (2, "telegram:7"), (3, "telegram:8")):
        answer = (number, "Chào anh chị", source, voice, LAN)
        await do(office, hand_over.answer, *answer, now=at(minutes=later))

    assert len(await posted(office, AN.id)) == 2
    found = await ticket(office, number)
    assert (found.answered_at, found.spoken_at) == (at(minutes=1), at(minutes=3))
    assert found.taken_by == LAN.staff
    acts = [row["after"] for row in await rows(office, schema.audit) if row["act"] == "answer"]
    assert acts == [{"characters": 12}] * 2


async def test_what_cannot_be_answered_is_refused_and_changes_nothing(
    office: Store, voice: Voice
) -> None:
    number = await ask(office)
    elsewhere = await ask(office, Conversation("zalo", "1"))

    async def why(number: int, text: str) -> Why:
        return await refused(office, hand_over.answer, number, text, "s", voice, LAN)

    assert await why(number, "  ") is Why.TEXT
    assert await why(number, "x" * 1501) is Why.TEXT
    assert await why(99, "lời") is Why.NO_SUCH_TICKET
    assert await why(elsewhere, "lời") is Why.NO_WAY
    await do(office, hand_over.close, number, voice, LAN)
    assert await why(number, "lời") is Why.TICKET_CLOSED
    assert await refused(office, hand_over.close, number, voice, MINH) is Why.TICKET_CLOSED
    assert await refused(office, hand_over.take, number, MINH) is Why.TICKET_CLOSED
    kinds = [each["kind"] for each in await rows(office, schema.ticket_message)]
    assert kinds == []


async def test_one_tap_is_kept_for_its_own_ticket_and_may_be_changed_for_a_day(
    office: Store,
) -> None:
    number = await ask(office)

    async def rate(score: str, who: Conversation = AN, **later: float) -> str:
        rated = partial(handover.rate, conversation=who, number=number, score=score)
        await office.write(lambda db: rated(db, now=at(**later)))
        return (await ticket(office, number)).rated

    assert await rate("poor", BINH) == ""
    assert await rate("fair", hours=1) == "fair"
    assert await rate("good", hours=24) == "good"
    assert await rate("poor", hours=26) == "good"


async def test_what_is_written_while_it_is_being_closed_opens_it_again(
    office: Store, voice: Voice
) -> None:
    """The enterprise's turn began while the staff listened, and is kept after the end."""
    number = await ask(office)
    await look(office, voice)
    await do(office, hand_over.close, number, voice, LAN, now=at(hours=3))
    await tell(office, "còn một việc nữa", at(hours=3))
    await look(office, voice, at(hours=3))

    again = await ticket(office, number)
    assert (again.closed_at, again.waiting_since) == (None, at(hours=3))
    told = (await posted(office, "staff 2"))[-1]
    assert told == "Yêu cầu số 1, doanh nghiệp viết: còn một việc nữa"
    await look(office, voice, at(hours=7))
    assert (await ticket(office, number)).deputy_at == at(hours=7)


async def test_only_who_may_answer_is_put_on_duty(office: Store) -> None:
    assert await refused(office, duty.put, "duty", 0, 1, MINH) is Why.MAY_NOT_TALK
    assert await refused(office, duty.put, "duty", 8, 2, MINH) is Why.NO_SUCH_DUTY
    assert await refused(office, duty.put, "head", 3, 2, MINH) is Why.NO_SUCH_DUTY
    assert await refused(office, duty.put, "chief", 0, 2, MINH) is Why.NO_SUCH_DUTY
    assert await refused(office, duty.put, "duty", 0, 9, MINH) is Why.NO_SUCH_MEMBER
    assert await refused(office, duty.put, "duty", 0, 2, LAN) is Why.NO_RIGHT
    assert await do(office, duty.put, "duty", 0, 2, MINH) is True
    assert await do(office, duty.put, "duty", 0, 2, MINH) is False


async def test_a_card_that_does_not_arrive_in_the_group_goes_to_who_is_on_duty(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.use_room, ROOM, MINH)
    await do(office, duty.put, "duty", 0, 2, MINH)
    await ask(office)
    await tell(office, "có ai không")
    await look(office, voice)
    (card,) = await claim(office)
    assert card.conversation == ROOM
    await office.write(lambda db: deliveries.failed(db, card.id, "thread not found", DAY))
    for _ in range(2):
        await look(office, voice, at(minutes=1))

    assert await posted(office, "staff 2") == ["**Yêu cầu số 1** – từ 09:00 20/11/2026"]


async def test_who_left_gets_no_more_of_it_and_somebody_else_does(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.put, "duty", 0, 2, MINH)
    await do(office, duty.put, "deputy", 0, 3, MINH)
    await ask(office)
    await look(office, voice)
    await do(office, staff.end, 2, NGA)
    await tell(office, "vẫn chờ")
    await look(office, voice, at(minutes=1))

    assert len(await posted(office, "staff 2")) == 1
    assert (await posted(office, "staff 3"))[1:] == ["Yêu cầu số 1, doanh nghiệp viết: vẫn chờ"]


async def test_each_escalation_is_once_and_in_working_time_over_a_holiday(
    office: Store, voice: Voice
) -> None:
    """30 April, 1 May and a weekend lie between. Each look is as a new process would begin."""
    number = await ask(office, now=datetime(2026, 4, 29, 16, 0, tzinfo=VIETNAM))
    told = []
    for moment in (
        "04-29 17:30",
        "04-30 09:00",
        "05-01 10:00",
        "05-02 09:00",
        "05-04 07:00",
        "05-04 08:29",
        "05-04 08:30",
        "05-04 08:31",
        "05-04 10:29",
        "05-04 10:30",
        "05-04 12:00",
        "05-04 16:59",
    ):
        now = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=VIETNAM)
        before = await ticket(office, number)
        await look(office, voice, now)
        after = await ticket(office, number)
        told += [("deputy", moment)] * (before.deputy_at != after.deputy_at)
        told += [("head", moment)] * (before.head_at != after.head_at)

    assert told == [("deputy", "05-04 08:30"), ("head", "05-04 10:30")]
    notes = [row["after"] for row in await rows(office, schema.audit) if row["act"] == "escalate"]
    assert notes == [{"to": "deputy", "minutes": 120}, {"to": "head", "minutes": 240}]


async def test_erasing_a_person_reaches_their_words_wherever_the_staff_got_them(
    office: Store, voice: Voice
) -> None:
    await do(office, duty.use_room, ROOM, MINH)
    number = await ask(office, reason="Gọi 0912345678")
    await look(office, voice)
    (card,) = await claim(office)
    await office.write(lambda db: deliveries.sent(db, [(card.id, "70", DAY)]))
    await tell(office, "tên tôi là An")
    await look(office, voice)
    await do(office, hand_over.answer, number, "Chào chị An", "telegram:5", voice, LAN)
    assert await office.read(lambda db: desk_rooms.quoted(db, ROOM, "70")) == number
    await office.write(lambda db: erasure.erase(db, AN, at(minutes=5)))
    await look(office, voice, at(minutes=6))

    (row,) = await rows(office, schema.ticket)
    assert (row["reason"], row["closed_by"]) == ("", "erased")
    assert row["conversation"].startswith("erased:")
    assert {each["text"] for each in await rows(office, schema.ticket_message)} == {""}
    left = [each["payload"] for each in await rows(office, schema.delivery)]
    assert [each for each in left if each] == [
        {"text": voice.knowledge.say("staff.ticket.erased", number=number)}
    ]


async def test_words_go_by_age_once_a_ticket_is_closed(office: Store, voice: Voice) -> None:
    number = await ask(office, reason="Hỏi phí")
    await tell(office, "phí bao nhiêu")
    keep = replace(retention.Retention(), messages=timedelta(days=90))

    async def words() -> set[str]:
        await office.write(lambda db: retention.tidy(db, at(days=200), keep))
        said = await rows(office, schema.ticket_message)
        return {(await ticket(office, number)).reason, *(each["text"] for each in said)}

    assert await words() == {"Hỏi phí", "phí bao nhiêu"}
    await do(office, hand_over.close, number, voice, LAN)
    assert await words() == {""}


def test_every_role_is_named_so_that_no_new_one_answers_by_chance() -> None:
    assert set(MAY_ANSWER) | {"viewer"} == {str(role) for role in Role}
