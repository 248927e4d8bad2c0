"""The programme router: what fits whom, with amounts only from a source that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from knowledge.guide_reading import router, router_links
from knowledge.routing import Suggestion, asks_elsewhere, suggestions
from tests.knowledge import guidance

TODAY = date(2026, 11, 20)
ROUTER = guidance.router()
SOURCES = guidance.pointed_to().sources
SMALL = {"size": "sme", "sector": "manufacturing", "place": "here", "product": "goods"}


def suggested(**answers: str) -> tuple[Suggestion, ...]:
    return suggestions(ROUTER, {**SMALL, **answers}, SOURCES, TODAY)


def ids(found: tuple[Suggestion, ...]) -> list[str]:
    return [each.offer.id for each in found]


def test_each_need_leads_to_its_programmes_best_first() -> None:
    needs = next(field for field in ROUTER.fields if field.id == ROUTER.need).options

    assert {need.id: ids(suggested(need=need.id)) for need in needs} == {
        "recognition": ["award", "training"],
        "efficiency": ["productivity", "iso", "training"],
        "trust": ["barcodes", "traceability"],
        "brand": ["trademark"],
        "renewal": ["technology"],
        "certificate": ["productivity", "iso"],
        "skills": ["training"],
    }


def test_a_local_speciality_meets_ocop_and_the_help_for_its_mark() -> None:
    found = suggested(need="brand", product="local")

    assert ids(found) == ["ocop", "trademark"]
    assert ["35 triệu" in support.text for support in found[1].supports] == [True]


def test_a_service_is_sent_to_an_officer_and_not_to_the_award_as_if_it_were_clear() -> None:
    assert ids(suggested(need="recognition", product="service"))[0] == "award_service"


def test_the_80_percent_are_named_to_small_enterprises_only() -> None:
    small = suggested(need="efficiency")[0]
    large = suggested(need="efficiency", size="large")[0]

    assert [support.citation.article for support in small.supports] == ["Điều 12 khoản 2"]
    assert large.offer.id == "productivity"
    assert large.supports == ()


def test_the_30_percent_are_for_key_exports() -> None:
    assert "testing" in ids(suggested(need="certificate", product="key_export"))
    assert "testing" not in ids(suggested(need="certificate"))


def test_an_amount_is_not_named_before_its_decree_holds() -> None:
    answers = {**SMALL, "need": "efficiency"}

    (first, *_) = suggestions(ROUTER, answers, SOURCES, date(2026, 1, 22))

    assert first.offer.id == "productivity"
    assert (first.holds, first.supports) == (False, ())


def test_who_is_in_another_province_asks_there() -> None:
    assert asks_elsewhere(ROUTER, {**SMALL, "place": "elsewhere"})
    assert not asks_elsewhere(ROUTER, SMALL)


def test_the_registration_can_carry_every_programme_of_the_department() -> None:
    carried = {offer.option for offer in ROUTER.offers}

    assert guidance.pointed_to().interests <= carried


@given(
    answers=st.fixed_dictionaries(
        {field.id: st.sampled_from([o.id for o in field.options]) for field in ROUTER.fields}
    )
)
def test_everybody_is_led_somewhere_and_every_amount_names_its_document(
    answers: dict[str, str],
) -> None:
    found = suggestions(ROUTER, answers, SOURCES, TODAY)

    assert found
    assert len(set(ids(found))) == len(found)
    assert all(each.holds for each in found)
    for each in found:
        assert all(SOURCES[support.citation.source].holds_on(TODAY) for support in each.supports)


def test_the_router_names_only_what_is_there() -> None:
    known = guidance.pointed_to()

    assert list(router_links(ROUTER, known.interests, known.entries, known.sources)) == []


def test_an_offer_that_points_nowhere_is_found() -> None:
    award = ROUTER.offers[0]
    broken = replace(ROUTER, offers=(replace(award, entry="x.y", option="z"),))

    found = list(router_links(broken, (), (), SOURCES))

    assert [each.message for each in found] == [
        "không có câu trả lời “x.y”",
        "không có lựa chọn trong phiếu đăng ký “z”",
    ]
    assert {(each.file, each.line) for each in found} == {("router.yaml", award.line)}


def test_a_condition_on_an_option_that_nobody_can_choose_is_found() -> None:
    text = """
id: r
label: l
need: need
ceiling: c
elsewhere: {field: need, values: [xa], text: t}
fields:
  - {id: need, kind: choice, label: N, prompt: N, options: [{id: a, label: A}]}
offers:
  - id: o
    label: O
    needs: [b]
    what: w
    whom: w
    sources: [{source: s, article: ''}]
    entry: e
    option: ''
"""
    _, found = guidance.read_text(text, router)

    assert [(each.line, each.message) for each in found] == [
        (12, "câu hỏi “need” không có lựa chọn “b”"),
        (6, "câu hỏi “need” không có lựa chọn “xa”"),
    ]
