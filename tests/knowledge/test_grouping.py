"""How sure the index is of a topic: learnt from the variants, exact, and kept with the index."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.building import _cover, _read_rows, _typed
from knowledge.calibration import Curve, Thresholds
from knowledge.coverage import Explained, LeftOut
from knowledge.features import count_terms
from knowledge.grouping import POLICIES, Grouping
from knowledge.index import Index
from tests.knowledge.award import AWARD

TOPICS = {entry: entry.partition(".")[0] for entry in AWARD}


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(AWARD, groups=TOPICS)


def test_a_topic_gathers_what_its_entries_take_from_each_other(index: Index) -> None:
    look = index.look("hồ sơ dự giải thế nào")

    assert {found.entry for found in look.candidates[:2]} == {"dossier.items", "dossier.where"}
    assert look.groups[0][0] == "dossier"
    assert look.groups[0][1] > look.candidates[0].confidence


def test_topics_come_best_first_each_once(index: Index) -> None:
    names = [name for name, _ in index.look("nộp hồ sơ mất phí không").groups]
    chances = [chance for _, chance in index.look("nộp hồ sơ mất phí không").groups]

    assert len(names) == len(set(names))
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_an_exact_question_is_sure_of_its_topic(index: Index) -> None:
    assert index.look("chi phi lam ma vach cho san pham").groups[0] == ("barcode", 0.995)


def test_the_raw_score_of_a_topic_is_the_sum_of_its_entries_up_to_one() -> None:
    grouping = Grouping(("a", "b", "a"), Curve(0, 1, 1), {})

    assert grouping.sums({0: 0.3, 2: 0.2}) == {"a": 0.5}
    assert grouping.sums({0: 0.8, 2: 0.9}) == {"a": 1.0}
    assert grouping.sums({}) == {}


def test_a_rival_topic_takes_half_of_its_score_from_the_best() -> None:
    grouping = Grouping(("a", "b", "a"), Curve(0, 1, 1), {})

    assert grouping.sums({1: 0.2, 0: 0.4, 2: 0.2}) == pytest.approx({"a": 0.5, "b": 0.2})
    tied = grouping.sums({1: 0.7, 0: 0.3, 2: 0.2})
    assert list(tied) == ["b", "a"]
    assert tied["b"] == tied["a"] == pytest.approx(0.45)


def test_thresholds_are_learnt_for_every_policy_in_order(index: Index) -> None:
    limits = index.group_thresholds
    strict, middle, wide = (limits[policy] for policy in POLICIES)

    assert strict.answer >= middle.answer >= wide.answer
    for policy, (false, _) in POLICIES.items():
        assert limits[policy].false <= false
        assert limits[policy].offer <= limits[policy].answer
    assert limits != index.thresholds


def test_an_index_built_without_topics_has_none() -> None:
    index = Index.build(AWARD)

    assert index.look("hồ sơ").groups == ()
    assert index.group_thresholds == index.thresholds


def test_too_few_variants_to_learn_from_make_nothing_sure() -> None:
    index = Index.build({"a": ("một", "hai")}, groups={"a": "t"})

    assert index.group_thresholds["vừa"] == Thresholds(0.9, 0.2, 0.0, 0.0, 0.0, 0.0)


def test_topics_survive_the_bytes_of_their_index(index: Index) -> None:
    revived = Index.from_bytes(index.to_bytes())

    assert revived.group_thresholds == index.group_thresholds
    for text in ("nộp hồ sơ mất phí không", "giai vang", "mai mưa không"):
        assert revived.look(text).groups == index.look(text).groups


def test_equal_knowledge_gives_equal_topics() -> None:
    once, again = (Index.build(AWARD, groups=TOPICS).to_bytes() for _ in range(2))

    assert once == again


@pytest.mark.parametrize("whole", [False, True])
def test_many_entries_at_once_explain_what_each_explains(whole: bool) -> None:  # noqa: FBT001 - the case
    """Compiling judges all entries at once, a question one by one: the figures are the same."""
    _, rows = _read_rows(AWARD, _typed(AWARD), {"cost.fee": "Không thu phí của ai."}, {})
    coverage = _cover(rows, [count_terms(row.words) for row in rows], len(AWARD))
    explained = Explained(coverage, [row.words for row in rows], [row.owner for row in rows])
    everyone = np.arange(len(AWARD), dtype=np.int32)
    found = explained.shares(np.tile(everyone, (len(rows), 1)), whole=whole)

    for row, shares, known in zip(rows, *found, strict=True):
        left_out = LeftOut(row.owner, whole)
        trusts = (1.0,) * len(row.words.folded)
        alone = coverage.shares(row.words, trusts, everyone.tolist(), left_out)
        for share, expected in zip(shares, alone, strict=True):
            assert (share, known) == pytest.approx(expected, abs=1e-5)
