"""What is known of how well a latent's label, and its regions, say what the latent does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Score:
    """One figure, beside what chance and its rivals reach (`docs/scores.md` defines them all).

    Attributes:
        name: "detection", "example_embedding", "intruder", "recall", "recall_spread", "missed_regions", "delta_f1" or
            "single_token".
        value: The figure.
        n: How many texts, tasks or regions it was taken on.
        baselines: The same figure, by name, of what it should be held against.
    """

    name: str
    value: float
    n: int
    baselines: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MissedRegion:
    """A region where the latent fires and the label does not say so.

    Attributes:
        level: Its level, 0 for the coarsest.
        region: Its number within the level.
        recall: Share of its held-out items that the label finds.
        n: Its held-out items.
        others_recall: The same share of the items of all other regions.
        p_value: Chance of so few by accident, were the found items spread evenly; corrected for all regions that were tested.
    """

    level: int
    region: int
    recall: float
    n: int
    others_recall: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class LatentScores:
    """All scores of a latent. One that cannot be taken, for want of a label, of texts or of regions, is not there.

    Attributes:
        latent: Its number.
        scores: The figures, those of the label first.
        missed: Regions that the label misses, coarsest first.
        recalls: One (n_regions,) float64 array a level: recall of the label in every region, NaN where fewer than five items
            are held out; no arrays without a label.
        outcomes: (n_items,) uint8 `Outcome` of every item of the latent's body, which `recalls` and `missed` count; None without
            a label.
        single_token: The token that it fires on in most items, where it is hardly more than that token; else None.
    """

    latent: int
    scores: tuple[Score, ...]
    missed: tuple[MissedRegion, ...] = ()
    recalls: tuple[NDArray[np.float64], ...] = ()
    outcomes: NDArray[np.uint8] | None = None
    single_token: str | None = None

    def score(self, name: str) -> Score | None:
        """Return the score of that name, or None where it could not be taken."""
        return next((score for score in self.scores if score.name == name), None)
