"""Vectors that exist already, taken as a representation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Representation, Vectors
from vista.errors import InputError
from vista.execution import content_key
from vista.metrics import LARGEST_VALUE

if TYPE_CHECKING:
    import scipy.sparse as sp


def given(vectors: Vectors, *, encoder: str = "given", space: str | None = None, metric: str = "cosine") -> Representation:
    """Take vectors in hand as a representation.

    Args:
        vectors: (n_items, dim) numbers, dense or any SciPy sparse form; kept as float32, dense or CSR.
        encoder: How the vectors came to be, in words.
        space: Identity of the vector space, where it is known.
        metric: The metric that the vectors will be used with; it decides what is said of zero vectors.

    Raises:
        InputError: If the vectors are not a matrix of numbers, have no row or no column, or hold NaN, infinity or values
            beyond ±10¹⁵, whose squares leave the range of float32.
    """
    matrix = _dense(vectors) if isinstance(vectors, np.ndarray) else _sparse(vectors)
    if matrix.shape[0] == 0 or matrix.shape[1] == 0:
        raise InputError(f"the vectors are {matrix.shape[0]} × {matrix.shape[1]}: there must be at least one item and one dimension")
    _refuse_unfit(matrix)
    return Representation(matrix, encoder, fingerprint(matrix), space, _zero_notes(matrix, metric))


def fingerprint(vectors: Vectors) -> str:
    """Return a SHA-256 (hex) of the vectors' content; dense and CSR forms of the same numbers differ."""
    if isinstance(vectors, np.ndarray):
        return content_key(vectors)
    return content_key(list(vectors.shape), vectors.indptr.astype(np.int64), vectors.indices.astype(np.int64), vectors.data)


def _dense(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    if vectors.ndim != 2:
        raise InputError(f"vectors must be a matrix with one row an item; this array has {vectors.ndim} dimension(s)")
    if vectors.dtype.kind not in "fiub":
        raise InputError(f"vectors must be real numbers; this array holds {vectors.dtype}")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _sparse(vectors: sp.csr_matrix) -> sp.csr_matrix:
    import scipy.sparse

    if not scipy.sparse.issparse(vectors):
        raise InputError(f"vectors must be a NumPy array or a SciPy sparse matrix, not {type(vectors).__name__}")
    with np.errstate(over="ignore"):
        matrix = scipy.sparse.csr_matrix(vectors, dtype=np.float32, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def _refuse_unfit(vectors: Vectors) -> None:
    if len(rows := _rows_where(~np.isfinite(_values(vectors)), vectors)):
        raise InputError(f"{len(rows)} of {vectors.shape[0]} vectors hold NaN or infinity ({_shown(rows)}); remove or repair them")
    if len(rows := _rows_where(np.abs(_values(vectors)) > LARGEST_VALUE, vectors)):
        raise InputError(
            f"{len(rows)} of {vectors.shape[0]} vectors hold values beyond ±1e15, which cannot be mapped ({_shown(rows)}); rescale them"
        )


def _shown(rows: NDArray[np.int64]) -> str:
    return f"rows {', '.join(str(row) for row in rows[:5])}{', …' if len(rows) > 5 else ''}, from 0"


def _values(vectors: Vectors) -> NDArray[np.float32]:
    return vectors if isinstance(vectors, np.ndarray) else np.asarray(vectors.data)


def _rows_where(marked: NDArray[np.bool_], vectors: Vectors) -> NDArray[np.int64]:
    """Return the rows that hold a marked value; the marks are in the form of `_values`."""
    if isinstance(vectors, np.ndarray):
        return np.flatnonzero(marked.any(axis=1))
    return np.unique(np.searchsorted(vectors.indptr, np.flatnonzero(marked), side="right") - 1)


def _zero_notes(vectors: Vectors, metric: str) -> tuple[str, ...]:
    filled = vectors.any(axis=1) if isinstance(vectors, np.ndarray) else np.diff(vectors.indptr) > 0
    n_zero = int(np.count_nonzero(~filled))
    if n_zero == 0:
        return ()
    which = "1 vector is zero" if n_zero == 1 else f"{n_zero} vectors are zero"
    return (f"{which}: cosine puts a zero vector at distance 1 from every other" if metric == "cosine" else which,)
