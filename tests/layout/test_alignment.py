"""Layouts of the same items, made together."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from vista.artifacts import Representation
from vista.errors import InputError
from vista.layout import align, lay_out, pca_start
from vista.neighbors import find_neighbors
from vista.trust import measure_fidelity


def represented(vectors: np.ndarray) -> Representation:
    return Representation(np.ascontiguousarray(vectors, dtype=np.float32), "test", "none")


def graph_of(representation: Representation):
    return find_neighbors(representation, n_neighbors=30)


def apart(one, other) -> float:
    """Return the median distance between the two places of an item, as a share of the layouts' radius."""
    radius = np.sqrt(np.square(one.coordinates - one.coordinates.mean(axis=0)).sum(axis=1).mean())
    return float(np.median(np.linalg.norm(one.coordinates - other.coordinates, axis=1)) / radius)


def area(representation, layout) -> float:
    return measure_fidelity(representation, layout).rnx_area


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return load_digits().data[:1000]


@pytest.fixture(scope="module")
def noisy(digits):
    rng = np.random.default_rng(0)
    return [represented(digits + 0.3 * digits.std() * rng.normal(size=digits.shape)) for _ in range(2)]


def test_two_noisy_copies_end_near_each_other_at_a_small_price(noisy):
    graphs, starts = [graph_of(copy) for copy in noisy], [pca_start(copy) for copy in noisy]
    loose, close = align(graphs, starts=starts, closeness=0), align(graphs, starts=starts)
    assert apart(*close) < 0.05 < apart(*loose)
    for copy, graph, start, aligned in zip(noisy, graphs, starts, close, strict=True):
        assert area(copy, aligned) > 0.97 * area(copy, lay_out(graph, start=start))


def test_two_unrelated_representations_keep_their_own_fidelity(digits):
    pair = [represented(digits), represented(np.random.default_rng(0).permutation(digits))]
    graphs, starts = [graph_of(one) for one in pair], [pca_start(one) for one in pair]
    for one, graph, start, aligned in zip(pair, graphs, starts, align(graphs, starts=starts), strict=True):
        assert area(one, aligned) > 0.96 * area(one, lay_out(graph, start=start))


def test_a_mirrored_start_is_turned_onto_the_one_before(noisy):
    graph, start = graph_of(noisy[0]), pca_start(noisy[0])
    one, other = align([graph, graph], starts=[start, start[:, ::-1] * np.float32(-1)], closeness=0)
    assert apart(one, other) < 0.1


def test_a_series_of_one_is_a_layout_and_the_same_input_gives_the_same_bytes(noisy):
    graph, start = graph_of(noisy[0]), pca_start(noisy[0])
    (alone,) = align([graph], starts=[start])
    (again,) = align([graph], starts=[start])
    assert alone.coordinates.tobytes() == again.coordinates.tobytes()
    assert area(noisy[0], alone) == pytest.approx(area(noisy[0], lay_out(graph, start=start)), abs=0.02)
    assert alone.parameters["n_aligned"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"graphs": []}, "nothing to align"),
        ({"starts": []}, "every graph needs a start"),
        ({"closeness": 1.5}, "closeness must lie between 0 and 1"),
        ({"detail": -1}, "detail must lie between 0 and 1"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
    ],
)
def test_bad_input_is_refused_in_one_line(noisy, change, said):
    asked = {"graphs": [graph_of(noisy[0])], "starts": [pca_start(noisy[0])]} | change
    with pytest.raises(InputError, match=said):
        align(asked.pop("graphs"), **asked)


def test_graphs_of_other_items_are_refused(noisy, digits):
    few = represented(digits[:500])
    with pytest.raises(InputError, match="the same items, but the graphs have 1000 and 500"):
        align([graph_of(noisy[0]), graph_of(few)], starts=[pca_start(noisy[0]), pca_start(few)])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_items_are_aligned_too(n):
    few = [represented(np.random.default_rng(seed).normal(size=(n, 4))) for seed in range(2)]
    layouts = align([graph_of(one) for one in few], starts=[pca_start(one) for one in few])
    assert all(layout.coordinates.shape == (n, 2) and np.isfinite(layout.coordinates).all() for layout in layouts)
