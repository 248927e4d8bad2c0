"""What the closed forms claim, checked against fits that really lack the rows."""

import numpy as np
import pytest

from knowledge import ridge
from knowledge.building import _compare, _read_rows, _typed, lone_score
from knowledge.calibration import (
    USUAL,
    Curve,
    Sample,
    choose_thresholds,
    fit_curve,
    fit_usual_curve,
)
from knowledge.features import (
    COUNTED,
    RATIO_SHARE,
    SHARES,
    SPELT,
    Floats,
    Ints,
    count_terms,
    shares_for,
    sorted_letters,
)
from tests.knowledge.award import AWARD


@pytest.fixture(scope="module")
def kernel() -> tuple[Floats, Ints]:
    _, rows = _read_rows(AWARD, _typed(AWARD), {"cost.fee": "Không thu phí."}, {})
    owners = np.array([row.owner for row in rows], np.int32)
    counted = [count_terms(row.words) for row in rows]
    return _compare(rows, counted, owners, len(AWARD))[1], owners


def trusts(owners: Ints) -> Floats:
    return np.linspace(0.3, 1, len(owners)).astype(np.float32)


def solve_without(kernel: Floats, owners: Ints, gone: Ints) -> Floats:
    """Fit plain weighted kernel ridge on all rows but *gone* and score those."""
    kept = np.setdiff1d(np.arange(len(owners)), gone)
    system = kernel[np.ix_(kept, kept)].astype(np.float64)
    system += np.diag(ridge.PENALTY / trusts(owners)[kept])
    targets = np.zeros((len(kept), len(AWARD)))
    targets[np.arange(len(kept)), owners[kept]] = 1
    scores: Floats = kernel[np.ix_(gone, kept)] @ np.linalg.solve(system, targets)
    return scores


def test_one_row_left_out_is_what_a_fit_without_it_says(kernel: tuple[Floats, Ints]) -> None:
    table, owners = kernel
    everyone = np.arange(len(owners), dtype=np.int32)
    fit = ridge.fit(table.copy(), everyone, owners, len(AWARD), trusts(owners))

    for at in everyone:
        alone = np.array([at], np.int32)
        np.testing.assert_allclose(
            fit.without_row[alone], solve_without(table, owners, alone), atol=2e-3
        )


def test_one_entry_left_out_is_what_a_fit_without_it_says(kernel: tuple[Floats, Ints]) -> None:
    table, owners = kernel
    everyone = np.arange(len(owners), dtype=np.int32)
    fit = ridge.fit(table.copy(), everyone, owners, len(AWARD), trusts(owners))

    for entry in range(len(AWARD)):
        gone = np.flatnonzero(owners == entry).astype(np.int32)
        np.testing.assert_allclose(
            fit.without_entry[gone], solve_without(table, owners, gone), atol=2e-3
        )


def test_rows_that_landmarks_represent_well_are_scored_as_exactly(
    kernel: tuple[Floats, Ints],
) -> None:
    table, owners = kernel
    everyone = np.arange(len(owners), dtype=np.int32)
    exact = ridge.fit(table.copy(), everyone, owners, len(AWARD), trusts(owners))
    chosen = ridge.choose_landmarks(owners.tolist(), len(owners) - 2)
    near = ridge.fit(table[:, chosen], chosen, owners, len(AWARD), trusts(owners))

    said, meant = table[chosen][:, chosen] @ near.weights, table[chosen] @ exact.weights
    np.testing.assert_allclose(said, meant, atol=0.05)


def test_the_landmark_closed_form_is_what_a_fit_without_the_row_says(
    kernel: tuple[Floats, Ints],
) -> None:
    table, owners = kernel
    chosen = ridge.choose_landmarks(owners.tolist(), len(owners) // 2)
    weights = trusts(owners)
    fit = ridge.fit(table[:, chosen], chosen, owners, len(AWARD), weights)
    outside = int(np.setdiff1d(np.arange(len(owners)), chosen)[0])
    kept = np.delete(np.arange(len(owners)), outside)
    moved = np.searchsorted(kept, chosen).astype(np.int32)
    without = ridge.fit(table[np.ix_(kept, chosen)], moved, owners[kept], len(AWARD), weights[kept])

    np.testing.assert_allclose(
        fit.without_row[outside], table[outside, chosen] @ without.weights, atol=2e-3
    )


def test_landmarks_are_taken_in_turn_from_every_entry() -> None:
    owners = [0, 0, 0, 0, 1, 1, 2]

    assert ridge.choose_landmarks(owners, 3).tolist() == [0, 4, 6]
    assert ridge.choose_landmarks(owners, 5).tolist() == [0, 1, 4, 5, 6]
    assert ridge.choose_landmarks(owners, 99).tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_whitening_gives_the_inverse_beyond_one_block() -> None:
    noise = np.random.default_rng(3).normal(size=(700, 700))
    matrix = (noise @ noise.T / 700 + np.eye(700)).astype(np.float32)
    half = ridge.whiten(matrix.copy())

    np.testing.assert_allclose(half @ half.T @ matrix, np.eye(700), atol=1e-3)
    np.testing.assert_array_equal(half, np.triu(half))


def test_a_row_is_one_to_itself_and_less_to_others(kernel: tuple[Floats, Ints]) -> None:
    table, _ = kernel

    np.testing.assert_allclose(np.diag(table), 1, atol=1e-5)
    np.testing.assert_allclose(table, table.T, atol=1e-5)
    assert table[~np.eye(len(table), dtype=bool)].max() < 1


def test_many_rows_at_once_are_compared_as_each_alone() -> None:
    _, rows = _read_rows(AWARD, _typed(AWARD), {}, {})
    owners = np.array([row.owner for row in rows], np.int32)
    counted = [count_terms(row.words) for row in rows]
    held, table, _ = _compare(rows, counted, owners, len(AWARD))

    for row, together in zip(rows, table, strict=True):
        alone = held.compare(count_terms(row.words), SHARES, sorted_letters(row.words))
        np.testing.assert_allclose(alone, together, atol=1e-5)


def test_the_views_share_the_kernel_whatever_was_typed() -> None:
    both = {"a": ("hồ sơ", "ho so")}
    _, rows = _read_rows(both, _typed(both), {}, {})

    for row in rows:
        assert sum(shares_for(row.words)) + RATIO_SHARE == pytest.approx(1)
        terms = count_terms(row.words)
        assert (len(terms.spelt), len(terms.counted)) == (len(SPELT), len(COUNTED))


def test_the_curve_recovers_a_known_one() -> None:
    raw = np.random.default_rng(5).uniform(0.02, 0.98, 4000)
    wanted = Curve(-1.0, 1.5, 0.8)
    chance = np.array([wanted(float(each)) for each in raw])
    right = np.random.default_rng(6).uniform(size=4000) < chance

    found = fit_curve(raw, right)

    for each in (0.05, 0.3, 0.5, 0.7, 0.95):
        assert found(each) == pytest.approx(wanted(each), abs=0.03)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6])
def test_on_average_the_curve_says_what_is_right(share: float) -> None:
    """Also where many score nothing at all, as questions in words that were never seen do."""
    dice = np.random.default_rng(8)
    raw = np.where(dice.uniform(size=200) < share, 0.0, dice.uniform(0, 0.6, 200))
    right = dice.uniform(size=200) < raw + 0.1

    curve = fit_curve(raw, right)

    assert np.mean([curve(float(each)) for each in raw]) == pytest.approx(right.mean(), abs=0.02)
    assert curve(0.1) < curve(0.5) < curve(0.9)


def test_where_nothing_can_be_learnt_the_usual_curve_stands() -> None:
    """Entries of a single variant: left out, none of them can be found."""
    scores, owners = np.full(30, 0.05), np.arange(30)
    sample = Sample.of(scores, np.zeros(30, np.bool_), scores, owners)

    curve = fit_usual_curve(sample)

    for each in (0.05, 0.2, 0.4):
        assert curve(each) == pytest.approx(USUAL(each), abs=0.07)


def test_a_variant_left_out_of_a_pair_counts_for_more_than_one_of_many() -> None:
    """One variant was left of it, nine of the other: with more, scores grow and errors fall."""
    owners = np.repeat([0, 1], [2, 10])
    right = np.arange(12) % 2 == 0
    sample = Sample.of(np.full(12, 0.2), right, np.full(12, 0.1), owners)

    assert sample.have[0] > 1.2 * sample.have[2] > 1.2 * 0.2
    assert sample.counts[1] < sample.counts[3] < 1 < sample.counts[0]
    assert sample.counts.sum() == pytest.approx(12)
    assert (sample.lack > 0.1).all()


def test_an_entry_counts_for_less_the_more_others_score() -> None:
    assert lone_score(0.3, 0.5, 0.5) == pytest.approx(0.3)
    assert 0.3 > lone_score(0.3, 0.5, 0.7) > lone_score(0.3, 0.5, 1.0) > 0
    assert lone_score(0.0, -0.1, 0.0) == 0


def test_thresholds_let_the_promised_share_through() -> None:
    have, lack = np.linspace(0.2, 1, 200), np.linspace(0, 0.6, 200)
    chosen = choose_thresholds(Curve(0, 1, 1), have, np.ones(200, np.bool_), lack)

    assert chosen["vừa"].false <= 0.05
    assert chosen["rộng"].right > chosen["chặt"].right
