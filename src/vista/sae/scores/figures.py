"""Figures of a yes or no about texts, and the thresholds that turn a fit into one.

A text is *found* when its fit is at or above the threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What a figure is counted from: texts found among those on which the latent fires, and among the silent ones; and the
# numbers of both. The first two may be arrays, one entry a threshold.
Counted = Callable[[NDArray[np.int64], NDArray[np.int64], int, int], NDArray[np.float64]]


def auroc(fires: NDArray[np.bool_], fits: NDArray[Any]) -> float:
    """Return the chance that a text on which the latent fires fits better than a silent one, ties counting half.

    It is the area under the receiver operating characteristic (Hanley & McNeil 1982, Radiology 143). NaN without both kinds.
    """
    from scipy.stats import rankdata

    n_fires, n_silent = int(fires.sum()), int((~fires).sum())
    if not n_fires or not n_silent:
        return float("nan")
    above = rankdata(fits)[fires].sum() - n_fires * (n_fires + 1) / 2
    return float(above / (n_fires * n_silent))


def balanced_accuracy(hits: NDArray[np.int64], alarms: NDArray[np.int64], n_fires: int, n_silent: int) -> NDArray[np.float64]:
    """Return the mean of the share of firing texts that are found and of silent texts that are not."""
    return np.asarray((hits / n_fires + 1 - alarms / n_silent) / 2, np.float64)


def f1(hits: NDArray[np.int64], alarms: NDArray[np.int64], n_fires: int, n_silent: int) -> NDArray[np.float64]:
    """Return the harmonic mean of precision and recall; 0 where nothing is found."""
    return np.asarray(2 * hits / np.maximum(hits + alarms + n_fires, 1), np.float64)


def figure_at(figure: Counted, fires: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return a figure of texts that were found or not."""
    hits, alarms = np.asarray((found & fires).sum()), np.asarray((found & ~fires).sum())
    return float(figure(hits, alarms, int(fires.sum()), int((~fires).sum())))


def best_threshold(figure: Counted, fires: NDArray[np.bool_], fits: NDArray[Any]) -> float:
    """Return the threshold at which a figure is largest on these texts, the highest of several.

    It lies halfway between the fits of two texts, or beyond all of them.
    """
    descending = np.argsort(-fits, kind="stable")
    ordered = np.asarray(fits, np.float64)[descending]
    last_of_equals = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    hits = np.append(0, np.cumsum(fires[descending])[last_of_equals])
    alarms = np.append(0, np.cumsum(~fires[descending])[last_of_equals])
    best = int(np.argmax(figure(hits, alarms, int(fires.sum()), int((~fires).sum()))))
    borders = np.concatenate([[np.inf], (ordered[last_of_equals[:-1]] + ordered[last_of_equals[:-1] + 1]) / 2, [-np.inf]])
    return float(borders[best])


def threshold_at(silent_fits: NDArray[Any], share: float) -> float:
    """Return the lowest threshold at which at most `share` of the silent texts are found."""
    descending = np.sort(np.asarray(silent_fits, np.float64))[::-1]
    n_allowed = int(np.floor(share * len(descending) + 1e-9))
    return float(np.nextafter(descending[n_allowed], np.inf)) if n_allowed < len(descending) else -np.inf
