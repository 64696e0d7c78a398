"""Figures and thresholds agree with scikit-learn's, and with brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from vista.sae.scores.figures import auroc, balanced_accuracy, best_threshold, f1, figure_at, threshold_at

BOTH_KINDS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40).filter(
    lambda told: 0 < sum(fires for fires, _ in told) < len(told)
)


def arrays(told):
    fires, fits = zip(*told, strict=True)
    return np.array(fires), np.array(fits) / 4


@given(BOTH_KINDS)
def test_auroc_is_scikit_learn_s_and_the_share_of_ordered_pairs(told):
    fires, fits = arrays(told)
    pairs = fits[fires][:, None] - fits[~fires]

    assert auroc(fires, fits) == pytest.approx(roc_auc_score(fires, fits), abs=1e-12)
    assert auroc(fires, fits) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean(), abs=1e-12)


@given(BOTH_KINDS, st.lists(st.booleans(), min_size=40, max_size=40))
def test_balanced_accuracy_and_f1_are_scikit_learn_s(told, guesses):
    fires, _ = arrays(told)
    found = np.array(guesses[: len(fires)])

    assert figure_at(balanced_accuracy, fires, found) == pytest.approx(balanced_accuracy_score(fires, found), abs=1e-12)
    assert figure_at(f1, fires, found) == pytest.approx(f1_score(fires, found, zero_division=0), abs=1e-12)


@given(BOTH_KINDS, st.sampled_from([balanced_accuracy, f1]))
def test_no_threshold_is_better_than_the_best(told, figure):
    fires, fits = arrays(told)
    best = figure_at(figure, fires, fits >= best_threshold(figure, fires, fits))

    for threshold in [-np.inf, *np.unique(fits), np.inf]:
        assert best >= figure_at(figure, fires, fits >= threshold) - 1e-12


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40), st.floats(0, 1))
def test_the_threshold_at_a_share_is_the_lowest_that_keeps_it(fits, share):
    fits = np.array(fits) / 4
    threshold = threshold_at(fits, share)

    assert (fits >= threshold).mean() <= share + 1e-9
    lower = fits[fits < threshold]
    if len(lower):
        assert (fits >= lower.max()).mean() > share


def test_without_both_kinds_there_is_no_auroc():
    assert np.isnan(auroc(np.array([True, True]), np.array([0.1, 0.2])))
