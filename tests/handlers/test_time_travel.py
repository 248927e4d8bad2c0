"""Four hundred days in a row, over the change of the award's rules and over the end of a deadline.

The days are counted here by hand: nothing of `knowledge.workdays` is used to check it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product

import pytest

from handlers import deadlines, programmes
from handlers.conversation import Incoming, Session, Turn
from handlers.drafts import SUMMARY, Draft
from handlers.eligibility import conclusion
from handlers.reminders import message
from knowledge.answers import deadline_sentence, no_longer, speak
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from knowledge.routing import form
from knowledge.rules import key_of
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
_D = r"\d{2}/\d{2}/\d{4}"
_SINCE, _UNTIL = re.compile(rf"hiệu lực từ {_D}|ban hành {_D}"), re.compile(rf"trước ngày {_D}")
LAPSED, PAST, TODAY, COMING, FORMER = "lapsed", "past", "today", "coming", "former"
WRITTEN, UNCLAIMED = "written", "unclaimed"
CLAIMS = {  # what the program says of a day; each that no author wrote stands in one of these
    LAPSED: re.compile(rf"đã hết hiệu lực từ {_D}"),
    PAST: re.compile(rf"đã hết\.\*\* Ngày cuối là {_D}|đã hết\*\* \(ngày cuối là {_D}"),
    TODAY: re.compile(rf"hôm nay, {_D}|tính đến ngày {_D}", re.IGNORECASE),
    COMING: re.compile(
        rf"có hiệu lực từ {_D}|nhận từ (?:ngày )?{_D}|ngày cuối (?:\d\d:\d\d )?{_D} \(còn"
        rf"|ngày {_D}\*\* \(ngày cuối còn được tính\), còn [1-9]"
        rf"|còn được tính: {_D} \([^)]+\)\. Còn [1-9]",
        re.IGNORECASE,
    ),
    FORMER: re.compile(rf"gia hạn so với ngày {_D}"),
}
_CALLED_COMING = re.compile(r"\b(?:sẽ|sắp(?! xếp)|chưa mở|còn \d+ ngày)\b", re.IGNORECASE)
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
NEVER_WON = {**ANSWERS, "earlier_award": "none"}


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


def test_no_entry_speaks_a_lapsed_source_as_current_or_a_past_day_as_coming(
    knowledge_with_a_deadline: Knowledge,
) -> None:
    knowledge = knowledge_with_a_deadline
    for day in DAYS:
        for entry in knowledge.entries.values():
            if no_longer(knowledge, entry, day):
                continue
            text = speak(knowledge, entry, at(day)).text
            cited = [knowledge.sources[each.source] for each in entry.citations]
            if any(s.in_force_until and s.in_force_until <= day for s in cited):
                assert entry.past, (day, entry.id)
                assert text.startswith("**Quy định trước đây, để tham khảo**"), (day, entry.id)
            if any(s.in_force_from and s.in_force_from > day for s in cited):
                assert "**Quy định chưa áp dụng ở thời điểm này**" in text, (day, entry.id)
            assert wrong_on(day, text, entry.answer) == [], (day, entry.id)


async def test_no_list_of_deadlines_and_no_reminder_names_a_past_day_as_coming(
    knowledge_with_a_deadline: Knowledge,
) -> None:
    knowledge = knowledge_with_a_deadline
    for day in DAYS:
        now = at(day)
        turn = Turn(Incoming(SOMEONE, "1", now), Session(), knowledge, now, Memory())
        listed = (await deadlines.everything(turn)).replies[0].text
        for text in (listed, message(knowledge, key_of(DEADLINE), None, now).text):
            assert wrong_on(day, text) == [], day


def test_what_is_looked_for_is_found() -> None:
    day, closed = date(2026, 3, 1), "**Hạn A năm 2026 đã hết** (ngày cuối là 01/04/2026)."
    left = "**Hạn A năm 2026: ngày 01/03/2026** (ngày cuối còn được tính), còn 3 ngày"

    assert wrong_on(day, f"{closed}\n{left}") == [closed, left]
    assert wrong_on(day, f"Xem 01/05/2026. {left}") != []
    assert wrong_on(day, "Xem 28/02/2026.") == ["Xem 28/02/2026."]
    assert wrong_on(day, "Sắp tới, 28/02/2026.", "Sắp tới, 28/02/2026.") != []
    assert wrong_on(day, "Từ 28/02/2026.\n\nNguồn: Luật (01/02/2029)", "Từ 28/02/2026.") == []


def wrong_on(day: date, text: str, written: str = "") -> list[str]:
    """The lines of *text* with a day, of no source, that does not stand to *day* as the line says.

    A day that an author wrote is the history of a document; it must only not be called coming.
    """
    wrong = []
    for line, bounds, coming in _claims(text, written):
        no_more = [each for each in bounds[LAPSED] if each > day]
        over = [each for each in bounds[PAST] if each >= day]
        ahead = [each for each in bounds[COMING] if each <= day]
        other = [each for each in bounds[TODAY] if each != day]
        told = [each for each in bounds[WRITTEN] if coming and each <= day]
        if no_more or over or ahead or other or told or bounds[UNCLAIMED]:
            wrong.append(line)
    return wrong


@cache
def _claims(text: str, written: str) -> list[tuple[str, dict[str, list[date]], bool]]:
    """Each line with days: what it calls which, and whether it speaks of what is to come."""
    own, found = set(written.splitlines()), []
    for line in text.splitlines():
        if line.startswith("Nguồn:") or not _DAY.search(line):
            continue
        bounds: dict[str, list[date]] = {name: [] for name in (*CLAIMS, WRITTEN, UNCLAIMED)}
        rest = line
        if line in own:
            bounds[WRITTEN] = list(days_in(line))
        else:
            for name, said in CLAIMS.items():
                for claim in said.findall(rest):
                    bounds[name] += days_in(claim)
                rest = said.sub("", rest)
            bounds[UNCLAIMED] = list(days_in(rest))
        found.append((line, bounds, _CALLED_COMING.search(line) is not None))
    return found


def test_the_router_names_on_each_day_only_what_holds_then(shipped: Knowledge) -> None:
    router = shipped.router
    questions = {field.id: [option.id for option in field.options] for field in router.fields}
    kinds = list(product(questions["need"], questions["product"]))
    for day in [*DAYS, date(2030, 12, 31), date(2031, 2, 1)]:
        for need, goods in kinds:
            said = routed(shipped, {"size": "startup", "need": need, "product": goods}, day)
            since = [*days_in(" ".join(_SINCE.findall(said)))]
            until = [*days_in(" ".join(_UNTIL.findall(said)))]
            assert [each for each in since if each > day] == [], (day, said)
            assert [each for each in until if each <= day] == [], (day, said)
            assert "Giải Vàng" not in said or day >= CHANGE, day
            assert "07 ngày làm việc" not in said or day >= CHANGE, day
            assert "2021–2030" not in said or day.year <= 2030, day
            assert said.count("Hỏi ở đâu") <= said.count("Căn cứ: "), day


def routed(knowledge: Knowledge, answers: dict[str, object], day: date) -> str:
    draft = Draft(form(knowledge.router), answers)
    turn = Turn(
        Incoming(SOMEONE, "1", at(day)), Session(step=SUMMARY), knowledge, at(day), Memory()
    )
    return "\n".join(reply.text for reply in programmes.conclusion(turn, draft).replies)


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        (ANSWERS, None),  # a gold award of before 2026 is always for an officer
        ({**ANSWERS, "award_year": 2026}, date(2029, 1, 1)),
        (NEVER_WON, date(2026, 10, 31)),
    ],
)
def test_the_self_check_follows_the_rules_of_its_day_and_names_no_past_day_as_coming(
    shipped: Knowledge, answers: dict[str, object], first: date | None
) -> None:
    eligible_from = set()
    for day in DAYS:
        said = concluded(shipped, answers, day)
        _, _, points = said.partition("\n\n")
        rules, _, _ = points.partition("Nguồn:")

        assert ("37/2026" in said) == (day >= CHANGE), day
        assert ("132/2008" in said) == (day < CHANGE), day
        assert [each for each in days_in(rules) if each <= day] == [], (day, rules)
        named = re.search(r"Ngày có thể đạt: (?:khoảng )?(\S+)\.\*\*", said)
        if named and day >= CHANGE:
            eligible_from |= set(days_in(named[1]))
        assert day < CHANGE or ("Đủ điều kiện sơ bộ" in said) == (
            first is not None and day >= first
        ), day
    assert eligible_from == ({first} if first else set())


def concluded(knowledge: Knowledge, answers: dict[str, object], day: date) -> str:
    draft = Draft(knowledge.forms["self_check"], answers)
    turn = Turn(
        Incoming(SOMEONE, "1", at(day)), Session(step=SUMMARY), knowledge, at(day), Memory()
    )
    return "\n".join(reply.text for reply in conclusion(turn, draft).replies)
