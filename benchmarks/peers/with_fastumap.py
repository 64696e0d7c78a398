"""fastumap with its defaults."""

from __future__ import annotations

import numpy as np
from array_files import run
from numpy.typing import NDArray


def place(vectors: NDArray[np.float32], metric: str, variant: str) -> NDArray[np.float64]:
    """Lay the vectors out: 15 neighbors, min_dist 0.1."""
    from fastumap import umap_project

    return umap_project(vectors, metric=metric)


if __name__ == "__main__":
    run("fastumap", place)
