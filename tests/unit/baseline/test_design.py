import numpy as np
import pytest

from cei_assets.core.baseline.design import (
    cell_grid,
    seasonal_terms,
    temperature_terms,
    usable_knots,
)

KNOTS = (4.4, 12.8, 18.3, 26.7, 32.2)


def test_temperature_terms_add_up_to_the_temperature() -> None:
    warm = np.array([-20.0, 0.0, 4.4, 10.0, 20.0, 30.0, 45.0])
    terms = temperature_terms(warm, KNOTS)
    assert terms.shape == (7, 6)
    np.testing.assert_allclose(terms.sum(axis=1), warm)


def test_a_term_moves_only_inside_its_segment() -> None:
    terms = temperature_terms(np.array([14.0, 16.0]), KNOTS)
    changed = terms[1] - terms[0]
    np.testing.assert_allclose(changed, [0, 0, 2, 0, 0, 0])


def test_an_unknown_temperature_stays_unknown() -> None:
    assert np.isnan(temperature_terms(np.array([np.nan]), KNOTS)).all()


@pytest.mark.parametrize(
    ("below", "beyond", "kept"),
    [
        ([20, 99, 99, 99, 99], [99, 99, 99, 99, 20], KNOTS),
        ([19, 99, 99, 99, 99], [99, 99, 99, 99, 20], KNOTS[1:]),
        ([20, 99, 99, 99, 99], [99, 99, 99, 19, 0], KNOTS[:3]),
        ([0, 0, 0, 0, 0], [99, 99, 99, 99, 99], ()),
    ],
)
def test_end_knots_with_too_few_hours_beyond_are_dropped(
    below: list[float], beyond: list[float], kept: tuple[float, ...]
) -> None:
    assert usable_knots(np.array(below), np.array(beyond), KNOTS, 20) == kept


def test_seasonal_terms_repeat_after_a_year() -> None:
    terms = seasonal_terms(np.array([0, 146_097]))
    np.testing.assert_allclose(terms[0], terms[1], atol=1e-9)


def test_the_cell_grid_keeps_every_position_once() -> None:
    cell = np.array([2, 0, 2, 2, 1])
    grid = cell_grid(cell, 4)
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(grid.spread(values).sum(axis=-1), [2.0, 5.0, 8.0, 0.0])
