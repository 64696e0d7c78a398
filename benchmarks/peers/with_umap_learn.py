"""umap-learn with its defaults; the variant "seeded" fixes the seed, which umap-learn then answers with one thread."""

from __future__ import annotations

import numpy as np
from array_files import run
from numpy.typing import NDArray


def place(vectors: NDArray[np.float32], metric: str, variant: str) -> NDArray[np.float32]:
    """Lay the vectors out: 15 neighbors, min_dist 0.1."""
    from umap import UMAP

    return UMAP(metric=metric, random_state=0 if variant == "seeded" else None).fit_transform(vectors)


if __name__ == "__main__":
    run("umap-learn", place)
