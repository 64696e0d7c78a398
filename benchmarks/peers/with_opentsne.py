"""openTSNE with its defaults, on all cores."""

from __future__ import annotations

import numpy as np
from array_files import run
from numpy.typing import NDArray


def place(vectors: NDArray[np.float32], metric: str, variant: str) -> NDArray[np.float64]:
    """Lay the vectors out: perplexity 30, 250 + 500 iterations."""
    from openTSNE import TSNE

    return TSNE(metric=metric, n_jobs=-1, random_state=0).fit(vectors)


if __name__ == "__main__":
    run("openTSNE", place)
