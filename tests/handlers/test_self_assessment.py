"""The self-assessment: left and resumed anywhere, said in words and drawn, private until shared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.attachments import RADAR, Attachment
from handlers.conversation import Outcome, Step
from handlers.drafts import DIALOG
from handlers.effects import GiveConsent, SaveSubmission, WithdrawSubmission
from handlers.self_assessment import FORM_ID
from handlers.speech import ENTRY
from knowledge.asking import RESULT
from knowledge.assessment import MOST, written
from knowledge.entries import Knowledge
from tests.handlers.memory import Talk
from tests.knowledge.guidance import statements

STATEMENTS = 26


async def begun(knowledge: Knowledge) -> Talk:
    talk = Talk(knowledge)
    await talk.type("/tudanhgia")
    return talk


async def answered(knowledge: Knowledge, degrees: list[int]) -> Talk:
    """Somebody who typed these degrees, one after the other."""
    talk = await begun(knowledge)
    for degree in degrees:
        await talk.type(str(degree))
    return talk


def picture(step: Step | None) -> Attachment:
    assert step is not None
    attachment = step.replies[-1].attachment
    assert attachment is not None
    return attachment


def by_aspect(knowledge: Knowledge, degrees: Mapping[str, int], other: int) -> list[int]:
    """The degrees to type so that every statement of an aspect gets its aspect's."""
    asked = statements(knowledge.assessment)
    return [degrees.get(aspect.id, other) for aspect, _ in asked]


def test_there_are_as_many_statements_as_the_tests_think(shipped: Knowledge) -> None:
    assert len(statements(shipped.assessment)) == STATEMENTS


@pytest.mark.parametrize("at", range(STATEMENTS))
async def test_it_can_be_left_resumed_and_gone_back_at_every_step(
    shipped: Knowledge, at: int
) -> None:
    talk = await answered(shipped, [3] * at)
    where = talk.session.step
    if at:
        await talk.type("quay lại")
        assert talk.session.step != where
        await talk.type("3")
        await talk.type("huỷ")
        assert talk.session.dialog == ""
        await talk.type("tự đánh giá")
        await talk.type("1")
    await talk.type("hồ sơ gồm những gì?")  # a question in between
    await talk.show_picture()

    assert talk.session.dialog == DIALOG
    assert talk.session.step == where
    for _ in range(STATEMENTS - at):
        await talk.type("3")
    assert len(picture(talk.step).content["axes"]) == len(shipped.assessment.aspects)


async def test_that_it_gives_no_official_points_is_said_before_the_first_statement(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await talk.type("/tudanhgia")

    assert "không phải điểm xét giải" in talk.said


async def test_nothing_is_kept_of_who_stops_before_the_first_answer(shipped: Knowledge) -> None:
    talk = await begun(shipped)
    await talk.type("huỷ")

    assert (talk.session.dialog, talk.session.shelf) == ("", {})


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, MOST), min_size=STATEMENTS, max_size=STATEMENTS))
def test_the_words_say_everything_that_the_picture_shows(
    shipped: Knowledge, degrees: list[int]
) -> None:
    talk = asyncio.run(answered(shipped, degrees))
    drawn = picture(talk.step)

    assert (drawn.kind, drawn.content["most"]) == (RADAR, MOST)
    assert json.loads(json.dumps(drawn.content)) == drawn.content
    for axis in drawn.content["axes"]:
        assert f"{written(axis['value'])} {axis['name']}" in talk.said
    assert "Không phải điểm xét giải" in talk.said
    assert "Nghị định 37/2026/NĐ-CP" in talk.said


async def test_each_gap_leads_to_its_entry_and_to_the_programme_that_helps(
    shipped: Knowledge,
) -> None:
    degrees = by_aspect(shipped, {"customer": 0, "product": 1, "operations": 2}, other=4)
    talk = await answered(shipped, degrees)
    gaps = {aspect.id: aspect for aspect in shipped.assessment.aspects}
    actions = [choice.action for choice in talk.offered]

    assert actions == [
        *(ENTRY + gaps[gap].entry for gap in ("customer", "product", "operations")),
        "join:trademark",
        "join:iso",
        "join:productivity",
        f"share:{FORM_ID}",
        f"back:resume:{FORM_ID}",
    ]
    step = await talk.type("1")
    assert step.outcome is Outcome.ANSWERED


async def test_who_has_all_is_offered_no_help_and_who_has_nothing_is_not_praised(
    shipped: Knowledge,
) -> None:
    best = await answered(shipped, [MOST] * STATEMENTS)
    assert shipped.say("assessment.no_gaps") in best.said
    assert [choice.action for choice in best.offered] == [
        f"share:{FORM_ID}",
        f"back:resume:{FORM_ID}",
    ]
    worst = await answered(shipped, [0] * STATEMENTS)
    assert shipped.say("assessment.no_strengths") in worst.said


async def test_an_answer_can_be_changed_and_the_picture_changes_with_it(shipped: Knowledge) -> None:
    talk = await answered(shipped, [2] * STATEMENTS)
    before = picture(talk.step)
    await talk.type("0")  # back to the answers
    await talk.type("sửa Lãnh đạo 2")
    await talk.type("5")

    assert picture(talk.step).content["axes"][0] == {"name": "Lãnh đạo", "value": 3.0}
    assert picture(talk.step).content["axes"][1:] == before.content["axes"][1:]


async def test_it_is_private_until_shared_and_can_be_taken_back(shipped: Knowledge) -> None:
    talk = await answered(shipped, [4] * STATEMENTS)
    assert talk.memory.effects == []
    await talk.press(f"share:{FORM_ID}")
    assert talk.memory.effects == []  # nobody would know whose it is
    registered = SaveSubmission("register", {"enterprise": "HTX Thăng Bình"}, "p", "0101243150")
    talk.memory.keep(registered, talk.now)
    await talk.press(f"share:{FORM_ID}")
    assert talk.memory.effects == [registered]
    await talk.type("Đồng ý")
    _, consent, shared = talk.memory.effects

    assert isinstance(consent, GiveConsent)
    assert consent.purpose == shipped.forms[FORM_ID].consent.purpose
    assert isinstance(shared, SaveSubmission)
    assert shared.purpose == consent.purpose
    assert shared.form == FORM_ID
    assert "Lãnh đạo 4,0" in shared.values[RESULT]
    (kept,) = [each for each in talk.memory.sent if each.form == FORM_ID]
    await talk.press(f"withdraw:{kept.id}")
    await talk.press(f"withdraw-sure:{kept.id}")
    assert talk.memory.effects[-1] == WithdrawSubmission(kept.id)
    assert [each.form for each in talk.memory.sent] == ["register"]
