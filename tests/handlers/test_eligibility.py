"""The self-check as it is talked through: three conclusions, a reminder, sharing, earlier rules."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.effects import GiveConsent, PlanReminders, SaveSubmission
from handlers.eligibility import EARLIER, REMIND
from handlers.fields import Read, read
from handlers.form_pages import JOIN, SHARE, consent_text
from handlers.sharing import SHARE_SURE
from handlers.speech import FORM
from knowledge.asking import asked
from knowledge.entries import Knowledge
from knowledge.rulesets import ruleset_on
from tests.handlers.memory import START, Talk

SOUND = ("1", "1", "1", "15/03/2020", "1", "01/2022", "1")
YOUNG = ("1", "1", "1", "15/03/2024", "1", "01/2022", "1")
SERVICE = ("1", "3", "1", "15/03/2020", "1", "01/2022", "1")
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
        ((*SOUND[:-1], "3"), "Chưa đủ điều kiện"),  # an offence not mended
    ],
)
async def test_the_answers_come_to_one_of_three_conclusions(
    shipped: Knowledge, answers: tuple[str, ...], conclusion: str
) -> None:
    talk = await checked(shipped, answers)

    assert f"**{conclusion}" in talk.said
    assert "sẽ đạt giải" not in talk.said
    assert talk.session.dialog == ""


def test_no_way_through_is_longer_than_eight_questions(shipped: Knowledge) -> None:
    form = shipped.forms["self_check"]

    def lengths(values: dict[str, str]) -> set[int]:
        following = next((each for each in asked(form, values) if each.id not in values), None)
        if following is None:
            return {len(values)}
        answers = [option.id for option in following.options] or ["2024"]
        return {n for each in answers for n in lengths({**values, following.id: each})}

    assert lengths({}) == {6, 7, 8}


async def test_it_is_answered_in_ones_own_words_and_says_first_what_it_is_not(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await talk.type("/kiemtra")
    assert "không phải quyết định tiếp nhận" in talk.said
    for words in (
        "dạ bên em là cty TNHH MTV ạ",
        "dịch vụ",
        "chưa từng",
        "thành lập tháng 3/2024",
        "ko",
        "bán được 14 tháng",
        "không vi phạm",
    ):
        await talk.type(words)

    assert "khoảng 31/03/2027" in talk.said
    assert "Cần xem: Sản phẩm, hàng hóa" in talk.said


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (("màu xanh lá",), "bad.choice"),
        (("1", "1", "1", "lâu rồi"), "bad.since"),
        (("1", "1", "1", "31/02/2020"), "bad.since"),
        (("1", "1", "1", "1/1/2030"), "bad.since_future"),
    ],
)
async def test_what_cannot_be_an_answer_is_told_how_to_say_it(
    shipped: Knowledge, answers: tuple[str, ...], complaint: str
) -> None:
    talk = await checked(shipped, answers)

    assert shipped.say(complaint) in talk.said


async def test_a_question_in_between_is_no_answer(shipped: Knowledge) -> None:
    talk = await checked(shipped, ("công ty cổ phần có được dự không?",))

    assert "(1/6)" in talk.said
    assert talk.session.data["values"] == {}


def test_other_words_for_an_option_mean_that_option_alone(shipped: Knowledge) -> None:
    for form in shipped.forms.values():
        for field in form.fields:
            for option in field.options:
                for words in option.words:
                    assert read(field, words, shipped, START) == Read(option.id), (form.id, words)


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
    talk = await checked(shipped, (*SOUND[:-1], "3"))

    assert f"{REMIND}self_check" not in actions(talk)
    await talk.press(f"{REMIND}self_check")
    assert talk.said == shipped.say("eligibility.no_day")
    assert talk.memory.effects == []


async def test_a_day_that_rests_on_a_rough_answer_is_called_rough(shipped: Knowledge) -> None:
    talk = await checked(shipped, ("1", "1", "1", "30", "1", "01/2022", "1"))

    assert "khoảng 20/05/2027" in talk.said


async def test_the_same_answers_by_the_earlier_rules_are_labelled_as_past(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{EARLIER}self_check")

    assert talk.said.startswith("**Quy định trước đây, để tham khảo**")
    assert "Xét cho năm 2025, tính đến ngày 31/12/2025" in talk.said
    assert "2027" not in talk.said


async def test_an_earlier_year_is_judged_by_its_rules_on_a_day_on_which_they_held(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, ("1", "1", "1", "15/03/2021", "1", "2020", "1"))
    await talk.press(f"{EARLIER}self_check")
    years = [action for action in actions(talk) if action.startswith(EARLIER)]
    assert years == [f"{EARLIER}self_check:{year}" for year in range(2024, 2017, -1)]

    for year, met in ((2023, "Chưa đủ điều kiện của"), (2024, "Đáp ứng các điều kiện của")):
        await talk.press(f"{EARLIER}self_check:{year}")
        day = date(year, 12, 31)
        used = ruleset_on(shipped.rulesets.values(), "gtclqg", day)

        assert used is not None
        assert used.label in talk.said
        assert talk.said.startswith("**Quy định trước đây, để tham khảo**")
        assert f"tính đến ngày 31/12/{year}" in talk.said
        assert f"**{met}" in talk.said


@pytest.mark.parametrize("year", ["2026", "2017", "1", "0"])
async def test_a_year_without_earlier_rules_is_not_judged_by_them(
    shipped: Knowledge, year: str
) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{EARLIER}self_check:{year}")

    assert talk.said == shipped.say("menu.old_choice")


async def test_years_before_an_award_was_won_are_not_offered(shipped: Knowledge) -> None:
    talk = await checked(shipped, ("1", "1", "3", "2024", "1", "2020", "1"))
    await talk.press(f"{EARLIER}self_check")

    assert f"{EARLIER}self_check:2024" in actions(talk)
    assert f"{EARLIER}self_check:2023" not in actions(talk)


@pytest.mark.parametrize(("year", "conclusion"), [("2020", "Cần cán bộ xem"), ("2026", "Chưa đủ")])
async def test_a_gold_award_of_before_2026_is_for_an_officer_with_the_reason(
    shipped: Knowledge, year: str, conclusion: str
) -> None:
    talk = await checked(shipped, ("1", "1", "Vàng", year, "1", "2020", "1"))

    assert f"**{conclusion}" in talk.said
    assert ("không có điều khoản chuyển tiếp" in talk.said) == (year == "2020")


async def test_what_was_understood_is_said_before_the_conclusion(shipped: Knowledge) -> None:
    talk = await checked(shipped, ("1", "1", "1", "3 năm nay"))

    assert "Tôi ghi là từ khoảng 20/11/2023." in talk.said
    assert "(5/7)" in talk.said
    await talk.type("1")
    await talk.type("gần 3 năm")
    assert shipped.say("bad.since") in talk.said
    await talk.type("trước năm 2025")
    assert "Tôi ghi là từ khoảng 31/12/2024." in talk.said
    assert "(7/7)" in talk.said


async def test_a_named_day_on_which_an_officer_still_has_to_look_is_said_so(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, (*YOUNG[:4], "2", "10/2025", "01/2022", "1"))

    assert "**Từ 15/03/2027 các điểm chưa đạt nêu trên sẽ đạt" in talk.said
    assert "vẫn cần cán bộ xem: Hoạt động không gián đoạn.**" in talk.said
    assert "Ngày có thể đạt" not in talk.said


async def test_a_reminder_for_a_day_of_earlier_answers_can_be_replaced(shipped: Knowledge) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{REMIND}self_check")
    await talk.type("/kiemtra")
    await talk.press("restart:self_check")
    for answer in ("1", "1", "1", "15/06/2024", "1", "01/2022", "1"):
        await talk.type(answer)

    assert "đang đặt cho ngày 15/03/2027" in talk.said
    await talk.type("Nhắc tôi ngày 15/06/2027")
    (wish,) = await talk.memory.reminders()
    assert wish.day == date(2027, 6, 15)
    await talk.press("see:self_check")
    assert "đang đặt" not in talk.said


async def test_a_reminder_that_nothing_waits_for_any_more_can_be_dropped(
    shipped: Knowledge,
) -> None:
    talk = await checked(shipped, YOUNG)
    await talk.press(f"{REMIND}self_check")
    await talk.type("/kiemtra")
    await talk.press("restart:self_check")
    for answer in SOUND:
        await talk.type(answer)

    assert "**Đủ điều kiện sơ bộ" in talk.said
    assert "đang đặt cho ngày 15/03/2027" in talk.said
    await talk.type("Bỏ lời nhắc ngày 15/03/2027")
    assert [each.wanted for each in await talk.memory.reminders()] == [False]


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
