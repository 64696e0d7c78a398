"""Representatives of cells, checked against a slow twin that compares every pair of items."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vista.cartography.extent import cells_at, extent_of
from vista.metrics.space import metric_space
from vista.rendering import choose_representatives


def clumps(n_items: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(6, 2)) * 4
    return (centers[rng.integers(0, 6, n_items)] + rng.normal(size=(n_items, 2)) * 0.4).astype(np.float32)


def slow_representatives(space, coordinates, extent, level):
    """Return {(row, column): (item, count, spread)} by comparing all pairs within each cell."""
    columns, rows = cells_at(extent, coordinates, level)
    found = {}
    for cell in sorted(set(zip(rows.tolist(), columns.tolist(), strict=True))):
        members = np.flatnonzero((rows == cell[0]) & (columns == cell[1]))
        distances = space.distances(members, members, precise=True).astype(np.float64)
        np.fill_diagonal(distances, 0)
        squared = 2 * distances if space.metric == "cosine" else distances**2
        cost = squared.sum(axis=1)
        best = int(np.flatnonzero(cost <= cost.min() + 1e-5 * max(cost.max(), 1e-9))[0])
        spread = distances[best].sum() / max(len(members) - 1, 1)
        found[cell] = (int(members[best]), len(members), spread)
    return found


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("sparse", [False, True])
def test_every_cell_shows_its_medoid_with_count_and_spread(metric, sparse):
    rng = np.random.default_rng(3)
    vectors = (rng.normal(size=(400, 12)) * (rng.random((400, 12)) < 0.5)).astype(np.float32)
    coordinates = clumps(400, seed=4)
    space = metric_space(sp.csr_matrix(vectors) if sparse else vectors, metric)
    extent = extent_of(coordinates)

    for cells in choose_representatives(space, coordinates, extent, 5):
        expected = slow_representatives(space, coordinates, extent, cells.level)
        found = {
            (row, column): (item, count, spread)
            for row, column, item, count, spread in zip(cells.rows, cells.columns, cells.items, cells.counts, cells.spreads, strict=True)
        }
        assert list(found) == list(expected)  # row by row
        for cell, (item, count, spread) in expected.items():
            assert (found[cell][0], found[cell][1]) == (item, count)
            assert found[cell][2] == pytest.approx(spread, abs=2e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_a_crowd_in_one_cell_is_the_same_as_in_small_blocks(metric):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(6000, 3)).astype(np.float32)
    space = metric_space(vectors, metric)
    coordinates = np.zeros((6000, 2), dtype=np.float32)
    (cells,) = choose_representatives(space, coordinates, extent_of(coordinates), 1)
    rows = space.rows(slice(None))
    mean = rows.mean(axis=0, dtype=np.float64)
    cost = -(rows @ mean) if metric == "cosine" else space.squared_norms - 2 * (rows @ mean)
    assert cells.items.tolist() == [int(cost.argmin())]
    assert cells.counts.tolist() == [6000]
    assert cells.spreads[0] == pytest.approx(float(space.distances(cells.items)[0].sum()) / 5999, rel=1e-4)


def test_ties_go_to_the_lower_item():
    coordinates = np.zeros((4, 2), dtype=np.float32)
    pair = metric_space(np.array([[1, 0], [0.1, 3]], dtype=np.float32))
    assert choose_representatives(pair, coordinates[:2], extent_of(coordinates[:2]), 1)[0].items.tolist() == [0]
    same = metric_space(np.ones((4, 7), dtype=np.float32) / 3)
    (cells,) = choose_representatives(same, coordinates, extent_of(coordinates), 1)
    assert cells.items.tolist() == [0]
    assert cells.spreads[0] == pytest.approx(0, abs=1e-6)


def test_an_item_that_is_alone_stands_for_itself_without_spread():
    space = metric_space(np.eye(3, dtype=np.float32))
    coordinates = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32)
    (cells,) = choose_representatives(space, coordinates, extent_of(coordinates), 1)
    assert sorted(cells.items.tolist()) == [0, 1, 2]
    assert cells.counts.tolist() == [1, 1, 1]
    assert not cells.spreads.any()


def test_zero_vectors_are_far_from_everything_and_never_preferred_under_cosine():
    space = metric_space(np.array([[0, 0], [1, 0], [1, 0.1]], dtype=np.float32))
    coordinates = np.zeros((3, 2), dtype=np.float32)
    (cells,) = choose_representatives(space, coordinates, extent_of(coordinates), 1)
    assert cells.items.tolist() == [1]
    assert cells.spreads[0] == pytest.approx((1 + 1 - 1 / np.sqrt(1.01)) / 2, abs=1e-6)
