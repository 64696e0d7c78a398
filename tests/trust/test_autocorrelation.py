"""Moran's I against its formula, and where it is not defined."""

import numpy as np
import pytest

from vista.artifacts import Layout
from vista.errors import InputError
from vista.trust import morans_i


def layout(n: int = 120, seed: int = 0) -> Layout:
    return Layout(np.random.default_rng(seed).random((n, 2)).astype(np.float32), "given")


def by_formula(coordinates, values, k):
    """I = (n / W) Σ w z z / Σ z², with every sum written out."""
    z, n, total = values - values.mean(), len(values), 0.0
    for i in range(n):
        distances = ((coordinates - coordinates[i]) ** 2).sum(axis=1)
        distances[i] = np.inf
        total += sum(z[i] * z[j] for j in np.argsort(distances, kind="stable")[:k])
    return n / (n * k) * total / (z**2).sum()


def test_it_is_what_the_formula_says():
    placed, values = layout(), np.random.default_rng(1).random(120)

    assert morans_i(placed, values, k=7) == pytest.approx(by_formula(placed.coordinates.astype(float), values, 7), rel=1e-9)


def test_it_is_near_one_for_a_slope_and_near_nothing_for_shuffled_values():
    placed = layout(900)
    slope = placed.coordinates[:, 0]
    shuffled = np.random.default_rng(2).permutation(slope)

    assert morans_i(placed, slope) > 0.9
    assert abs(morans_i(placed, shuffled)) < 0.06


@pytest.mark.parametrize("values", [np.ones(50), np.zeros(50), np.full(50, 0.1)])
def test_it_is_not_defined_where_all_values_are_equal(values):
    assert morans_i(layout(50), values) is None


def test_it_is_not_defined_below_three_items():
    assert morans_i(layout(2), np.array([0.0, 1.0])) is None


def test_there_must_be_one_value_an_item():
    with pytest.raises(InputError, match="give one an item"):
        morans_i(layout(5), np.ones(4))
    with pytest.raises(InputError, match="at least 1"):
        morans_i(layout(5), np.ones(5), k=0)
