"""The reasons under an answer: of what was really decided, in an officer's words."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from bot import asking
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)


async def reasons(knowledge: Knowledge, question: str) -> str:
    step = await asking.ask(knowledge, question, NOW)
    return asking.explain(knowledge, question, step, NOW)


async def test_of_two_questions_each_is_explained_by_itself(shipped: Knowledge) -> None:
    both = "lệ phí dự giải là bao nhiêu? hạn nộp hồ sơ khi nào?"

    told = await reasons(shipped, both)

    fee, closing = re.split(r"^Ý 2: .+$", told, flags=re.MULTILINE)
    assert fee.startswith("Ý 1: “lệ phí dự giải là bao nhiêu”")
    assert "1. Phí tham dự giải (cost.fee)" in fee
    assert "1. Hạn nộp sắp tới (deadline.next)" in closing
    assert told.endswith("trả lời thẳng bằng Phí tham dự giải; Hạn nộp sắp tới.")


async def test_what_only_is_polite_is_left_out_as_when_it_was_answered(shipped: Knowledge) -> None:
    told = await reasons(shipped, "dạ em chào anh chị, cho em hỏi hồ sơ gồm những gì ạ, em cảm ơn")

    assert told.startswith("Câu hỏi được xét: “cho em hỏi hồ sơ gồm những gì ạ”.")
    assert "1. Hồ sơ gồm những gì (dossier.items)" in told


@pytest.mark.parametrize("question", ["asdf qwer zxcv", "làm hộ chiếu ở đâu", "chào em"])
async def test_nothing_is_told_in_the_words_of_the_files(shipped: Knowledge, question: str) -> None:
    told = await reasons(shipped, question)

    (topics,) = re.findall(r"^Chắc về chủ đề: (.+)$", told, re.MULTILINE)
    assert "việc ngoài phạm vi" in topics or "lời xã giao" in topics
    assert not re.search(r"out_of_scope|smalltalk|\b0%", topics)


async def test_what_is_no_word_came_near_nothing(shipped: Knowledge) -> None:
    told = await reasons(shipped, "asdf qwer zxcv")

    assert "Không có câu trả lời nào gần với câu này." in told
    assert "1. " not in told
    assert " 0%" not in told


async def test_a_command_is_no_question_to_explain(shipped: Knowledge) -> None:
    assert await reasons(shipped, "/menu") == shipped.say("explain.no_question")
