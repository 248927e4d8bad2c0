"""From single judgements to figures. Two topics in one message count as half each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.quality.questions import BOTH, Question
from bot.quality.subjects import Act, Did, Judgement, Subject, declines
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK

BINS: Final = 10
MENU: Final = 3
FOLLOW_UP: Final = "follow_up"
IN_CONTEXT: Final = "follow_up, biết chủ đề trước"


class Result(StrEnum):
    """What became of a question, as its asker sees it."""

    RIGHT = "right"
    HALF = "half"  # one of the two that were asked
    WRONG = "wrong"  # another answer, small talk, or "not our business"
    OFFERED = "offered"  # the right one is among the choices
    MISOFFERED = "misoffered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Tried:
    """A question, as it was typed, and what came of it."""

    question: Question
    judgement: Judgement
    result: Result

    @property
    def in_scope(self) -> bool:
        return not set(self.question.wanted) & {OUT_OF_SCOPE, SMALLTALK}

    @property
    def missed(self) -> bool:
        return self.result not in (Result.RIGHT, Result.OFFERED)

    def among(self, first: int) -> bool:
        """Whether a wanted name is one of the *first* in rank."""
        names = {name for name, _ in self.judgement.ranked[:first]}
        return bool(names & set(self.question.wanted))


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares, from 0 to 1, of *asked* questions that have an answer."""

    asked: int
    top1: float
    top3: float
    right: float
    wrong: float
    offered: float
    misoffered: float
    declined: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """Shares of *asked* questions that must be declined: answered or offered all the same."""

    asked: int
    answered: float
    offered: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What a policy was expected to do, and what it did to the questions at hand."""

    expected: Mapping[str, float]
    measured: Mapping[str, float]


async def attempt(subject: Subject, question: Question, *, after: str = "") -> Tried:
    """Ask one question and judge what comes."""
    judgement = await subject.judge(question, after=after)
    return Tried(question, judgement, result_of(judgement.act, question.wanted))


def result_of(act: Act, wanted: Collection[str]) -> Result:
    """Compare what was done with what was wanted."""
    hit = set(act.names) & set(wanted)
    if OUT_OF_SCOPE in wanted and declines(act):
        return Result.RIGHT
    if act.did is Did.ANSWER:
        if not hit:
            return Result.WRONG
        return Result.RIGHT if hit == set(wanted) else Result.HALF
    if act.did is Did.OFFER:
        return Result.OFFERED if hit else Result.MISOFFERED
    return Result.DECLINED


def rates(tried: Sequence[Tried]) -> Rates:
    """Judge the questions that have an answer; the others are left out."""
    asked = [each for each in tried if each.in_scope]
    got = Counter(each.result for each in asked)
    size = len(asked) or 1
    return Rates(
        len(asked),
        sum(each.among(1) for each in asked) / size,
        sum(each.among(MENU) for each in asked) / size,
        (got[Result.RIGHT] + got[Result.HALF] / 2) / size,
        got[Result.WRONG] / size,
        got[Result.OFFERED] / size,
        got[Result.MISOFFERED] / size,
        got[Result.DECLINED] / size,
    )


def strangers(tried: Iterable[Tried]) -> Strangers:
    """Judge the questions that must be declined."""
    asked = [each.judgement.act for each in tried if OUT_OF_SCOPE in each.question.wanted]
    taken = Counter(act.did for act in asked if not declines(act))
    size = len(asked) or 1
    return Strangers(len(asked), taken[Did.ANSWER] / size, taken[Did.OFFER] / size)


def social(tried: Iterable[Tried]) -> tuple[int, int]:
    """How many greetings and the like there were, and how many got a social reply."""
    asked = [each for each in tried if SMALLTALK in each.question.wanted]
    return len(asked), sum(each.result is Result.RIGHT for each in asked)


def calibration_error(tried: Iterable[Tried]) -> float:
    """The expected calibration error of the best candidate's probability, over ten equal bins."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    count = 0
    for each in tried:
        count += 1
        if each.judgement.ranked:
            sure = each.judgement.ranked[0][1]
            bins.setdefault(min(int(sure * BINS), BINS - 1), []).append((sure, each.among(1)))
    gaps = (
        abs(sum(sure for sure, _ in kept) - sum(right for _, right in kept))
        for kept in bins.values()
    )
    return sum(gaps) / max(count, 1)


def grouped(
    tried: Iterable[Tried], names: Callable[[Question], Iterable[str]]
) -> dict[str, list[Tried]]:
    """Gather what was tried under every name of its question, in the order of the names."""
    groups: dict[str, list[Tried]] = {}
    for each in tried:
        for name in names(each.question):
            groups.setdefault(name, []).append(each)
    return dict(sorted(groups.items()))


def confused(tried: Iterable[Tried]) -> list[tuple[str, str, int]]:
    """Which name was wanted, which was thought likeliest, and how often; most frequent first."""
    pairs = Counter(
        (BOTH.join(each.question.wanted), each.judgement.ranked[0][0])
        for each in tried
        if each.judgement.ranked and not each.among(1)
    )
    return [(wanted, got, count) for (wanted, got), count in pairs.most_common()]


def policies(subject: Subject, tried: Sequence[Tried]) -> dict[str, Compared]:
    """Beside what every policy is expected to do to questions, what it did to these alone."""
    compared = {}
    for policy, limits in subject.expected.items():
        acts = [
            (each.judgement.by_policy[policy], subject.labels(each.question), each.in_scope)
            for each in tried
            if SMALLTALK not in each.question.wanted
        ]
        inside = [result_of(act, wanted) for act, wanted, in_scope in acts if in_scope]
        outside = [act for act, _, in_scope in acts if not in_scope and not declines(act)]
        strange = max(sum(not in_scope for _, _, in_scope in acts), 1)
        answered = sum(act.did is Did.ANSWER for act in outside)
        right = sum(each in (Result.RIGHT, Result.HALF) for each in inside)
        compared[policy] = Compared(
            {
                "right": limits.right,
                "wrong": limits.wrong,
                "false": limits.false,
                "offered_false": limits.offered_false - limits.false,
            },
            {
                "right": right / max(len(inside), 1),
                "wrong": inside.count(Result.WRONG) / max(len(inside), 1),
                "false": answered / strange,
                "offered_false": (len(outside) - answered) / strange,
            },
        )
    return compared
