import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.decomposition import PCA

from vista.artifacts import Representation
from vista.layout import pca_start


def start_of(vectors, **options):
    return pca_start(Representation(vectors if sp.issparse(vectors) else np.asarray(vectors, np.float32), "given", "none"), **options)


def elongated(n=400, dim=60, offset=0.0):
    rng = np.random.default_rng(0)
    return (rng.normal(size=(n, dim)) * np.r_[9, 5, np.ones(dim - 2)] @ np.linalg.qr(rng.normal(size=(dim, dim)))[0] + offset).astype(
        np.float32
    )


@pytest.mark.parametrize("offset", [0.0, 100.0])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_the_start_is_the_two_main_components(form, offset):
    vectors = elongated(offset=offset)
    expected = PCA(2, svd_solver="full").fit_transform(vectors.astype(np.float64))
    found = start_of(form(vectors))
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=0.05)


def test_the_sign_follows_the_vectors_and_not_their_number():
    vectors = elongated()
    np.testing.assert_allclose(start_of(vectors)[:300], start_of(np.vstack([vectors, vectors]))[:300], atol=0.01)


def test_the_same_input_gives_the_same_bytes():
    vectors = elongated()
    assert start_of(vectors).tobytes() == start_of(vectors.copy()).tobytes()
    assert start_of(np.ones((9, 3)), seed=1).tobytes() != start_of(np.ones((9, 3)), seed=2).tobytes()


def test_items_on_a_line_keep_their_order_and_get_a_little_width():
    position = np.arange(50)
    start = start_of(np.outer(position, [1, 2, 3]))
    assert abs(np.corrcoef(start[:, 0], position)[0, 1]) > 0.9999
    assert 0 < start[:, 1].std() < 0.05 * start[:, 0].std()


def test_one_dimension_is_enough():
    assert np.isfinite(start_of(np.arange(6).reshape(6, 1))).all()
