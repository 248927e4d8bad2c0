"""Reminders as a person asks for them: which, when, and an end to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.effects import MarkSubmitted, PlanReminders, StopReminders
from handlers.records import Reminder
from handlers.reminders import MOST_DAYS, MOST_TIMES, kept_lines, message
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from tests.handlers.memory import Talk

KEY = "gtclqg.registration.2027"
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=VIETNAM)


def announced(shipped: Knowledge, last: date, closes_at: time | None = None) -> Knowledge:
    deadline = Deadline("gtclqg", "registration", 2027, closes_on=last, closes_at=closes_at)
    return replace(shipped, deadlines=(deadline,))


def talk_about(shipped: Knowledge, last: date = date(2027, 3, 31)) -> Talk:
    talk = Talk(announced(shipped, last))
    talk.now = NOW
    return talk


async def test_where_there_is_one_deadline_asking_is_enough(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    step = await talk.type("nhắc tôi nhé")

    assert step.effects == (PlanReminders(KEY, (14, 7, 3, 1)),)
    assert "17/03/2027, 24/03/2027, 26/03/2027, 30/03/2027" in talk.said


async def test_asked_again_the_days_that_were_chosen_stay(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    await talk.press(f"remind-days:{KEY}:5,2")
    step = await talk.press(f"remind:{KEY}")

    assert step.effects == (PlanReminders(KEY, (5, 2)),)


async def test_too_late_for_any_reminder_is_said(shipped: Knowledge) -> None:
    talk = talk_about(shipped, date(2027, 3, 1))
    step = await talk.press(f"remind:{KEY}")

    assert "không còn lúc nào để nhắc" in talk.said
    assert step.effects == (PlanReminders(KEY, (14, 7, 3, 1)),)  # it may still be extended


async def test_what_is_over_is_not_recalled(shipped: Knowledge) -> None:
    talk = talk_about(shipped, date(2027, 2, 26))
    step = await talk.press(f"remind:{KEY}")

    assert "đã hết" in talk.said
    assert step.effects == ()
    await talk.type("nhắc tôi")
    assert "không biết thời hạn nào sắp tới" in talk.said


@pytest.mark.parametrize(
    "action", ["remind:x", "remind-when:x", "remind-days:x:1", "handed-in:x", "not-handed-in:x"]
)
async def test_a_button_of_a_deadline_that_is_gone_changes_nothing(
    shipped: Knowledge, action: str
) -> None:
    talk = talk_about(shipped)
    step = await talk.press(action)

    assert step.effects == ()
    assert step.replies[-1].choices


async def test_a_reminder_that_is_gone_can_still_be_stopped(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    talk.memory.wishes["gone"] = Reminder("gone", (1,), None, wanted=True, submitted=False)

    assert (await talk.press("remind-off:gone")).effects == (StopReminders("gone"),)
    assert kept_lines(talk.knowledge, list(talk.memory.wishes.values()), NOW) == []


async def test_what_ends_with_the_reminders_is_said_and_the_seat_stays(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    day, seat = date(2027, 3, 15), "seat:training.course.kaizen"
    talk.memory.wishes |= {
        "self_check": Reminder("self_check", (), day, wanted=True, submitted=False),
        seat: Reminder(seat, (), None, wanted=True, submitted=False),
    }
    first, again = await talk.type("dừng nhắc"), await talk.type("dừng nhắc")

    assert first.effects == (StopReminders(),)
    assert "tự kiểm tra lại điều kiện từ ngày 15/03/2027 cũng dừng" in first.replies[0].text
    assert again.effects == ()
    for said in (first.replies[0].text, again.replies[0].text):
        assert "vẫn báo khi “" in said
    assert [talk.memory.wishes[name].wanted for name in ("self_check", seat)] == [False, True]


async def test_the_message_itself_leaves_the_last_menu_alone_and_offers_an_end(
    shipped: Knowledge,
) -> None:
    knowledge = announced(shipped, date(2027, 3, 31), time(17, 0))
    reply = message(knowledge, KEY, None, datetime(2027, 3, 30, 8, 0, tzinfo=VIETNAM))

    assert not reply.numbered
    assert "Còn 1 ngày, trong đó 1 ngày làm việc" in reply.text
    assert "đến 17:00" in reply.text
    assert [choice.action for choice in reply.choices] == [
        f"handed-in:{KEY}",
        "cmd:stop_reminders",
        "cmd:deadlines",
    ]


async def test_what_its_buttons_say_can_be_typed(shipped: Knowledge) -> None:
    """Where a channel has no buttons, the message's own choices are not the last menu."""
    reply = message(announced(shipped, date(2027, 3, 31)), KEY, None, NOW)
    effects = []
    for choice in reply.choices[1:]:
        talk = talk_about(shipped)
        await talk.press(f"remind:{KEY}")
        await talk.type("menu")
        effects.append((await talk.type(choice.label)).effects)
    talk = talk_about(shipped)
    effects.append((await talk.type("đã nộp")).effects)

    assert effects == [(StopReminders(),), (), (MarkSubmitted(KEY),)]


async def test_inside_a_form_a_reminder_is_set_and_the_form_waits(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    for typed in ("/dangky", "đồng ý", "Công ty An Hòa"):
        await talk.type(typed)
    step = await talk.type("nhắc tôi")

    assert step.effects == (PlanReminders(KEY, (14, 7, 3, 1)),)
    assert talk.offered[-1].label == "Điền tiếp phiếu"


async def test_dung_inside_a_form_ends_the_form_and_no_reminder(shipped: Knowledge) -> None:
    talk = talk_about(shipped)
    for typed in ("nhắc tôi", "/dangky", "đồng ý", "Công ty An Hòa"):
        await talk.type(typed)

    assert (await talk.type("dừng")).effects == ()
    assert talk.memory.wishes[KEY].wanted


typed_days = st.lists(st.integers(0, 99), min_size=2, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=typed_days, between=st.sampled_from([", ", " ", " và ", ",", " ngày, "]))
async def test_several_numbers_are_days_in_any_way_of_writing(
    shipped: Knowledge, days: list[int], between: str
) -> None:
    talk = talk_about(shipped)
    await talk.press(f"remind-when:{KEY}")
    step = await talk.type(between.join(map(str, days)))

    chosen = tuple(sorted(set(days), reverse=True))
    if len(chosen) > MOST_TIMES or chosen[0] > MOST_DAYS:
        assert step.effects == ()
        assert f"tối đa {MOST_TIMES} số" in talk.said
    else:
        assert step.effects == (PlanReminders(KEY, chosen),)


TYPED = (
    *map(str, range(8)),
    *("10, 5", "nhắc tôi", "/nhac", "/hannop", "dừng", "dừng nhắc", "đã nộp", "quay lại"),
    *("huỷ", "/hoso", "/dangky", "đồng ý", "hạn nộp khi nào"),
)
walks = st.lists(st.sampled_from(TYPED), max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=walks)
async def test_at_every_step_one_can_go_on_go_back_and_stop(
    shipped: Knowledge, walk: list[str]
) -> None:
    talk = talk_about(shipped)
    for typed in walk:
        step = await talk.type(typed)
        assert step.replies
        assert step.replies[-1].text.strip()
    await talk.type("huỷ")
    await talk.type("dừng nhắc")

    assert not any(wish.wanted for wish in talk.memory.wishes.values())
    await talk.type("/nhac")
    assert talk.offered
