import numpy as np
import pytest
import scipy.sparse as sp

from vista.errors import InputError
from vista.metrics import metric_space


def brute(vectors, metric):
    wide = vectors.astype(np.float64)
    if metric == "euclidean":
        return np.linalg.norm(wide[:, None] - wide[None], axis=2)
    norms = np.linalg.norm(wide, axis=1)
    unit = wide / np.where(norms > 0, norms, 1)[:, None]
    return 1 - unit @ unit.T


@pytest.fixture(params=["dense", "csr"])
def kind(request):
    return (lambda vectors: vectors) if request.param == "dense" else sp.csr_matrix


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("dim", [3, 40])
@pytest.mark.parametrize("precise", [False, True])
def test_distances_are_those_of_the_definition(kind, metric, dim, precise):
    vectors = np.random.default_rng(0).normal(size=(60, dim)).astype(np.float32)
    vectors[5] = 0
    space = metric_space(kind(vectors), metric)
    queries = np.array([5, 0, 17])
    expected = brute(vectors, metric)[queries]
    others = queries[:, None] != np.arange(60)
    found = space.distances(queries, precise=precise)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[others], expected[others], atol=1e-6 if precise else 2e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("dim", [3, 40])
def test_pair_distances_are_the_precise_distances(kind, metric, dim):
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(60, dim)).astype(np.float32)
    space = metric_space(kind(vectors), metric)
    queries, candidates = np.array([5, 0]), rng.integers(0, 60, (2, 9)).astype(np.int32)
    full = space.distances(queries, precise=True)
    np.testing.assert_allclose(space.pair_distances(queries, candidates), np.take_along_axis(full, candidates.astype(int), 1), atol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_precise_distances_of_duplicates_are_zero_and_equal_distances_are_equal(kind, metric):
    rng = np.random.default_rng(2)
    vectors = np.tile(rng.normal(size=(40, 300)).astype(np.float32), (2, 1))
    distances = metric_space(kind(vectors), metric).distances(slice(0, 40), precise=True)
    np.testing.assert_array_equal(np.diag(distances[:, 40:]), 0)
    np.testing.assert_array_equal(np.diag(distances), 0)
    np.testing.assert_array_equal(distances[:, :40], distances[:, 40:])


def test_vectors_of_one_direction_are_at_cosine_distance_zero(kind):
    direction = np.random.default_rng(3).normal(size=200)
    vectors = (direction * np.arange(1, 30)[:, None]).astype(np.float64).round(3).astype(np.float32)
    exact = np.outer([1, 2, 4, 8], direction.astype(np.float32)).astype(np.float32)
    assert metric_space(kind(exact), "cosine").distances(slice(None), precise=True).max() == 0
    assert metric_space(kind(vectors), "cosine").distances(slice(None), precise=True).max() < 1e-5


def test_a_zero_row_is_at_cosine_distance_one_from_every_row_and_counted(kind):
    vectors = np.array([[0, 0], [1, 0], [0, 0], [-1, 2]], np.float32)
    space = metric_space(kind(vectors), "cosine")
    assert space.n_zero == 2
    np.testing.assert_array_equal(space.distances(np.array([0]), precise=True), [[1, 1, 1, 1]])


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(InputError, match=r"'cosin'.*'cosine'"):
        metric_space(np.ones((2, 2), np.float32), "cosin")


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_precise_distances_do_not_depend_on_how_targets_are_held(metric, monkeypatch):
    vectors = np.random.default_rng(4).normal(size=(90, 20)).astype(np.float32)
    whole = metric_space(vectors, metric).distances(np.arange(10), precise=True)
    monkeypatch.setattr("vista.metrics.space.TARGET_LIMIT_BYTES", 8 * 20 * 7)
    np.testing.assert_array_equal(metric_space(vectors, metric).distances(np.arange(10), precise=True), whole)
    np.testing.assert_array_equal(metric_space(vectors, metric).distances(np.arange(10), slice(20, 50), precise=True), whole[:, 20:50])
