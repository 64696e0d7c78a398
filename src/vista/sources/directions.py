"""A direction in hand, such as a probe, from a file of arrays."""

from __future__ import annotations

import numpy as np

from vista.artifacts import Direction, InputFile
from vista.errors import InputError
from vista.sources.arrays import read_vectors_file, split_array_name


def read_direction(spec: str) -> tuple[Direction, InputFile]:
    """Read `FILE[:array]`, an array (dim,), or (1, dim) as scikit-learn keeps a probe's weights.

    Raises:
        InputError: If the array is no single vector of finite numbers, or all of it is zero.
        InputFileError: If the file cannot be read.
    """
    path, array = split_array_name(spec)
    raw, file = read_vectors_file(path, array)
    name = f"direction:{path.name}{f':{array}' if array else ''}"
    if raw.dtype.kind not in "fiub" or max(raw.shape, default=0) != np.prod(raw.shape):
        raise InputError(f"{name} holds {raw.dtype} of shape {raw.shape}; a direction is one vector of numbers, (dim,) or (1, dim).")
    vector = (raw if isinstance(raw, np.ndarray) else raw.toarray()).ravel().astype(np.float64)
    if not np.isfinite(vector).all() or not vector.any():
        raise InputError(f"{name} {'is all zeros' if np.isfinite(vector).all() else 'holds NaN or infinity'}, which is no direction.")
    return Direction(vector, name), file
