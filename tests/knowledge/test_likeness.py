"""Questions of one meaning come together, and every question is in exactly one group."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.entries import Knowledge
from knowledge.index import Index

FAIR = (
    "tiền thuê gian hàng hội chợ có được hỗ trợ không",
    "so co ho tro tien thue gian hang hoi cho ko",
    "hội chợ thì sở có hỗ trợ tiền gian hàng không",
)
ISLAND = (
    "doanh nghiệp ở huyện đảo có được ưu tiên không",
    "dn huyen dao co uu tien gi khong",
    "công ty ở đảo được ưu tiên gì",
)
RESULT = (
    "khi nào có kết quả đánh giá hồ sơ",
    "bao giờ trả kết quả đánh giá hồ sơ cho doanh nghiệp",
)
ALONE = ("chiếu phim ở đâu", "giá vàng hôm nay")
INDEX = Index.build(
    {
        "cost.fee": ["phí dự giải là bao nhiêu", "dự giải có tốn tiền không"],
        "dossier.items": ["hồ sơ gồm những gì", "cần chuẩn bị giấy tờ gì"],
    }
)


def test_the_same_meaning_comes_together_and_another_stays_apart(shipped: Knowledge) -> None:
    texts = [*FAIR, *ISLAND, *RESULT, *ALONE]
    found = shipped.index.grouped(texts)

    groups = {frozenset(texts[at] for at in group) for group in found}
    assert groups == {
        frozenset(FAIR),
        frozenset(ISLAND),
        frozenset(RESULT),
        *(frozenset([each]) for each in ALONE),
    }


def test_nothing_has_no_groups(shipped: Knowledge) -> None:
    assert shipped.index.grouped([]) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*FAIR, *ISLAND, *RESULT, *ALONE, "?", "a"]), max_size=12)
    | st.lists(st.text(max_size=30), max_size=8),
    st.randoms(use_true_random=False),
)
def test_every_question_is_in_one_group_whatever_the_order(
    texts: list[str], chance: random.Random
) -> None:
    found = INDEX.grouped(texts)
    mixed = list(range(len(texts)))
    chance.shuffle(mixed)
    again = INDEX.grouped([texts[at] for at in mixed])

    assert sorted(at for group in found for at in group) == list(range(len(texts)))
    words = sorted(sorted(texts[at] for at in group) for group in found)
    assert sorted(sorted(texts[mixed[at]] for at in group) for group in again) == words
