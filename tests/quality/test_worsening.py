"""What a new entry, or new variants, would make worse is found before it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from bot.quality.questions import ENTRY, Question, Sheet
from bot.quality.worsening import Trial, by_record, by_sheet
from knowledge import Knowledge, load
from knowledge.clock import noon
from tests.knowledge.award import AWARD
from tests.quality.folder import VARIANTS, lay

TODAY = date(2026, 11, 20)
NEW = "parking.place"


@pytest.fixture(scope="module")
def harmless(little: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return tried(little, tmp_path_factory, {NEW: ("Gửi xe ở đâu?", "bãi đỗ xe của cơ quan")})


@pytest.fixture(scope="module")
def greedy(little: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """An entry that says the same as the first one of the award does, in nearly the same words."""
    name, words = next(iter(AWARD.items()))
    assert name in little.entries
    return tried(little, tmp_path_factory, {NEW: [f"{each} ạ" for each in words]})


def tried(
    before: Knowledge,
    folders: pytest.TempPathFactory,
    more: Mapping[str, Sequence[str]],
) -> Trial:
    folder: Path = lay(folders.mktemp("after"), {**VARIANTS, **more})
    return Trial(before, load(folder, today=TODAY), NEW, noon(TODAY))


def asked_of(knowledge: Knowledge) -> list[str]:
    return [f"cho hỏi {entry.question}" for entry in knowledge.entries.values()]


def test_what_stands_apart_makes_nothing_worse(harmless: Trial) -> None:
    assert by_record(harmless, asked_of(harmless.before)) == []


def test_an_entry_that_takes_anothers_questions_is_named_with_them(greedy: Trial) -> None:
    first = next(iter(AWARD))
    asked = [f"{each} vậy ạ" for each in AWARD[first]]

    found = by_record(greedy, asked)
    assert found
    assert any(first in line and NEW in line for line in found)


def test_its_own_words_are_not_what_it_takes(greedy: Trial) -> None:
    own = greedy.after.entries[NEW]
    lost = by_record(greedy, [own.question, *own.variants])

    assert not any(f"“{own.question}”" in line for line in lost)


def test_the_offices_own_questions_decide_where_there_are_some(
    greedy: Trial, harmless: Trial
) -> None:
    first, words = next(iter(AWARD.items()))
    questions = {
        at: Question(f"{text} vậy ạ", (first,), by=ENTRY) for at, text in enumerate(words, start=2)
    }
    sheet = Sheet(questions)

    assert by_sheet(harmless, sheet) == []
    assert any("trả lời đúng → gợi ý" in line for line in by_sheet(greedy, sheet))


def test_no_more_is_told_than_a_message_holds(greedy: Trial) -> None:
    asked = [f"{text}{tail}" for text in AWARD[next(iter(AWARD))] for tail in (" vậy ạ", " ạ vậy")]

    assert len(by_record(greedy, asked)) <= 6
