import numpy as np
import pytest
import scipy.sparse as sp

from vista.errors import InputError
from vista.metrics import LatentMetric, metric_space

RNG = np.random.default_rng(8)
DENSE = (RNG.normal(size=(90, 30)) * (RNG.random((90, 30)) < 0.4)).astype(np.float32)
DENSE[4] = 0
ACTIVATIONS = np.where(RNG.random(90) < 0.5, 0, RNG.exponential(3, 90))


@pytest.fixture(params=["dense", "csr"])
def kind(request):
    return (lambda vectors: vectors) if request.param == "dense" else sp.csr_matrix


def scaled(activations, scale):
    if scale == "max":
        return activations / activations.max()
    if scale == "log":
        return np.log1p(activations) / np.log1p(activations).max()
    below = (activations[:, None] > activations).sum(axis=1)
    ties = (activations[:, None] == activations).sum(axis=1)
    middle = below + (ties - 1) / 2
    return (middle - middle.min()) / (middle - middle.min()).max()


def shaped(x, transform, c):
    return {"linear": x, "sqrt": np.sqrt(x), "saturating": x / (x + c)}[transform]


def brute(vectors, s, weight, transform, c):
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    unit = vectors / np.where(norms > 0, norms, 1)[:, None]
    return 1 - unit @ unit.T + weight * shaped(np.abs(s[:, None] - s), transform, c)


@pytest.mark.parametrize("scale", ["max", "rank", "log"])
@pytest.mark.parametrize("transform", ["linear", "sqrt", "saturating"])
@pytest.mark.parametrize("weight", [0, 0.7, 30])
def test_distances_are_those_of_the_definition(kind, scale, transform, weight):
    metric = LatentMetric(ACTIVATIONS, weight, scale=scale, transform=transform, saturation=0.2)
    space = metric_space(kind(DENSE), metric)
    expected = brute(DENSE, scaled(ACTIVATIONS, scale), weight, transform, 0.2)
    others = ~np.eye(90, dtype=bool)
    assert space.metric == "latent"
    np.testing.assert_allclose(space.distances(slice(None), precise=True)[others], expected[others], atol=1e-6, rtol=1e-6)
    np.testing.assert_allclose(space.distances(slice(None))[others], expected[others], atol=1e-5, rtol=1e-5)
    candidates = np.random.default_rng(1).integers(0, 90, (90, 12)).astype(np.int32)
    pairs = space.pair_distances(np.arange(90), candidates)
    np.testing.assert_allclose(pairs, np.take_along_axis(space.distances(slice(None), precise=True), candidates.astype(int), 1), atol=1e-6)
    closeness = space.closeness(slice(0, 9))
    np.testing.assert_allclose(closeness[others[:9]], 1 - expected[:9][others[:9]], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("weight", [0, 1, 1e6])
def test_steps_stay_within_their_bound_and_equal_distances_differ_by_less_than_one(kind, weight):
    twice = np.tile(DENSE, (2, 1))
    space = metric_space(kind(twice), LatentMetric(np.tile(ACTIVATIONS, 2), weight, transform="sqrt"))
    steps = space.steps(np.arange(20))
    assert steps.max() <= space.most_steps
    assert np.abs(steps[:, :90] - steps[:, 90:]).max() < 0.1


def test_a_column_can_be_left_out_of_the_cosine_and_the_vectors_given_stay_as_they_are(kind):
    given = kind(DENSE.copy())
    rest = DENSE.copy()
    rest[:, 3] = 0
    without = metric_space(given, LatentMetric(ACTIVATIONS, 0.5, left_out=3)).distances(slice(None), precise=True)
    np.testing.assert_array_equal(without, metric_space(kind(rest), LatentMetric(ACTIVATIONS, 0.5)).distances(slice(None), precise=True))
    np.testing.assert_array_equal(given if isinstance(given, np.ndarray) else given.toarray(), DENSE)


def test_activations_that_are_all_alike_leave_the_cosine(kind):
    cosine = metric_space(kind(DENSE)).distances(slice(None), precise=True)
    for scale in ("max", "rank", "log"):
        space = metric_space(kind(DENSE), LatentMetric(np.zeros(90), 5.0, scale=scale))
        np.testing.assert_array_equal(space.distances(slice(None), precise=True), cosine)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activations": np.ones(89)}, r"shape \(89,\).*90 items"),
        ({"activations": np.ones((90, 1))}, "90 items"),
        ({"activations": np.r_[np.ones(89), np.nan]}, "finite.*item 89"),
        ({"activations": np.array(["a"] * 90)}, "must be numbers"),
        ({"activations": -ACTIVATIONS}, "at least 0.*'rank'"),
        ({"weight": -1}, "weight.*-1"),
        ({"weight": float("nan")}, "weight.*nan"),
        ({"scale": "ranks"}, "no scale 'ranks'.*'rank'"),
        ({"transform": "saturated"}, "no transform 'saturated'.*'saturating'"),
        ({"saturation": 0}, "saturation.*0"),
        ({"left_out": 30}, "no column 30.*0 to 29"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(kind, options, message):
    with pytest.raises(InputError, match=message) as caught:
        metric_space(kind(DENSE), LatentMetric(**({"activations": ACTIVATIONS} | options)))
    assert "\n" not in str(caught.value)


def test_the_name_alone_is_not_enough():
    with pytest.raises(InputError, match="LatentMetric"):
        metric_space(DENSE, "latent")
