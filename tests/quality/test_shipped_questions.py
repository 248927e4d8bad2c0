"""The questions that come with the shipped knowledge: what a new answer must not make worse."""

from __future__ import annotations

from bot.publishing import QUESTIONS
from bot.quality.evaluation import evaluate
from bot.quality.questions import Sheet, read_questions
from bot.quality.scores import Result
from bot.quality.subjects import Assistant
from knowledge import Knowledge
from knowledge.clock import noon
from knowledge.loading import DATA
from knowledge.text import fold
from tests.quality.conftest import TODAY

EVERY = 4  # one question of so many is asked here; all of them by `donghanh evaluate`


def test_each_is_about_a_topic_and_none_is_a_phrasing_of_the_knowledge(shipped: Knowledge) -> None:
    path = DATA / QUESTIONS
    sheet = read_questions(path)

    sheet.check(shipped.topics, shipped.entries, path)
    written = {fold(text) for entry in shipped.entries.values() for text in entry.variants}
    asked = [fold(each.text) for each in sheet.questions.values()]
    assert len(set(asked)) == len(asked)
    assert not [text for text in asked if text in written and len(text.split()) > 3]


async def test_the_shipped_answers_keep_within_the_bars(shipped: Knowledge) -> None:
    sheet = read_questions(DATA / QUESTIONS)
    some = Sheet(dict(list(sheet.questions.items())[::EVERY]))

    tried = (await evaluate(Assistant(shipped, noon(TODAY)), some)).tried

    ours = [each.result for each in tried if each.in_scope]
    strangers = [each.result for each in tried if not each.in_scope]
    assert ours.count(Result.RIGHT) >= 0.85 * len(ours)
    assert ours.count(Result.WRONG) <= 0.03 * len(ours)
    assert ours.count(Result.RIGHT) + ours.count(Result.OFFERED) >= 0.97 * len(ours)
    assert strangers.count(Result.WRONG) <= 0.02 * len(strangers)
