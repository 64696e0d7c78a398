"""VISTA as a whole process: vectors on disk, neighbors, layout, coordinates on disk.

    python with_vista.py VECTORS.npy COORDINATES.npy METRIC [DETAIL | continents | grid]

Prints one line of JSON: the version, the seconds of each part, and the recall of the neighbors.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

STARTED = time.perf_counter()
CONTINENTS = 0.0


def main() -> None:
    """Place the vectors as `vista map` does, without fidelity, names and pictures."""
    vectors_file, coordinates_file, metric, *variant = sys.argv[1:]
    import numpy as np

    from vista import __version__
    from vista.artifacts import Representation
    from vista.layout import DEFAULT_NEIGHBORS, lay_out, pca_start
    from vista.neighbors import find_neighbors

    representation = Representation(np.load(vectors_file), encoder="given", fingerprint="")
    ready = time.perf_counter()
    graph = find_neighbors(representation, n_neighbors=DEFAULT_NEIGHBORS["spectrum"], metric=metric)
    found = time.perf_counter()
    layout = lay_out(graph, start=pca_start(representation, seed=0), detail=_detail(*variant))
    np.save(coordinates_file, _on_grid(layout.coordinates) if variant == ["grid"] else layout.coordinates)
    seconds = {"start": ready - STARTED, "neighbors": found - ready, "layout": time.perf_counter() - found}
    recall = {"recall": graph.recall, "exact": graph.exact, "parameters": layout.parameters}
    print(json.dumps({"version": f"VISTA {__version__}", **seconds, **recall}))


def _detail(variant: str = "") -> float | None:
    named = {"": None, "grid": None, "continents": CONTINENTS}
    return named[variant] if variant in named else float(variant)


def _on_grid(coordinates: Any) -> Any:
    import numpy as np

    from vista.layout import assign_grid

    grid = assign_grid(coordinates)
    return np.stack([grid.columns, grid.rows], axis=1).astype(np.float32)


if __name__ == "__main__":
    main()
