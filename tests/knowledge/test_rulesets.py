"""Rule sets: what a day's rules say of an enterprise, and from when they would say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import Form
from knowledge.months import add_months
from knowledge.problems import Problem
from knowledge.ruleset_reading import links, ruleset
from knowledge.rulesets import (
    ABOUT,
    Answer,
    AtLeastMonths,
    Conclusion,
    Finding,
    Result,
    RuleSet,
    Unclear,
    Verdict,
    YearsAfter,
    judge,
    ruleset_of_year,
    ruleset_on,
    said,
)
from tests.knowledge import guidance

TODAY = date(2026, 11, 20)
RANK = {Conclusion.NOT_YET: 0, Conclusion.OFFICER: 1, Conclusion.ELIGIBLE: 2}
RESULT_RANK = {Result.FAIL: 0, Result.UNKNOWN: 1, Result.PASS: 2}
READY: Mapping[str, Answer] = {
    "legal_form": "enterprise",
    "product_kind": "goods",
    "operating_since": "2015-06-01",
    "interrupted": "none",
    "on_market_since": "2020-03-01",
    "compliance": "clean",
    "earlier_award": "none",
}

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def current() -> RuleSet:
    return guidance.rule_sets()["award-2026"]


def check(day: date = TODAY, /, **changed: Answer) -> Verdict:
    return judge(current(), {**READY, **changed}, day)


def finding(verdict: Verdict, requirement: str) -> Finding:
    return next(each for each in verdict.findings if each.requirement.id == requirement)


def problems(form: Form, *rule_sets: RuleSet) -> list[Problem]:
    known = guidance.pointed_to()
    forms = {form.id: form}
    return list(links(rule_sets, forms, known.sources, known.entries, known.programmes))


# -- which rules


def test_the_day_picks_the_regime() -> None:
    sets = guidance.rule_sets().values()

    before = ruleset_on(sets, "gtclqg", date(2026, 1, 22))
    after = ruleset_on(sets, "gtclqg", date(2026, 1, 23))

    assert before is not None and before.id == "award-before-2026"  # noqa: PT018
    assert after is not None and after.id == "award-2026"  # noqa: PT018


def test_a_question_about_an_earlier_year_is_answered_from_the_lapsed_rules() -> None:
    sets = guidance.rule_sets().values()
    found = {year: ruleset_of_year(sets, "gtclqg", year) for year in (2017, 2018, 2025, 2026)}

    assert found[2017] is None
    assert found[2018] == found[2025] == guidance.rule_sets()["award-before-2026"]
    assert found[2026] == current()


def test_on_each_of_400_days_over_the_change_one_regime_in_force_is_picked() -> None:
    sources = guidance.pointed_to().sources
    for n in range(400):
        day = date(2025, 8, 1) + n * timedelta(days=1)
        picked = ruleset_on(guidance.rule_sets().values(), "gtclqg", day)

        assert picked is not None
        assert all(sources[cited.source].holds_on(day) for cited in picked.citations)
        assert picked.holds_on(day)


# -- the three conclusions


def test_who_meets_every_condition_is_eligible_at_first_sight() -> None:
    verdict = check()

    assert verdict.conclusion is Conclusion.ELIGIBLE
    assert verdict.eligible_from is None


@pytest.mark.parametrize(
    ("changed", "requirement", "entry"),
    [
        ({"legal_form": "household"}, "legal_form", "eligibility.household"),
        ({"legal_form": "branch"}, "legal_form", "eligibility.branch"),
        ({"legal_form": "unit"}, "legal_form", "eligibility.state_unit_association"),
        ({"product_kind": "service"}, "product_kind", "eligibility.service"),
        ({"product_kind": "made_for_others"}, "product_kind", "eligibility.made_for_others"),
        ({"compliance": "fined"}, "law", "eligibility.law"),
        ({"earlier_award": "old"}, "reentry", "eligibility.reentry_before_2026"),
        (
            {"interrupted": "paused", "resumed_since": "2025-01-01"},
            "continuous",
            "eligibility.interrupted",
        ),
    ],
)
def test_where_the_law_is_silent_an_officer_has_to_look(
    changed: dict[str, Answer], requirement: str, entry: str
) -> None:
    verdict = check(TODAY, **changed)
    found = finding(verdict, requirement)

    assert verdict.conclusion is Conclusion.OFFICER
    assert found.result is Result.UNKNOWN
    assert found.entry == entry
    assert found.text


def test_a_young_enterprise_is_told_the_day_its_36_months_are_full() -> None:
    verdict = check(operating_since="2024-03-15")
    found = finding(verdict, "months36")

    assert verdict.conclusion is Conclusion.NOT_YET
    assert verdict.eligible_from == date(2027, 3, 15)
    assert "15/03/2027" in said(found, "khoảng {day}")
    assert found.requirement.citation.article == "Điều 59 khoản 1"


def test_of_two_missing_months_the_later_day_counts() -> None:
    verdict = check(operating_since="2024-03-15", on_market_since="2026-09-01")

    assert verdict.eligible_from == date(2027, 9, 1)


def test_a_breach_not_mended_has_no_day_on_which_it_would_hold() -> None:
    verdict = check(operating_since="2024-03-15", compliance="breach")

    assert verdict.conclusion is Conclusion.NOT_YET
    assert verdict.eligible_from is None


def test_resumed_long_ago_is_no_question_any_more() -> None:
    assert check(interrupted="paused", resumed_since="2023-11-20").conclusion is Conclusion.ELIGIBLE


def test_a_silver_winner_may_enter_again_at_once() -> None:
    assert check(earlier_award="silver").conclusion is Conclusion.ELIGIBLE


def test_a_gold_winner_waits_two_whole_years_and_the_second_is_for_an_officer() -> None:
    won: dict[str, Answer] = {"earlier_award": "gold", "award_year": 2026}
    found = {
        day: check(day, **won).conclusion
        for day in (date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
    }

    assert list(found.values()) == [
        Conclusion.NOT_YET,
        Conclusion.OFFICER,
        Conclusion.OFFICER,
        Conclusion.ELIGIBLE,
    ]
    assert check(date(2027, 6, 1), **won).eligible_from == date(2029, 1, 1)


def test_months_that_a_person_counted_give_a_day_that_is_not_exact() -> None:
    found = finding(check(operating_since=33), "months36")

    assert found.holds_from == date(2027, 2, 20)
    assert "khoảng 20/02/2027" in said(found, "khoảng {day}")


def test_a_month_instead_of_a_day_gives_a_day_that_is_not_exact() -> None:
    found = finding(check(operating_since="~2024-03-31"), "months36")

    assert "khoảng 31/03/2027" in said(found, "khoảng {day}")


def test_answers_kept_for_later_go_on_counting() -> None:
    kept = {**READY, "operating_since": "~2024-02-20"}

    assert judge(current(), kept, date(2027, 2, 19)).conclusion is Conclusion.NOT_YET
    assert judge(current(), kept, date(2027, 2, 20)).conclusion is Conclusion.ELIGIBLE


@pytest.mark.parametrize("year", [2018, 2020, 2024, 2025])
def test_a_gold_award_of_the_earlier_rules_is_for_an_officer_however_long_ago(year: int) -> None:
    for day in (TODAY, date(2027, 12, 31), date(2028, 1, 1), date(2035, 1, 1)):
        verdict = check(day, earlier_award="gold", award_year=year)
        found = finding(verdict, "reentry_gold")

        assert verdict.conclusion is Conclusion.OFFICER
        assert found.entry == "eligibility.reentry_before_2026"
        assert found.holds_from is None


def test_without_answers_nothing_is_promised_and_nothing_is_refused() -> None:
    verdict = judge(current(), {}, TODAY)

    assert verdict.conclusion is Conclusion.OFFICER
    assert {each.text for each in verdict.findings} == {current().unanswered}


def test_the_lapsed_rules_asked_for_a_legal_person_and_for_no_months_on_the_market() -> None:
    lapsed = guidance.rule_sets()["award-before-2026"]
    answers = {**READY, "on_market_since": "2023-04-01", "product_kind": "service"}

    enterprise = judge(lapsed, answers, date(2023, 5, 1))
    household = judge(lapsed, {**answers, "legal_form": "household"}, date(2023, 5, 1))

    assert enterprise.conclusion is Conclusion.ELIGIBLE
    assert household.conclusion is Conclusion.NOT_YET


@pytest.mark.parametrize("award", ["silver", "old"])
def test_for_an_earlier_year_an_award_of_an_unknown_year_proves_no_36_months(award: str) -> None:
    lapsed = guidance.rule_sets()["award-before-2026"]
    verdict = judge(lapsed, {**READY, "earlier_award": award}, date(2019, 12, 31))

    assert finding(verdict, "months36_winner").result is Result.UNKNOWN


# -- properties


@given(since=days, months=st.integers(1, 120), today=days)
def test_the_named_day_is_the_first_on_which_the_months_pass(
    since: date, months: int, today: date
) -> None:
    comparison = AtLeastMonths(months)
    named = comparison.check(since.isoformat(), today).holds_from

    assert named is not None
    assert comparison.check(since.isoformat(), named).result is Result.PASS
    eve = comparison.check(since.isoformat(), named - timedelta(days=1))
    assert eve.result is Result.FAIL


@given(won=st.integers(1996, 2060), years=st.integers(1, 5), data=st.data())
def test_the_named_day_is_the_first_on_which_the_wait_is_over(
    won: int, years: int, data: st.DataObject
) -> None:
    comparison = YearsAfter(years, data.draw(st.integers(0, years)))
    held = comparison.check(won, date(won, 6, 1))
    assert held.holds_from is not None
    assert held.unclear_from is not None

    assert comparison.check(won, held.holds_from).result is Result.PASS
    assert comparison.check(won, held.holds_from - timedelta(days=1)).result is not Result.PASS
    assert comparison.check(won, held.unclear_from).result is not Result.FAIL
    assert comparison.check(won, held.unclear_from - timedelta(days=1)).result is Result.FAIL


@st.composite
def answered(draw: st.DrawFn) -> dict[str, Answer]:
    """Any answers that the form can have, some of them missing."""
    answers: dict[str, Answer] = {}
    for field in guidance.self_check().fields:
        if not draw(st.booleans()) and draw(st.booleans()):
            continue
        if field.kind == "choice":
            answers[field.id] = draw(st.sampled_from([option.id for option in field.options]))
        elif field.kind == "year":
            answers[field.id] = draw(st.integers(2018, 2026))
        else:
            about = draw(st.sampled_from(["", ABOUT]))
            answers[field.id] = f"{about}{draw(days).isoformat()}"
    return answers


@given(answers=answered(), today=days, later=st.integers(0, 4000))
def test_waiting_never_makes_it_worse(answers: dict[str, Answer], today: date, later: int) -> None:
    for rule_set in guidance.rule_sets().values():
        now = judge(rule_set, answers, today)
        then = judge(rule_set, answers, today + timedelta(days=later))

        assert RANK[now.conclusion] <= RANK[then.conclusion]


@given(
    answers=answered(),
    today=days,
    since=days,
    more=st.integers(0, 200),
    about=st.sampled_from(["", ABOUT]),
)
def test_more_months_never_make_it_worse(
    answers: dict[str, Answer], today: date, since: date, more: int, about: str
) -> None:
    earlier = add_months(since, -more)
    for rule_set in guidance.rule_sets().values():
        for field in ("operating_since", "on_market_since", "resumed_since"):
            less = judge(rule_set, {**answers, field: f"{about}{since}"}, today)
            longer = judge(rule_set, {**answers, field: f"{about}{earlier}"}, today)

            assert RANK[less.conclusion] <= RANK[longer.conclusion]


@given(answers=answered(), today=days)
def test_each_named_day_is_the_first_on_which_its_condition_passes(
    answers: dict[str, Answer], today: date
) -> None:
    for each in judge(current(), answers, today).findings:
        if each.result is Result.PASS or each.holds_from is None:
            continue
        name = each.requirement.id
        on_the_day = finding(judge(current(), answers, each.holds_from), name)
        the_day_before = judge(current(), answers, each.holds_from - timedelta(days=1))

        assert on_the_day.result is Result.PASS
        assert RESULT_RANK[finding(the_day_before, name).result] < RESULT_RANK[Result.PASS]


@given(answers=answered(), today=days)
def test_the_day_named_for_the_whole_is_the_first_on_which_all_that_failed_passes(
    answers: dict[str, Answer], today: date
) -> None:
    verdict = judge(current(), answers, today)
    if (day := verdict.eligible_from) is None:
        return
    failed = [each.requirement.id for each in verdict.findings if each.result is Result.FAIL]
    then = judge(current(), answers, day)
    eve = judge(current(), answers, day - timedelta(days=1))

    open_still = [each for each in then.findings if each.result is not Result.PASS]
    assert then.conclusion is (Conclusion.OFFICER if open_still else Conclusion.ELIGIBLE)
    assert {finding(then, name).result for name in failed} == {Result.PASS}
    assert {finding(eve, name).result for name in failed} != {Result.PASS}


@given(answers=answered(), today=days)
def test_no_blank_is_left_in_what_is_said_and_no_past_day_is_named_as_coming(
    answers: dict[str, Answer], today: date
) -> None:
    for each in judge(current(), answers, today).findings:
        text = said(each, "khoảng {day}")

        assert "{" not in text
        assert each.result is Result.PASS or each.holds_from is None or each.holds_from > today


# -- the files


def test_the_rule_sets_name_only_what_is_there() -> None:
    assert problems(guidance.self_check(), *guidance.rule_sets().values()) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"field": "revenue"}, "không hỏi: “revenue”"),
        ({"entry": "eligibility.nowhere"}, "câu trả lời không có"),
        ({"field": "compliance"}, "không hợp với câu hỏi kiểu choice"),
        ({"unclear": (Unclear((), "…", "eligibility.law", 2026),)}, "mà câu hỏi không hỏi năm"),
    ],
)
def test_a_condition_that_points_nowhere_is_found_at_its_line(
    changed: dict[str, object], message: str
) -> None:
    rules = current()
    months = next(each for each in rules.requirements if each.id == "months36")
    broken = replace(rules, requirements=(replace(months, **changed),))  # type: ignore[arg-type]

    (found,) = problems(guidance.self_check(), broken)

    assert message in found.message
    assert (found.file, found.line) == ("award-2026.yaml", months.line)


def test_a_rule_set_may_not_outlive_its_source() -> None:
    lapsed = replace(guidance.rule_sets()["award-before-2026"], valid_until=None)

    found = problems(guidance.self_check(), lapsed)

    assert found
    assert all("không có hiệu lực" in each.message for each in found)


BROKEN = """
id: thu
programme: gtclqg
label: Thử
form: self_check
valid_from: 2026-07-01
valid_until: 2026-01-01
sources: [{source: nd37-2026, article: ''}]
conclusions: {eligible: a, officer: b, not_yet: c}
unanswered: chưa
conditions:
  - {id: hai, at_least_months: 3, one_of: [x], REST}
  - {id: chua_ro, years_after: 2, unclear_years: 1, failed: x, REST}
  - {id: cho, none_of: [x], failed: 'từ {from}', REST}
  - {id: cho, at_least_months: nhiều, failed: x, REST}
  - {id: nam, years_after: 2, failed: x, unclear: [{text: t, entry: e}], REST}
""".replace("REST", "label: L, field: f, source: s, article: a, entry: e, passed: p")


def test_what_is_wrong_with_one_file_is_found_all_at_once_with_its_line() -> None:
    _, found = guidance.read_text(BROKEN, ruleset)

    assert [(each.line, each.message) for each in sorted(found)] == [
        (7, "bộ điều kiện hết áp dụng trước khi bắt đầu"),
        (12, "điều kiện phải có đúng một cách so sánh"),
        (12, "“hai” có lúc chưa rõ mà thiếu lời nói “unknown”"),
        (13, "“chua_ro” có lúc chưa rõ mà thiếu lời nói “unknown”"),
        (14, "“failed” có chỗ trống không ai điền: {from}"),
        (15, "hai điều kiện cùng mã “cho”"),
        (15, "“nhiều” không phải số nguyên"),
        (16, "điểm chưa rõ phải có đúng một trong hai mục “values” và “before”"),
    ]
