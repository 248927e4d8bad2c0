"""Self-assessment: what the answers come to, and where each gap leads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.assessment import MOST, NAMED, bar, bars, profile
from knowledge.guide_reading import assessment, assessment_links
from tests.knowledge import guidance
from tests.knowledge.guidance import statements

SURVEY = guidance.assessment()
STATEMENTS = [statement.id for _, statement in statements(SURVEY)]


def all_answered(degree: int, **changed: int) -> dict[str, int]:
    """Every statement answered *degree*, and those of the named aspects otherwise."""
    return {s.id: changed.get(aspect.id, degree) for aspect, s in statements(SURVEY)}


def test_the_seven_aspects_of_the_decree_and_the_product_are_asked() -> None:
    assert [aspect.label for aspect in SURVEY.aspects] == [
        "Lãnh đạo",
        "Chiến lược",
        "Khách hàng",
        "Đo lường, phân tích và quản lý tri thức",
        "Lực lượng lao động",
        "Vận hành",
        "Kết quả",
        "Sản phẩm",
    ]
    assert all(3 <= len(aspect.statements) <= 4 for aspect in SURVEY.aspects)


def test_the_product_is_asked_for_approach_deployment_learning_and_results() -> None:
    product = SURVEY.aspects[-1]

    assert [each.dimension for each in product.statements] == [d.id for d in SURVEY.dimensions]


def test_strengths_and_gaps_are_named_from_the_ends() -> None:
    answers = all_answered(3, leadership=5, product=4, customer=4, strategy=0, results=1)

    found = profile(SURVEY, answers)

    assert [score.aspect.id for score in found.strengths] == ["leadership", "customer", "product"]
    assert [score.aspect.id for score in found.gaps] == ["strategy", "results", "measurement"]


def test_who_has_nothing_yet_has_no_strength_and_who_has_all_has_no_gap() -> None:
    assert profile(SURVEY, all_answered(0)).strengths == ()
    assert profile(SURVEY, all_answered(MOST)).gaps == ()


def test_an_aspect_without_answers_is_left_out() -> None:
    found = profile(SURVEY, {"leadership_1": 4})

    assert [(score.aspect.id, score.average) for score in found.scores] == [("leadership", 4)]


def test_a_line_shows_bar_average_and_name() -> None:
    found = profile(SURVEY, {"results_1": 3, "results_2": 4})

    assert bars(found.scores) == ["■■■■■■■□□□ 3,5 Kết quả"]
    assert bar(0) == "□" * 10


answered = st.fixed_dictionaries({each: st.integers(0, MOST) for each in STATEMENTS})


@given(answers=answered)
def test_no_aspect_is_strength_and_gap_at_once(answers: dict[str, int]) -> None:
    found = profile(SURVEY, answers)
    strengths = {score.aspect.id for score in found.strengths}
    gaps = {score.aspect.id for score in found.gaps}

    assert not strengths & gaps
    assert len(strengths) <= NAMED
    assert len(gaps) <= NAMED


@given(answers=answered, better=st.sampled_from(STATEMENTS))
def test_a_better_answer_never_lowers_a_score(answers: dict[str, int], better: str) -> None:
    before = profile(SURVEY, answers).scores
    after = profile(SURVEY, {**answers, better: MOST}).scores

    assert all(a.average <= b.average for a, b in zip(before, after, strict=True))


def test_every_gap_leads_to_a_programme_and_an_entry_that_exist() -> None:
    known = guidance.pointed_to()
    offers = {offer.id for offer in guidance.router().offers}

    assert list(assessment_links(SURVEY, offers, known.entries, known.sources)) == []
    assert len(list(assessment_links(SURVEY, (), (), {}))) == 1 + 2 * len(SURVEY.aspects)


def test_a_scale_with_a_hole_and_a_strange_dimension_are_found() -> None:
    text = """
id: i
label: l
note: n
sources: []
scale: [{id: '0', label: không}]
dimensions: [{id: approach, label: Cách làm}]
aspects:
  - id: a
    label: A
    advice: x
    programme: p
    entry: e
    statements: [{id: s, dimension: luck, text: t}]
"""
    _, found = guidance.read_text(text, assessment)

    assert [(each.line, each.message) for each in found] == [
        (6, "thang trả lời phải gồm đủ các mức 0 đến 5, theo thứ tự"),
        (14, "“luck” không dùng được ở đây"),
    ]
