"""Scores without a label: do texts tell by themselves, or by their neighbors on the map, that they belong together?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vista.sae.scores.figures import auroc
from vista.sae.scores.label import Trial

INSIDERS = 4
CHANCE = 1 / (INSIDERS + 1)
FEWEST_TASKS = 20
SINGLE_TOKEN_SHARE = 0.5  # from here on a latent is flagged
_REACH_SHARE = 0.1  # of all texts in the order of activation: as far from the intruder's the insiders' activations may lie
_REACH_TEXTS = 10  # at least
_NEAREST = 8  # insiders are drawn from so many whose activations are nearest
_TRIES = 20  # a task


def example_embedding(trial: Trial, vectors: NDArray[np.float32]) -> float:
    """Return how well likeness to examples tells where a latent fires: an AUROC on held-out texts (delphi's example-embedding score).

    A text's fit is its mean similarity to the shown texts on which the latent fires, less that to the silent ones.

    Args:
        trial: The texts.
        vectors: (n, dim) sentence vectors of length 1.
    """
    toward = vectors[trial.shown & trial.fires].mean(axis=0) - vectors[trial.shown & ~trial.fires].mean(axis=0)
    held_out = ~trial.shown
    return auroc(trial.fires[held_out], vectors[held_out] @ toward)


@dataclass(frozen=True, slots=True, eq=False)
class IntruderTasks:
    """Groups of five texts, four of one region and one of another, all of like activation.

    Attributes:
        members: (n_tasks, 5) places among the texts.
        truth: (n_tasks,) which of the five is the intruder.
    """

    members: NDArray[np.int64]
    truth: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.truth)


def intruder_tasks(documents: NDArray[np.int64], region_of: NDArray[np.int64], n_tasks: int, rng: np.random.Generator) -> IntruderTasks:
    """Draw intruder tasks between regions of one latent.

    An intruder is drawn, then another text of like activation, whose region gives the four insiders; of each document one
    text takes part. Five texts never differ by more than a tenth of the ranks on either side of the intruder.

    Args:
        documents: (n,) document of each text, the texts in the order of activation.
        region_of: (n,) region of each.
        n_tasks: How many to draw; fewer come where regions hardly meet in activation.
        rng: Draws.
    """
    texts = np.sort(np.unique(documents, return_index=True)[1])
    regions = region_of[texts]
    reach = max(_REACH_TEXTS, round(_REACH_SHARE * len(texts)))
    members: list[NDArray[np.int64]] = []
    truth: list[int] = []
    for _ in range(_TRIES * n_tasks if len(texts) > INSIDERS else 0):
        if len(members) == n_tasks:
            break
        intruder = int(rng.integers(len(texts)))
        first = max(intruder - reach, 0)
        near = regions[first : intruder + reach + 1]
        others = np.flatnonzero(near != regions[intruder])
        if not len(others):
            continue
        insiders = first + np.flatnonzero(near == near[rng.choice(others)])
        if len(insiders) < INSIDERS:
            continue
        nearest = insiders[np.argsort(np.abs(insiders - intruder), kind="stable")[:_NEAREST]]
        place = int(rng.integers(INSIDERS + 1))
        members.append(np.insert(rng.permutation(nearest)[:INSIDERS], place, intruder))
        truth.append(place)
    return IntruderTasks(texts[np.array(members, np.int64).reshape(-1, INSIDERS + 1)], np.array(truth, np.int64))


def single_token(peaks: Sequence[str]) -> tuple[str, float, int]:
    """Return the token that most items have their maximum at, whatever its case and spaces; its share; and the items with a token."""
    counts = Counter(token for peak in peaks if (token := peak.strip().casefold()))
    if not counts:
        return "", float("nan"), 0
    token, n = max(counts.items(), key=lambda counted: (counted[1], counted[0]))
    return token, n / counts.total(), counts.total()
