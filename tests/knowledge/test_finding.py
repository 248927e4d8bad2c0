"""From words to entries in time: years, rules of the past, long messages, follow-ups."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge import Knowledge, load
from knowledge.finding import LONG, asks, beside, find, without_opener
from tests.knowledge.folders import small, swap, write

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """`cost.fee` answers since 23/01/2026 what `cost.fee_before` answered until then."""
    files = small()
    swap(files, "faq/cost.yaml", "- lệ phí dự giải là bao nhiêu", FEE)
    swap(
        files,
        "faq/cost.yaml",
        "follow_ups: [deadline.next, 'form:register']",
        "follow_ups: [deadline.next]\n    supersedes: cost.fee_before",
    )
    return load(write(tmp_path_factory.mktemp("time"), files), today=TODAY)


FEE = "- lệ phí dự giải là bao nhiêu\n      - đăng ký có tốn tiền không"


def best(knowledge: Knowledge, text: str, today: date = TODAY) -> str:
    return find(knowledge, text, today).hits[0].entry.id


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("lệ phí dự giải là bao nhiêu", "cost.fee"),
        ("lệ phí dự giải năm nay là bao nhiêu", "cost.fee"),
        ("lệ phí dự giải năm 2026 là bao nhiêu", "cost.fee"),
        ("công ty thành lập năm 2022 thì lệ phí dự giải là bao nhiêu", "cost.fee"),
        ("lệ phí dự giải năm 2024 là bao nhiêu", "cost.fee_before"),
        ("le phi du giai nam 2024 la bao nhieu", "cost.fee_before"),
        ("năm ngoái lệ phí dự giải bao nhiêu", "cost.fee_before"),
        ("trước đây lệ phí dự giải là bao nhiêu", "cost.fee_before"),
        ("hoi truoc le phi du giai bao nhieu", "cost.fee_before"),
        ("trước đây em dự giải rồi, giờ lệ phí bao nhiêu", "cost.fee"),
    ],
)
def test_the_time_that_is_asked_about_picks_the_rules(
    knowledge: Knowledge, text: str, entry: str
) -> None:
    assert best(knowledge, text) == entry


def test_who_names_no_time_is_told_the_rules_of_the_day(knowledge: Knowledge) -> None:
    assert best(knowledge, "dự giải có mất phí không ạ", date(2026, 1, 1)) == "cost.fee_before"
    assert best(knowledge, "dự giải có mất phí không ạ", date(2026, 2, 1)) == "cost.fee"


def test_words_near_an_answer_of_the_past_lead_to_its_successor(knowledge: Knowledge) -> None:
    found = find(knowledge, "tham dự mất phí không", TODAY)

    assert found.hits[0].entry.id == "cost.fee"
    assert [hit.entry.id for hit in found.hits].count("cost.fee") == 1


def test_the_past_question_itself_is_answered_as_asked(knowledge: Knowledge) -> None:
    found = find(knowledge, "truoc nam 2026 tham du co mat phi khong", TODAY)

    assert found.look.exact
    assert found.hits[0].entry.id == "cost.fee_before"


def test_a_year_without_an_answer_of_its_own_is_marked(knowledge: Knowledge) -> None:
    found = find(knowledge, "hạn đăng ký năm 2024 là ngày nào", TODAY)

    assert (found.year, found.hits[0].entry.id) == (2024, "deadline.next")
    assert found.hits[0].about_year == 2024


def test_a_year_to_come_is_marked(knowledge: Knowledge) -> None:
    found = find(knowledge, "dự giải năm 2031 có mất phí không ạ", TODAY)

    assert (found.hits[0].entry.id, found.hits[0].about_year) == ("cost.fee", 2031)


def test_a_topic_limits_what_is_found(knowledge: Knowledge) -> None:
    found = find(knowledge, "lệ phí", TODAY, topic="deadline")

    assert {hit.entry.topic for hit in found.hits} == {"deadline"}
    assert found.of("cost") == ()


def test_a_long_message_is_read_to_its_end(knowledge: Knowledge) -> None:
    story = "Công ty chúng tôi ở miền núi, làm chè đã lâu, đường xa đi lại khó khăn vất vả. " * 5
    found = find(knowledge, f"{story}Cho hỏi lệ phí dự giải là bao nhiêu?", TODAY)

    assert len(story) > LONG
    assert found.hits[0].entry.id == "cost.fee"
    assert "cost.fee" in [hit.entry.id for hit in beside(knowledge, found)]


def test_nothing_is_found_in_what_has_no_words(knowledge: Knowledge) -> None:
    assert find(knowledge, "?!", TODAY).hits == ()


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("thế còn hạn nộp thì sao?", "hạn nộp"),
        ("còn lệ phí?", "lệ phí?"),
        ("vay con phi thi the nao a", "phi"),
        ("rồi hồ sơ ra sao", "hồ sơ"),
        ("hạn nộp thì sao?", "hạn nộp thì sao?"),
        ("còn", "còn"),
    ],
)
def test_an_opener_is_taken_off_a_follow_up(typed: str, subject: str) -> None:
    assert without_opener(typed) == subject


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("hạn nộp là khi nào", True),
        ("co mat phi khong a", True),
        ("có mấy mức giải", True),
        ("Công ty May Hòa Bình", False),
        ("cong ty may hoa binh", True),  # without accents nobody can tell
        ("Nguyễn Văn An", False),
    ],
)
def test_the_words_of_asking_are_known(typed: str, asked: bool) -> None:  # noqa: FBT001 - the case
    assert asks(typed) is asked
