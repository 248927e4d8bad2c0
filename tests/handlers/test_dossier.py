"""The dossier checklist: ticks that last, numbers that mean items, and a list on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.attachments import CHECKLIST
from handlers.conversation import Outcome
from knowledge.entries import Knowledge
from tests.handlers.memory import Talk

LIST = "dossier-2026"
SHELF = f"dossier:{LIST}"


def ticked(talk: Talk) -> list[str]:
    return list(talk.session.shelf.get(SHELF, {}).get("ticked", ()))


async def test_every_item_is_a_button_whose_number_is_its_own(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await talk.type("/hoso")

    items = [*shipped.checklists[LIST].items, *shipped.checklists["dossier-before-2026"].items]
    actions = [choice.action for choice in talk.offered[: len(items)]]
    assert actions == [f"tick:{LIST}:{item.id}" for item in items]


async def test_a_form_in_between_leaves_the_ticks_alone(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    for typed in ("/hoso", "2", "/dangky", "đồng ý", "Công ty An Hòa", "/hoso"):
        await talk.type(typed)
    await talk.type("4")

    assert ticked(talk) == ["proof12", "system"]
    assert talk.session.shelf["register"]["values"] == {"enterprise": "Công ty An Hòa"}
    await talk.type("điền tiếp phiếu")
    assert ticked(talk) == ["proof12", "system"]


async def test_the_list_on_paper_says_what_the_list_in_the_chat_says(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    for typed in ("/hoso", "1", "18"):
        step = await talk.type(typed)

    attachment = step.replies[0].attachment
    assert attachment is not None
    assert (attachment.kind, attachment.name) == (CHECKLIST, "danh-muc-ho-so.docx")
    parts = attachment.content["parts"]
    assert [part["heading"] for part in parts] == [
        "Chuẩn bị trước, cần trong mọi trường hợp",
        "Theo quy định trước đây, để tham khảo",
    ]
    boxes = [box for part in parts for box in part["boxes"]]
    assert [box["ticked"] for box in boxes] == [True] + [False] * 15
    assert boxes[0]["notes"] == list(shipped.checklists[LIST].items[0].mistakes)
    assert attachment.content["day"] == "In ngày 20/11/2026"
    assert "Nghị định 37/2026/NĐ-CP" in attachment.content["source"]


async def test_an_item_that_was_dropped_meanwhile_takes_only_its_own_tick(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    for typed in ("/hoso", "1, 2, 3"):
        await talk.type(typed)
    one = shipped.checklists[LIST]
    shorter = replace(one, items=one.items[1:])
    talk.knowledge = replace(shipped, checklists={**shipped.checklists, LIST: shorter})
    await talk.type("/hoso")

    assert "■■□□□□□□ 2/7" in talk.said
    await talk.type("3")
    assert ticked(talk) == ["proof12", "management", "system"]


async def test_without_rules_in_force_no_list_passes_for_one(shipped: Knowledge) -> None:
    talk = Talk(replace(shipped, rulesets={}))
    step = await talk.type("/hoso")

    assert "chưa có danh mục hồ sơ theo quy định đang áp dụng" in talk.said
    assert step.outcome is Outcome.GUIDE
    assert talk.offered


async def test_two_programmes_with_a_list_are_offered_by_name(shipped: Knowledge) -> None:
    second = replace(shipped.checklists[LIST], id="other", label="Danh mục thứ hai")
    talk = Talk(replace(shipped, checklists={**shipped.checklists, "other": second}))
    await talk.type("/hoso")

    assert [choice.label for choice in talk.offered][:2] == [
        "Chuẩn bị hồ sơ tham dự Giải thưởng",
        "Danh mục thứ hai",
    ]
    await talk.type("2")
    assert talk.offered[0].action == "tick:other:proof36"


async def test_buttons_of_a_list_that_is_gone_lead_to_the_one_there_is(shipped: Knowledge) -> None:
    for action in ("tick:gone:x", "explain:gone:x", "print:gone", "dossier:gone", "ticks:gone:1"):
        talk = Talk(shipped)
        await talk.press(action)
        assert "Chuẩn bị trước, cần trong mọi trường hợp" in talk.said


TYPED = (
    *map(str, range(21)),
    *("?1", "?16", "?17", "1, 2", "3 và 9", "dừng", "huỷ", "quay lại", "/hoso", "menu"),
    *("hồ sơ gồm những gì", "/nhac", "/hannop", "/dangky", "đồng ý"),
)
moves = st.lists(st.sampled_from(TYPED), max_size=12)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=moves, numbers=st.sets(st.integers(1, 16)), between=moves)
async def test_wherever_one_has_been_the_list_is_there_again_with_its_ticks(
    shipped: Knowledge, before: list[str], numbers: set[int], between: list[str]
) -> None:
    """Left, resumed, gone back, cancelled at any step: a tick is lost only by being taken away."""
    talk = Talk(shipped)
    for typed in before:
        assert (await talk.type(typed)).replies
    await talk.type("/hoso")
    marked = ticked(talk)
    for number in sorted(numbers):
        await talk.type(str(number))
    after = ticked(talk)
    items = [*shipped.checklists[LIST].items, *shipped.checklists["dossier-before-2026"].items]
    toggled = {items[number - 1].id for number in numbers}
    assert set(after) == set(marked) ^ toggled

    for typed in between:
        if not typed[-1].isdigit() and "," not in typed:
            await talk.type(typed)
    talk.now += timedelta(days=40)
    await talk.type("/hoso")
    assert ticked(talk) == after
