"""The self-check as it is talked through: three conclusions, a reminder, sharing, earlier rules."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.effects import GiveConsent, PlanReminders, SaveSubmission
from handlers.eligibility import EARLIER, REMIND
from handlers.form_pages import JOIN, SHARE, consent_text
from handlers.sharing import SHARE_SURE
from handlers.speech import FORM
from knowledge.entries import Knowledge
from tests.handlers.memory import Talk

SOUND = ("1", "1", "15/03/2020", "1", "01/2022", "1", "1")
YOUNG = ("1", "1", "15/03/2024", "1", "01/2022", "1", "1")
SERVICE = ("1", "3", "15/03/2020", "1", "01/2022", "1", "1")
REGISTRATION = {
    "enterprise": "Công ty Nam Ô",
    "tax_code": "0101243150",
    "contact": "Trần Lan",
    "phone": "+84912345678",
    "programmes": ["award"],
}


async def checked(knowledge: Knowledge, answers: tuple[str, ...]) -> Talk:
    talk = Talk(knowledge)
    await talk.type("/kiemtra")
    for answer in answers:
        await talk.type(answer)
    return talk


def actions(talk: Talk) -> list[str]:
    return [choice.action for choice in talk.offered]


@pytest.mark.parametrize(
    ("answers", "conclusion"),
    [
        (SOUND, "Đủ điều kiện sơ bộ"),
        (SERVICE, "Cần cán bộ xem"),
        (("3", *SOUND[1:]), "Cần cán bộ xem"),  # a household business
        (YOUNG, "Chưa đủ điều kiện"),
        ((*SOUND[:-2], "3", "1"), "Chưa đủ điều kiện"),  # an offence not mended
    ],
)
async def test_the_answers_come_to_one_of_three_conclusions(
    shipped: Knowledge, answers: tuple[str, ...], conclusion: str
) -> None:
    talk = await checked(shipped, answers)

    assert f"**{conclusion}" in talk.said
    assert "sẽ đạt giải" not in talk.said
    assert talk.session.dialog == ""


async def test_who_falls_short_hears_the_article_and_the_day_and_can_be_reminded(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)

    assert "Điều 59 khoản 1" in talk.said
    assert "**Ngày có thể đạt: 15/03/2027.**" in talk.said
    await talk.press(f"{REMIND}self_check")
    assert talk.memory.effects == [PlanReminders("self_check", day=date(2027, 3, 15))]
    assert "15/03/2027" in talk.said


async def test_no_day_is_promised_where_none_is_known(shipped: Knowledge) -> None:
    talk = await checked(shipped, (*SOUND[:-2], "3", "1"))

    assert f"{REMIND}self_check" not in actions(talk)
    await talk.press(f"{REMIND}self_check")
    assert talk.said == shipped.say("eligibility.no_day")
    assert talk.memory.effects == []


async def test_a_day_that_rests_on_a_rough_answer_is_called_rough(shipped: Knowledge) -> None:
    talk = await checked(shipped, ("1", "1", "30", "1", "01/2022", "1", "1"))

    assert "khoảng 20/05/2027" in talk.said


async def test_the_same_answers_by_the_earlier_rules_are_labelled_as_past(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{EARLIER}self_check")

    assert talk.said.startswith("**Quy định trước đây, để tham khảo**")
    assert "30/06/2026" in talk.said
    assert "2027" not in talk.said


async def test_nothing_is_shared_before_there_is_a_registration_and_a_consent(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{SHARE}self_check")

    assert talk.said == shipped.say("share.register_first")
    assert f"{FORM}register" in actions(talk)
    await talk.press(f"{SHARE_SURE}self_check")
    assert talk.memory.effects == []


async def test_a_shared_result_belongs_to_the_registered_enterprise_and_replaces_the_last_one(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)
    talk.memory.keep(SaveSubmission("register", REGISTRATION, "lien-he-huong-dan"), talk.now)
    talk.memory.effects.clear()
    form = shipped.forms["self_check"]

    for _ in range(2):
        await talk.press(f"{SHARE}self_check")
        assert talk.said == consent_text(shipped, form)
        await talk.type("1")

    consent, saved, _, again = talk.memory.effects
    assert isinstance(consent, GiveConsent)
    assert consent.wording == consent_text(shipped, form)
    assert isinstance(saved, SaveSubmission)
    assert (saved.tax_code, saved.enterprise, saved.phone) == (
        "0101243150",
        "Công ty Nam Ô",
        "+84912345678",
    )
    assert saved.values["conclusion"].startswith("chưa đủ, tính đến 20/11/2026.")
    assert saved.values["operating_since"] == "2024-03-15"
    assert isinstance(again, SaveSubmission)
    assert again.replaces is not None
    await talk.type("phiếu của tôi")
    assert "Kết luận: chưa đủ" in talk.said


async def test_the_router_registers_in_two_taps_who_is_registered_already(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    talk.memory.keep(
        SaveSubmission("register", dict.fromkeys(_fields(shipped), "") | REGISTRATION, "p"),
        talk.now,
    )
    form = shipped.forms["register"].consent
    talk.memory.keep(GiveConsent(form.purpose, form.version, "…"), talk.now)
    await talk.type("/hotro")
    for answer in ("2", "1", "1", "3", "2"):
        await talk.type(answer)

    assert f"{JOIN}productivity" in actions(talk)
    await talk.press(f"{JOIN}productivity")
    await talk.type("1")

    assert [each.values["programmes"] for each in talk.memory.sent] == [["award", "productivity"]]


async def test_no_amount_is_said_without_its_source(shipped: Knowledge) -> None:
    for need in range(1, 8):
        talk = Talk(shipped)
        await talk.type("/hotro")
        for answer in ("1", "1", "1", "1", str(need)):
            await talk.type(answer)

        for line in talk.said.splitlines():
            assert "Căn cứ: " in line or "triệu đồng" not in line, line


def _fields(knowledge: Knowledge) -> list[str]:
    return [field.id for field in knowledge.forms["register"].fields]
