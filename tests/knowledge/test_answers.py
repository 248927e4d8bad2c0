"""What is really said: the shipped entries on many days, and a deadline on each day around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from knowledge import Knowledge
from knowledge.answers import contact_block, deadline_sentence, no_longer, speak
from knowledge.clock import VIETNAM, noon
from knowledge.entries import Citation, Deadline, Holidays, Organisation
from knowledge.rules import holds

MAY_14 = Deadline(
    "gtclqg",
    "registration",
    2027,
    opens_on=date(2027, 5, 3),
    closes_on=date(2027, 5, 14),
    closes_at=time(17),
    letter="12/SKHCN-TĐC",
    source="nd37-2026",
)
# 10/05 is swapped for Saturday 08/05; days that are worked, counted by hand on a calendar.
SWAP = Holidays(frozenset({date(2027, 5, 10)}), frozenset({date(2027, 5, 8)}))
DAYS = [date(2025, 6, 1) + timedelta(days=n) for n in range(0, 943, 41)] + [date(2027, 12, 31)]


def said(knowledge: Knowledge, now: datetime, *deadlines: Deadline) -> str:
    changed = replace(knowledge, deadlines=deadlines, holidays=SWAP)
    return deadline_sentence(changed, "gtclqg", "registration", now)


def may(day: int, hour: int = 8) -> datetime:
    return datetime(2027, 5, day, hour, tzinfo=VIETNAM)


APRIL_28 = noon(date(2027, 4, 28))
NOT_OPEN = "**Đợt nộp đăng ký tham dự năm 2027 chưa mở**: nhận từ 03/05/2027, ngày cuối 17:00 "
OPEN = "**Hạn nộp đăng ký tham dự năm 2027: 17:00 ngày 14/05/2027** (ngày cuối còn được tính), "
LAST = "**Hạn nộp đăng ký tham dự năm 2027: 17:00 hôm nay, 14/05/2027, là ngày cuối cùng.**"
OVER = "**Hạn nộp đăng ký tham dự năm 2027 đã hết** (ngày cuối là 14/05/2027)."


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (APRIL_28, f"{NOT_OPEN}14/05/2027 (còn 16 ngày, trong đó 10 ngày làm việc)."),
        (may(4), f"{OPEN}còn 10 ngày, trong đó 8 ngày làm việc."),
        (may(7), f"{OPEN}còn 7 ngày, trong đó 5 ngày làm việc."),
        (may(9), f"{OPEN}còn 5 ngày, trong đó 4 ngày làm việc."),
        (may(13, 23), f"{OPEN}còn 1 ngày, trong đó 1 ngày làm việc."),
        (may(14, 17), LAST),
        (may(14, 18), OVER),
    ],
)
def test_a_deadline_is_told_with_its_last_day_and_what_is_left(
    shipped: Knowledge, now: datetime, sentence: str
) -> None:
    assert said(shipped, now, MAY_14) == f"{sentence} Theo công văn số 12/SKHCN-TĐC."


def test_an_extended_deadline_names_the_earlier_day(shipped: Knowledge) -> None:
    moved = replace(
        MAY_14, closes_on=date(2027, 5, 31), extended_from=date(2027, 5, 14), closes_at=None
    )

    told = said(shipped, may(14), moved)

    assert "ngày 31/05/2027" in told
    assert "Hạn này đã được gia hạn so với ngày 14/05/2027." in told


def test_before_a_day_is_told_as_the_day_before(shipped: Knowledge) -> None:
    told = said(shipped, may(4), replace(MAY_14, inclusive=False, closes_at=None))

    assert "ngày 13/05/2027** (ngày cuối còn được tính), còn 9 ngày" in told
    assert "14/05/2027" not in told


def test_next_years_silence_does_not_hide_that_this_year_has_passed(shipped: Knowledge) -> None:
    told = said(shipped, may(20), MAY_14, Deadline("gtclqg", "registration", 2028))

    assert "năm 2027 đã hết** (ngày cuối là 14/05/2027)" in told
    assert "năm 2028: chưa công bố" in told


def test_where_nothing_is_known_it_is_said_to_be_unannounced(shipped: Knowledge) -> None:
    assert "năm 2027: chưa công bố" in said(shipped, may(4))
    assert "năm 2031: chưa công bố" in said(shipped, noon(date(2031, 5, 4)), MAY_14)


# Every shipped entry ---------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_shipped_answer_fits_one_message(shipped: Knowledge, day: date) -> None:
    too_long = {
        entry.id: len(text)
        for entry in shipped.entries.values()
        if len(text := speak(shipped, entry, noon(day)).text) > 2000
    }

    assert not too_long


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_shipped_answer_passes_a_lapsed_rule_for_todays(shipped: Knowledge, day: date) -> None:
    for entry in shipped.entries.values():
        cited = [shipped.sources[citation.source] for citation in entry.citations]
        lapsed = [s for s in cited if s.in_force_until and s.in_force_until <= day]
        if lapsed and entry.past:
            text = speak(shipped, entry, noon(day)).text
            assert text.startswith("**Quy định trước đây, để tham khảo**"), entry.id
        elif lapsed:
            assert no_longer(shipped, entry, day), entry.id


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_shipped_answer_passes_a_coming_rule_for_todays(shipped: Knowledge, day: date) -> None:
    for entry in shipped.entries.values():
        starts = [shipped.sources[c.source].in_force_from or date.min for c in entry.citations]
        text = speak(shipped, entry, noon(day)).text
        assert ("chưa áp dụng ở thời điểm này" in text) == (max(starts) > day), entry.id


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2027, 6, 1)])
def test_todays_shipped_answers_need_no_label(shipped: Knowledge, day: date) -> None:
    for entry in shipped.entries.values():
        if not entry.past:
            assert holds(shipped, entry, day), entry.id
            assert no_longer(shipped, entry, day) is None


def test_no_answer_is_said_with_a_blank_left_open(shipped: Knowledge) -> None:
    for entry in shipped.entries.values():
        assert "{" not in speak(shipped, entry, noon(date(2026, 11, 20))).text, entry.id


# One entry -------------------------------------------------------------------------------------


def test_the_sources_are_named_with_their_days(shipped: Knowledge) -> None:
    entry = replace(
        shipped.entries["cost.fee"],
        citations=(Citation("nd37-2026", "Điều 60"),),
        verified_on=date(2026, 11, 20),
    )

    spoken = speak(shipped, entry, noon(date(2026, 11, 20)))

    assert spoken.sources == ("Nghị định 37/2026/NĐ-CP, Điều 60 (hiệu lực từ 23/01/2026)",)
    assert spoken.text.endswith(
        "Nguồn: Nghị định 37/2026/NĐ-CP, Điều 60 (hiệu lực từ 23/01/2026). "
        "Đối chiếu ngày 20/11/2026."
    )


def test_an_answer_with_an_end_is_not_said_from_that_day(shipped: Knowledge) -> None:
    entry = replace(
        shipped.entries["cost.fee"],
        citations=(Citation("nd37-2026", ""),),
        valid_until=date(2027, 1, 1),
    )

    ended = no_longer(shipped, entry, date(2027, 1, 1))

    assert no_longer(shipped, entry, date(2026, 12, 31)) is None
    assert ended is not None
    assert "chỉ dùng đến trước ngày 01/01/2027" in ended


def test_an_answer_with_a_beginning_is_labelled_until_that_day(shipped: Knowledge) -> None:
    entry = replace(
        shipped.entries["cost.fee"],
        citations=(Citation("nd37-2026", ""),),
        valid_from=date(2027, 1, 1),
    )

    early = speak(shipped, entry, noon(date(2026, 12, 31))).text
    assert early.startswith(
        "**Quy định chưa áp dụng ở thời điểm này**: "
        "Nghị định 37/2026/NĐ-CP có hiệu lực từ 01/01/2027."
    )
    assert "chưa áp dụng" not in speak(shipped, entry, noon(date(2027, 1, 1))).text


def test_contact_is_told_as_far_as_it_is_filled_in(shipped: Knowledge) -> None:
    office = Organisation(name="Sở KH&CN Cà Mau", phone="0290 3 831 000")

    told = contact_block(replace(shipped, organisation=office))

    assert told == "Liên hệ Sở KH&CN Cà Mau:\n- Điện thoại: 0290 3 831 000"
    assert "chưa được cập nhật" in contact_block(replace(shipped, organisation=Organisation()))
