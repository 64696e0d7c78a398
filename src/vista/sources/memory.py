"""Sources that are in memory already: tables of pyarrow, pandas and polars; arrays of NumPy, SciPy and torch.

Each is recognized by the module it comes from, so that none of these packages is imported for the others' sake.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vista.errors import InputError
from vista.sources.arrays import checked_csr, rows_alone
from vista.sources.fingerprints import table_input, vectors_input
from vista.sources.loaded import Loaded
from vista.sources.table import checked_table

if TYPE_CHECKING:
    from vista.sources.arrays import RawVectors


def load_memory(source: object) -> Loaded:
    """Take a table or vectors that are in memory; relative paths of pictures begin at the working folder.

    Raises:
        InputError: If it is nothing that can be mapped.
    """
    table = _as_table(source)
    if table is not None:
        return Loaded("the table", checked_table(table, "the table"), Path(), inputs=(table_input(table),))
    vectors = as_vectors(source)
    if vectors is None:
        raise InputError(
            f"a {type(source).__name__} cannot be mapped; give a path, a pyarrow Table, a pandas or polars DataFrame, or an array."
        )
    if vectors.ndim != 2:
        raise InputError(f"the array has shape {vectors.shape}; vectors need two dimensions, items by numbers.")
    return Loaded("the array", checked_table(rows_alone(vectors.shape[0]), "the array"), Path(), vectors, inputs=(vectors_input(vectors),))


def as_vectors(source: object) -> RawVectors | None:
    """Return an array of NumPy or torch, or a sparse matrix of SciPy, as vectors; None for anything else."""
    if isinstance(source, np.ndarray):
        return source
    if _comes_from(source, "torch") and hasattr(source, "detach"):
        return np.asarray(source.detach().cpu().float().numpy())
    if _comes_from(source, "scipy") and hasattr(source, "tocsr"):
        return checked_csr(source)
    return None


def _as_table(source: Any) -> pa.Table | None:
    if isinstance(source, pa.Table):
        return source
    try:
        if _comes_from(source, "pandas") and hasattr(source, "columns"):
            return _from_pandas(source)
        if _comes_from(source, "polars") and hasattr(source, "to_arrow") and hasattr(source, "columns"):
            return source.to_arrow()
    except pa.ArrowException as error:
        raise InputError(f"the DataFrame cannot be read as a table: {str(error).splitlines()[0]}.") from error
    except UnicodeEncodeError as error:
        raise InputError(
            f"the DataFrame holds text that is no valid Unicode (the lone surrogate {_cause(error)!a}); mend or remove it."
        ) from error
    return None


def _from_pandas(frame: Any) -> pa.Table:
    if len(frame) and not len(frame.columns) and frame.index.name is None:
        raise InputError(f"the DataFrame has {len(frame):,} rows and no columns; make columns of its index with reset_index().")
    return pa.Table.from_pandas(frame, preserve_index=frame.index.name is not None)


def _cause(error: UnicodeEncodeError) -> str:
    return error.object[error.start : error.start + 1]


def _comes_from(source: object, package: str) -> bool:
    return type(source).__module__.split(".")[0] == package
