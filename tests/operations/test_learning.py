"""What people asked in vain is settled once, for everybody who asked, and only with the right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from bot.channels import Payload
from bot.operations import asked, drafting, learning
from bot.operations.drafting import OFFICE, State, Written, digest
from bot.operations.learning import Answer
from bot.operations.phrasings import impersonal
from bot.operations.refusals import NeedsAnother, NotAllowed, NotFound, NotNow, Unfit
from bot.operations.rights import Actor, Role
from bot.store import erasure, handover, retention, schema
from bot.store import learning as store_of
from bot.store.database import Store
from bot.store.learning import Asked, EntryDraft
from handlers.conversation import Conversation, Reply
from knowledge.entries import Knowledge
from tests.operations.conftest import CONSOLE, DAY, HOA, LAN, MINH, NGA, at, do, subscribe, take_in

ROOM = (
    "có được mượn phòng họp của Sở không",
    "phòng họp của Sở có cho mượn không",
    "em tên Tú công ty Đại Phát, cho mượn phòng họp của Sở được không",
)
TOOL = "cho mượn máy phân tích mẫu không"
OURS = Answer("Sở cho mượn phòng họp khi còn trống.", OFFICE)


def render(channel: str, reply: Reply) -> tuple[Payload, ...]:
    if channel != "telegram":
        raise KeyError(channel)
    return ({"text": reply.text},)


async def ask(store: Store, who: str, *questions: str, channel: str = "telegram") -> None:
    rows = [
        {
            "channel": channel,
            "conversation": who,
            "turn": f"{who} {question}",
            "question": question,
            "reason": "unanswered",
            "candidates": [],
            "at": DAY,
        }
        for question in questions
    ]
    await store.write(lambda db: db.execute(insert(schema.unanswered), rows))


@pytest.fixture
async def asking(office: Store) -> Store:
    """Four people asked for the room (one twice), one for a tool; one of them blocked us."""
    await subscribe(office, "an", "binh", "chi")
    await subscribe(office, "dung", reachable=False)
    await ask(office, "an", ROOM[0], ROOM[1])
    await ask(office, "binh", ROOM[1])
    await ask(office, "chi", ROOM[2], TOOL)
    await ask(office, "dung", ROOM[0])
    return office


async def groups(store: Store, knowledge: Knowledge) -> Sequence[asked.Group]:
    return (await store.read(lambda db: asked.listing(db, knowledge, HOA))).groups


async def of_room(store: Store, knowledge: Knowledge) -> list[int]:
    return [each.id for each in (await groups(store, knowledge))[0].questions]


async def answered(
    store: Store, knowledge: Knowledge, ids: list[int], by: Actor = LAN, given: Answer = OURS
) -> learning.Settled:
    return await do(store, learning.answer, ids, given, knowledge, render, by)


async def told(store: Store) -> list[tuple[str, str]]:
    """Who of those who asked is to be told what."""
    table = schema.delivery
    query = select(table.c.conversation, table.c.payload).order_by(table.c.id)
    rows = (await store.read(lambda db: db.execute(query))).all()
    return [(who, said["text"]) for who, said in rows if not who.startswith("staff")]


async def draft(store: Store, number: int) -> EntryDraft:
    return await store.read(lambda db: drafting.get(db, number, HOA))


async def test_groups_count_people_and_wordings_the_most_asked_first(
    asking: Store, shipped: Knowledge
) -> None:
    room, tool = await groups(asking, shipped)

    assert (room.people, len(room.phrasings), room.reachable) == (4, 3, 3)
    assert (tool.people, [each.text for each in tool.phrasings]) == (1, [TOOL])


async def test_everybody_who_can_be_told_is_told_once_with_their_own_question(
    asking: Store, shipped: Knowledge
) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped))

    letters = await told(asking)
    assert done.people == 3
    assert [who for who, _ in letters] == ["an", "binh", "chi"]
    assert [re.findall("“(.+)”", text) for _, text in letters] == [
        [ROOM[1]],
        [ROOM[1]],
        [ROOM[2]],
    ]
    assert all("Theo trả lời của Sở ngày 20/11/2026." in text for _, text in letters)
    assert [each.people for each in await groups(asking, shipped)] == [1]


async def test_what_was_answered_is_never_answered_again(asking: Store, shipped: Knowledge) -> None:
    ids = await of_room(asking, shipped)
    await answered(asking, shipped, ids)
    with pytest.raises(NotFound):
        await answered(asking, shipped, ids)

    assert len(await told(asking)) == 3


async def test_who_was_erased_or_whose_channel_is_off_gets_nothing(
    asking: Store, shipped: Knowledge
) -> None:
    await ask(asking, "xa", ROOM[0], channel="zalo_oa")
    await do(asking, erasure.erase, Conversation("telegram", "binh"))
    await answered(asking, shipped, await of_room(asking, shipped))

    assert [who for who, _ in await told(asking)] == ["an", "chi"]


async def test_the_draft_has_the_wordings_without_what_names_a_person(
    asking: Store, shipped: Knowledge
) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped))
    made = await draft(asking, done.draft or 0)

    assert {made.question, *made.variants} == set(ROOM[:2])
    assert made.state == State.DRAFT


async def test_erasing_takes_a_persons_words_out_of_a_draft(
    asking: Store, shipped: Knowledge
) -> None:
    await ask(asking, "an", "phòng họp của Sở cho mượn thế nào")
    done = await answered(asking, shipped, await of_room(asking, shipped))
    await do(asking, erasure.erase, Conversation("telegram", "an"))

    made = await draft(asking, done.draft or 0)
    assert {made.question, *made.variants} - {""} == set(ROOM[:2])  # of others, too


async def test_words_of_a_decided_draft_go_with_time(asking: Store, shipped: Knowledge) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped))
    await do(asking, drafting.reject, done.draft, "trùng câu khác", MINH)
    await asking.write(lambda db: retention.tidy(db, at(days=100), retention.Retention()))

    made = await draft(asking, done.draft or 0)
    assert (made.question, made.label, made.entry, made.variants) == ("", "", "", ())
    asked_then = (await asking.read(lambda db: db.execute(select(schema.unanswered)))).all()
    assert [row.question for row in asked_then if row.settled_at] == [""] * 5


@pytest.mark.parametrize("state", [State.PUBLISHED, State.REJECTED])
async def test_a_decided_draft_without_variants_loses_its_question_too(
    asking: Store, shipped: Knowledge, state: State
) -> None:
    written = Written("cost", "", "xưởng của cô zebra có được dự không", "Có.", (), OFFICE)
    number = await do(asking, drafting.draft_entry, written, shipped, LAN)
    entry = (await draft(asking, number)).entry
    await asking.write(lambda db: store_of.change(db, number, state=state, decided_at=at()))
    keep = retention.Retention()
    done = [await asking.write(lambda db: retention.tidy(db, at(days=100), keep)) for _ in "12"]

    made = await draft(asking, number)
    kept = (
        entry if state is State.PUBLISHED else ""
    )  # an entry's name is public, and what it was published under
    assert (made.question, made.label, made.entry, made.answer) == ("", "", kept, "Có.")
    assert [each.drafts for each in done] == [1, 0]


async def test_a_group_that_an_entry_answers_becomes_variants_of_it(
    asking: Store, shipped: Knowledge
) -> None:
    ids = await of_room(asking, shipped)
    done = await do(asking, learning.attach, ids, "contact.office", shipped, render, LAN, tell=True)
    made = await draft(asking, done.draft or 0)

    assert (made.kind, made.entry, set(made.variants)) == (
        "variants",
        "contact.office",
        set(ROOM[:2]),
    )
    assert [who for who, _ in await told(asking)] == ["an", "binh", "chi"]


async def test_a_dismissed_group_is_settled_silently_with_its_reason(
    asking: Store, shipped: Knowledge
) -> None:
    await do(asking, learning.dismiss, await of_room(asking, shipped), "nhắn thử", LAN)

    assert await told(asking) == []
    assert [each.people for each in await groups(asking, shipped)] == [1]


async def test_a_viewer_sees_and_does_nothing(asking: Store, shipped: Knowledge) -> None:
    ids = await of_room(asking, shipped)
    for act, args in (
        (learning.answer, (ids, OURS, shipped, render)),
        (learning.dismiss, (ids, "x")),
        (drafting.publish, (1, "x")),
        (drafting.reject, (1, "x")),
    ):
        with pytest.raises(NotAllowed):
            await do(asking, act, *args, HOA)
    with pytest.raises(NotAllowed):
        await do(asking, learning.attach, ids, "contact.office", shipped, render, HOA, tell=True)


async def test_whoever_had_a_hand_in_a_draft_does_not_publish_it(
    asking: Store, shipped: Knowledge
) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped), by=MINH)
    number = done.draft or 0
    seen = digest(await draft(asking, number))
    with pytest.raises(NeedsAnother) as refused:
        await do(asking, drafting.publish, number, seen, MINH)
    assert refused.value.facts["approvers"] == ["staff 4"]
    with pytest.raises(NotAllowed):
        await do(asking, drafting.publish, number, seen, LAN)

    await do(asking, drafting.edit, number, "label", "Mượn phòng họp", shipped, NGA)
    seen = digest(await draft(asking, number))
    for hand in (MINH, NGA):
        with pytest.raises(NeedsAnother):
            await do(asking, drafting.publish, number, seen, hand)


async def test_a_department_of_one_publishes_alone_and_the_audit_says_so(
    store: Store, shipped: Knowledge
) -> None:
    await take_in(store, "staff 1", Role.ADMIN)
    await subscribe(store, "an")
    await ask(store, "an", ROOM[0])
    only = Actor(1, "telegram")
    ids = await of_room(store, shipped)
    done = await answered(store, shipped, ids, by=only)
    seen = digest(await draft(store, done.draft or 0))
    await do(store, drafting.publish, done.draft, seen, only)

    lines = (await store.read(lambda db: db.execute(select(schema.audit)))).all()
    assert lines[-1].after["self_approved"] == "nobody else may publish"


async def test_only_what_was_seen_is_published(asking: Store, shipped: Knowledge) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped))
    number = done.draft or 0
    seen = digest(await draft(asking, number))
    await do(asking, drafting.edit, number, "label", "Mượn phòng họp", shipped, LAN)
    with pytest.raises(NotNow):
        await do(asking, drafting.publish, number, seen, MINH)

    assert (await draft(asking, number)).state == State.DRAFT


async def test_a_draft_without_a_question_waits_for_one(asking: Store, shipped: Knowledge) -> None:
    ids = [each.id for each in (await groups(asking, shipped))[0].phrasings[2].questions]
    done = await answered(asking, shipped, ids)
    made = await draft(asking, done.draft or 0)
    with pytest.raises(Unfit):
        await do(asking, drafting.publish, made.id, digest(made), MINH)
    await do(asking, drafting.edit, made.id, "question", "Mượn phòng họp được không?", shipped, LAN)
    made = await draft(asking, made.id)
    await do(asking, drafting.publish, made.id, digest(made), MINH)

    made = await draft(asking, made.id)
    assert made.state == State.PUBLISHING
    assert (made.label, made.entry) == (
        "Mượn phòng họp được không?",
        f"{made.topic}.muon_phong_hop_duoc_khong",
    )


@pytest.mark.parametrize("text", ["", " ", "x" * 2000, "chỗ {trống}", "lẻ ** dấu"])
async def test_an_answer_that_cannot_be_said_is_refused(
    asking: Store, shipped: Knowledge, text: str
) -> None:
    with pytest.raises(Unfit):
        await answered(asking, shipped, await of_room(asking, shipped), given=Answer(text, OFFICE))
    assert await told(asking) == []


async def test_an_answer_from_a_source_names_it(asking: Store, shipped: Knowledge) -> None:
    given = Answer("Có ạ.", "nd37-2026", "Điều 60")
    await answered(asking, shipped, await of_room(asking, shipped), given=given)

    assert "Nghị định 37/2026/NĐ-CP, Điều 60" in (await told(asking))[0][1]
    with pytest.raises(NotFound):
        await answered(asking, shipped, [5], given=Answer("Có ạ.", "nd0"))


async def test_the_audit_has_none_of_peoples_own_words(asking: Store, shipped: Knowledge) -> None:
    done = await answered(asking, shipped, await of_room(asking, shipped))
    made = await draft(asking, done.draft or 0)
    await do(asking, drafting.cut, made.id, 0, digest(made), LAN)
    made = await draft(asking, made.id)
    await do(asking, drafting.publish, made.id, digest(made), MINH)

    lines = (await asking.read(lambda db: db.execute(select(schema.audit)))).all()
    assert not any(words in str(line) for line in lines for words in ROOM)


@pytest.mark.parametrize(
    "text",
    [
        "tôi là Lan, có được mượn phòng họp không",
        "công ty Đại Phát có được mượn phòng họp không",
        "gọi cho tôi số 0912345678 nhé",
        "mã của tôi 12345 thì sao",
        "Nguyễn Thị Lan",
        "a@b.vn hỏi gì",
        "mượn",
        "x" * 300,
    ],
)
def test_a_wording_with_something_of_a_person_is_left_out(text: str, shipped: Knowledge) -> None:
    assert impersonal([text], shipped) == ()


@pytest.mark.parametrize(
    "text",
    [
        "có được mượn phòng họp của Sở không",
        "ISO 9001 thì ai trả tiền phòng",
        "năm 2027 có cho mượn phòng không",
        "theo Nghị định 37 thì phòng họp mượn ở đâu",
        "CÓ MƯỢN PHÒNG ĐƯỢC KHÔNG",
    ],
)
def test_a_wording_of_anybody_is_kept(text: str, shipped: Knowledge) -> None:
    assert impersonal([text, text.lower()], shipped) == (text,)


def question(number: int, text: str) -> Asked:
    return Asked(number, Conversation("telegram", str(number % 5)), text, "unanswered", DAY, True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*ROOM, TOOL, "hội chợ ở đâu", "?"]), max_size=10), st.randoms())
def test_every_row_is_in_exactly_one_group_whatever_the_order(
    shipped: Knowledge, texts: list[str], chance: Any
) -> None:
    rows = [question(at, text) for at, text in enumerate(texts)]
    mixed = chance.sample(rows, len(rows))
    found, again = (asked.sorted_out(each, shipped.index).groups for each in (rows, mixed))

    assert sorted(each.id for group in found for each in group.questions) == list(range(len(rows)))
    assert [{each.id for each in group.questions} for group in found] == [
        {each.id for each in group.questions} for group in again
    ]


async def test_a_draft_that_is_not_there_cannot_be_changed(
    office: Store, shipped: Knowledge
) -> None:
    with pytest.raises(NotFound):
        await do(office, drafting.edit, 9, "label", "x", shipped, LAN)
    assert await office.read(lambda db: drafting.waiting(db, CONSOLE)) == []


async def test_who_found_the_staffs_answer_poor_is_asked_about_once(
    asking: Store, shipped: Knowledge
) -> None:
    where = Conversation("telegram", "an")
    await do(asking, handover.hand_over, where, TOOL, "x")
    for score in ("poor", "poor", "good"):
        await do(asking, handover.rate, where, 1, score)
        await do(asking, store_of.note_poor, where, 1)

    tool = (await groups(asking, shipped))[1]
    assert sorted(each.reason for each in tool.questions) == ["poorly_rated", "unanswered"]
    assert tool.people == 2
