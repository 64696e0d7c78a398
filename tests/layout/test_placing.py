"""New items on a layout that stands."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from vista.artifacts import Layout, NeighborGraph, Representation
from vista.errors import InputError
from vista.layout import lay_out, pca_start, place
from vista.neighbors import find_neighbors


def represented(vectors: np.ndarray) -> Representation:
    return Representation(vectors.astype(np.float32), "test", "none")


def laid_out(vectors: np.ndarray) -> Layout:
    representation = represented(vectors)
    return lay_out(find_neighbors(representation, n_neighbors=30), start=pca_start(representation))


def cosine_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (a, b)]
    return 1 - unit[0] @ unit[1].T


def nearest_known(new: np.ndarray, known: np.ndarray, k: int = 30) -> NeighborGraph:
    distances = cosine_distances(new, known)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return NeighborGraph(indices.astype(np.int32), np.take_along_axis(distances, indices, 1).astype(np.float32), "cosine", True)


def kept_neighbors(vectors: np.ndarray, places: np.ndarray, asked: np.ndarray, k: int = 10) -> float:
    """Return the share of the k nearest that the map keeps, beyond chance, over the items asked."""
    wide, flat = cosine_distances(vectors[asked], vectors), np.linalg.norm(places[asked][:, None] - places, axis=2)
    for distances in (wide, flat):
        distances[np.arange(len(asked)), asked] = np.inf
    lists = [np.argsort(distances, axis=1, kind="stable")[:, :k] for distances in (wide, flat)]
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(*lists, strict=True)])) - k / (len(vectors) - 1)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return load_digits().data


def test_items_that_were_held_out_keep_most_of_the_neighbors_that_they_keep_when_laid_out_with_the_rest(digits):
    held = np.sort(np.random.default_rng(0).choice(len(digits), 180, replace=False))
    known = np.setdiff1d(np.arange(len(digits)), held)
    layout = laid_out(digits[known])
    places = np.empty((len(digits), 2), np.float32)
    places[known], places[held] = layout.coordinates, place(nearest_known(digits[held], digits[known]), layout)
    together = kept_neighbors(digits, laid_out(digits).coordinates, held)
    assert kept_neighbors(digits, places, held) >= 0.9 * together


def test_a_place_depends_on_neither_the_other_new_items_nor_the_units_of_the_layout(digits):
    layout, new = laid_out(digits[:900]), nearest_known(digits[900:960], digits[:900])
    before = layout.coordinates.copy()
    places = place(new, layout)
    some = NeighborGraph(new.indices[7:9], new.distances[7:9], "cosine", True)
    assert (place(some, layout) == places[7:9]).all()
    doubled = Layout(2 * layout.coordinates, "given")
    assert np.allclose(place(new, doubled), 2 * places, atol=1e-4)
    assert (layout.coordinates == before).all()


def test_an_item_that_is_there_already_goes_to_its_own_place(digits):
    layout = laid_out(digits[:600])
    places = place(nearest_known(digits[:50], digits[:600]), layout)
    width = np.ptp(layout.coordinates)
    assert np.median(np.linalg.norm(places - layout.coordinates[:50], axis=1)) < 0.03 * width


@pytest.mark.parametrize("n_known", [1, 2, 5])
def test_few_known_items_are_enough(n_known):
    layout = Layout(np.arange(2 * n_known, dtype=np.float32).reshape(-1, 2), "given")
    neighbors = NeighborGraph(np.zeros((3, 1), np.int32), np.zeros((3, 1), np.float32), "cosine", True)
    assert np.isfinite(place(neighbors, layout)).all()


def test_no_new_items_are_no_places():
    layout = Layout(np.zeros((4, 2), np.float32), "given")
    assert place(NeighborGraph(np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32), "cosine", True), layout).shape == (0, 2)


@pytest.mark.parametrize(
    ("indices", "coordinates", "said"),
    [
        ([[0, 9]], np.zeros((3, 2)), "not items of this layout, which has 3"),
        ([[0, -1]], np.zeros((3, 2)), "not items of this layout"),
        ([[]], np.zeros((3, 2)), "at least one known neighbor"),
        ([[0]], np.full((3, 2), np.nan), "must be finite"),
    ],
)
def test_what_does_not_match_is_refused_in_one_line(indices, coordinates, said):
    indices = np.array(indices, np.int32).reshape(1, -1)
    with pytest.raises(InputError, match=said) as refused:
        place(NeighborGraph(indices, np.zeros(indices.shape, np.float32), "cosine", True), Layout(coordinates.astype(np.float32), "given"))
    assert "\n" not in str(refused.value)
