"""Groups of what people asked: older questions join them, and staff may put two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.operations import asked, learning
from bot.operations.refusals import NotAllowed, NotFound
from bot.store import handover, schema
from bot.store import learning as store_of
from bot.store.database import Store
from bot.store.learning import Asked
from handlers.conversation import Conversation
from knowledge.entries import Knowledge
from tests.operations.conftest import DAY, HOA, LAN, at, do, subscribe
from tests.operations.test_learning import ROOM, TOOL, answered, ask, groups, told

FAIR = (
    "tiền thuê gian hàng hội chợ có được hỗ trợ không",
    "so co ho tro tien thue gian hang hoi cho ko",
    "hội chợ thì sở có hỗ trợ tiền gian hàng không",
)


def questions(*texts: str) -> list[Asked]:
    """The first is the newest."""
    return [
        Asked(at, Conversation("x", str(at)), text, "unanswered", DAY - timedelta(at), True)
        for at, text in enumerate(texts)
    ]


def texts_of(found: asked.Listing) -> list[set[str]]:
    return [{each.text for each in group.phrasings} for group in found.groups]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wordings are compared with each other, then four older ones, two at a time."""
    for name, value in (("MOST", 2), ("OLDER", 4), ("AT_ONCE", 2)):
        monkeypatch.setattr(asked, name, value)


@pytest.mark.usefixtures("few")
def test_older_wordings_join_the_group_they_are_alike_to(shipped: Knowledge) -> None:
    rows = questions(ROOM[0], FAIR[0], FAIR[1], TOOL, FAIR[2], ROOM[1], "bể bơi ở đâu", "?")
    found = asked.sorted_out(rows, shipped.index)

    assert texts_of(found) == [set(FAIR), {ROOM[0], ROOM[1]}, {TOOL}]
    assert found.left_out == 2


@pytest.mark.usefixtures("few")
def test_what_is_older_still_is_counted_and_comes_when_there_is_room(shipped: Knowledge) -> None:
    rows = questions(*ROOM, *FAIR, TOOL, "bể bơi ở đâu")
    assert asked.sorted_out(rows, shipped.index).left_out == 2
    assert asked.sorted_out(rows[2:], shipped.index).left_out == 0


def test_groups_of_which_staff_said_so_are_one_through_any_of_their_questions(
    shipped: Knowledge,
) -> None:
    room, fair, tool = questions(ROOM[0], FAIR[0], TOOL)
    rows = [replace(room, same_as=7), replace(fair, same_as=7), tool]
    again = replace(questions(*FAIR)[1], id=9)

    assert texts_of(asked.sorted_out([*rows, again], shipped.index)) == [
        {ROOM[0], FAIR[0], FAIR[1]},
        {TOOL},
    ]


def test_the_likeliest_other_group_comes_first(shipped: Knowledge) -> None:
    rows = questions("thuê xe đưa đón chuyên gia", TOOL, ROOM[0], "đoàn đánh giá tự lo xe hay sao")
    found = asked.sorted_out(rows, shipped.index)
    of = asked.with_question(found, 0)
    first = asked.nearby(found, of)[0]

    assert first.phrasings[0].text == "đoàn đánh giá tự lo xe hay sao"
    assert of not in asked.nearby(found, of)


@pytest.fixture
async def two(office: Store) -> Store:
    await subscribe(office, "an", "binh")
    await ask(office, "an", ROOM[0])
    await ask(office, "binh", TOOL)
    return office


async def heads(store: Store, knowledge: Knowledge) -> Sequence[list[int]]:
    return [[each.id for each in group.questions] for group in await groups(store, knowledge)]


async def test_one_answer_serves_both_groups_that_staff_put_together(
    two: Store, shipped: Knowledge
) -> None:
    one, other = await heads(two, shipped)
    await do(two, learning.put_together, one, other, LAN)
    (both,) = await heads(two, shipped)
    await answered(two, shipped, both)

    assert [who for who, _ in await told(two)] == ["an", "binh"]


async def test_what_was_put_together_wrongly_is_taken_apart(two: Store, shipped: Knowledge) -> None:
    one, other = await heads(two, shipped)
    await do(two, learning.put_together, one, other, LAN)
    await do(two, learning.take_apart, [*one, *other], LAN)

    assert await heads(two, shipped) == [one, other]
    acts = [row.act for row in (await two.read(lambda db: db.execute(select(schema.audit)))).all()]
    assert acts[-2:] == ["put together", "take apart"]


async def test_a_viewer_puts_nothing_together_and_nobody_what_was_settled(
    two: Store, shipped: Knowledge
) -> None:
    one, other = await heads(two, shipped)
    with pytest.raises(NotAllowed):
        await do(two, learning.put_together, one, other, HOA)
    with pytest.raises(NotAllowed):
        await do(two, learning.take_apart, one, HOA)
    await answered(two, shipped, one)
    with pytest.raises(NotFound):
        await do(two, learning.put_together, one, other, LAN)

    assert len(await heads(two, shipped)) == 1


async def test_who_gave_no_reason_and_was_served_badly_is_asked_about_by_their_first_words(
    office: Store, shipped: Knowledge
) -> None:
    where = Conversation("telegram", "an")
    await do(office, handover.hand_over, where, "", "x")
    await do(office, store_of.note_poor, where, 1)
    await do(office, handover.tell, where, FAIR[0], "y", now=at(minutes=1))
    await do(office, handover.rate, where, 1, "poor")
    for _ in range(2):
        await do(office, store_of.note_poor, where, 1)

    (found,) = await groups(office, shipped)
    assert [(each.question, each.reason) for each in found.questions] == [(FAIR[0], "poorly_rated")]
