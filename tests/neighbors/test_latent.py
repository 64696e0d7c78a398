import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from vista.artifacts import Layout, Representation
from vista.errors import InputError
from vista.metrics import LatentMetric, metric_space
from vista.neighbors import find_neighbors
from vista.trust import measure_fidelity


def codes(n, dim=200, seed=0):
    """Make rows like a sparse autoencoder's: topics with latents of their own, some latents in most rows."""
    rng = np.random.default_rng(seed)
    topics = rng.random((25, dim)) < 0.1
    used = (rng.random((n, dim)) < 0.6) & topics[rng.integers(0, 25, n)]
    used[:, :8] |= rng.random((n, 8)) < 0.7
    return (rng.exponential(size=(n, dim)) * used).astype(np.float32)


def activations_of(vectors, latent=3):
    return vectors[:, latent].astype(np.float64)


def given(vectors):
    return Representation(vectors, "given", "none")


def brute_neighbors(vectors, metric, k):
    distances = metric_space(vectors, metric).distances(slice(None), precise=True)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.array([row[row != i][:k] for i, row in enumerate(order)]), distances


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize("scale", ["max", "rank", "log"])
@pytest.mark.parametrize("transform", ["linear", "sqrt", "saturating"])
def test_exact_neighbors_are_those_of_brute_force_with_ties_by_row(kind, scale, transform):
    vectors = codes(400)
    vectors[50:60] = vectors[50]
    metric = LatentMetric(activations_of(vectors), 0.8, scale=scale, transform=transform)
    graph = find_neighbors(given(kind(vectors)), metric=metric, n_neighbors=12)
    expected, distances = brute_neighbors(kind(vectors), metric, 12)
    assert graph.exact
    assert graph.metric == "latent"
    np.testing.assert_array_equal(graph.indices, expected)
    np.testing.assert_array_equal(graph.distances, np.take_along_axis(distances, expected, axis=1))


def test_weight_zero_is_cosine_and_a_large_weight_goes_by_activation():
    vectors = codes(500)
    activations = np.random.default_rng(1).exponential(size=500)
    none = find_neighbors(given(vectors), metric=LatentMetric(activations, 0))
    cosine = find_neighbors(given(vectors), metric="cosine")
    np.testing.assert_array_equal(none.indices, cosine.indices)
    np.testing.assert_array_equal(none.distances, cosine.distances)
    all_weight = find_neighbors(given(vectors), metric=LatentMetric(activations, 1e6), n_neighbors=1)
    apart = np.abs(activations[:, None] - activations) + np.diag(np.full(500, np.inf))
    assert (all_weight.indices[:, 0] == apart.argmin(axis=1)).mean() > 0.98


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize("transform", ["linear", "sqrt", "saturating"])
@pytest.mark.parametrize("weight", [0.3, 5])
def test_the_approximate_search_takes_candidates_from_both_terms(kind, transform, weight):
    vectors = codes(2500)
    metric = LatentMetric(activations_of(vectors), weight, transform=transform)
    found = find_neighbors(given(kind(vectors)), metric=metric, exact=False)
    truth = find_neighbors(given(kind(vectors)), metric=metric, exact=True)
    assert not found.exact
    assert found.recall >= 0.95
    assert (found.distances <= truth.distances[:, -1:]).mean() == pytest.approx(found.recall, abs=0.02)
    same = found.indices == truth.indices
    np.testing.assert_array_equal(found.distances[same], truth.distances[same])


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_matrix])
def test_fidelity_is_measured_in_the_latent_metric(kind):
    vectors = codes(300)
    activations = np.random.default_rng(2).exponential(size=300)
    coordinates = np.column_stack((activations, np.zeros(300))).astype(np.float32)
    layout = Layout(coordinates, "given")
    by_activation = measure_fidelity(given(kind(vectors)), layout, metric=LatentMetric(activations, 1e6))
    by_cosine = measure_fidelity(given(kind(vectors)), layout, metric="cosine")
    assert by_activation.metric == "latent"
    assert by_activation.rnx_area > 0.98
    assert by_cosine.rnx_area < 0.2


def test_what_does_not_fit_is_refused():
    vectors = codes(30)
    with pytest.raises(InputError, match="30 items"):
        find_neighbors(given(vectors), metric=LatentMetric(np.ones(29)))
    with pytest.raises(InputError, match="weight"):
        find_neighbors(given(vectors), metric=LatentMetric(np.ones(30), -0.1))
    for seed in (-1, 0.5):
        with pytest.raises(InputError, match=f"seed.*{seed}"):
            find_neighbors(given(vectors), seed=seed)


MANY_WAYS = """
import hashlib
import numpy as np
import scipy.sparse as sp
from vista.artifacts import Representation
from vista.metrics import LatentMetric
from vista.neighbors import find_neighbors

rng = np.random.default_rng(0)
vectors = (rng.exponential(size=(1500, 1100)) * (rng.random((1500, 1100)) < np.geomspace(0.6, 0.01, 1100))).astype(np.float32)
digest = hashlib.sha256()
for metric in ("cosine", LatentMetric(vectors[:, 0], 0.5, transform="sqrt")):
    for exact in (False, True):
        graph = find_neighbors(Representation(sp.csr_matrix(vectors), "given", "none"), exact=exact, metric=metric)
        digest.update(graph.indices.tobytes() + graph.distances.tobytes() + str(graph.recall).encode())
print(digest.hexdigest())
"""


def digest(n_threads):
    environment = os.environ | {"NUMBA_NUM_THREADS": str(n_threads), "OPENBLAS_NUM_THREADS": str(n_threads)}
    return subprocess.run([sys.executable, "-c", MANY_WAYS], env=environment, capture_output=True, text=True, check=True).stdout


def test_the_number_of_threads_shows_in_no_byte_of_a_sparse_graph():
    assert digest(1) == digest(2) == digest(4)
