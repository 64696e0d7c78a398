"""Scores of a label: does it find the texts on which the latent fires, all of them, in every region?

Fits come from a judge, one a text. Thresholds are set on the shown texts, and figures are taken on the held-out ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.sae.scores.figures import balanced_accuracy, best_threshold, f1, figure_at, threshold_at
from vista.sae.scores.score import MissedRegion

FALSE_POSITIVES = 0.1  # share of silent texts that may be found where recall is told
FEWEST_TEXTS = 10  # firing and silent, shown and held out, each
FEWEST_IN_REGION = 5  # held-out texts, for its recall to be told
FEWEST_TO_MISS = 10  # held-out texts, for a region to be called missed
SIGNIFICANCE = 0.05
MISSED_SHARE = 0.5  # of the recall elsewhere, at most


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Texts that are judged: (n,) whether the latent fires on each, and whether each may be used to set thresholds."""

    fires: NDArray[np.bool_]
    shown: NDArray[np.bool_]

    @property
    def is_large_enough(self) -> bool:
        """Whether there are enough texts of each of the four kinds."""
        return all(
            int((self.fires == fires)[self.shown == shown].sum()) >= FEWEST_TEXTS for fires in (True, False) for shown in (True, False)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What a label finds at a threshold that finds few silent texts.

    Attributes:
        found: (n,) bool, each text of the trial.
        share: Share of the held-out firing texts that are found.
        n: Their number.
        false_positives: Share of the held-out silent texts that are found.
    """

    found: NDArray[np.bool_]
    share: float
    n: int
    false_positives: float


def detection(trial: Trial, fits: NDArray[np.float64]) -> float:
    """Return the balanced accuracy on held-out texts, at the threshold that is best on shown ones."""
    threshold = best_threshold(balanced_accuracy, trial.fires[trial.shown], fits[trial.shown])
    held_out = ~trial.shown
    return figure_at(balanced_accuracy, trial.fires[held_out], fits[held_out] >= threshold)


def recall(trial: Trial, fits: NDArray[np.float64]) -> Recall:
    """Return what is found at the threshold that finds a tenth of the shown silent texts."""
    found = fits >= threshold_at(fits[trial.shown & ~trial.fires], FALSE_POSITIVES)
    firing, silent = ~trial.shown & trial.fires, ~trial.shown & ~trial.fires
    return Recall(found, float(found[firing].mean()), int(firing.sum()), float(found[silent].mean()))


def region_recalls(found: NDArray[np.bool_], region_of: NDArray[np.int64], n_regions: int) -> NDArray[np.float64]:
    """Return the share of each region's texts that are found, NaN where it has fewer than five, (n_regions,)."""
    sizes = np.bincount(region_of, minlength=n_regions)
    shares = np.bincount(region_of[found], minlength=n_regions) / np.maximum(sizes, 1)
    return np.where(sizes >= FEWEST_IN_REGION, shares, np.nan)


def recall_spread(found: NDArray[np.bool_], region_of: NDArray[np.int64], n_regions: int) -> tuple[float, int]:
    """Return the standard deviation of the regions' recalls, each weighing as much as it has texts, and the number of regions."""
    recalls = region_recalls(found, region_of, n_regions)
    told = np.isfinite(recalls)
    if told.sum() < 2:
        return float("nan"), int(told.sum())
    weights = np.bincount(region_of, minlength=n_regions)[told]
    mean = np.average(recalls[told], weights=weights)
    return float(np.sqrt(np.average((recalls[told] - mean) ** 2, weights=weights))), int(told.sum())


def missed_regions(found: NDArray[np.bool_], membership: NDArray[np.int64], n_regions: tuple[int, ...]) -> tuple[list[MissedRegion], int]:
    """Return the regions that a label misses while it finds the others, and how many regions were tested.

    A region is tested where it has ten texts or more. It is missed where its recall is at most half of that elsewhere, and
    so few found texts would be in it by accident (hypergeometric test) with a chance below 5 % divided among all tested regions
    (Holm 1979, Scandinavian Journal of Statistics 6).

    Args:
        found: (n,) which of the held-out firing texts are found.
        membership: (n, n_levels) their regions.
        n_regions: Regions at each level.
    """
    from scipy.stats import hypergeom

    n, n_found = len(found), int(found.sum())
    tested: list[tuple[int, int, int, int]] = []
    for level, n_here in enumerate(n_regions):
        sizes = np.bincount(membership[:, level], minlength=n_here)
        hits = np.bincount(membership[found, level], minlength=n_here)
        large = np.flatnonzero((sizes >= FEWEST_TO_MISS) & (sizes < n)).tolist()
        tested += [(level, region, int(hits[region]), int(sizes[region])) for region in large]
    if not tested:
        return [], 0
    hits, sizes = np.array([(k, size) for _, _, k, size in tested]).T
    chances = hypergeom.cdf(hits, n, n_found, sizes)
    order = np.argsort(chances, kind="stable")
    corrected = np.empty(len(tested))
    corrected[order] = np.minimum(np.maximum.accumulate(chances[order] * np.arange(len(tested), 0, -1)), 1.0)
    missed = []
    for (level, region, k, size), chance in zip(tested, corrected.tolist(), strict=True):
        here, elsewhere = k / size, (n_found - k) / (n - size)
        if chance < SIGNIFICANCE and here <= MISSED_SHARE * elsewhere:
            missed.append(MissedRegion(level, region, here, size, elsewhere, chance))
    return missed, len(tested)


def delta_f1(trial: Trial, label_fits: NDArray[np.float64], region_fits: NDArray[np.float64]) -> float:
    """Return by how much F1 rises on held-out texts when a text is found that any region's label fits, not the label.

    Fits to different labels are brought to one scale by their mean and standard deviation on shown silent texts, and the largest
    counts; one threshold each, best on shown texts.

    Args:
        trial: The texts.
        label_fits: (n,) fits to the label.
        region_fits: (n_labels, n) fits to the regions' labels.
    """
    silent = region_fits[:, trial.shown & ~trial.fires]
    scaled = (region_fits - silent.mean(axis=1, keepdims=True)) / np.maximum(silent.std(axis=1, keepdims=True), 1e-6)
    return _held_out_f1(trial, scaled.max(axis=0)) - _held_out_f1(trial, label_fits)


def _held_out_f1(trial: Trial, fits: NDArray[np.float64]) -> float:
    threshold = best_threshold(f1, trial.fires[trial.shown], fits[trial.shown])
    held_out = ~trial.shown
    return figure_at(f1, trial.fires[held_out], fits[held_out] >= threshold)
