import numpy as np

from vista.kernels import reference
from vista.kernels.shared import score_shared


def test_scores_are_those_of_the_slow_twin():
    rng = np.random.default_rng(0)
    near, drawn = (np.stack([rng.permutation(25)[:n] for _ in range(40)]).astype(np.int32) for n in (12, 20))
    sizes = np.array([1, 5, 10, 30])
    scores = np.empty(40)
    score_shared(near, drawn, sizes, scores, 0, 40)
    assert np.allclose(scores, reference.score_shared(near, drawn, sizes))
    assert scores.std() > 0.1
