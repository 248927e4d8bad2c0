"""Rule sets: who may take part under the rules of a day, and from when.

A rule set is data with a validity (`data/rules/award-*.yaml`); the code knows five ways to compare
an answer and no decree. Where the law is silent the result is "unknown" with the reason, never a
guess. Nothing here gets worse by waiting: every comparison only passes more as days go by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.answers import DATE
from knowledge.entries import Citation, Condition
from knowledge.months import add_months

ABOUT = "~"  # before a day that is only about right: "~2024-03-31" for "March 2024"

Answer = str | int
Answers = Mapping[str, Answer]


class Result(StrEnum):
    """What one requirement comes to."""

    PASS = "pass"  # noqa: S105 - no password
    UNKNOWN = "unknown"
    FAIL = "fail"


class Conclusion(StrEnum):
    """What all requirements together come to."""

    ELIGIBLE = "đủ điều kiện sơ bộ"
    OFFICER = "cần cán bộ xem"
    NOT_YET = "chưa đủ"


@dataclass(frozen=True, slots=True)
class Held:
    """How an answer compares on one day.

    `holds_from` is the first day on which it passes, `unclear_from` the first on which it no longer
    plainly fails; both None where no date would change anything. `exact` is false where the dates
    rest on a day that is only about right.
    """

    result: Result
    holds_from: date | None = None
    unclear_from: date | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class AtLeastMonths:
    """Passes once this many months are full.

    The answer is the first day (ISO text, after `ABOUT` where it is not certain), or the months
    that are full on the asked day.
    """

    months: int

    def check(self, answer: Answer, today: date) -> Held:
        since = began(answer, today)
        if since is None:
            return Held(Result.UNKNOWN)
        full = add_months(since, self.months)
        result = Result.PASS if full <= today else Result.FAIL
        exact = isinstance(answer, str) and not answer.startswith(ABOUT)
        return Held(result, full, full, exact)


@dataclass(frozen=True, slots=True)
class YearsAfter:
    """Passes from 1 January once `years` whole years have followed the year that was answered.

    Of the `years`, the last `unclear` are disputed: a text that counts "from the year" can be read
    with that year as the first one, so during them the result is unknown.
    """

    years: int
    unclear: int = 0

    def check(self, answer: Answer, today: date) -> Held:
        if not isinstance(answer, int):
            return Held(Result.UNKNOWN)
        first = answer + self.years + 1
        holds, unclear = date(first, 1, 1), date(first - self.unclear, 1, 1)
        if today >= holds:
            result = Result.PASS
        else:
            result = Result.UNKNOWN if today >= unclear else Result.FAIL
        return Held(result, holds, unclear)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Passes for these options and fails for any other."""

    values: tuple[str, ...]

    def check(self, answer: Answer, _today: date) -> Held:
        return Held(Result.PASS if answer in self.values else Result.FAIL)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Fails for these options and passes for any other."""

    values: tuple[str, ...]

    def check(self, answer: Answer, _today: date) -> Held:
        return Held(Result.FAIL if answer in self.values else Result.PASS)


Comparison = AtLeastMonths | YearsAfter | OneOf | NoneOf


@dataclass(frozen=True, slots=True)
class Unclear:
    """Answers on which the law is silent: what is said then, and the entry that says why.

    They are options, or for a question that asks for a year every year `before` this one.
    """

    values: tuple[str, ...]
    text: str
    entry: str
    before: int | None = None

    def covers(self, answer: Answer) -> bool:
        if isinstance(answer, int):
            return self.before is not None and answer < self.before
        return answer in self.values


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition of the law, put to one answer.

    `when` leaves it out unless an earlier answer asks for it. Without `failed` it cannot fail: the
    law does not say what falling short means, and an officer has to look. `unknown` is said then,
    and while years are disputed. `entry` explains the condition.
    """

    id: str
    label: str
    field: str
    comparison: Comparison
    citation: Citation
    entry: str
    passed: str
    failed: str = ""
    unknown: str = ""
    unclear: tuple[Unclear, ...] = ()
    when: Condition | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The conditions of one regime. `valid_until` is the first day it no longer holds.

    `conclusions` is what is said for each conclusion, before the findings; `unanswered` is said of
    a requirement whose question has no answer.
    """

    id: str
    programme: str
    label: str
    form: str
    citations: tuple[Citation, ...]
    requirements: tuple[Requirement, ...]
    conclusions: Mapping[Conclusion, str]
    unanswered: str
    valid_from: date
    valid_until: date | None = None
    file: str = ""
    line: int = 0

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one requirement comes to for one enterprise on one day. `text` has unfilled dates."""

    requirement: Requirement
    result: Result
    text: str
    entry: str
    holds_from: date | None = None
    unclear_from: date | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    rule_set: RuleSet
    conclusion: Conclusion
    findings: tuple[Finding, ...]

    @property
    def eligible_from(self) -> date | None:
        """The first day on which all that fails today passes; None if no day is known.

        What is unclear stays for an officer: this is no promise of that day's conclusion.
        """
        failed = [finding for finding in self.findings if finding.result is Result.FAIL]
        days = [finding.holds_from for finding in failed if finding.holds_from]
        return max(days) if days and len(days) == len(failed) else None


def ruleset_on(rulesets: Iterable[RuleSet], programme: str, day: date) -> RuleSet | None:
    """The rule set of *programme* on *day*: of two that both hold, the one that began last."""
    holding = [each for each in rulesets if each.programme == programme and each.holds_on(day)]
    return max(holding, key=lambda each: each.valid_from, default=None)


def ruleset_of_year(rulesets: Iterable[RuleSet], programme: str, year: int) -> RuleSet | None:
    """The rule set that a question about *year* is answered from."""
    return ruleset_on(rulesets, programme, last_day_of(year))


def last_day_of(year: int) -> date:
    return date(year, 12, 31)


def judge(rule_set: RuleSet, answers: Answers, today: date) -> Verdict:
    """Put every requirement that applies to *answers*. What was not answered is unknown."""
    findings = tuple(
        _finding(rule_set, requirement, answers.get(requirement.field), today)
        for requirement in rule_set.requirements
        if _applies(requirement.when, answers)
    )
    results = {finding.result for finding in findings}
    if Result.FAIL in results:
        conclusion = Conclusion.NOT_YET
    elif Result.UNKNOWN in results:
        conclusion = Conclusion.OFFICER
    else:
        conclusion = Conclusion.ELIGIBLE
    return Verdict(rule_set, conclusion, findings)


def said(finding: Finding, about: str) -> str:
    """The finding's words with its dates. *about* ("khoảng {day}") is for a date not exact."""

    def day(when: date | None) -> str:
        written = when.strftime(DATE) if when else ""
        return written if finding.exact else about.format(day=written)

    text = finding.text.replace("{from}", day(finding.holds_from))
    return text.replace("{unclear_from}", day(finding.unclear_from))


def began(answer: Answer, today: date) -> date | None:
    """The day a span began, from that day itself or from the months that are full on *today*."""
    try:
        if isinstance(answer, int):
            return add_months(today, -answer)
        return date.fromisoformat(answer.removeprefix(ABOUT))
    except ValueError:
        return None


def _applies(when: Condition | None, answers: Answers) -> bool:
    """A condition whose own question is open still stands; it will come out unknown."""
    return when is None or answers.get(when.field, "") in ("", *when.values)


def _finding(
    rule_set: RuleSet, requirement: Requirement, answer: Answer | None, today: date
) -> Finding:
    if answer is None or answer == "":
        return Finding(requirement, Result.UNKNOWN, rule_set.unanswered, requirement.entry)
    for unclear in requirement.unclear:
        if unclear.covers(answer):
            return Finding(requirement, Result.UNKNOWN, unclear.text, unclear.entry)
    held = requirement.comparison.check(answer, today)
    cannot_fail = held.result is Result.FAIL and not requirement.failed
    result = Result.UNKNOWN if cannot_fail else held.result
    texts = {
        Result.PASS: requirement.passed,
        Result.UNKNOWN: requirement.unknown or rule_set.unanswered,
        Result.FAIL: requirement.failed,
    }
    return Finding(
        requirement,
        result,
        texts[result],
        requirement.entry,
        held.holds_from,
        held.unclear_from,
        held.exact,
    )
