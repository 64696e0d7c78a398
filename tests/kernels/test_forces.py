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
    push, nearness = np.empty((2, 90), np.float32), np.empty(90, np.float32)
    for start, stop in ((0, 41), (41, 90)):
        forces.repel_pairs(*places.T.copy(), *push, nearness, start, stop)
    expected_push, expected_nearness = reference.repel_pairs(places)
    np.testing.assert_allclose(push.T, expected_push, atol=1e-5)
    np.testing.assert_allclose(nearness, expected_nearness, rtol=1e-5)


def test_move(rng):
    n, k = 80, 4
    places, velocity, push = (rng.normal(size=(n, 2), scale=2).astype(np.float32) for _ in range(3))
    lists = np.array([rng.choice(np.setdiff1d(np.arange(n), i), k, replace=False) for i in range(n)], np.int32)
    weights, rates = rng.random((n, k)).astype(np.float32), rng.random(n).astype(np.float32)
    with Crew() as crew:
        graph = symmetrize(lists, weights, crew)
    (x, y), (velocity_x, velocity_y), moved = places.T.copy(), velocity.T.copy(), np.empty((2, n), np.float32)
    arrays = graph.row_starts, graph.others, graph.weights, rates
    for start, stop in ((0, 30), (30, n)):
        forces.move(x, y, velocity_x, velocity_y, *push.T.copy(), np.float32(0.7), *arrays, np.float32(0.9), *moved, start, stop)
    expected = reference.move(places, velocity, push, 0.7, reference.join_directions(lists, weights), rates, 0.9)
    np.testing.assert_allclose(np.stack([velocity_x, velocity_y], axis=1), expected, atol=1e-5)
    np.testing.assert_allclose(moved.T, places + expected, atol=1e-5)
