"""From what a source holds as vectors to float32 rows that are known to be sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vista.artifacts import Vectors
from vista.errors import InputError
from vista.metrics import LARGEST_VALUE
from vista.sources.column_types import is_list, is_number, is_string

if TYPE_CHECKING:
    import scipy.sparse as sp

    from vista.sources.arrays import RawVectors

RowName: TypeAlias = Callable[[int], str]  # what messages call the row of that number
_BLOCK_NUMBERS = 1 << 24
_ROWS_NAMED = 5
_AROUND_NUMBERS = "[]() \n"


def checked_vectors(raw: RawVectors, name: str, name_row: RowName) -> Vectors:
    """Return vectors as float32, (n, dim) dense or CSR; float32 that is mapped into memory stays so.

    Args:
        raw: The vectors, of any number type.
        name: What messages call them.
        name_row: Returns what messages call a row, given its number.

    Raises:
        InputError: If they are not numbers in two dimensions, or if some are NaN, infinite or too large to be mapped.
    """
    if raw.ndim != 2 or raw.shape[1] == 0:
        raise InputError(f"{name} has shape {raw.shape}; vectors need two dimensions, items by numbers, and at least one number an item.")
    if raw.dtype.kind not in "fiub":
        raise InputError(f"{name} holds {raw.dtype}, not numbers that can be vectors.")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such below
        vectors = _float32(raw)
    unfit = _unfit_rows(vectors)
    finite = _are_finite(vectors, unfit)
    refuse_rows(unfit[~finite], name_row, f"{name}: NaN or infinite values in", vectors.shape[0])
    too_large = f"{name}: values beyond ±1e15 cannot be mapped, and there are such in"
    refuse_rows(unfit[finite], name_row, too_large, vectors.shape[0], remedy="Rescale them.")
    return vectors


def column_vectors(column: pa.ChunkedArray, name: str, name_row: RowName) -> NDArray[np.float32]:
    """Stack a column of lists, of fixed or variable size, into (n, dim) float32; strings such as "[0.1, 2]" are read too.

    Raises:
        InputError: If a row is missing, or has another length than most; the message names such rows.
    """
    chunks = [chunk.storage if isinstance(chunk.type, pa.BaseExtensionType) else chunk for chunk in column.chunks]
    if is_string(column.type):
        chunks = [_parsed(chunk, name, name_row) for chunk in [column.combine_chunks()]]
    if not all(is_list(chunk.type) and is_number(chunk.type.value_type) for chunk in chunks):
        raise InputError(f"column '{name}' is {column.type}; vectors need a column of lists of numbers.")
    dim = _common_length(pa.chunked_array(chunks), name, name_row)
    return _stacked(chunks, dim, name, name_row)


def refuse_rows(
    rows: NDArray[np.int64], name_row: RowName, what: str, n_rows: int, *, remedy: str = "Remove these rows or mend them."
) -> None:
    """Refuse data with unfit rows: say what is wrong with how many of them, name the first few, and say what to do.

    Raises:
        InputError: If there are any such rows.
    """
    if len(rows):
        named = ", ".join(name_row(int(row)) for row in rows[:_ROWS_NAMED])
        more = ", …" if len(rows) > _ROWS_NAMED else ""
        raise InputError(f"{what} {len(rows):,} of {n_rows:,} rows: {named}{more}. {remedy}")


def select_rows(vectors: RawVectors, rows: NDArray[np.int64]) -> RawVectors:
    """Return the given rows, and the very same object if they are all of them."""
    return vectors if len(rows) == vectors.shape[0] else vectors[rows]


def _float32(raw: RawVectors) -> Vectors:
    if not _is_dense(raw):
        return raw.astype(np.float32)
    if raw.dtype == np.float32 and raw.dtype.isnative and raw.flags.c_contiguous:
        return raw
    return np.ascontiguousarray(raw, dtype=np.float32)


def _is_dense(raw: RawVectors) -> TypeGuard[NDArray[Any]]:
    return isinstance(raw, np.ndarray)


def _unfit_rows(vectors: Vectors) -> NDArray[np.int64]:
    """Return the rows with a value that is NaN, infinite or too large."""
    if not _is_dense(vectors):
        return _unfit_sparse_rows(vectors)
    block = max(1, _BLOCK_NUMBERS // vectors.shape[1])
    found = [
        start + np.flatnonzero(~(np.abs(vectors[start : start + block]) <= LARGEST_VALUE).all(axis=1))
        for start in range(0, vectors.shape[0], block)
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _unfit_sparse_rows(vectors: sp.csr_matrix) -> NDArray[np.int64]:
    places = np.flatnonzero(~(np.abs(vectors.data) <= LARGEST_VALUE))
    return np.unique(np.searchsorted(vectors.indptr, places, side="right") - 1).astype(np.int64)


def _are_finite(vectors: Vectors, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    if _is_dense(vectors):
        return np.asarray(np.isfinite(vectors[rows]).all(axis=1))
    return np.array([np.isfinite(vectors[row].data).all() for row in rows], dtype=np.bool_)


def _common_length(column: pa.ChunkedArray, name: str, name_row: RowName) -> int:
    refuse_rows(np.flatnonzero(column.is_null().to_numpy()), name_row, f"column '{name}': no vector in", len(column))
    lengths = pc.list_value_length(column).to_numpy()
    values, counts = np.unique(lengths, return_counts=True)
    dim = int(values[counts.argmax()])
    others = f"column '{name}': most vectors have {dim} numbers, but there are more or fewer in"
    refuse_rows(np.flatnonzero(lengths != dim), name_row, others, len(column))
    return dim


def _stacked(chunks: Sequence[pa.Array], dim: int, name: str, name_row: RowName) -> NDArray[np.float32]:
    n_rows = sum(map(len, chunks))
    stacked = np.empty((n_rows, dim), dtype=np.float32)
    start = 0
    for chunk in chunks:
        values = chunk.flatten()
        if values.null_count:
            rows = start + np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False)) // max(1, dim)
            refuse_rows(np.unique(rows), name_row, f"column '{name}': missing numbers in", n_rows)
        with np.errstate(over="ignore"):
            stacked[start : start + len(chunk)] = values.to_numpy(zero_copy_only=False).reshape(len(chunk), dim)
        start += len(chunk)
    return stacked


def _parsed(strings: pa.Array, name: str, name_row: RowName) -> pa.Array:
    bare = pc.ascii_trim(strings.cast(pa.string()), characters=_AROUND_NUMBERS)
    try:
        return pc.ascii_split_whitespace(pc.replace_substring(bare, ",", " ")).cast(pa.list_(pa.float32()))
    except pa.ArrowInvalid:  # tells neither the row nor the text
        return _parsed_one_by_one(strings, name, name_row)


def _parsed_one_by_one(strings: pa.Array, name: str, name_row: RowName) -> pa.Array:
    rows: list[list[float] | None] = []
    for row, text in enumerate(strings.to_pylist()):
        try:
            rows.append(None if text is None else [float(number) for number in text.strip(_AROUND_NUMBERS).replace(",", " ").split()])
        except ValueError:
            shown = text if len(text) <= 40 else f"{text[:40]}…"
            raise InputError(f"column '{name}' is text, and not a list of numbers in {name_row(row)}: {shown!r}.") from None
    return pa.array(rows, type=pa.list_(pa.float32()))
