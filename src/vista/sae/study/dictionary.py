"""The map of the dictionary: its latents as items, near to each other where they fire on the same items or write alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items
from vista.pipeline.plane import Plane
from vista.sae.study.choice import LARGEST_DENSITY
from vista.sae.study.options import StudyRun
from vista.sae.study.plane import plane_of

if TYPE_CHECKING:
    import pyarrow as pa
    import scipy.sparse as sp

    from vista.sae.store import Store

MAP_ID = "dictionary"
SET = "latents"
DENSE, DEAD, ORDINARY = "dense", "dead", "ordinary"


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """The dictionary before it is drawn.

    Attributes:
        latents: (n_shown,) int64 latents that have a place, ascending.
        plane: Where they lie.
    """

    latents: NDArray[np.int64]
    plane: Plane


def map_dictionary(codes: sp.csr_matrix, directions: NDArray[np.float32] | None, labels: list[str], run: StudyRun) -> Dictionary:
    """Map the latents by co-activation, or by the directions in which they write.

    Args:
        codes: (n_items, d_sae) codes of the items that the study looks at.
        directions: (d_sae, d_out) decoder directions, for a map by these; None for one by co-activation.
        labels: One label a latent, "" where there is none; they name the regions.
        run: The run.
    """
    if directions is None:
        by_latent = codes.T.tocsr()
        latents = np.flatnonzero(np.diff(by_latent.indptr))
        vectors: Any = by_latent[latents]
        told = "activation on the items"
        if n_dead := by_latent.shape[0] - len(latents):
            run.note(f"{n_dead:,} of {by_latent.shape[0]:,} latents never fire on these items and have no place by co-activation")
    else:
        latents, vectors, told = np.arange(len(directions)), directions, "decoder directions"
    shown = [labels[latent] for latent in latents.tolist()]
    return Dictionary(latents, plane_of(vectors, told, "cosine", shown, run))


def latent_items(store: Store, labels: list[str], columns: dict[str, Any], pictures: list[bytes | None]) -> Items:
    """Return all latents as items, with what is known of each.

    Args:
        store: The codes.
        labels: One label a latent.
        columns: More columns, one value a latent.
        pictures: One picture a latent, None for one that never fires.
    """
    return Items(
        ids=[str(latent) for latent in range(store.d_sae)],
        source_rows=np.arange(store.d_sae),
        texts=labels,
        pictures=list(pictures),
        columns=_table(store, columns),
        text_column=None,
        color_columns=("log density", "state", *(name for name in columns if name in ("label score", "area"))),
    )


def _table(store: Store, columns: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    statistics = store.statistics
    density = statistics.density
    state = np.where(statistics.n_active == 0, DEAD, np.where(density > LARGEST_DENSITY, DENSE, ORDINARY))
    with np.errstate(divide="ignore"):
        logarithm = np.log10(density)
    own = {
        "latent": pa.array(np.arange(store.d_sae)),
        "n_active": pa.array(statistics.n_active),
        "density": pa.array(density),
        "log density": pa.array(np.where(np.isfinite(logarithm), logarithm, np.nan)),
        "maximum": pa.array(statistics.maximum),
        "mean": pa.array(statistics.mean),
        "state": pa.array(state.tolist()),
    }
    return pa.table(own | columns)
