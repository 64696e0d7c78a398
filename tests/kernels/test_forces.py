"""Kernels of forces and steps give what their slow twins give."""

import numpy as np
import pytest

from vista.kernels import forces, reference
from vista.kernels.crew import Crew
from vista.layout.edges import symmetrize


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_repel_pairs(rng):
    places = rng.normal(size=(90, 2), scale=3).astype(np.float32)
    push, nearness = np.empty((90, 2), np.float32), np.empty(90, np.float32)
    for start, stop in ((0, 41), (41, 90)):
        forces.repel_pairs(*places.T.copy(), push, nearness, start, stop)
    expected_push, expected_nearness = reference.repel_pairs(places)
    np.testing.assert_allclose(push, expected_push, atol=1e-5)
    np.testing.assert_allclose(nearness, expected_nearness, rtol=1e-5)


@pytest.mark.parametrize("half", [0, 1, 2])
def test_move(rng, half):
    n, k = 80, 4
    places, velocity, push, older = (rng.normal(size=(n, 2), scale=2).astype(np.float32) for _ in range(4))
    lists = np.array([rng.choice(np.setdiff1d(np.arange(n), i), k, replace=False) for i in range(n)], np.int32)
    weights, rates = rng.random((n, k)).astype(np.float32), rng.random(n).astype(np.float32)
    with Crew() as crew:
        graph = symmetrize(lists, weights, crew)
    before, moved = velocity.copy(), np.empty((n, 2), np.float32)
    arrays = graph.row_starts, graph.others, graph.weights, rates
    for start, stop in ((0, 30), (30, n)):
        forces.move(places, velocity, push, np.float32(0.7), older, np.float32(-0.2), *arrays, np.float32(0.9), half, moved, start, stop)
    expected = reference.move(places, before, 0.7 * push - 0.2 * older, 1.0, halved(graph, half), rates, 0.9)
    np.testing.assert_allclose(velocity, expected, atol=1e-5)
    np.testing.assert_allclose(moved, places + expected, atol=1e-5)


def halved(graph, half):
    """Return the dense matrix of one half of each row's edges, doubled, or of all."""
    matrix = np.zeros((graph.n_items, graph.n_items))
    for i in range(graph.n_items):
        row = np.arange(int(graph.row_starts[i]), int(graph.row_starts[i + 1]))
        kept = row if half == 2 else np.array_split(row, 2)[half]
        matrix[i, graph.others[kept]] = graph.weights[kept] * (1 if half == 2 else 2)
    return matrix
