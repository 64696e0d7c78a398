import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_digits

from vista.artifacts import Representation
from vista.errors import InputError
from vista.neighbors import find_neighbors


def representation(vectors):
    return Representation(vectors if sp.issparse(vectors) else np.asarray(vectors, np.float32), "given", "none")


def brute_neighbors(vectors, k, metric):
    """Order every row by float64 distances, equal ones by row."""
    wide = np.asarray(vectors, np.float64)
    if metric == "cosine":
        norms = np.linalg.norm(wide, axis=1)
        scale = np.where(norms > 0, 1 / np.where(norms > 0, norms, 1), 0)
        distances = np.rint((1 - (wide @ wide.T) * scale[:, None] * scale) * 2**40) / 2**40  # without the noise of summation
    else:
        distances = np.stack([np.sqrt(((wide - row) ** 2).sum(axis=1)) for row in wide])
    distances = distances.astype(np.float32)
    order = np.argsort(distances, axis=1, kind="stable")
    indices = np.array([row[row != i][:k] for i, row in enumerate(order)])
    return indices, np.take_along_axis(distances, indices, axis=1)


DATA = {
    "digits": load_digits().data[:900],
    "normal": np.random.default_rng(0).normal(size=(700, 100)),
    "lattice": np.stack(np.meshgrid(np.arange(20), np.arange(20)), -1).reshape(-1, 2) + 1,
    "duplicates": np.repeat(np.random.default_rng(1).normal(size=(60, 50)), 10, axis=0),
    "zeros among others": np.vstack([np.zeros((30, 4)), np.eye(4), -np.ones((20, 4))]),
    "far from the origin": np.random.default_rng(2).normal(size=(500, 30)) + 1000,
}


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("name", DATA)
def test_exact_neighbors_are_those_of_brute_force_with_ties_by_row(name, metric):
    vectors = DATA[name].astype(np.float32)
    graph = find_neighbors(representation(vectors), n_neighbors=20, metric=metric)
    indices, distances = brute_neighbors(vectors, 20, metric)
    np.testing.assert_array_equal(graph.indices, indices)
    np.testing.assert_allclose(graph.distances, distances, atol=2e-6)
    assert graph.exact
    assert graph.recall == 1.0
    assert graph.metric == metric


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_sparse_rows_have_the_neighbors_of_their_dense_form(metric):
    dense = np.random.default_rng(3).normal(size=(400, 80)) * (np.random.default_rng(4).random((400, 80)) < 0.1)
    dense[7] = 0
    sparse = find_neighbors(representation(sp.csr_matrix(dense.astype(np.float32))), metric=metric)
    full = find_neighbors(representation(dense), metric=metric)
    np.testing.assert_array_equal(sparse.indices, full.indices)
    np.testing.assert_allclose(sparse.distances, full.distances, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_few_items_have_all_others_as_neighbors(n):
    vectors = np.random.default_rng(0).normal(size=(n, 5))
    graph = find_neighbors(representation(vectors), n_neighbors=15)
    assert graph.indices.shape == graph.distances.shape == (n, n - 1)
    assert [sorted([i, *row]) for i, row in enumerate(graph.indices.tolist())] == [list(range(n))] * n


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_identical_items_are_each_others_neighbors_in_row_order(metric):
    graph = find_neighbors(representation(np.full((200, 30), 0.3)), n_neighbors=3, metric=metric)
    assert graph.indices[0].tolist() == [1, 2, 3]
    assert graph.indices[2].tolist() == [0, 1, 3]
    assert graph.indices[150].tolist() == [0, 1, 2]
    assert graph.distances.max() == 0


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_a_data_set_of_several_blocks_gives_the_same_graph(monkeypatch, form):
    vectors = form(DATA["digits"].astype(np.float32))
    whole = find_neighbors(representation(vectors), n_neighbors=10)
    monkeypatch.setattr("vista.neighbors.exact.TILE_ITEMS", 70)
    monkeypatch.setattr("vista.neighbors.exact.SPARSE_TILE_ITEMS", 90)
    parts = find_neighbors(representation(vectors), n_neighbors=10)
    np.testing.assert_array_equal(whole.indices, parts.indices)
    np.testing.assert_array_equal(whole.distances, parts.distances)


def test_bad_options_are_refused():
    with pytest.raises(InputError, match="n_neighbors"):
        find_neighbors(representation(np.ones((4, 2))), n_neighbors=0)
    with pytest.raises(InputError, match="no metric"):
        find_neighbors(representation(np.ones((4, 2))), metric="manhattan")
