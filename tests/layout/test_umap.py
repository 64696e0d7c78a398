import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_digits

from vista.artifacts import NeighborGraph, Representation
from vista.errors import InputError
from vista.layout import lay_out, pca_start
from vista.layout.affinities import fuzzy_affinities
from vista.layout.umap import affinity_shape
from vista.neighbors import find_neighbors


def representation(vectors):
    return Representation(vectors if sp.issparse(vectors) else np.asarray(vectors, np.float32), "given", "none")


def laid_out(vectors, *, n_neighbors=15, **options):
    given = representation(vectors)
    return lay_out(
        find_neighbors(given, n_neighbors=n_neighbors, metric="euclidean"), start=pca_start(given), **({"method": "umap"} | options)
    )


@pytest.fixture(scope="module")
def digits():
    given = representation(load_digits().data[:1000])
    return given, find_neighbors(given, n_neighbors=40, metric="euclidean"), pca_start(given)


@pytest.fixture(scope="module")
def umap():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap.umap_

        return umap.umap_


def with_self(graph, k):
    """Return the graph as umap-learn wants it: every item is its own first neighbor."""
    indices = np.c_[np.arange(graph.n_items), graph.indices[:, :k]]
    return indices, np.c_[np.zeros(graph.n_items), graph.distances[:, :k]].astype(np.float32)


def gain_at_10(graph, coordinates):
    distances = ((coordinates[:, None] - coordinates[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    drawn = np.argsort(distances, axis=1)[:, :10]
    shared = [len(set(a) & set(b)) for a, b in zip(drawn.tolist(), graph.indices[:, :10].tolist(), strict=True)]
    return np.mean(shared) / 10 - 10 / (len(coordinates) - 1)


def test_affinities_equal_those_of_umap_learn(digits, umap):
    given, graph, _ = digits
    indices, distances = with_self(graph, 15)
    theirs = umap.fuzzy_simplicial_set(given.vectors, 16, np.random.RandomState(0), "euclidean", knn_indices=indices, knn_dists=distances)[
        0
    ]
    ours = fuzzy_affinities(graph, 15)
    assert ours.nnz == theirs.nnz
    assert abs(ours - theirs).max() < 1e-5


def test_the_shape_of_the_affinity_equals_that_of_umap_learn(umap):
    for min_dist, spread in [(0.1, 1.0), (0.0, 1.0), (0.5, 2.0)]:
        np.testing.assert_allclose(affinity_shape(min_dist, spread), umap.find_ab_params(spread, min_dist), rtol=1e-6)


def test_the_layout_keeps_neighbors_as_well_as_umap_learn(digits, umap):
    _, graph, start = digits
    indices, distances = with_self(graph, 15)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = umap.UMAP(n_neighbors=16, init=start.copy(), precomputed_knn=(indices, distances), random_state=0, n_epochs=500)
        theirs = gain_at_10(graph, model.fit_transform(digits[0].vectors))
    ours = gain_at_10(graph, lay_out(graph, start=start, method="umap").coordinates)
    assert ours == pytest.approx(theirs, abs=0.03)
    assert ours > 0.4


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_layout(digits):
    _, graph, start = digits
    first, second, third = (lay_out(graph, start=start, method="umap", n_epochs=30, seed=seed).coordinates for seed in (3, 3, 4))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != third.tobytes()
    assert first.dtype == np.float32


def test_progress_does_not_change_the_layout_and_is_told_every_epoch(digits):
    _, graph, start = digits

    class Counting:
        done = 0

        def stage(self, title, total=None):
            from contextlib import contextmanager

            @contextmanager
            def stage():
                yield self.advance

            assert total == 35
            return stage()

        def advance(self, n):
            self.done += n

        def say(self, sentence):
            raise AssertionError("nothing to say")

    counting = Counting()
    told = lay_out(graph, start=start, method="umap", n_epochs=35, progress=counting)
    assert counting.done == 35
    assert told.coordinates.tobytes() == lay_out(graph, start=start, method="umap", n_epochs=35).coordinates.tobytes()


def test_only_the_first_columns_of_the_graph_are_used(digits):
    _, graph, start = digits
    narrow = NeighborGraph(graph.indices[:, :15], graph.distances[:, :15], graph.metric, exact=True)
    wide_layout, narrow_layout = (
        lay_out(graph, start=start, method="umap", n_epochs=20),
        lay_out(narrow, start=start, method="umap", n_epochs=20),
    )
    assert wide_layout.coordinates.tobytes() == narrow_layout.coordinates.tobytes()
    expected = {"n_neighbors": 15, "min_dist": 0.1, "spread": 1.0, "n_epochs": 20, "negative_sample_rate": 5}
    assert wide_layout.parameters == expected
    assert wide_layout.method == "umap"


def test_groups_far_apart_stay_apart():
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 60)
    coordinates = laid_out(rng.normal(size=(180, 8)) + 30 * np.eye(8)[group]).coordinates
    centers = np.stack([coordinates[group == g].mean(axis=0) for g in range(3)])
    nearest = ((coordinates[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, group)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
@pytest.mark.parametrize("kind", ["normal", "identical", "zero", "on a line"])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_any_number_of_any_items_has_finite_coordinates(n, kind, form):
    vectors = np.random.default_rng(n).normal(size=(n, 6)).astype(np.float32)
    if kind == "identical":
        vectors[:] = vectors[0]
    if kind == "zero":
        vectors[:] = 0
    if kind == "on a line":
        vectors = np.outer(np.arange(n), vectors[0]).astype(np.float32)
    layout = laid_out(form(vectors), n_epochs=60)
    assert layout.coordinates.shape == (n, 2)
    assert np.isfinite(layout.coordinates).all()
    assert len(np.unique(layout.coordinates, axis=0)) == n


def test_a_start_that_has_all_items_on_one_place_is_spread_out(digits):
    _, graph, start = digits
    coordinates = lay_out(graph, start=np.zeros_like(start), method="umap", n_epochs=100).coordinates
    assert np.isfinite(coordinates).all()
    assert coordinates.std() > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "umpa"}, r"'umpa'.*'umap'"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"min_dist": 2.0}, "min_dist"),
        ({"min_dist": float("nan")}, "min_dist"),
        ({"spread": 0.0}, "spread"),
        ({"n_epochs": 0}, "n_epochs"),
        ({"start": np.zeros((3, 2), np.float32)}, "shape"),
        ({"start": np.full((5, 2), np.nan, np.float32)}, "finite"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(options, message):
    graph = find_neighbors(representation(np.eye(5)))
    with pytest.raises(InputError, match=message):
        lay_out(graph, **({"method": "umap", "start": np.zeros((5, 2), np.float32)} | options))
