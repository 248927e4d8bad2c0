"""The dossier checklist: ticks that last, numbers that mean items, and a list on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.attachments import CHECKLIST
from handlers.conversation import Outcome
from handlers.effects import EraseMe, GiveConsent, SaveSubmission, WithdrawConsent
from handlers.form_pages import consent_text
from knowledge.entries import Knowledge
from tests.effort import examples
from tests.handlers.memory import Talk

LIST = "dossier-2026"
SHELF = f"dossier:{LIST}"


SHARE = f"share:{LIST}"
REGISTERED = SaveSubmission(
    "register", {"enterprise": "HTX Thăng Bình", "tax_code": "0101243150"}, "p", "0101243150"
)


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


async def test_ticks_are_told_with_ones_data_outlive_a_consent_and_go_with_the_rest(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await talk.type("/hoso")
    await talk.type("1, 2")
    told = shipped.say("dossier.kept", label=shipped.checklists[LIST].label, done=2)

    await talk.type("dữ liệu của tôi")
    assert told in talk.said
    await talk.press("consent-end")
    await talk.type("dữ liệu của tôi")
    assert told in talk.said
    await talk.press("erase-all")
    await talk.type("dữ liệu của tôi")
    assert told not in talk.said


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
    mistakes = shipped.checklists[LIST].items[0].mistakes
    assert boxes[0]["notes"] == [shipped.say("dossier.mistake", text=each) for each in mistakes]
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


async def begun(shipped: Knowledge, *typed: str) -> Talk:
    """Somebody who registered and ticked something."""
    talk = Talk(shipped)
    talk.memory.keep(REGISTERED, talk.now)
    for each in ("/hoso", *typed):
        await talk.type(each)
    return talk


async def test_only_what_is_ticked_beside_a_registration_and_agreed_to_is_shared(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await talk.type("/hoso")
    assert SHARE not in {each.action for each in talk.offered}
    await talk.press(SHARE)
    assert shipped.say("menu.old_choice") in talk.said
    await talk.type("/hoso")
    await talk.type("1, 2")
    assert SHARE in {each.action for each in talk.offered}
    await talk.press(SHARE)
    assert talk.said == shipped.say("dossier.register_first")
    assert talk.memory.effects == []

    talk.memory.keep(REGISTERED, talk.now)
    await talk.press(SHARE)
    assert talk.memory.effects == [REGISTERED]
    await talk.type("đồng ý")
    form = shipped.forms[LIST]
    items = [item.label for item in shipped.checklists[LIST].items]
    state = f"2/8 mục, tính đến 20/11/2026. Còn thiếu: {'; '.join(items[2:])}. "
    assert talk.memory.effects[1:] == [
        GiveConsent(form.consent.purpose, form.consent.version, consent_text(shipped, form)),
        SaveSubmission(
            LIST,
            {LIST: f"{state}Đã có: {items[0]}; {items[1]}."},
            form.consent.purpose,
            "0101243150",
            "HTX Thăng Bình",
        ),
    ]


async def test_shared_again_the_newer_state_takes_the_place_of_the_older(
    shipped: Knowledge,
) -> None:
    talk = await begun(shipped, "1, 2, 3, 4, 5, 6, 7, 8")
    for action in (SHARE, f"share-sure:{LIST}", f"share-sure:{LIST}"):
        await talk.press(action)
    (sent,) = [each for each in talk.memory.sent if each.form == LIST]
    assert "8/8 mục, tính đến 20/11/2026. Còn thiếu: không có mục nào." in sent.values[LIST]

    await talk.press(f"change:{sent.id}")
    assert talk.offered[0].action == f"tick:{LIST}:proof36"
    await talk.type("1")
    assert [each for each in talk.memory.sent if each.form == LIST] == [sent]
    talk.now += timedelta(days=20)
    await talk.press(f"share-sure:{LIST}")
    (again,) = [each for each in talk.memory.sent if each.form == LIST]
    assert again.id == sent.id
    assert again.values[LIST].startswith("7/8 mục, tính đến 10/12/2026. Còn thiếu: Giấy tờ")


async def test_a_borrowed_list_is_shared_under_its_own_heading_and_only_where_begun(
    shipped: Knowledge,
) -> None:
    talk = await begun(shipped, "9")
    await talk.press(f"share-sure:{LIST}")

    (sent,) = [each for each in talk.memory.sent if each.form == LIST]
    assert [values[:8] for values in sent.values.values()] == ["0/8 mục,", "1/8 mục,"]
    await talk.type("phiếu của tôi")
    assert "- Theo quy định trước đây, để tham khảo: 1/8 mục" in talk.said


async def test_what_was_shared_is_withdrawn_and_erased_like_any_form(shipped: Knowledge) -> None:
    for action, effect in (("consent-end", WithdrawConsent()), ("erase-all", EraseMe())):
        talk = await begun(shipped, "1")
        await talk.press(f"share-sure:{LIST}")
        told = shipped.say("privacy.form", form="Danh mục hồ sơ", day="20/11/2026")
        await talk.type("dữ liệu của tôi")
        assert told in talk.said
        await talk.press(action)
        assert talk.memory.effects[-1] == effect
        await talk.type("dữ liệu của tôi")
        assert told not in talk.said


async def test_opened_as_a_form_by_any_button_a_list_is_still_ticked(shipped: Knowledge) -> None:
    for verb in ("form", "another", "restart", "resume", "see"):
        talk = await begun(shipped, "1")
        await talk.press(f"{verb}:{LIST}")
        assert "Chuẩn bị trước, cần trong mọi trường hợp" in talk.said
        assert ticked(talk) == ["proof36"]


async def test_a_list_without_a_consent_is_nobody_elses(shipped: Knowledge) -> None:
    forms = {name: each for name, each in shipped.forms.items() if name != LIST}
    private = replace(shipped.checklists[LIST], shared_as="")
    checklists = {**shipped.checklists, LIST: private}
    talk = await begun(replace(shipped, forms=forms, checklists=checklists), "1")

    assert SHARE not in {each.action for each in talk.offered}
    await talk.press(SHARE)
    assert talk.memory.effects == [REGISTERED]


TYPED = (
    *map(str, range(21)),
    *("?1", "?16", "?17", "1, 2", "3 và 9", "dừng", "huỷ", "quay lại", "/hoso", "menu"),
    *("hồ sơ gồm những gì", "/nhac", "/hannop", "/dangky", "đồng ý"),
)
moves = st.lists(st.sampled_from(TYPED), max_size=12)


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
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
