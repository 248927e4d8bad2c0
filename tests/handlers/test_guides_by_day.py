"""Lists, reminders and checklists on each of 400 days, over the change of rules and two deadlines.

Working days are counted here from the published calendar, not by what the handlers use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from handlers import deadlines, dossier
from handlers.conversation import Incoming, Session, Step, Turn
from handlers.reminders import message
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from knowledge.reminding import DAYS_BEFORE, plan
from knowledge.rules import key_of, standing
from tests.handlers.memory import SOMEONE, Memory

FIRST = date(2025, 12, 10)
DAYS = [FIRST + timedelta(days=n) for n in range(400)]
RULES_CHANGE = date(2026, 1, 23)  # Nghị định 37/2026/NĐ-CP
# Public holidays on weekdays, and the swap of 31/08 for Saturday 22/08, as published.
OFF = {
    *(date(2026, 1, 1), date(2027, 1, 1), date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)),
    *(date(2026, 2, day) for day in range(16, 21)),
    *(date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2), date(2026, 11, 24)),
}
MADE_UP = {date(2026, 8, 22)}
REGISTRATION = Deadline(
    "gtclqg",
    "registration",
    2026,
    opens_on=date(2026, 3, 2),
    closes_on=date(2026, 5, 4),
    closes_at=time(17, 0),
    extended_from=date(2026, 4, 17),
    letter="12/TB-SKHCN",
    source="nd37-2026",
)
DOSSIER = Deadline(
    "gtclqg",
    "dossier",
    2026,
    closes_on=date(2026, 9, 6),
    inclusive=False,
    letter="15/TB-SKHCN",
    source="nd37-2026",
)
UNKNOWN = Deadline("gtclqg", "results", 2026)
LAST = {"Nộp đăng ký tham dự": date(2026, 5, 4), "Nộp hồ sơ đầy đủ": date(2026, 9, 5)}
_LINE = re.compile(r"- \*\*(.+?) năm 2026: (.+?)\.\*\*(.*)")
_LEFT = re.compile(r"Còn (\d+) ngày, trong đó (\d+) ngày làm việc")
_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")


@pytest.fixture(scope="module")
def dated(shipped: Knowledge) -> Knowledge:
    return replace(shipped, deadlines=(DOSSIER, UNKNOWN, REGISTRATION))


def turn(knowledge: Knowledge, now: datetime) -> Turn:
    return Turn(Incoming(SOMEONE, "1", now), Session(), knowledge, now, Memory())


def works(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def working_days(today: date, last: date) -> int:
    return sum(works(today + timedelta(days=n)) for n in range(1, (last - today).days + 1))


def moments(hours: tuple[time, ...]) -> Iterator[datetime]:
    return (datetime.combine(day, hour, VIETNAM) for day in DAYS for hour in hours)


def said(step: Step) -> str:
    return "\n".join(reply.text for reply in step.replies)


async def test_each_day_the_list_counts_right_and_calls_nothing_past_to_come(
    dated: Knowledge,
) -> None:
    for now in moments((time(8, 0), time(17, 30))):
        text = said(await deadlines.mine(turn(dated, now)))
        found = {name: (state, rest) for name, state, rest in _LINE.findall(text)}
        if now.year > 2026:
            assert found == {}, now
            continue
        assert found["Công bố kết quả"][0] == "chưa công bố"
        for name, last in LAST.items():
            state, rest = found[name]
            closes = REGISTRATION.closes_at if name == "Nộp đăng ký tham dự" else None
            over = now.date() > last or (
                now.date() == last and closes is not None and now.time() > closes
            )
            assert (state == "đã hết") == over, (now, name)
            assert f"{last:%d/%m/%Y}" in rest
            left = _LEFT.search(rest)
            if not over and now.date() < last:
                assert left, (now, name)
                expected = ((last - now.date()).days, working_days(now.date(), last))
                assert (int(left[1]), int(left[2])) == expected, (now, name)
            else:
                assert left is None, (now, name)


async def test_each_day_the_list_goes_by_the_day_and_says_what_is_not_known(
    dated: Knowledge,
) -> None:
    for now in moments((time(12, 0),)):
        names = [name for name, _, _ in _LINE.findall(said(await deadlines.mine(turn(dated, now))))]
        if now.year == 2026:
            assert names == ["Nộp đăng ký tham dự", "Nộp hồ sơ đầy đủ", "Công bố kết quả"], now


@pytest.mark.parametrize("deadline", [REGISTRATION, DOSSIER], ids=key_of)
def test_each_day_on_which_one_may_ask_every_reminder_is_timely_and_counts_right(
    dated: Knowledge, deadline: Deadline
) -> None:
    last = LAST["Nộp đăng ký tham dự" if deadline is REGISTRATION else "Nộp hồ sơ đầy đủ"]
    for now in moments((time(9, 0),)):
        planned = plan(standing(dated, deadline, now), now, dated.holidays, (*DAYS_BEFORE, 0))
        assert bool(planned) == (now.date() < last), now
        for moment in planned:
            assert moment > now
            assert works(moment.date()) or moment.date() == last
            text = message(dated, key_of(deadline), None, moment).text
            assert f"{last:%d/%m/%Y}" in text
            left = _LEFT.search(text)
            if moment.date() == last:
                assert "Hôm nay" in text
            else:
                assert left is not None
                expected = ((last - moment.date()).days, working_days(moment.date(), last))
                assert (int(left[1]), int(left[2])) == expected, moment


async def test_each_day_the_checklist_keeps_the_rules_of_that_day_apart_from_earlier_ones(
    dated: Knowledge,
) -> None:
    for now in moments((time(12, 0),)):
        text = said(await dossier.start(turn(dated, now)))
        own, _, earlier = text.partition("**Theo quy định trước đây, để tham khảo**")
        current = "Chuẩn bị trước, cần trong mọi trường hợp" in own
        assert current == (now.date() >= RULES_CHANGE), now
        assert "Bản đăng ký tham dự" not in own, now
        assert "Bản đăng ký tham dự" in earlier, now
