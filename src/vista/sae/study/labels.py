"""Labels of latents and how good they are: keywords always, sentences where some are at hand, scores where texts have vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Representation
from vista.sae.study.latent_map import LatentMap
from vista.sae.study.options import StudyRun
from vista.sae.study.words import Words

if TYPE_CHECKING:
    from vista.sae.autoencoder import SparseAutoencoder
    from vista.sae.store import Store


def label_and_score(
    store: Store,
    autoencoder: SparseAutoencoder | None,
    maps: list[LatentMap],
    rows: NDArray[np.int64],
    meanings: Representation | None,
    run: StudyRun,
) -> Words:
    return Words({}, {}, {})
