import numpy as np
import pytest
from openTSNE.affinity import PerplexityBasedNN
from sklearn.datasets import load_digits

from vista.artifacts import Representation
from vista.kernels.crew import Crew
from vista.layout.edges import symmetrize
from vista.layout.weights import equal_weights, perplexity_weights, rank_weights
from vista.neighbors import find_neighbors


@pytest.fixture
def crew():
    with Crew() as crew:
        yield crew


@pytest.mark.parametrize("perplexity", [10, 30])
def test_perplexity_weights_equal_those_of_opentsne(crew, perplexity):
    data = load_digits().data[:600].astype(np.float32)
    theirs = PerplexityBasedNN(data, perplexity=perplexity, method="exact", metric="euclidean", n_jobs=1).P.toarray()
    graph = find_neighbors(Representation(data, "given", ""), n_neighbors=3 * perplexity, metric="euclidean")
    ours = symmetrize(graph.indices, perplexity_weights(graph, 3 * perplexity, perplexity, crew), crew)
    rows = np.repeat(np.arange(600), np.diff(ours.row_starts).astype(int))
    matrix = np.zeros((600, 600))
    matrix[rows, ours.others] = ours.weights / 600  # theirs sum to 1 over all pairs, ours over an item's
    # where items are equally far, either may be the last of the neighbors
    assert np.abs(matrix - theirs).sum() < 2e-3
    assert matrix.sum() == pytest.approx(theirs.sum(), rel=1e-5)


def test_weights_of_an_item_sum_to_one_and_fall_with_the_rank(crew):
    graph = find_neighbors(Representation(np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32), "given", ""), n_neighbors=12)
    for weights in (equal_weights(80, 12), rank_weights(80, 12), perplexity_weights(graph, 12, 6.0, crew)):
        assert weights.shape == (80, 12)
        assert weights.dtype == np.float32
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
        assert (np.diff(weights, axis=1) <= 0).all()


def test_a_perplexity_below_one_holds_to_the_nearest(crew):
    graph = find_neighbors(Representation(np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32), "given", ""), n_neighbors=2)
    weights = perplexity_weights(graph, 1, 0.5, crew)
    np.testing.assert_allclose(weights, 1)
