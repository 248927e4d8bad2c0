"""From judgements to figures, on judgements made by hand."""

from __future__ import annotations

import pytest

from bot.quality.questions import Question
from bot.quality.scores import (
    Result,
    Tried,
    calibration_error,
    confused,
    grouped,
    rates,
    result_of,
    social,
    strangers,
)
from bot.quality.subjects import Act, Did, Judgement

ANSWER, OFFER, DECLINE = Did.ANSWER, Did.OFFER, Did.DECLINE


def tried(wanted: str, ranked: dict[str, float], act: Act) -> Tried:
    question = Question("?", tuple(wanted.split("|")))
    return Tried(question, Judgement(tuple(ranked.items()), act), result_of(act, question.wanted))


@pytest.mark.parametrize(
    ("did", "names", "wanted", "result"),
    [
        (ANSWER, ("cost",), "cost", Result.RIGHT),
        (ANSWER, ("cost", "deadline"), "cost|deadline", Result.RIGHT),
        (ANSWER, ("cost",), "cost|deadline", Result.HALF),
        (ANSWER, ("levels",), "cost", Result.WRONG),
        (ANSWER, ("out_of_scope",), "cost", Result.WRONG),
        (OFFER, ("levels", "cost"), "cost", Result.OFFERED),
        (OFFER, ("levels",), "cost", Result.MISOFFERED),
        (DECLINE, (), "cost", Result.DECLINED),
        (DECLINE, (), "out_of_scope", Result.RIGHT),
        (ANSWER, ("out_of_scope",), "out_of_scope", Result.RIGHT),
        (ANSWER, ("smalltalk",), "out_of_scope", Result.RIGHT),
        (ANSWER, ("cost",), "out_of_scope", Result.WRONG),
        (OFFER, ("cost",), "out_of_scope", Result.MISOFFERED),
        (ANSWER, ("smalltalk",), "smalltalk", Result.RIGHT),
        (DECLINE, (), "smalltalk", Result.DECLINED),
    ],
)
def test_what_was_done_is_judged_by_what_was_wanted(
    did: Did, names: tuple[str, ...], wanted: str, result: Result
) -> None:
    assert result_of(Act(did, names), wanted.split("|")) is result


def test_half_an_answer_counts_as_half_and_strangers_not_at_all() -> None:
    judged = [
        tried("a", {"a": 0.9}, Act(ANSWER, ("a",))),
        tried("a|b", {"a": 0.9, "b": 0.5}, Act(ANSWER, ("a",))),
        tried("b", {"a": 0.4, "c": 0.3, "b": 0.2}, Act(OFFER, ("a", "b"))),
        tried("c", {"a": 0.4}, Act(ANSWER, ("a",))),
        tried("out_of_scope", {"a": 0.8}, Act(ANSWER, ("a",))),
        tried("out_of_scope", {"a": 0.2}, Act(OFFER, ("a",))),
        tried("smalltalk", {}, Act(DECLINE)),
    ]

    inside, outside = rates(judged), strangers(judged)
    assert (inside.asked, inside.top1, inside.top3) == (4, 0.5, 0.75)
    assert (inside.right, inside.wrong, inside.offered) == (0.375, 0.25, 0.25)
    assert (outside.asked, outside.answered, outside.offered) == (2, 0.5, 0.5)
    assert social(judged) == (1, 0)


def test_calibration_is_perfect_when_as_many_are_right_as_was_said() -> None:
    half = [tried("a", {name: 0.5}, Act(DECLINE)) for name in "ab"]
    sure = [tried("a", {"b": 1.0}, Act(DECLINE)) for _ in range(2)]

    assert calibration_error(half) == pytest.approx(0)
    assert calibration_error(sure) == pytest.approx(1)
    assert calibration_error([*half, *sure]) == pytest.approx(0.5)
    assert calibration_error([]) == 0


def test_confused_pairs_are_the_frequent_ones_first() -> None:
    judged = [
        tried("a", {"b": 0.5}, Act(DECLINE)),
        tried("c", {"b": 0.5, "c": 0.4}, Act(DECLINE)),
        tried("c", {"b": 0.5}, Act(DECLINE)),
        tried("a", {"a": 0.5}, Act(DECLINE)),
    ]

    assert confused(judged) == [("c", "b", 2), ("a", "b", 1)]


def test_a_question_of_two_topics_stands_under_both() -> None:
    judged = [tried("a|b", {}, Act(DECLINE)), tried("b", {}, Act(DECLINE))]

    groups = grouped(judged, lambda question: question.wanted)
    assert {name: len(own) for name, own in groups.items()} == {"a": 1, "b": 2}
