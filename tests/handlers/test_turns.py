"""Single turns that no transcript shows: buttons of earlier versions, time that passes, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import named, route
from handlers.conversation import BACK, Choice, Incoming, Outcome, Reply, Session, Turn, numbered
from handlers.drafts import CONSENT, DIALOG
from handlers.effects import GiveConsent, NoteUnanswered, SaveSubmission, Subscribe
from handlers.fields import phone_number
from handlers.form_pages import consent_text
from handlers.records import Consent
from knowledge.entries import ConsentWording, Knowledge
from tests.handlers.memory import SOMEONE, START, Memory, Talk
from tests.handlers.test_form_walks import GOOD


async def filled(talk: Talk) -> None:
    """Fill the registration up to its summary."""
    await talk.press("form:register")
    await talk.press("agree")
    for answer in GOOD.values():
        await talk.type(answer)


@pytest.mark.parametrize(
    "action", ["entry:gone.entry", "topic:gone", "group:gone", "cmd:gone", "gone", "x:y:z", "edit:"]
)
async def test_a_button_of_an_earlier_version_is_answered_with_a_way_on(
    shipped: Knowledge, action: str
) -> None:
    talk = Talk(shipped)
    step = await talk.press(action)

    assert step.replies[-1].choices
    assert step.outcome in {Outcome.MENU, Outcome.FORM}


@pytest.mark.parametrize(
    "action", ["gone", "agree", "send", "edit", "edit:phone", "pick:phone:1", "skip:note", "x:y"]
)
async def test_a_button_of_another_step_leaves_the_form_where_it_is(
    shipped: Knowledge, action: str
) -> None:
    talk = Talk(shipped)
    await talk.press("form:register")
    await talk.press("agree")
    await talk.type(GOOD["enterprise"])
    before = talk.session
    await talk.press(action)

    assert (talk.session.step, talk.session.data) == (before.step, before.data)
    assert shipped.forms["register"].field("tax_code").prompt in talk.said


async def test_a_form_that_was_taken_out_of_the_knowledge_is_no_form(shipped: Knowledge) -> None:
    talk = Talk(replace(shipped, forms={}))
    talk.session = Session(dialog=DIALOG, step="phone", data={"form": "register", "values": {}})
    step = await talk.type("lệ phí")

    assert step.outcome is Outcome.ANSWERED


async def test_a_question_that_was_taken_out_of_the_form_is_passed_over(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    values = {"enterprise": "Công ty TNHH Nam Ô"}
    talk.session = Session(dialog=DIALOG, step="gone", data={"form": "register", "values": values})
    await talk.show_picture()

    assert talk.session.step == "tax_code"


async def test_a_changed_consent_is_asked_again_and_nothing_is_lost(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await filled(talk)
    await talk.type("huỷ")
    form = shipped.forms["register"]
    changed = replace(form, consent=ConsentWording(form.consent.purpose, "next", "Khác."))
    talk.knowledge = replace(shipped, forms={"register": changed})
    await talk.press("resume:register")

    assert talk.session.step == CONSENT

    await talk.press("agree")
    await talk.press("send")

    assert len(talk.memory.sent) == 1
    assert [each.version for each in talk.memory.ledger] == [form.consent.version, "next"]


async def test_the_wording_that_was_shown_is_the_wording_that_is_kept(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await talk.press("form:register")
    shown = talk.said
    step = await talk.press("agree")

    given = next(effect for effect in step.effects if isinstance(effect, GiveConsent))
    assert given.wording == consent_text(shipped, shipped.forms["register"])
    assert given.wording in shown


async def test_an_office_form_that_was_agreed_to_earlier_needs_no_second_consent(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    wording = shipped.forms["register"].consent
    talk.memory.ledger = [Consent(wording.purpose, wording.version, START, None)]
    await talk.press("form:register")

    assert talk.session.step == "enterprise"


async def test_a_sent_form_hands_its_roles_to_the_lead(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await filled(talk)
    step = await talk.press("send")

    sent = next(effect for effect in step.effects if isinstance(effect, SaveSubmission))
    assert (sent.tax_code, sent.contact, sent.phone) == (
        "0101243150",
        "Trần Văn Minh",
        "+84912345678",
    )
    assert not sent.phone_verified
    assert talk.session == replace(Session(), offered=talk.offered)


async def test_a_shared_number_counts_as_verified_until_another_is_typed(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await filled(talk)
    await talk.press("edit:phone")
    await talk.share_phone("+84987654321")
    assert talk.session.data["verified"]

    await talk.press("edit:phone")
    await talk.type("0987 654 321")
    assert talk.session.data["verified"]

    await talk.press("edit:phone")
    await talk.type("0912 345 678")
    assert not talk.session.data["verified"]


async def test_a_number_that_may_be_the_answer_is_the_answer(shipped: Knowledge) -> None:
    """The note offers "Bỏ qua" as well; a session that was read back must know which is meant."""
    talk = Talk(shipped)
    await filled(talk)
    await talk.press("edit:note")
    await talk.type("1")

    assert talk.session.data["values"]["note"] == "1"


async def test_who_already_gets_news_is_not_offered_it_again(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    talk.memory.keep(Subscribe(wanted=True), START)
    await filled(talk)
    await talk.press("send")

    assert "cmd:resume" not in {choice.action for choice in talk.offered}


async def test_an_old_question_is_not_what_a_person_asked_for_now_is_told(
    shipped: Knowledge,
) -> None:
    talk = Talk(shipped)
    await talk.type("zxcv qwer tyui")
    talk.now += timedelta(hours=2)
    step = await talk.type("gặp cán bộ")

    assert not step.effects


async def test_a_question_for_a_person_is_noted_once(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await talk.type("zxcv qwer tyui")
    first, second = await talk.type("gặp cán bộ"), await talk.type("gặp cán bộ")

    assert first.effects == (NoteUnanswered("zxcv qwer tyui", "asked_human"),)
    assert not second.effects


async def test_a_lapsed_rule_is_not_spoken_as_current(shipped: Knowledge) -> None:
    """The decree lapses in this knowledge: what rests on it is declined, and staff are told."""
    lapsed = {
        name: replace(source, in_force_until=START.date())
        for name, source in shipped.sources.items()
    }
    talk = Talk(replace(shipped, sources=lapsed))
    step = await talk.press("entry:eligibility.conditions")

    assert step.outcome is Outcome.LAPSED
    assert [effect.reason for effect in step.effects if isinstance(effect, NoteUnanswered)] == [
        "lapsed"
    ]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("/start", "start"),
        ("/START@DongHanhBot x y", "start"),
        ("  /menu  ", "menu"),
        ("Huỷ", "cancel"),
        ("hủy", "cancel"),
        ("huy di", "cancel"),
        ("đăng ký ạ", "register"),
        ("/stop", "stop"),
        ("Xóa dữ liệu của tôi", "erase"),
        ("DỪNG NHẬN TIN", "stop"),
        ("/starting", ""),
        ("/", ""),
        ("5/2021", ""),
        ("tôi muốn huỷ hồ sơ", ""),
    ],
)
def test_a_command_is_known_however_it_is_typed(
    shipped: Knowledge, typed: str, command: str
) -> None:
    incoming = Incoming(SOMEONE, "1", START, text=typed)
    found = named(Turn(incoming, Session(), shipped, START, Memory()))

    assert (found.id if found else "") == command


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400), st.booleans())
async def test_whatever_is_typed_is_answered(
    shipped: Knowledge,
    typed: str,
    in_form: bool,  # noqa: FBT001 - hypothesis hands it in
) -> None:
    talk = Talk(shipped)
    if in_form:
        await talk.press("form:register")
        await talk.press("agree")
    step = await talk.type(typed)

    assert step.replies
    assert all(reply.text.strip() for reply in step.replies)


async def test_the_longest_message_is_answered(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    long = "hồ sơ gồm những gì " * 400

    assert (await talk.type(long)).replies
    await talk.press("form:register")
    await talk.press("agree")
    await talk.type(long)

    assert talk.session.step == "enterprise"
    assert not talk.session.data["values"]


@given(st.lists(st.sampled_from(["a", "b", BACK, "back:c"]), max_size=9))
def test_every_choice_has_its_own_number_and_zero_leads_back(actions: list[str]) -> None:
    choices = [Choice(f"Nút {n}", action) for n, action in enumerate(actions)]
    found = numbered(choices)

    assert sorted(map(repr, choices)) == sorted(repr(choice) for _, choice in found)
    assert all((number == "0") == choice.action.startswith("back") for number, choice in found)
    others = [number for number, _ in found if number != "0"]
    assert others == [str(n) for n in range(1, len(others) + 1)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 12), st.integers(0, 13), st.sampled_from(["{}", " {} ", "{}.", "{})"]))
async def test_a_typed_number_or_label_is_the_choice(
    shipped: Knowledge, many: int, typed: int, written: str
) -> None:
    entries = list(shipped.entries)[:many]
    offered = tuple(Choice(f"Mục {name}", f"entry:{name}") for name in entries)
    session = Session(offered=offered)
    incoming = Incoming(SOMEONE, "1", START, text=written.format(typed))
    step = await route(Turn(incoming, session, shipped, START, Memory()))

    if 1 <= typed <= many:
        assert step.entries == (entries[typed - 1],)
    else:
        assert step.outcome is Outcome.MENU


def test_a_phone_number_is_normalised_once() -> None:
    number = phone_number("0912 345 678")

    assert number == "+84912345678"
    assert phone_number(number) == number


def test_a_reply_is_numbered_unless_it_says_otherwise() -> None:
    assert Reply("x").numbered
