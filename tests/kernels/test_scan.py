"""Every kernel of the approximate search gives what its slow twin gives."""

import numpy as np
import pytest
import scipy.sparse as sp

from vista.kernels import nearest, reference, scan
from vista.metrics.space import read_only


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def empty_hits(n, room):
    return np.zeros((n, room), np.int32), np.empty((n, room), np.float32), np.zeros(n, np.int32), np.full(n, np.inf, np.float32)


@pytest.mark.parametrize("n_columns", [5, 32, 33, 700])
def test_keep_hits_and_trim_lists(rng, n_columns):
    closeness, shifts = rng.normal(size=(8, n_columns)).astype(np.float32), rng.normal(size=n_columns).astype(np.float32)
    places, remoteness, counts, worst = empty_hits(10, 2 * 9 + 32)
    lists = np.array([3, 0, 9, 1, 2, 4, 8, 5], np.int32)
    half = n_columns // 2
    for part in (slice(0, half), slice(half, n_columns)):
        scan.keep_hits(closeness[:, part].copy(), shifts[part], part.start, lists, 9, places, remoteness, counts, worst)
    scan.trim_lists(9, places, remoteness, counts)
    found = [set(places[row, : counts[row]].tolist()) for row in lists]
    assert found == reference.keep_hits(closeness, shifts, 9)
    for i, row in enumerate(lists):
        np.testing.assert_array_equal(remoteness[row, : counts[row]], (shifts - closeness[i])[places[row, : counts[row]]])
    assert counts[[6, 7]].tolist() == [0, 0]


@pytest.mark.parametrize("n_values", [1, 2, 3])
def test_hits_among_many_equal_values_are_as_near_as_any(rng, n_values):
    closeness = rng.integers(0, n_values, (4, 900)).astype(np.float32)
    places, remoteness, counts, worst = empty_hits(4, 2 * 20 + 32)
    scan.keep_hits(closeness, np.zeros(900, np.float32), 0, np.arange(4, dtype=np.int32), 20, places, remoteness, counts, worst)
    scan.trim_lists(20, places, remoteness, counts)
    np.testing.assert_array_equal(np.sort(remoteness[:, :20], axis=1), np.sort(-closeness, axis=1)[:, :20])
    assert all(len(set(row[:20].tolist())) == 20 for row in places)


def some_lists(rng, n, k):
    lists = np.array([rng.choice(np.delete(np.arange(n), i), k, replace=False) for i in range(n)], np.int32)
    lists[5, 3:] = -1
    return lists


def test_gather_candidates_and_reverse_neighbors(rng):
    lists = some_lists(rng, 60, 6)
    reverse = np.empty((60, 3), np.int32)
    scan.reverse_neighbors(lists, 4, np.zeros(60, np.int32), reverse)
    assert [[item for item in row if item >= 0] for row in reverse.tolist()] == reference.reverse_neighbors(lists, 4, 3)
    candidates, counts = np.zeros((60, 60), np.int32), np.zeros(60, np.int32)
    stamps = np.full(60, -1, np.int32)
    for first in (0, 25):
        last = 25 if first == 0 else 60
        scan.gather_candidates(lists, 4, reverse, first, stamps, candidates[first:last], counts[first:last])
    found = [set(row[:count].tolist()) for row, count in zip(candidates, counts, strict=True)]
    assert found == reference.gather_candidates(lists, 4, reverse)
    assert [len(row) for row in found] == counts.tolist()


def test_pair_remoteness_of_dense_and_sparse_rows(rng):
    rows = rng.normal(size=(30, 9)).astype(np.float32) * (rng.random((30, 9)) < 0.5)
    shifts = rng.normal(size=30).astype(np.float32)
    candidates = rng.integers(0, 30, (12, 7)).astype(np.int32)
    counts = np.full(12, 7, np.int32)
    expected = reference.pair_remoteness(rows, shifts, candidates)
    dense, sparse = np.empty((2, 12, 7), np.float32)
    scan.pair_remoteness(rows, shifts, 0, candidates, counts, dense)
    matrix = sp.csr_matrix(rows)
    parts, room = (matrix.data, matrix.indices, matrix.indptr.astype(np.int64)), np.zeros(9, np.float32)
    for first in (0, 5):
        block = slice(first, 5 if first == 0 else 12)
        scan.pair_remoteness_csr(*parts, shifts, first, candidates[block], counts[block], room, sparse[block])
    np.testing.assert_allclose(dense, expected, atol=1e-6)
    np.testing.assert_allclose(sparse, expected, atol=1e-6)


def test_keep_nearest(rng):
    candidates = np.array([rng.permutation(30)[:20] for _ in range(12)], np.int32)
    values = rng.normal(size=(12, 20)).astype(np.float32)
    items, remoteness = np.full((12, 5), -1, np.int32), np.full((12, 5), np.inf, np.float32)
    for block in (slice(0, 4), slice(4, 12)):
        counts = np.full(block.stop - block.start, 20, np.int32)
        scan.keep_nearest(block.start, candidates[block], counts, values[block], items[block], remoteness[block])
    np.testing.assert_array_equal(items, reference.keep_nearest(candidates, values, 5))
    assert (np.diff(remoteness, axis=1) >= 0).all()


def test_sort_lists(rng):
    indices = np.array([rng.permutation(50)[:12] for _ in range(20)], np.int32)
    distances = rng.integers(0, 4, (20, 12)).astype(np.float32)
    expected = reference.sort_lists(indices, distances)
    found = nearest.nearest_first(indices, distances)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_gather_scaled(rng):
    vectors, scales, order = rng.normal(size=(30, 7)).astype(np.float32), rng.random(30), rng.permutation(30)
    rows = np.empty((30, 7), np.float32)
    for start, stop in ((0, 11), (11, 30)):
        scan.gather_scaled(read_only(vectors), scales, order, rows, start, stop)
    np.testing.assert_array_equal(rows, reference.gather_scaled(vectors, scales, order).astype(np.float32))


def test_unit_rows_in_steps_are_as_near_as_the_rows(rng):
    vectors, order = rng.normal(size=(30, 19)).astype(np.float32), rng.permutation(30)
    vectors[3] = np.eye(19, dtype=np.float32)[0]
    scales, steps_a_unit = 1 / np.linalg.norm(vectors.astype(np.float64), axis=1), 2.0**15 - 1
    steps = np.empty((30, 19), np.int16)
    for start, stop in ((0, 11), (11, 30)):
        scan.gather_steps(read_only(vectors), scales, order, steps_a_unit, steps, start, stop)
    rows = reference.gather_scaled(vectors, scales, order)
    np.testing.assert_array_equal(steps, reference.in_steps(rows, steps_a_unit))
    candidates, remoteness = rng.integers(0, 30, (12, 7)).astype(np.int32), np.empty((12, 7), np.float32)
    candidates[:, 0] = np.arange(12)
    for block in (slice(0, 5), slice(5, 12)):
        counts = np.full(block.stop - block.start, 7, np.int32)
        scan.pair_remoteness_of_steps(steps, steps_a_unit, block.start, candidates[block], counts, remoteness[block])
    expected = reference.pair_remoteness(steps / steps_a_unit, np.zeros(30), candidates)
    np.testing.assert_allclose(remoteness, expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(remoteness, reference.pair_remoteness(rows, np.zeros(30), candidates), atol=1e-4)
