import numpy as np
import pytest

from vista.artifacts import Layout, NeighborGraph, Representation
from vista.errors import InputError
from vista.neighbors import find_neighbors
from vista.trust import measure_trust


def graph_of(vectors, n_neighbors=40):
    return find_neighbors(Representation(np.asarray(vectors, np.float32), "given", "none"), n_neighbors=n_neighbors, metric="euclidean")


def layout(coordinates):
    return Layout(np.asarray(coordinates, np.float32), "given")


def brute_order(points):
    points = np.asarray(points, np.float32).astype(np.float64)
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)).astype(np.float32)
    return [[j for j in np.argsort(row, kind="stable").tolist() if j != i] for i, row in enumerate(distances)]


def brute_trust(vectors, coordinates, k):
    near, drawn = brute_order(vectors), brute_order(coordinates)
    false = [len(set(b[:k]) - set(a[: 4 * k])) / k for a, b in zip(near, drawn, strict=True)]
    missing = [len(set(a[:k]) - set(b[: 4 * k])) / k for a, b in zip(near, drawn, strict=True)]
    return false, missing


@pytest.mark.parametrize("kind", ["normal", "lattice", "heaps"])
@pytest.mark.parametrize("k", [1, 5, 10])
def test_trust_equals_its_definition(kind, k):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, 6))
    coordinates = vectors[:, :2] + 0.3 * rng.normal(size=(300, 2))
    if kind == "lattice":
        coordinates = np.stack(np.meshgrid(np.arange(20), np.arange(15)), -1).reshape(-1, 2)
    if kind == "heaps":
        coordinates = rng.integers(0, 2, (300, 2))
    trust = measure_trust(graph_of(vectors), layout(coordinates), k=k)
    false, missing = brute_trust(vectors, coordinates, k)
    np.testing.assert_allclose(trust.false_neighbors, false, atol=1e-6)
    np.testing.assert_allclose(trust.missing_neighbors, missing, atol=1e-6)
    assert trust.k == k
    assert trust.false_neighbors.dtype == trust.missing_neighbors.dtype == np.float32


def test_a_map_that_keeps_all_neighbors_has_neither_false_nor_missing_ones():
    points = np.random.default_rng(1).normal(size=(500, 2))
    trust = measure_trust(graph_of(points), layout(points))
    assert trust.false_neighbors.max() == trust.missing_neighbors.max() == 0


def test_two_groups_drawn_into_one_have_false_neighbors_and_a_torn_group_has_missing_ones():
    rng = np.random.default_rng(2)
    group, place = rng.integers(0, 2, 200), rng.normal(size=(200, 2))
    apart = np.c_[place, 100 * group]
    drawn_together = measure_trust(graph_of(apart), layout(place), k=5)
    torn = measure_trust(graph_of(place), layout(apart[:, [0, 2]]), k=5)
    assert drawn_together.false_neighbors.mean() > drawn_together.missing_neighbors.mean()
    assert torn.missing_neighbors.mean() > 0.2


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_few_items_are_measured(n):
    points = np.random.default_rng(3).normal(size=(n, 2))
    trust = measure_trust(graph_of(points), layout(points))
    np.testing.assert_array_equal(trust.false_neighbors, np.zeros(n))
    np.testing.assert_array_equal(trust.missing_neighbors, np.zeros(n))


def test_a_map_with_all_items_on_one_place_is_measured():
    points = np.random.default_rng(4).normal(size=(20_000, 2))
    graph = NeighborGraph(
        (np.arange(20_000)[:, None] + np.arange(1, 41)).astype(np.int32) % 20_000,
        np.zeros((20_000, 40), np.float32),
        "cosine",
        exact=True,
    )
    trust = measure_trust(graph, layout(np.zeros_like(points)))
    assert trust.false_neighbors[0] == 0
    assert trust.false_neighbors[10_000] == trust.missing_neighbors[10_000] == 1


def test_a_graph_with_too_few_neighbors_is_refused():
    points = np.random.default_rng(5).normal(size=(100, 2))
    with pytest.raises(InputError, match="needs 40 neighbors"):
        measure_trust(graph_of(points, n_neighbors=15), layout(points))
    with pytest.raises(InputError, match="places 99 items"):
        measure_trust(graph_of(points), layout(points[:99]))
    with pytest.raises(InputError, match="at least 1"):
        measure_trust(graph_of(points), layout(points), k=0)
