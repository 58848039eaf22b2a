import numpy as np
import pytest

from cei_assets.core.detection.deviation import excursions, one_sided_cusum
from cei_assets.core.detection.drift import trailing_quantile
from cei_assets.core.detection.flags import net_excess, run_lengths, runs_over_known, units


def test_units_are_stretches_of_equal_keys() -> None:
    found = units(np.array([5, 5, 7, 7, 7, 5]))
    assert found.starts.tolist() == [0, 2, 5]
    assert found.of.tolist() == [0, 0, 1, 1, 1, 2]


def test_a_unit_with_too_few_valid_hours_has_no_mean() -> None:
    found = units(np.array([0, 0, 1, 1]))
    values = np.array([[1.0, 3.0, 5.0, 100.0]])
    valid = np.array([[True, True, True, False]])
    mean = found.mean(values, valid, 2)
    assert mean[0, 0] == 2.0
    assert np.isnan(mean[0, 1])


def test_net_excess_keeps_the_total_of_each_group() -> None:
    groups = units(np.array([0, 0, 0, 1, 1]))
    excess = np.array([[4.0, -1.0, 3.0, -5.0, 2.0]])
    net = net_excess(excess, np.ones((1, 5), dtype=bool), groups)
    assert net[0, :3].sum() == pytest.approx(6.0)
    assert net[0, 3:].tolist() == [0.0, 0.0]
    assert (net >= 0).all()


def test_run_lengths_do_not_cross_rows() -> None:
    fired = np.array([[False, True, True], [True, False, True]])
    assert run_lengths(fired).tolist() == [[0, 2, 2], [1, 0, 1]]


def test_runs_go_on_over_unknown_units() -> None:
    fired = np.array([[True, False, True, True, False]])
    known = np.array([[True, False, True, True, True]])
    assert runs_over_known(fired, known).tolist() == [[3, 0, 3, 3, 0]]


def test_the_cusum_is_pages_recursion() -> None:
    steps = np.random.default_rng(0).normal(-0.1, 1, (3, 200))
    expected = np.zeros_like(steps)
    level = np.zeros(3)
    for position in range(steps.shape[1]):
        level = np.maximum(0.0, level + steps[:, position])
        expected[:, position] = level
    np.testing.assert_allclose(one_sided_cusum(steps), expected, atol=1e-9)


def test_an_excursion_counts_up_to_its_peak() -> None:
    total = np.array([[0.0, 1.0, 3.0, 2.0, 0.0, 1.0, 0.5], [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 4.0]])
    number, peak, rising = excursions(total)
    assert rising.tolist() == [
        [False, True, True, False, False, True, False],
        [True, False, False, False, False, False, True],
    ]
    assert peak[0].tolist() == [3.0, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0]
    assert number[0, 3] != number[0, 4]


def test_the_trailing_quantile_looks_back_only() -> None:
    values = np.array([[1.0, 1.0, 1.0, 9.0, 9.0, np.nan]])
    found = trailing_quantile(values, 3, 0.5)
    assert np.isnan(found[0, 0])
    assert found[0, 1:].tolist() == [1.0, 1.0, 1.0, 9.0, 9.0]
