"""Free questions as people type them: with thanks around them, beside others, going on, endless."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.conversation import Outcome
from handlers.courtesy import READ
from handlers.effects import NoteUnanswered
from handlers.faq import SAME_BREATH
from knowledge import Knowledge
from knowledge.entries import OUT_OF_SCOPE
from knowledge.index import Index, Look
from knowledge.text import LIMIT
from tests.handlers.memory import Talk


@pytest.fixture
def talk(shipped: Knowledge) -> Talk:
    return Talk(shipped)


# Beside greetings and thanks -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "dạ em cảm ơn ạ, hạn nộp hồ sơ là khi nào",
        "Xin chào! Hạn nộp hồ sơ là khi nào?",
        "alo ad ơi, hạn nộp hồ sơ là khi nào",
        "chào bạn\nhạn nộp hồ sơ là khi nào",
        "xin chào và cho hỏi hạn nộp hồ sơ là khi nào",
        "hạn nộp hồ sơ là khi nào . cảm ơn ạ",
        "hạn nộp hồ sơ là khi nào Em cảm ơn nhiều!",
        "chao ad, cho em hoi han nop ho so la khi nao, cam on ad nhieu",
    ],
)
async def test_a_question_beside_courtesy_is_answered(talk: Talk, text: str) -> None:
    step = await talk.type(text)

    assert step.entries == ("deadline.next",)


async def test_two_questions_between_greeting_and_thanks_get_two_answers(talk: Talk) -> None:
    step = await talk.type("Chào ad! Hồ sơ gồm những gì và lệ phí dự giải bao nhiêu? Em cảm ơn ạ.")

    assert step.entries == ("dossier.items", "cost.fee")


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("cảm ơn bạn, cảm ơn nhiều nhé!", "smalltalk.thanks"),
        ("máy móc ngu như bò, hỏi một đằng trả lời một nẻo", "smalltalk.insult"),
        ("Đồ lừa đảo, cút đi", "smalltalk.insult"),
        ("Kính chào Quý Sở, chúc Quý Sở một ngày làm việc hiệu quả.", "smalltalk.greeting"),
    ],
)
async def test_courtesy_alone_is_answered_as_a_whole(talk: Talk, text: str, entry: str) -> None:
    assert (await talk.type(text)).entries == (entry,)


async def test_thanks_inside_a_follow_up_leave_its_topic(talk: Talk) -> None:
    await talk.type("phí đăng ký mã vạch bao nhiêu")
    step = await talk.type("dạ em cảm ơn ạ, thế bao lâu")

    assert step.entries == ("traceability.barcode_time",)


async def test_what_nobody_knows_is_noted_with_its_courtesy(talk: Talk) -> None:
    step = await talk.type("Chào bạn. asdf qwer zxcv")
    (noted,) = (each for each in step.effects if isinstance(each, NoteUnanswered))

    assert noted.question == "Chào bạn. asdf qwer zxcv"


@pytest.mark.parametrize("text", ["địt mẹ mày", "đm", "vcl", "fuck you", "óc chó", "shit"])
async def test_coarse_words_get_the_reply_for_them(talk: Talk, text: str) -> None:
    assert (await talk.type(text)).entries == ("smalltalk.insult",)


@pytest.mark.parametrize("text", ["còn chỗ không ạ", "con cho khong", "còn đây ạ"])
async def test_words_that_only_sound_coarse_without_accents_are_none(talk: Talk, text: str) -> None:
    step = await talk.type(text)

    assert "smalltalk.insult" not in step.entries


async def test_a_nod_is_no_insult(talk: Talk) -> None:
    assert (await talk.type("thế à")).entries == ("smalltalk.ok",)


# Going on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("còn What is the best pizza in Hanoi?", "hạn nộp hồ sơ là khi nào"),
        ("còn lương giám đốc bao nhiêu", "hồ sơ dự giải gồm những gì"),
        ("còn cty e nợ BHXH", "hồ sơ dự giải gồm những gì"),
        ("vậy thôi", "hồ sơ dự giải gồm những gì"),
    ],
)
async def test_a_strange_follow_up_is_not_answered_from_the_topic(
    talk: Talk, text: str, before: str
) -> None:
    await talk.type(before)
    step = await talk.type(text)

    assert step.outcome is not Outcome.ANSWERED


# Two things at once ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("lệ phí dự giải bao nhiêu? thời tiết mai thế nào?", "cost.fee"),
        ("làm hộ chiếu ở đâu và hồ sơ dự giải gồm những gì", "dossier.items"),
    ],
)
async def test_ours_is_answered_beside_what_is_refused(talk: Talk, text: str, ours: str) -> None:
    step = await talk.type(text)
    topics = [talk.knowledge.entries[name].topic for name in step.entries]

    assert step.outcome is Outcome.ANSWERED
    assert step.entries[0] == ours
    assert topics[1:] == [OUT_OF_SCOPE]
    assert talk.session.topic == topics[0]


@pytest.mark.parametrize(
    "text", ["giải bạc và giải vàng khác nhau thế nào", "Giải Vàng với Giải Bạc khác gì nhau"]
)
async def test_two_things_of_one_topic_may_be_one_question(talk: Talk, text: str) -> None:
    step = await talk.type(text)

    assert step.entries == ("levels.difference",)


async def test_what_a_foreign_question_goes_on_to_ask_is_not_ours(talk: Talk) -> None:
    step = await talk.type("bệnh viện tỉnh làm việc thứ bảy không, số điện thoại bao nhiêu?")

    assert step.outcome is Outcome.REFUSED


async def test_a_likely_second_topic_is_one_press_away(talk: Talk) -> None:
    step = await talk.type("sản phẩm ocop có được dự giải không")
    offered = [choice.action for choice in step.replies[-1].choices]

    assert any("eligibility.which_product" in action for action in (*step.entries, *offered))


# Bit by bit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["cho mình hỏi", "Dạ cho em hỏi chút ạ", "em ở công ty TNHH ABC"])
async def test_who_has_not_asked_yet_is_invited_to(talk: Talk, text: str) -> None:
    step = await talk.type(text)

    assert step.entries == ("smalltalk.go_ahead",)


async def test_all_that_is_said_in_one_breath_is_one_question(talk: Talk) -> None:
    await talk.type("qwzx")
    for text in ("vbnm", "hjkl"):
        talk.now += SAME_BREATH - timedelta(seconds=20)
        await talk.type(text)

    assert talk.session.asked == "qwzx vbnm hjkl"


# Another year ----------------------------------------------------------------------------------


async def test_of_a_year_to_come_todays_rule_is_said_as_todays(talk: Talk) -> None:
    step = await talk.type("điều kiện dự giải năm 2030")

    assert step.entries == ("eligibility.conditions",)
    assert step.replies[0].text.startswith(talk.knowledge.say("answer.rule_of_today", year=2030))


async def test_a_schedule_of_next_year_needs_no_such_word(talk: Talk) -> None:
    step = await talk.type("Năm 2027 nộp hồ sơ tham dự giải khi nào?")

    note = talk.knowledge.say("answer.rule_of_today", year=2027)
    assert step.entries == ("deadline.2027",)
    assert note not in step.replies[0].text


# Endless ---------------------------------------------------------------------------------------


class Counting:
    """An index that adds up how many letters it was asked to look at, each look up to its bound."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.letters: list[int] = []

    def look(self, text: str, **options: Any) -> Look:
        self.letters.append(len(text))
        return self._index.look(text, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301" * 100_000,
        " " * 100_000 + "x",
        "hồ sơ\n" * 5000,
        "hồ sơ, " * 5000,
        "chào bạn, " * 5000,
        "còn thế vậy " * 3000,
        "cảm ơn hồ sơ " * 3000,
        "hồ sơ gồm những gì? " * 3000,
    ],
    ids=lambda text: text[:12].strip(),
)
async def test_an_endless_message_is_read_in_bounded_pieces(shipped: Knowledge, text: str) -> None:
    index = Counting(shipped.index)
    counted: Any = index
    await Talk(replace(shipped, index=counted)).type(text)

    assert max(index.letters, default=0) <= READ + 1
    assert sum(min(letters, LIMIT) for letters in index.letters) <= 16 * LIMIT
