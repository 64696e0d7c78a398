import os
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import scipy.sparse as sp

from vista.artifacts import Representation
from vista.neighbors import find_neighbors
from vista.neighbors.approximate import RECALL_QUERIES


def clustered(n, dim, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(40, dim))[rng.integers(0, 40, n)] + 0.7 * rng.normal(size=(n, dim))).astype(np.float32)


def search(vectors, **options):
    return find_neighbors(Representation(vectors, "given", "none"), **options)


def true_recall(found, truth, k=15):
    return float((found.distances[:, :k] <= truth.distances[:, k - 1 : k]).mean())


@pytest.fixture(scope="module")
def dense():
    vectors = clustered(3000, 60)
    vectors[100:110] = vectors[100]
    return vectors, search(vectors, exact=False, n_neighbors=20), search(vectors, exact=True, n_neighbors=20)


def test_an_approximate_graph_says_so_and_its_recall_at_15_holds_for_all_items(dense):
    _, found, truth = dense
    assert not found.exact
    assert found.recall_queries == RECALL_QUERIES
    assert found.recall >= 0.95
    assert true_recall(found, truth) == pytest.approx(found.recall, abs=0.02)


def test_an_approximate_graph_has_the_distances_of_the_exact_search_in_order_and_no_item_as_its_own_neighbor(dense):
    vectors, found, truth = dense
    wide = vectors.astype(np.float64)
    unit = wide / np.linalg.norm(wide, axis=1)[:, None]
    np.testing.assert_allclose(found.distances, 1 - np.einsum("id,ikd->ik", unit, unit[found.indices]), atol=1e-6)
    same = found.indices == truth.indices
    assert same.mean() > 0.5
    np.testing.assert_array_equal(found.distances[same], truth.distances[same])
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert (found.indices != np.arange(3000)[:, None]).all()
    assert all(len(set(row)) == 20 for row in found.indices.tolist())


def test_exact_duplicates_are_neighbors_in_an_approximate_graph(dense):
    _, found, _ = dense
    assert set(found.indices[100, :9].tolist()) == set(range(101, 110))
    assert found.distances[100, :9].max() == 0


def test_the_same_seed_gives_the_same_approximate_graph(dense):
    vectors, found, _ = dense
    again = search(vectors, exact=False, n_neighbors=20)
    np.testing.assert_array_equal(again.indices, found.indices)
    np.testing.assert_array_equal(again.distances, found.distances)
    assert again.recall == found.recall


@pytest.mark.parametrize("far", [0, 300])
def test_the_euclidean_metric_is_searched_as_well_however_far_the_data_are_from_the_origin(far):
    vectors = clustered(2500, 40) + far
    found, truth = search(vectors, exact=False, metric="euclidean"), search(vectors, exact=True, metric="euclidean")
    assert not found.exact
    assert true_recall(found, truth) >= 0.95
    same = found.indices == truth.indices
    np.testing.assert_array_equal(found.distances[same], truth.distances[same])


@pytest.fixture(scope="module")
def without_clusters():
    vectors = np.random.default_rng(5).normal(size=(7000, 300)).astype(np.float32)
    return vectors, search(vectors, exact=True)


def test_data_without_clusters_are_searched_exactly_after_all_if_that_is_possible(without_clusters):
    vectors, truth = without_clusters
    found = search(vectors, exact=False)
    assert found.exact
    np.testing.assert_array_equal(found.indices, truth.indices)


def test_many_items_without_clusters_are_met_with_great_effort(without_clusters, monkeypatch):
    monkeypatch.setattr("vista.neighbors.approximate.EXACT_AFTER_ALL_ITEMS", 1000)
    vectors, truth = without_clusters
    found = search(vectors, exact=False)
    assert not found.exact
    assert found.recall >= 0.95
    assert true_recall(found, truth) >= 0.93


def test_a_recall_that_stays_low_is_told_as_it_is(dense, monkeypatch):
    from vista.neighbors import approximate

    monkeypatch.setattr(approximate, "EXACT_AFTER_ALL_ITEMS", 1000)
    monkeypatch.setattr(approximate, "EFFORTS", (approximate.Effort(0.2, 1, 0),))
    monkeypatch.setattr(approximate, "GREAT_EFFORTS", (approximate.Effort(0.3, 1, 0),))
    vectors, _, truth = dense
    found = search(vectors, exact=False)
    assert found.recall < 0.9
    assert true_recall(found, truth) == pytest.approx(found.recall, abs=0.03)


def test_thousands_of_duplicates_do_not_break_the_search():
    vectors = clustered(6000, 40)
    vectors[1000:5000] = vectors[1000]
    found = search(vectors, exact=False)
    assert not found.exact
    assert found.distances[1000:5000].max() == 0
    assert all(len({i, *row}) == 16 for i, row in enumerate(found.indices.tolist()))
    truth = search(vectors, exact=True)
    alone = np.r_[0:1000, 5000:6000]
    assert (found.distances[alone] <= truth.distances[alone, -1:]).mean() >= 0.95


def test_items_of_which_all_but_one_are_zero_have_distance_one():
    vectors = np.zeros((1200, 30), np.float32)
    vectors[7] = 1
    found = search(vectors, exact=False)
    assert found.indices.min() >= 0
    np.testing.assert_array_equal(found.distances, 1)


def test_sparse_rows_are_searched_approximately_too():
    vectors = sp.csr_matrix(np.maximum(clustered(2000, 60), 0) * (np.random.default_rng(1).random((2000, 60)) < 0.4), dtype=np.float32)
    found, truth = search(vectors, exact=False), search(vectors, exact=True)
    assert not found.exact
    assert true_recall(found, truth) >= 0.94
    same = found.indices == truth.indices
    np.testing.assert_array_equal(found.distances[same], truth.distances[same])


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_half_precision_that_is_mapped_from_a_file_gives_the_graph_of_the_same_numbers_in_memory(tmp_path, metric):
    half = clustered(1500, 24).astype(np.float16)
    np.save(tmp_path / "half.npy", half)
    mapped = np.load(tmp_path / "half.npy", mmap_mode="r")
    for exact in (False, True):
        found = search(mapped, exact=exact, metric=metric)
        expected = search(half.astype(np.float32), exact=exact, metric=metric)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_array_equal(found.distances, expected.distances)


def test_progress_is_told_to_its_end(dense):
    told = []

    class Listener:
        @contextmanager
        def stage(self, title, total=None):
            told.append([total, 0])
            yield lambda n: told[-1].__setitem__(1, told[-1][1] + n)

        def say(self, sentence):
            raise AssertionError(sentence)

    search(dense[0], exact=False, progress=Listener())
    assert told
    assert all(total == done > 0 for total, done in told)


def test_data_too_small_for_an_approximate_search_are_searched_exactly():
    assert search(clustered(50, 4), exact=False).exact


@pytest.mark.parametrize("rows_of_a_tile", [1, 7])
def test_visitors_of_a_cell_that_do_not_fit_into_one_tile_are_not_forgotten(monkeypatch, dense, rows_of_a_tile):
    whole = search(dense[0], exact=False)
    monkeypatch.setattr("vista.neighbors.scan.PRODUCT_ROWS", rows_of_a_tile)
    found = search(dense[0], exact=False)
    assert np.mean(found.indices == whole.indices) > 0.999  # a product of another shape rounds otherwise


def test_by_default_many_items_are_searched_approximately(monkeypatch, dense):
    monkeypatch.setattr("vista.neighbors.search.EXACT_LIMIT_ITEMS", 1000)
    assert not search(dense[0]).exact


MANY_WAYS = """
import hashlib
import numpy as np
from vista.artifacts import Representation
from vista.neighbors import find_neighbors

vectors = np.random.default_rng(0).normal(size=(2000, 300)).astype(np.float32)
digest = hashlib.sha256()
for metric in ("cosine", "euclidean"):
    graph = find_neighbors(Representation(vectors, "given", "none"), exact=False, metric=metric)
    digest.update(graph.indices.tobytes() + graph.distances.tobytes() + str(graph.recall).encode())
print(digest.hexdigest())
"""


def digest(n_threads):
    environment = os.environ | {"NUMBA_NUM_THREADS": str(n_threads), "OPENBLAS_NUM_THREADS": str(n_threads)}
    return subprocess.run([sys.executable, "-c", MANY_WAYS], env=environment, capture_output=True, text=True, check=True).stdout


def test_the_number_of_threads_shows_in_no_byte_of_an_approximate_graph():
    assert digest(1) == digest(2) == digest(4)
