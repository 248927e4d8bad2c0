"""Four hundred days in a row, over the change of the award's rules and over the end of a deadline.

The days are counted here by hand: nothing of `knowledge.workdays` is used to check it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from handlers.conversation import Incoming, Session, Turn
from handlers.drafts import SUMMARY, Draft
from handlers.eligibility import conclusion
from knowledge.answers import deadline_sentence, no_longer, speak
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from tests.handlers.memory import SOMEONE, Memory

FIRST = date(2025, 12, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(400)]
CHANGE, LAPSE = date(2026, 1, 23), date(2026, 7, 1)
DEADLINE = Deadline(
    "gtclqg",
    "registration",
    2026,
    opens_on=date(2026, 3, 2),
    closes_on=date(2026, 5, 5),
    closes_at=time(17, 0),
    extended_from=date(2026, 4, 15),
    letter="12/TB-SKHCN",
    source="nd37-2026",
)
OFF = {
    *(date(2026, 1, 1), date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)),
    *(date(2026, 2, day) for day in range(16, 21)),
}  # public holidays on weekdays up to the deadline, from the published calendars
_DAY = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b")
_LEFT = re.compile(r"còn (\d+) ngày, trong đó (\d+) ngày làm việc")
ANSWERS = {
    "legal_form": "enterprise",
    "product_kind": "goods",
    "operating_since": "2023-06-15",
    "interrupted": "none",
    "on_market_since": "~2025-10-31",
    "compliance": "clean",
    "earlier_award": "gold",
    "award_year": 2025,
}


@pytest.fixture(scope="module")
def knowledge_with_a_deadline(shipped: Knowledge) -> Knowledge:
    others = [each for each in shipped.deadlines if each.year != DEADLINE.year]
    return replace(shipped, deadlines=(DEADLINE, *others))


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), VIETNAM)


def worked(after: date, until: date) -> int:
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(day.weekday() < 5 and day not in OFF for day in days)


def days_in(text: str) -> Iterator[date]:
    return (date(int(y), int(m), int(d)) for d, m, y in _DAY.findall(text))


def test_the_days_left_are_those_that_a_person_counts(knowledge_with_a_deadline: Knowledge) -> None:
    last = DEADLINE.closes_on
    assert last
    for day in DAYS:
        said = deadline_sentence(knowledge_with_a_deadline, "gtclqg", "registration", at(day))
        left = _LEFT.search(said)

        if day < last:
            assert left, day
            assert (int(left[1]), int(left[2])) == ((last - day).days, worked(day, last)), day
            assert ("chưa mở" in said) == (day < date(2026, 3, 2)), day
        else:
            assert not left, day
            assert ("hôm nay" in said) == (day == last), day
            assert ("đã hết" in said) == (last < day <= date(2026, 12, 31)), day


def test_after_its_hour_the_last_day_is_over(knowledge_with_a_deadline: Knowledge) -> None:
    evening = at(date(2026, 5, 5), 18)
    said = deadline_sentence(knowledge_with_a_deadline, "gtclqg", "registration", evening)

    assert "đã hết" in said


def test_no_entry_speaks_a_lapsed_source_as_current_or_counts_to_a_past_day(
    knowledge_with_a_deadline: Knowledge,
) -> None:
    knowledge = knowledge_with_a_deadline
    for day in DAYS:
        for entry in knowledge.entries.values():
            if no_longer(knowledge, entry, day):
                continue
            text = speak(knowledge, entry, at(day)).text
            cited = [knowledge.sources[each.source] for each in entry.citations]
            ended = [s for s in cited if s.in_force_until and s.in_force_until <= day]
            coming = [s for s in cited if s.in_force_from and s.in_force_from > day]
            if ended:
                assert entry.past, (day, entry.id)
                assert text.startswith("**Quy định trước đây, để tham khảo**"), (day, entry.id)
            if coming:
                assert "**Quy định chưa áp dụng ở thời điểm này**" in text, (day, entry.id)
            if left := _LEFT.search(text):
                announced = [each for each in days_in(text[: left.start()]) if each > day]
                assert announced, (day, entry.id)


def test_the_self_check_follows_the_rules_of_its_day_and_names_no_past_day_as_coming(
    shipped: Knowledge,
) -> None:
    eligible_from = set()
    for day in DAYS:
        said = concluded(shipped, day)
        _, _, points = said.partition("\n\n")
        rules, _, _ = points.partition("Nguồn:")

        assert ("37/2026" in said) == (day >= CHANGE), day
        assert ("132/2008" in said) == (day < CHANGE), day
        assert [each for each in days_in(rules) if each <= day] == [], (day, rules)
        named = re.search(r"Ngày có thể đạt: (?:khoảng )?(\S+)\.\*\*", said)
        if named and day >= CHANGE:
            eligible_from |= set(days_in(named[1]))
    assert eligible_from == {date(2028, 1, 1)}


def concluded(knowledge: Knowledge, day: date) -> str:
    draft = Draft(knowledge.forms["self_check"], ANSWERS)
    turn = Turn(
        Incoming(SOMEONE, "1", at(day)), Session(step=SUMMARY), knowledge, at(day), Memory()
    )
    return "\n".join(reply.text for reply in conclusion(turn, draft).replies)
