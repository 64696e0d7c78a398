"""PaCMAP with its defaults; cosine is its "angular"."""

from __future__ import annotations

import numpy as np
from array_files import run
from numpy.typing import NDArray


def place(vectors: NDArray[np.float32], metric: str, variant: str) -> NDArray[np.float32]:
    """Lay the vectors out: 10 neighbors, 450 iterations."""
    from pacmap import PaCMAP

    return PaCMAP(distance="angular" if metric == "cosine" else metric).fit_transform(vectors)


if __name__ == "__main__":
    run("pacmap", place)
