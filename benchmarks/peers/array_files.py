"""How every peer gets its vectors and hands back coordinates: two .npy files named on the command line.

    python with_PEER.py VECTORS.npy COORDINATES.npy METRIC [VARIANT]

The whole process is what is timed, so nothing is imported before it is needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

Place = Callable[[NDArray[np.float32], str, str], NDArray[np.floating]]


def run(package: str, place: Place) -> None:
    """Read the vectors, place them, write the coordinates, and print which version did it as one line of JSON."""
    vectors, coordinates, metric, *variant = sys.argv[1:]
    placed = place(np.load(vectors), metric, variant[0] if variant else "")
    np.save(coordinates, np.asarray(placed, dtype=np.float32))
    print(json.dumps({"version": f"{package} {version(package)}"}))
