"""Kernels of the symmetric graph give what their slow twins give."""

import numpy as np
import pytest
import scipy.sparse as sp

from vista.kernels import edges, reference
from vista.kernels.crew import Crew
from vista.layout.edges import connected_pieces, dealt, renumbered, symmetrize


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def neighbor_lists(rng, n, k, items=None):
    """Return k distinct other items for each, of `items` only."""
    pool = np.arange(n) if items is None else np.asarray(items)
    return np.array([rng.choice(pool[pool != i], k, replace=False) for i in range(n)], np.int32)


def dense(graph):
    rows = sp.csr_matrix((graph.weights, graph.others.astype(np.int64), graph.row_starts.astype(np.int64)), shape=(graph.n_items,) * 2)
    assert rows.nnz == len(
        np.unique(np.repeat(np.arange(graph.n_items), np.diff(graph.row_starts).astype(int)) * graph.n_items + graph.others)
    )
    return rows.toarray()


@pytest.mark.parametrize("perplexity", [2.0, 5.0, 11.5])
def test_calibrate(rng, perplexity):
    distances = np.sort(rng.uniform(0.5, 2, (40, 12)), axis=1).astype(np.float32)
    weights = np.empty_like(distances)
    edges.calibrate(distances, perplexity, np.empty(12), weights, 0, 25)
    edges.calibrate(distances, perplexity, np.empty(12), weights, 25, 40)
    np.testing.assert_allclose(weights, reference.calibrate(distances, perplexity), atol=2e-6)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_equal_distances_get_equal_weights(value):
    weights = np.empty((2, 7), np.float32)
    edges.calibrate(np.full((2, 7), value, np.float32), 3.0, np.empty(7), weights, 0, 2)
    np.testing.assert_allclose(weights, 1 / 7)


def test_weights_are_finite_and_sum_to_1_whatever_is_equally_near(rng):
    distances = np.sort(rng.random((400, 30)), axis=1).astype(np.float32)
    for row in range(400):
        distances[row, : row % 30 + 1] = distances[row, 0]
    distances[::7] *= 1e-18
    weights = np.empty_like(distances)
    edges.calibrate(distances, 15.0, np.empty(30), weights, 0, 400)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)


def test_first_repeat(rng):
    lists = neighbor_lists(rng, 30, 6).astype(np.uint32)
    assert edges.first_repeat(lists, np.full(30, -1)) == reference.first_repeat(lists) == -1
    lists[17, 5], lists[21, 0] = lists[17, 2], lists[21, 1]
    assert edges.first_repeat(lists, np.full(30, -1)) == reference.first_repeat(lists) == 17


@pytest.mark.parametrize("items", [None, range(8)], ids=["scattered", "few hubs"])
def test_symmetrize(rng, items):
    lists, weights = neighbor_lists(rng, 700, 6, items), rng.random((700, 6)).astype(np.float32)
    with Crew() as crew:
        joined = symmetrize(lists, weights, crew)
    np.testing.assert_allclose(dense(joined), reference.join_directions(lists, weights), rtol=1e-6)
    np.testing.assert_allclose(joined.degrees(), dense(joined).sum(axis=1), rtol=1e-5)


def test_renumber(rng):
    order = rng.permutation(600).astype(np.uint32)
    with Crew() as crew:
        joined = symmetrize(neighbor_lists(rng, 600, 5), rng.random((600, 5)).astype(np.float32), crew)
        np.testing.assert_array_equal(dense(renumbered(joined, order, crew)), dense(joined)[order][:, order])


def test_connected_pieces(rng):
    home = rng.integers(0, 9, 300)
    lists = np.array([rng.choice(np.setdiff1d(np.flatnonzero(home == home[i]), i), 2, replace=False) for i in range(300)], np.int32)
    with Crew() as crew:
        joined = symmetrize(lists, np.ones((300, 2), np.float32), crew)
    pieces = connected_pieces(joined)
    np.testing.assert_array_equal(pieces, reference.connect(dense(joined)))
    assert pieces.max() >= 8


def test_dealing_keeps_every_edge_and_parts_each_row_in_two_like_halves(rng):
    lists = neighbor_lists(rng, 60, 7)
    with Crew() as crew:
        graph = symmetrize(lists, rng.random((60, 7)).astype(np.float32), crew)
        halves = dealt(graph, crew)
    np.testing.assert_array_equal(dense(halves), dense(graph))
    by_rank = 1 / np.arange(1.0, 36.0)
    first, second = (half.sum() for half in np.array_split(reference.deal(by_rank), 2))
    assert 1 < first / second < by_rank[::2].sum() / by_rank[1::2].sum() < 1.5
    for row in (slice(int(a), int(b)) for a, b in zip(graph.row_starts[:-1], graph.row_starts[1:], strict=True)):
        np.testing.assert_array_equal(halves.weights[row], reference.deal(graph.weights[row]))
        np.testing.assert_array_equal(halves.others[row], reference.deal(graph.others[row]))
