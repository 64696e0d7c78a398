"""What the study says in words of each latent: its label, whose it is, and what else is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.sae.study.choice import LARGEST_DENSITY, ONE_TOKEN_SHARE

if TYPE_CHECKING:
    from vista.sae.explanations import Explanation
    from vista.sae.scores import LatentScores

LABEL_KEYWORDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What is said of latents.

    Attributes:
        keywords: Of every latent that fires: the terms that set its items apart.
        explanations: Of some latents: sentences, the first being the label.
        scores: Of the latents that are mapped: how good their labels are.
    """

    keywords: Mapping[int, tuple[str, ...]]
    explanations: Mapping[int, tuple[Explanation, ...]]
    scores: Mapping[int, LatentScores] = field(default_factory=dict)

    def label(self, latent: int) -> str:
        """Return the first explanation, else the first keywords, "" where there is nothing to say."""
        told = self.explanations.get(latent)
        return told[0].text if told else ", ".join(self.keywords.get(latent, ())[:LABEL_KEYWORDS])

    def labels(self, d_sae: int) -> list[str]:
        return [self.label(latent) for latent in range(d_sae)]


def flags_of(density: float, one_token_share: float) -> list[str]:
    """Return what a reader should know of a latent before its map: it fires on more than a fifth of all items, or at one token."""
    told = []
    if density > LARGEST_DENSITY:
        told.append("dense")
    if one_token_share > ONE_TOKEN_SHARE:
        told.append("single token")
    return told


def recalls_by_level(scores: LatentScores | None) -> Sequence[NDArray[np.float64]]:
    """Return the recall of the label in every region, level by level; NaN where it was not judged."""
    if scores is None:
        return ()
    return [np.asarray(level, np.float64) for level in scores.recalls]
