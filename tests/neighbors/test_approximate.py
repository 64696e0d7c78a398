import numpy as np
import pytest
import scipy.sparse as sp

from vista.artifacts import Representation
from vista.neighbors import find_neighbors


def clustered(n, dim, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(40, dim))[rng.integers(0, 40, n)] + 0.7 * rng.normal(size=(n, dim))).astype(np.float32)


def search(vectors, **options):
    return find_neighbors(Representation(vectors, "given", "none"), **options)


@pytest.fixture(scope="module")
def dense():
    vectors = clustered(1500, 24)
    vectors[100:110] = vectors[100]
    return vectors, search(vectors, exact=False), search(vectors, exact=True)


def test_an_approximate_graph_says_so_and_its_recall_holds(dense):
    _, found, truth = dense
    assert not found.exact
    assert found.recall_queries == 500
    assert found.recall >= 0.95
    as_near = (found.distances <= truth.distances[:, -1:]).mean()
    assert as_near == pytest.approx(found.recall, abs=0.02)


def test_an_approximate_graph_has_true_distances_in_order_and_no_item_as_its_own_neighbor(dense):
    vectors, found, _ = dense
    wide = vectors.astype(np.float64)
    unit = wide / np.linalg.norm(wide, axis=1)[:, None]
    np.testing.assert_allclose(found.distances, 1 - np.einsum("id,ikd->ik", unit, unit[found.indices]), atol=1e-6)
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert (found.indices != np.arange(1500)[:, None]).all()
    assert all(len(set(row)) == 15 for row in found.indices.tolist())


def test_exact_duplicates_are_neighbors_in_an_approximate_graph(dense):
    _, found, _ = dense
    assert set(found.indices[100, :9].tolist()) == set(range(101, 110))
    assert found.distances[100, :9].max() == 0


def test_the_same_seed_gives_the_same_approximate_graph(dense):
    vectors, found, _ = dense
    again = search(vectors, exact=False)
    np.testing.assert_array_equal(again.indices, found.indices)
    np.testing.assert_array_equal(again.distances, found.distances)
    assert again.recall == found.recall


def test_a_low_recall_is_met_with_more_effort(dense, monkeypatch):
    vectors, found, _ = dense
    monkeypatch.setattr("vista.neighbors.approximate.WANTED_RECALL", 1.1)
    again = search(vectors, exact=False)
    assert again.recall >= found.recall
    assert not np.array_equal(again.indices, found.indices)


def test_sparse_rows_are_searched_approximately_too():
    vectors = sp.csr_matrix(np.maximum(clustered(1000, 60), 0) * (np.random.default_rng(1).random((1000, 60)) < 0.4), dtype=np.float32)
    found = search(vectors, exact=False)
    assert found.recall >= 0.9
    assert not found.exact


def test_data_too_small_for_an_approximate_search_are_searched_exactly():
    assert search(clustered(50, 4), exact=False).exact


def test_by_default_many_items_are_searched_approximately(monkeypatch, dense):
    monkeypatch.setattr("vista.neighbors.search.EXACT_LIMIT_ITEMS", 1000)
    assert not search(dense[0]).exact
