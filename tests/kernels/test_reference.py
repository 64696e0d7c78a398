"""Every kernel gives what its slow twin gives."""

import numpy as np
import pytest
import scipy.sparse as sp

from vista.kernels import distances, nearest, ranks, reference, umap


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def tied_distances(rng, n_queries=6, n=40):
    return rng.integers(0, 5, (n_queries, n)).astype(np.float32)


def test_cosine_steps(rng):
    vectors = rng.normal(size=(30, 4))
    vectors[3] = 0
    products = vectors[:5] @ vectors.T
    scales = np.r_[1 / np.linalg.norm(vectors[:3], axis=1), 0, 1 / np.linalg.norm(vectors[4:], axis=1)]
    result = np.empty((5, 30))
    for part in (slice(0, 12), slice(12, 30)):
        distances.cosine_steps(products[:, part].copy(), scales[:5], scales[part], 2.0**40, part.start, result, 0, 5)
    np.testing.assert_array_equal(result, reference.cosine_steps(products, scales[:5], scales, 2.0**40))


def test_squared_steps(rng):
    vectors = rng.normal(size=(30, 4))
    norms = (vectors**2).sum(axis=1)
    products = vectors[:5] @ vectors.T
    result = np.empty((5, 30))
    for part in (slice(0, 12), slice(12, 30)):
        distances.squared_steps(products[:, part].copy(), norms[:5], norms[part], 2.0**40, part.start, result, 0, 5)
    np.testing.assert_array_equal(result, reference.squared_steps(products, norms[:5], norms, 2.0**40))


def test_difference_steps(rng):
    vectors = rng.normal(size=(30, 3)).astype(np.float32)
    result = np.empty((5, 30))
    distances.difference_steps(vectors[:5], vectors, 2.0**40, result, 0, 5)
    np.testing.assert_allclose(result, reference.difference_steps(vectors[:5], vectors, 2.0**40), rtol=1e-14)


def test_pair_products_of_dense_and_sparse_rows(rng):
    vectors = rng.normal(size=(30, 9)).astype(np.float32) * (rng.random((30, 9)) < 0.4)
    queries, candidates = np.array([4, 0, 29]), rng.integers(0, 30, (3, 7)).astype(np.int32)
    dense, sparse = np.empty((2, 3, 7))
    distances.pair_products(vectors, queries, candidates, dense, 0, 3)
    rows = sp.csr_matrix(vectors)
    distances.pair_products_csr(rows.data, rows.indices, rows.indptr, queries, candidates, np.zeros(9), sparse, 0, 3)
    expected = reference.pair_products(vectors, queries, candidates)
    np.testing.assert_allclose(dense, expected, atol=1e-12)
    np.testing.assert_allclose(sparse, expected, atol=1e-12)


def empty_lists(n, k):
    return np.full((n, k), -1, np.int32), np.full((n, k), np.inf, np.float32)


@pytest.mark.parametrize("k", [1, 7, 39])
def test_keep_nearest_of_rows_with_ties(rng, k):
    closeness, shifts = tied_distances(rng), rng.integers(0, 3, 40).astype(np.float32)
    own = np.array([0, 39, 5, 6, 7, 8])
    items, remoteness = empty_lists(6, k)
    for columns in (slice(0, 11), slice(11, 40)):
        nearest.keep_nearest_of_rows(closeness[:, columns], shifts[columns], own, columns.start, items, remoteness, 0, 6)
    expected = reference.keep_nearest_of_rows(closeness, shifts, own, k)
    np.testing.assert_array_equal(items, expected)
    np.testing.assert_array_equal(remoteness, np.take_along_axis(shifts - closeness, expected, axis=1))


@pytest.mark.parametrize("k", [1, 4, 6])
def test_keep_nearest_of_columns_with_ties(rng, k):
    closeness, shifts = tied_distances(rng), rng.integers(0, 3, 6).astype(np.float32)
    items, remoteness = empty_lists(40, k)
    worst = np.empty(40, np.float32)
    for rows in (slice(0, 2), slice(2, 6)):
        nearest.keep_nearest_of_columns(closeness[rows], shifts[rows], rows.start, items, remoteness, worst, 0, 40)
    expected = reference.keep_nearest_of_columns(closeness, shifts, k)
    np.testing.assert_array_equal(items, expected)
    np.testing.assert_array_equal(remoteness, np.take_along_axis(shifts[:, None] - closeness, expected.T, axis=0).T)


def test_share_outside(rng):
    near = np.array([rng.permutation(50)[:5] for _ in range(20)], np.int32)
    wide = np.array([rng.permutation(50)[:20] for _ in range(20)], np.int32)
    shares = np.empty(20, np.float32)
    nearest.share_outside(near, wide, shares, 0, 20)
    np.testing.assert_allclose(shares, reference.share_outside(near, wide), rtol=1e-6)


def rank(steps, queries, dtype=np.uint16, coarsening=1.0):
    keys, result, leveled = np.empty(steps.shape, np.uint64), np.empty(steps.shape, dtype), np.empty(len(steps), np.bool_)
    ranks.fill_keys(steps, queries, coarsening, 6, keys, 0, len(steps))
    keys.sort(axis=1)
    before = keys.copy()
    ranks.level_keys(keys, 6, leveled, 0, len(steps))
    np.testing.assert_array_equal(leveled, (keys != before).any(axis=1))
    keys.sort(axis=1)
    ranks.fill_ranks(keys, queries, 6, result, 0, len(steps))
    return result


def tied_steps(rng, n_queries=6, n=40):
    return 10.0 * rng.integers(0, 5, (n_queries, n))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_ranks_with_ties_and_negative_zeros(rng, dtype):
    steps = tied_steps(rng)
    steps[:, ::3] *= np.where(steps[:, ::3] == 0, -1.0, 1.0)
    queries = np.array([3, 0, 39, 6, 7, 8])
    np.testing.assert_array_equal(rank(steps, queries, dtype), reference.ranks(steps, queries))
    np.testing.assert_array_equal(rank(steps / 8, queries, dtype, coarsening=8.0), reference.ranks(steps, queries))


def test_noise_across_a_rounding_boundary_leaves_ties_to_the_columns_and_what_is_two_steps_apart_in_order(rng):
    queries = np.array([3, 0, 39, 6, 7, 8])
    noisy = tied_steps(rng) + 0.5 + rng.choice([-0.01, 0.01], (6, 40))
    found = rank(noisy, queries)
    np.testing.assert_array_equal(found, reference.ranks(noisy, queries))
    np.testing.assert_array_equal(found, rank(np.floor(noisy / 10) * 10, queries))
    apart = np.array([2.0 * rng.permutation(40) for _ in range(6)])
    apart[np.arange(6), queries] = 1000.0
    np.testing.assert_array_equal(rank(apart, queries), apart.argsort(axis=1).argsort(axis=1) + 1)


def test_compare_ranks(rng):
    queries, sizes = np.arange(6), np.array([1, 4, 20, 38])
    near, drawn = rank(tied_steps(rng), queries), rank(tied_steps(rng), queries)
    histogram, counts = np.zeros(41, np.int64), np.empty((3, 6, 4), np.int64)
    ranks.compare_ranks(near, drawn, sizes, histogram, *counts, np.empty((3, 41), np.int64), 0, 6)
    expected = reference.compare_ranks(near, drawn, sizes)
    np.testing.assert_array_equal(histogram, expected[0])
    np.testing.assert_array_equal(counts, expected[1:])


def test_count_shuffled(rng):
    queries = np.arange(6)
    near, drawn = rank(tied_steps(rng), queries), rank(tied_steps(rng), queries)
    rows, columns, histogram = rng.permutation(6), rng.permutation(40).astype(np.uint32), np.zeros(41, np.int64)
    ranks.count_shuffled(near, drawn, rows, columns, histogram, 0, 6)
    np.testing.assert_array_equal(histogram, reference.count_shuffled(near, drawn, rows, columns))


@pytest.mark.parametrize("kind", ["spread", "with duplicates", "all identical"])
def test_smooth_distances_and_memberships(rng, kind):
    values = np.sort(rng.random((50, 12)), axis=1).astype(np.float32)
    values[:, : {"spread": 0, "with duplicates": 5, "all identical": 12}[kind]] = 0
    rho, sigma = np.empty((2, 50), np.float32)
    weights = np.empty_like(values)
    umap.smooth_distances(values, rho, sigma)
    umap.memberships(values, rho, sigma, weights)
    expected_rho, expected_sigma = reference.smooth_distances(values)
    np.testing.assert_allclose(rho, expected_rho)
    np.testing.assert_allclose(sigma, expected_sigma, rtol=2e-4, atol=1e-12)
    np.testing.assert_allclose(weights, reference.memberships(values, expected_rho, expected_sigma), atol=2e-5)


def test_optimize_epochs(rng):
    start = rng.normal(size=(20, 2), scale=3).astype(np.float32)
    heads, tails = rng.integers(0, 20, (2, 60)).astype(np.int32)
    periods = rng.uniform(1, 3, 60)
    result, seed = start.copy(), 123456789
    umap.optimize_epochs(result, heads, tails, periods, periods.copy(), periods / 5, 1.5, 0.9, 5, 0, 4, 50, np.array([seed], np.uint64))
    expected = reference.optimize_epochs(start, heads, tails, periods, 1.5, 0.9, 5, 4, 50, seed)
    assert np.abs(expected - start).max() > 1
    np.testing.assert_allclose(result, expected, atol=2e-3)
