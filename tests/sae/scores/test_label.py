"""A label is judged on held-out texts, as a whole and in every region."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from vista.sae.scores.label import Trial, delta_f1, detection, missed_regions, recall, recall_spread, region_recalls


def trial_of(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return Trial(rng.permutation(n) < n // 2, rng.permutation(n) < n // 2)


def test_detection_and_recall_of_a_perfect_label_are_1_and_of_noise_are_chance():
    trial = trial_of(4000)
    noise = np.random.default_rng(1).random(4000)

    assert detection(trial, trial.fires + 0.1 * noise) == 1
    assert detection(trial, noise) == pytest.approx(0.5, abs=0.04)
    assert recall(trial, trial.fires + 0.1 * noise).share == 1
    found = recall(trial, noise)
    assert found.share == pytest.approx(0.1, abs=0.03)
    assert found.false_positives == pytest.approx(0.1, abs=0.03)
    assert found.n == (trial.fires & ~trial.shown).sum()


def test_thresholds_come_from_shown_texts_and_figures_from_held_out_ones():
    trial = trial_of()
    good_where_shown = np.where(trial.shown, trial.fires, ~trial.fires).astype(float)

    assert detection(trial, good_where_shown) == 0
    assert recall(trial, good_where_shown).share == 0
    assert recall(trial, good_where_shown).false_positives == 1


def test_a_trial_needs_ten_texts_of_each_kind():
    fires = np.repeat([True, True, False, False], [10, 10, 10, 10])
    shown = np.tile(np.repeat([True, False], 10), 2)

    assert Trial(fires, shown).is_large_enough
    assert not Trial(fires[1:], shown[1:]).is_large_enough
    assert not Trial(fires[:-1], shown[:-1]).is_large_enough


def test_recall_by_region_is_the_share_found_in_each():
    region_of = np.repeat([0, 1, 2], [10, 20, 4])
    found = np.zeros(34, bool)
    found[:5] = found[10:25] = True

    recalls = region_recalls(found, region_of, 4)
    np.testing.assert_allclose(recalls[:2], [0.5, 0.75])
    assert np.isnan(recalls[2:]).all()  # four texts, and none
    spread, n = recall_spread(found, region_of, 4)
    assert n == 2
    mean = (10 * 0.5 + 20 * 0.75) / 30
    assert spread == pytest.approx(np.sqrt((10 * (0.5 - mean) ** 2 + 20 * (0.75 - mean) ** 2) / 30))


def test_a_region_that_the_label_misses_is_found():
    membership = np.stack([np.repeat([0, 1], [60, 40]), np.repeat([0, 1, 2, 3], [30, 30, 20, 20])], axis=1)
    found = np.arange(100) < 50  # all but ten of region 0, none of region 1
    missed, n_tested = missed_regions(found, membership, (2, 4))

    assert n_tested == 6
    assert [(one.level, one.region, one.recall, one.n) for one in missed] == [(0, 1, 0.0, 40), (1, 2, 0.0, 20), (1, 3, 0.0, 20)]
    assert missed[0].others_recall == pytest.approx(50 / 60)


def test_the_chance_of_a_missed_region_is_holm_s():
    membership = np.repeat([0, 1, 2], [40, 30, 30])[:, None]
    found = np.zeros(100, bool)
    found[:36] = found[40:43] = found[70:74] = True
    missed, _ = missed_regions(found, membership, (3,))

    low, high = sorted(hypergeom.cdf(k, 100, 43, 30) for k in (3, 4))
    assert [one.p_value for one in missed] == pytest.approx([3 * low, max(3 * low, 2 * high)])


def test_a_region_of_few_texts_or_of_nearly_as_many_found_is_not_called_missed():
    few = np.repeat([0, 1], [90, 9])[:, None]
    assert missed_regions(np.arange(99) < 90, few, (2,))[0] == []
    alike = np.repeat([0, 1], [1000, 1000])[:, None]
    found = np.concatenate([np.arange(1000) < 800, np.arange(1000) < 600])  # surely fewer, but more than half
    assert missed_regions(found, alike, (2,))[0] == []
    assert missed_regions(np.arange(9) < 3, np.zeros((9, 1), int), (1,)) == ([], 0)


def test_by_accident_a_region_is_called_missed_in_at_most_one_latent_of_twenty():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 6, 300)
    membership = np.stack([coarse, 3 * coarse + rng.integers(0, 3, 300)], axis=1)
    alarms = [bool(missed_regions(rng.random(300) < 0.3, membership, (6, 18))[0]) for _ in range(400)]
    assert np.mean(alarms) <= 0.05


def test_delta_f1_is_what_region_labels_find_beyond_the_label():
    trial = trial_of(400)
    rng = np.random.default_rng(2)
    is_first = rng.random(400) < 0.5
    noise = 0.05 * rng.random((3, 400))
    half = (trial.fires & is_first) + 0.0
    other = 7 * (trial.fires & ~is_first)  # on another scale, which must not matter

    gain = delta_f1(trial, half + noise[0], np.stack([half + noise[1], other + 7 * noise[2]]))
    half_found = (trial.fires & is_first)[~trial.shown]
    share = half_found.sum() / trial.fires[~trial.shown].sum()
    assert gain == pytest.approx(1 - max(2 * share / (1 + share), 2 / 3), abs=0.05)
    assert delta_f1(trial, half + noise[0], np.stack([half + noise[0], half + noise[1]])) == pytest.approx(0, abs=0.02)
