"""Groups of questions: asked one time after the other, handed in as one list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.asking import ENOUGH, MORE, asked, asks_for_another, folded, unfolded
from knowledge.entries import NO_CONSENT, Condition, Field, Form, Option

MOST = 3
WAYS = (Option(MORE, "Thêm"), Option(ENOUGH, "Đủ"))
GROUP = Field(
    "them",
    "group",
    "Đơn vị",
    "Thêm nữa không?",
    options=WAYS,
    most=MOST,
    when=Condition("any", ("some",)),
    fields=(
        Field("name", "text", "Tên {n}", "Tên thứ {n}?"),
        Field(
            "kind", "choice", "Loại {n}", "Loại {n}?", options=(Option("a", "A"), Option("b", "B"))
        ),
        Field("why", "text", "Vì sao {n}", "Vì sao {n}?", when=Condition("kind", ("b",))),
    ),
)
ANY = Field(
    "any", "choice", "Có", "Có không?", options=(Option("some", "Có"), Option("none", "Không"))
)
FORM = Form(
    "f", "F", "F", NO_CONSENT, (ANY, GROUP, Field("note", "text", "Ghi", "Ghi?")), {}, "", 1
)

times = st.lists(
    st.one_of(
        st.fixed_dictionaries({"name": st.text(), "kind": st.just("a")}),
        st.fixed_dictionaries({"name": st.text(), "kind": st.just("b"), "why": st.text()}),
    ),
    min_size=1,
    max_size=MOST,
)


def ids(values: dict[str, str]) -> list[str]:
    return [field.id for field in asked(FORM, values)]


def test_a_group_that_does_not_apply_is_not_asked() -> None:
    assert ids({"any": "none"}) == ["any", "note"]


def test_the_next_time_is_asked_only_if_there_is_more() -> None:
    first = {"any": "some", "them.1.name": "A", "them.1.kind": "a"}
    once = ["any", "them.1.name", "them.1.kind", "them.1.another"]

    assert ids(first) == [*once, "note"]
    assert ids(first | {"them.1.another": ENOUGH}) == [*once, "note"]
    assert ids(first | {"them.1.another": MORE})[4:6] == ["them.2.name", "them.2.kind"]


def test_a_condition_within_a_group_looks_at_the_same_time() -> None:
    values = {"any": "some", "them.1.kind": "b", "them.1.another": MORE, "them.2.kind": "a"}

    assert "them.1.why" in ids(values)
    assert "them.2.why" not in ids(values)


def test_after_the_last_time_nothing_more_is_offered() -> None:
    values = {"any": "some", "them.1.another": MORE, "them.2.another": MORE}

    assert "them.3.another" not in ids(values)
    assert [each.prompt for each in asked(FORM, values) if each.id == "them.3.name"] == [
        "Tên thứ 3?"
    ]


@given(times)
def test_what_was_handed_in_can_be_filled_in_again(answers: list[dict[str, str]]) -> None:
    handed_in = {"any": "some", "them": answers, "note": ""}
    filled_in = unfolded(FORM, handed_in)

    assert folded(FORM, filled_in) == handed_in
    fields = asked(FORM, filled_in)
    assert all(field.id in filled_in for field in fields)
    assert sum(map(asks_for_another, fields)) == min(len(answers), MOST - 1)
