import numpy as np
import pytest
import scipy.sparse as sp

from vista.kernels import reference, sparse
from vista.metrics import metric_space
from vista.metrics.sparse import sparse_products


def rows_with_crowded_columns(n, dim, seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    used = rng.random((n, dim)) < np.geomspace(1, 0.01, dim)
    return sp.csr_matrix((rng.normal(size=(n, dim)) * used).astype(dtype))


def test_the_kernel_adds_the_products_of_its_twin():
    left, right = rows_with_crowded_columns(20, 50), rows_with_crowded_columns(31, 50, seed=1)
    columns = right.tocsc()
    products = np.ones((20, 31), np.float32)
    parts = left.data, left.indices, left.indptr, columns.data, columns.indices, columns.indptr
    sparse.add_sparse_products(*parts, products, 0, 7)
    sparse.add_sparse_products(*parts, products, 7, 20)
    np.testing.assert_allclose(products - 1, reference.add_sparse_products(left.toarray(), right.toarray()), atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_products_are_those_of_the_dense_rows_whatever_counts_as_crowded(monkeypatch, dtype, share):
    monkeypatch.setattr("vista.metrics.sparse.CROWDED_SHARE", share)
    monkeypatch.setattr("vista.metrics.sparse.BLOCK_ROWS", 13)
    left, right = rows_with_crowded_columns(30, 60, dtype=dtype), rows_with_crowded_columns(44, 60, seed=1, dtype=dtype)
    products = sparse_products(left, right)
    assert products.dtype == dtype
    np.testing.assert_allclose(products, left.toarray() @ right.toarray().T, atol=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_of_rows_with_themselves_are_symmetric_to_the_last_bit(monkeypatch, dtype):
    monkeypatch.setattr("vista.metrics.sparse.BLOCK_ROWS", 13)
    rows = rows_with_crowded_columns(44, 60, dtype=dtype)
    products = sparse_products(rows, rows)
    np.testing.assert_array_equal(products, products.T)
    np.testing.assert_allclose(products, sparse_products(rows, rows.copy()), atol=1e-5 if dtype == np.float32 else 1e-12)


def test_groups_are_multiplied_with_their_sums_as_by_the_twin():
    rows, scales = rows_with_crowded_columns(20, 50), np.random.default_rng(2).random(20).astype(np.float32)
    members = np.random.default_rng(3).permutation(20)
    groups, starts = np.repeat([0, 1, 2], [1, 12, 7]), np.array([0, 1, 13, 20])
    with_sums, with_own, total = np.empty(20), np.empty(20), np.zeros(50)
    parts = rows.data, rows.indices, rows.indptr, scales, members, starts
    sparse.multiply_with_sums(*parts, total, with_sums, with_own, 0, 2)
    sparse.multiply_with_sums(*parts, total, with_sums, with_own, 2, 3)
    expected = reference.multiply_with_sums(rows.multiply(scales[:, None]).toarray()[members], groups)
    np.testing.assert_allclose((with_sums, with_own), expected, rtol=1e-5)
    assert not total.any()


def test_rows_without_numbers_have_products_of_zero():
    empty = sp.csr_matrix((5, 9), dtype=np.float32)
    np.testing.assert_array_equal(sparse_products(empty, empty), np.zeros((5, 5)))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_entries_that_are_given_twice_are_summed(metric):
    twice = sp.csr_matrix((np.array([1, 2, 1, 3, 5], np.float32), np.array([0, 0, 1, 1, 0]), np.array([0, 3, 4, 5])), shape=(3, 2))
    assert not twice.has_canonical_format
    once = metric_space(np.array([[3, 1], [0, 3], [5, 0]], np.float32), metric)
    for precise in (False, True):
        found = metric_space(twice, metric).distances(slice(None), precise=precise)
        np.testing.assert_allclose(found, once.distances(slice(None), precise=precise), atol=1e-6)
