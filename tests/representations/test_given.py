from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vista.errors import InputError
from vista.metrics import metric_space
from vista.representations import given


def test_numbers_of_any_kind_become_float32():
    representation = given(np.arange(6).reshape(3, 2))
    assert representation.vectors.dtype == np.float32
    assert representation.vectors.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert (representation.encoder, representation.space) == ("given", None)


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.coo_matrix, sp.csc_array])
def test_sparse_vectors_stay_sparse_rows_without_touching_the_given_matrix(form):
    dense = np.array([[0, 2, 0], [1, 0, 3]], dtype=np.float64)
    matrix = form(dense)
    representation = given(matrix)
    assert representation.vectors.format == "csr"
    assert representation.vectors.dtype == np.float32
    assert representation.vectors.toarray().tolist() == dense.tolist()
    assert matrix.dtype == np.float64


@pytest.mark.parametrize("wrap", [np.asarray, sp.csr_matrix])
def test_zero_vectors_are_kept_counted_and_said(wrap):
    vectors = np.array([[0, 0], [1, 0], [0, 0], [0, 0]], dtype=np.float32)
    assert given(wrap(vectors)).notes == ("3 vectors are zero: cosine puts a zero vector at distance 1 from every other",)
    assert given(wrap(vectors[:2])).notes[0].startswith("1 vector is zero")
    assert given(wrap(vectors), metric="euclidean").notes == ("3 vectors are zero",)
    assert given(wrap(vectors[1:2])).notes == ()
    assert given(wrap(vectors)).n_items == 4


def test_stored_zeros_of_a_sparse_matrix_count_as_zero():
    stored = sp.csr_matrix((np.array([0.0, 1.0]), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 3))
    assert given(stored).notes[0].startswith("1 vector is zero")


@pytest.mark.parametrize("wrap", [np.asarray, sp.csr_matrix])
def test_rows_with_nan_or_infinity_are_refused_by_number(wrap):
    vectors = np.ones((9, 3))
    vectors[[1, 4], [2, 0]] = np.nan, -np.inf
    vectors[7] = 1e300  # beyond float32
    with pytest.raises(InputError, match=r"3 of 9 vectors hold NaN or infinity \(rows 1, 4, 7, from 0\)"):
        given(wrap(vectors))


@pytest.mark.parametrize("wrap", [np.asarray, sp.csr_matrix])
def test_rows_with_values_too_large_to_square_are_refused_by_number(wrap):
    vectors = np.ones((9, 3))
    vectors[[2, 6], [2, 0]] = 1e16, -1e30
    with pytest.raises(InputError, match=r"2 of 9 vectors hold values beyond ±1e15, .* \(rows 2, 6, from 0\); rescale them"):
        given(wrap(vectors))


def test_the_largest_values_that_are_taken_can_be_measured():
    vectors = 1e15 * np.random.default_rng(0).uniform(-1, 1, (40, 100))
    vectors[0], vectors[1] = 1e15, -1e15
    space = metric_space(given(vectors).vectors, "euclidean")
    for precise in (False, True):
        assert space.distances(np.array([0]), np.array([1]), precise=precise)[0, 0] == pytest.approx(2e16, rel=1e-6)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones(3), "matrix with one row an item"),
        (np.array([["a", "b"]]), "real numbers"),
        (np.ones((2, 2)) * 1j, "real numbers"),
        (np.ones((0, 3)), "at least one item"),
        (np.ones((3, 0)), "at least one item"),
        ([[1.0, 2.0]], "not list"),
    ],
)
def test_what_is_not_a_matrix_of_numbers_is_refused(vectors, message):
    with pytest.raises(InputError, match=message):
        given(vectors)


def test_the_fingerprint_follows_the_content():
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    changed = vectors.copy()
    changed[4, 2] += 1e-3
    assert given(vectors).fingerprint == given(np.asfortranarray(vectors)).fingerprint
    assert given(vectors).fingerprint != given(changed).fingerprint
    assert given(vectors).fingerprint != given(vectors.reshape(3, 5)).fingerprint
    unsorted = sp.coo_matrix(([2.0, 1.0], ([0, 0], [2, 0])), shape=(1, 3))
    assert given(unsorted).fingerprint == given(sp.csr_matrix([[1.0, 0.0, 2.0]])).fingerprint
