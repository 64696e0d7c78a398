"""Kernels of the grid give what their slow twins give."""

import numpy as np
import pytest

from vista.kernels import field, reference

SHAPE = 14, 19


@pytest.fixture
def places():
    rng = np.random.default_rng(3)
    return (rng.uniform(0, 1, (60, 2)) * np.array([7, 4.5]) + np.array([2.5, -1])).astype(np.float32)


def place():
    return np.float32(2.5), np.float32(-1), np.float32(2)


def test_spread(places):
    charges = np.zeros(SHAPE, np.float32)
    field.spread(places, *place(), charges, 0, 20)
    field.spread(places, *place(), charges, 20, 60)
    np.testing.assert_allclose(charges, reference.spread(*places.T, *place(), SHAPE), atol=1e-5)
    assert charges.sum() == pytest.approx(60, abs=1e-3)


def test_read_slopes(places):
    potential = np.random.default_rng(4).normal(size=SHAPE).astype(np.float32)
    slopes = np.empty((60, 2), np.float32)
    field.read_slopes(places, *place(), np.float32(-0.5), potential, slopes, 0, 33)
    field.read_slopes(places, *place(), np.float32(-0.5), potential, slopes, 33, 60)
    np.testing.assert_allclose(slopes, reference.read_slopes(*places.T, *place(), -0.5, potential), atol=1e-4)


def test_bounds(places):
    edges = np.empty(4, np.float32)
    field.bounds(places, edges)
    np.testing.assert_array_equal(edges, [*places.min(axis=0), *places.max(axis=0)])
