"""manifolds-rs in three variants: UMAP by Adam ("adam", its default optimizer), UMAP by SGD ("sgd"), t-SNE by FFT ("tsne").

Neighbors come from its NN-descent, because its default search is exact and takes much longer from 20 000 items on.
UMAP runs 200 epochs with min_dist 0.1, as umap-learn does at these sizes; its own default is 500 epochs.
"""

from __future__ import annotations

import numpy as np
from array_files import run
from numpy.typing import NDArray


def place(vectors: NDArray[np.float32], metric: str, variant: str) -> NDArray[np.float32]:
    """Lay the vectors out by the variant."""
    from manifolds_rs import TSNE, UMAP

    if variant == "tsne":
        return TSNE(metric=metric, approx="fft", ann="nndescent").fit_transform(vectors)
    optimizer = {"adam": "adam_parallel", "sgd": "sgd"}[variant]
    return UMAP(metric=metric, ann="nndescent", n_epochs=200, min_dist=0.1, optimiser=optimizer).fit_transform(vectors)


if __name__ == "__main__":
    run("manifolds-rs", place)
