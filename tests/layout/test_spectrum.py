import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_digits

from vista.artifacts import NeighborGraph, Representation
from vista.errors import InputError
from vista.layout import lay_out, pca_start, spectrum
from vista.layout.spectrum import schedule_for
from vista.neighbors import find_neighbors
from vista.trust import measure_fidelity


def representation(vectors):
    return Representation(vectors if sp.issparse(vectors) else np.asarray(vectors, np.float32), "given", "none")


def laid_out(vectors, *, n_neighbors=40, **options):
    given = representation(vectors)
    graph = find_neighbors(given, n_neighbors=n_neighbors, metric="euclidean")
    return lay_out(graph, start=pca_start(given), **options).coordinates


def blobs(sizes, dim=10, far=100.0):
    rng = np.random.default_rng(1)
    return np.concatenate([rng.normal(size=(size, dim)) + far * rng.normal(size=dim) for size in sizes])


def extent_over_radius(coordinates):
    """Return how far the farthest item is from the middle, as a multiple of the median."""
    ways = np.hypot(*(coordinates - coordinates.mean(axis=0)).T)
    return ways.max() / np.median(ways)


@pytest.fixture(scope="module")
def digits():
    given = representation(load_digits().data)
    return given, find_neighbors(given, n_neighbors=40, metric="euclidean"), pca_start(given)


@pytest.fixture(scope="module")
def layout_of_digits(digits):
    _, graph, start = digits
    return lay_out(graph, start=start)


def gain_at(given, layout, k):
    fidelity = measure_fidelity(given, layout, metric="euclidean")
    return fidelity.gain[fidelity.k == k][0], fidelity.rnx_area


def test_the_layout_of_digits_keeps_what_tsne_keeps(digits, layout_of_digits):
    # openTSNE 1.0.4 with its defaults reaches 0.580 and 0.536
    gain, area = gain_at(digits[0], layout_of_digits, 10)
    assert gain > 0.575
    assert area > 0.535


@pytest.fixture(scope="module")
def many_digits():
    """Every digit four times, each with noise of its own: enough items for rank weights, turns, stretching and the field."""
    pixels = np.repeat(load_digits().data, 4, axis=0)
    given = representation(pixels + np.random.default_rng(0).normal(scale=2, size=pixels.shape))
    return given, find_neighbors(given, n_neighbors=35, metric="euclidean"), pca_start(given)


@pytest.mark.parametrize("detail", [0.0, 1.0])
def test_pulling_by_turns_keeps_what_whole_steps_keep(many_digits, detail, monkeypatch):
    given, graph, start = many_digits
    whole = lay_out(graph, start=start, detail=detail)
    monkeypatch.setattr(spectrum, "takes_turns", lambda n_items, k: True)
    by_turns = lay_out(graph, start=start, detail=detail)

    assert by_turns.parameters["alternating"] is True
    assert whole.parameters["alternating"] is False
    (gain, area), (whole_gain, whole_area) = (gain_at(given, one, 10) for one in (by_turns, whole))
    assert gain > whole_gain - 0.02
    assert area > whole_area - 0.02
    assert by_turns.coordinates.std() == pytest.approx(whole.coordinates.std(), rel=0.1)


def test_continuing_repulsion_every_second_step_keeps_what_computing_it_always_keeps(many_digits, monkeypatch):
    given, graph, start = many_digits
    continued = lay_out(graph, start=start)
    whole_schedule = replace(schedule_for(graph.n_items, 35, 1.0), repulsion_every=1)
    monkeypatch.setattr(spectrum, "schedule_for", lambda *_: whole_schedule)
    computed = lay_out(graph, start=start)

    assert (continued.parameters["repulsion_every"], computed.parameters["repulsion_every"]) == (2, 1)
    assert continued.coordinates.tobytes() != computed.coordinates.tobytes()
    (gain, area), (computed_gain, computed_area) = (gain_at(given, one, 10) for one in (continued, computed))
    assert gain > computed_gain - 0.01
    assert area > computed_area - 0.01


@pytest.mark.parametrize("k", [1, 5, 15])
def test_few_neighbors_are_pulled_whole_and_come_to_rest(many_digits, k, monkeypatch):
    monkeypatch.setattr(spectrum, "MANY_ITEMS", 5_000)
    _, graph, start = many_digits
    seen = []
    layout = lay_out(graph, start=start, n_neighbors=k, on_step=lambda done, total, places: seen.append(places))

    assert layout.parameters["alternating"] is False
    assert np.isfinite(layout.coordinates).all()
    last_way = np.linalg.norm(seen[-1] - seen[-2], axis=1)
    assert np.median(last_way) < 0.05 * np.median(np.linalg.norm(seen[-1] - seen[-1].mean(axis=0), axis=1))


def test_the_dial_goes_from_continents_to_detail(digits, layout_of_digits):
    given, graph, start = digits
    continents = lay_out(graph, start=start, detail=0.0)
    middle = lay_out(graph, start=start, detail=0.5)
    gains = [gain_at(given, one, 10)[0] for one in (continents, middle, layout_of_digits)]
    widths = [one.coordinates.std() for one in (continents, middle, layout_of_digits)]
    assert gains == sorted(gains)
    assert widths == sorted(widths)
    assert gains[0] < gains[2] - 0.05


def test_the_same_input_gives_the_same_bytes_and_another_seed_another_layout():
    vectors = blobs([300])
    assert laid_out(vectors).tobytes() == laid_out(vectors).tobytes()
    assert laid_out(vectors, seed=1).tobytes() != laid_out(vectors).tobytes()
    assert laid_out(vectors).dtype == np.float32


THREADED = """
import hashlib
import numpy as np
from vista.artifacts import NeighborGraph, Representation
from vista.layout import lay_out, pca_start, spectrum

rng = np.random.default_rng(0)
for n in (1_200, 3_000, 6_000):  # from pairs, by the field, and by turns
    spectrum.MANY_ITEMS = 5_000
    angle = np.sort(rng.random(n)) * 6
    vectors = np.stack([np.cos(angle), np.sin(angle), angle], axis=1) + rng.normal(scale=0.1, size=(n, 3))
    near = (np.arange(n)[:, None] + np.r_[1:16, -15:0]) % n
    graph = NeighborGraph(near.astype(np.int32), np.sort(rng.random((n, 30)), axis=1).astype(np.float32), "euclidean", exact=True)
    layout = lay_out(graph, start=pca_start(Representation(vectors.astype(np.float32), "given", "")))
    print(hashlib.sha256(layout.coordinates.tobytes()).hexdigest())
"""


def test_the_number_of_threads_never_shows():
    def printed(n_threads):
        environment = os.environ | {"NUMBA_NUM_THREADS": str(n_threads)}
        return subprocess.run([sys.executable, "-c", THREADED], env=environment, check=True, capture_output=True, text=True).stdout

    alone = printed(1)
    assert len(alone.split()) == 3
    assert alone == printed(2) == printed(4)


def test_coordinates_are_centered_with_the_main_axis_level(layout_of_digits):
    coordinates = layout_of_digits.coordinates.astype(np.float64)
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=1e-3)
    covariance = np.cov(coordinates.T)
    assert abs(covariance[0, 1]) < 1e-3 * covariance[0, 0]
    assert covariance[0, 0] >= covariance[1, 1]


def test_the_layout_says_how_it_was_made(layout_of_digits):
    assert layout_of_digits.method == "spectrum"
    assert layout_of_digits.parameters["detail"] == 1.0
    assert layout_of_digits.parameters["n_neighbors"] == 30
    assert all(isinstance(value, str | int | float) for value in layout_of_digits.parameters.values())


class Listening:
    """Progress that counts, and an `on_step` that keeps what it is told."""

    def __init__(self):
        self.done, self.total, self.calls = 0, 0, []

    @contextmanager
    def stage(self, title, total=None):
        self.total = total
        yield self.advance

    def advance(self, n):
        self.done += n

    def say(self, sentence):
        raise AssertionError("nothing to say")

    def on_step(self, step, n_steps, coordinates):
        self.calls.append((step, n_steps, coordinates))


@pytest.mark.parametrize("method", ["spectrum", "umap"])
def test_who_listens_is_told_the_steps_and_where_items_are_and_changes_nothing(method):
    given = representation(blobs([200, 100]))
    graph, start, listening = find_neighbors(given, n_neighbors=15), pca_start(given), Listening()
    told = lay_out(graph, start=start, method=method, progress=listening, on_step=listening.on_step)
    assert told.coordinates.tobytes() == lay_out(graph, start=start, method=method).coordinates.tobytes()
    assert listening.done == listening.total > 0
    steps = [step for step, _, _ in listening.calls]
    assert 10 <= len(steps) <= 60
    assert steps == sorted(set(steps))
    assert steps[-1] == listening.calls[-1][1] == listening.total
    late = listening.calls[-1][2]
    assert late.shape == told.coordinates.shape
    assert np.corrcoef(distances_between(late), distances_between(told.coordinates))[0, 1] > 0.9


def distances_between(coordinates):
    return np.hypot(*(coordinates[::7, None] - coordinates[None, ::7]).transpose(2, 0, 1)).ravel()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 40])
@pytest.mark.parametrize("kind", ["normal", "identical", "zero", "on a line"])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_any_number_of_any_items_has_finite_distinct_places(n, kind, form):
    vectors = np.random.default_rng(n).normal(size=(n, 6)).astype(np.float32)
    if kind == "identical":
        vectors[:] = vectors[0]
    if kind == "zero":
        vectors[:] = 0
    if kind == "on a line":
        vectors = np.outer(np.arange(n), vectors[0]).astype(np.float32)
    coordinates = laid_out(form(vectors))
    assert coordinates.shape == (n, 2)
    assert np.isfinite(coordinates).all()
    assert len(np.unique(coordinates, axis=0)) == n


@pytest.mark.parametrize("sizes", [[900, 45, 45, 50], [300] * 5, [45] * 20], ids=["one large", "equal", "small"])
@pytest.mark.parametrize("detail", [0.0, 1.0])
def test_pieces_without_edges_between_them_stay_together(sizes, detail):
    coordinates = laid_out(blobs(sizes), detail=detail)
    group = np.repeat(np.arange(len(sizes)), sizes)
    assert np.isfinite(coordinates).all()
    assert extent_over_radius(coordinates) < 4
    apart = ((coordinates[:, None] - coordinates) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).mean() > 0.99


def test_copies_of_an_item_lie_together():
    vectors = np.repeat(np.random.default_rng(2).normal(size=(150, 8)), 20, axis=0)
    coordinates = laid_out(vectors).reshape(150, 20, 2)
    spread_inside = np.median(coordinates.std(axis=1))
    assert spread_inside < 0.2 * coordinates.reshape(-1, 2).std()
    assert extent_over_radius(coordinates.reshape(-1, 2)) < 4


def test_hubs_do_not_overshoot():
    n, k = 1_000, 15
    indices = np.tile(np.arange(k, dtype=np.int32), (n, 1))  # all are drawn to the same few
    indices[:k] = [[j for j in range(k + 1) if j != i] for i in range(k)]
    graph = NeighborGraph(indices, np.ones((n, k), np.float32), "cosine", exact=True)
    coordinates = lay_out(graph, start=np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)).coordinates
    assert np.isfinite(coordinates).all()
    assert extent_over_radius(coordinates) < 4


def test_only_the_first_columns_of_the_graph_are_used(digits):
    start = digits[2]
    few = slice(0, 400)
    narrow = find_neighbors(representation(load_digits().data[few]), n_neighbors=12, metric="euclidean")
    wide = find_neighbors(representation(load_digits().data[few]), n_neighbors=30, metric="euclidean")
    first, second = (lay_out(one, start=start[few], n_neighbors=12) for one in (narrow, wide))
    assert first.coordinates.tobytes() == second.coordinates.tobytes()
    assert first.parameters["n_neighbors"] == 12


def test_attraction_falls_and_the_dial_says_to_what():
    for detail in (0.0, 0.3, 1.0):
        schedule = schedule_for(20_000, 35, detail)
        alphas = [schedule.alpha(step) for step in range(schedule.n_steps)]
        assert alphas == sorted(alphas, reverse=True)
        assert alphas[-1] == schedule.last_alpha
    assert schedule_for(20_000, 35, 0.0).last_alpha == 4.0


def valid_graph():
    return find_neighbors(representation(np.random.default_rng(0).normal(size=(12, 3))), n_neighbors=4)


def with_index(value):
    indices = valid_graph().indices.copy()
    indices[7, 2] = value
    return NeighborGraph(indices, valid_graph().distances, "cosine", exact=True)


def with_distance(value):
    distances = valid_graph().distances.copy()
    distances[7, 2] = value
    return NeighborGraph(valid_graph().indices, distances, "cosine", exact=True)


def of_types(indices, distances):
    return NeighborGraph(valid_graph().indices.astype(indices), valid_graph().distances.astype(distances), "cosine", exact=True)


WRONG_GRAPHS = {
    "missing": (with_index(-1), "item 7.*-1"),
    "beyond": (with_index(12), "item 7.*12"),
    "self": (with_index(7), "item 7.*itself"),
    "twice": (with_index(valid_graph().indices[7, 0]), "item 7.*twice"),
    "negative": (with_distance(-0.5), "item 7.*-0.5"),
    "not a number": (with_distance(np.nan), "item 7.*nan"),
    "infinite": (with_distance(np.inf), "item 7.*inf"),
    "float indices": (of_types(np.float32, np.float32), "integers"),
    "whole distances": (of_types(np.int32, np.int32), "floats"),
    "flat": (NeighborGraph(np.zeros(12, np.int32), np.zeros(12, np.float32), "cosine", exact=True), "arrays"),
    "empty": (NeighborGraph(np.zeros((12, 0), np.int32), np.zeros((12, 0), np.float32), "cosine", exact=True), "empty"),
}


@pytest.mark.parametrize("name", WRONG_GRAPHS)
@pytest.mark.parametrize("method", ["spectrum", "umap"])
def test_a_graph_that_cannot_be_used_is_refused(name, method):
    graph, message = WRONG_GRAPHS[name]
    with pytest.raises(InputError, match=message) as error:
        lay_out(graph, start=np.zeros((12, 2), np.float32), method=method)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "spectral"}, r"'spectral'.*'spectrum'"),
        ({"detail": -0.1}, "detail"),
        ({"detail": 1.5}, "detail"),
        ({"detail": float("nan")}, "detail"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"n_neighbors": 5}, "holds only 4 neighbors"),
        ({"min_dist": 0.1}, "min_dist is no option"),
        ({"n_epochs": 10}, "n_epochs is no option"),
        ({"method": "umap", "detail": 0.5}, "detail is no option"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"start": np.zeros((3, 2), np.float32)}, "shape"),
        ({"start": np.full((12, 2), np.nan, np.float32)}, "finite"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        lay_out(valid_graph(), **({"start": np.zeros((12, 2), np.float32)} | options))
