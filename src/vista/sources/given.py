"""The vectors that the user has in hand, wherever they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import InputFile, Vectors
from vista.errors import InputError, nearest_name_hint
from vista.sources.arrays import ARRAY_READERS, RawVectors, read_vectors_file, split_array_name
from vista.sources.fingerprints import vectors_input
from vista.sources.loaded import Loaded
from vista.sources.memory import as_vectors
from vista.sources.vectors import RowName, checked_vectors, column_vectors, select_rows


@dataclass(frozen=True, slots=True, eq=False)
class GivenVectors:
    """Where the vectors come from: a column, or an array with one row an item of the source; false where there are none.

    Attributes:
        column: Name of the column.
        raw: The array, not yet checked.
        name: What messages call the array.
        inputs: The file that it was read from.
    """

    column: str | None = None
    raw: RawVectors | None = None
    name: str = ""
    inputs: tuple[InputFile, ...] = ()

    def __bool__(self) -> bool:
        return self.column is not None or self.raw is not None

    def of(self, table: pa.Table, rows: NDArray[np.int64], name_row: RowName) -> Vectors | None:
        """Return the checked vectors of some rows of the source.

        Args:
            table: The table with these rows alone.
            rows: Their numbers in the source.
            name_row: Returns what messages call a row, given its position in `rows`.
        """
        if self.column is not None:
            return checked_vectors(column_vectors(table.column(self.column), self.column, name_row), f"column '{self.column}'", name_row)
        return None if self.raw is None else checked_vectors(select_rows(self.raw, rows), self.name, name_row)


def find_vectors(loaded: Loaded, vectors: object) -> GivenVectors:
    """Find the vectors: in the source itself, a column, a file or an array in memory, a column before a file of the same name.

    Raises:
        InputError: If there are none of that name, or not as many as items.
        InputFileError: If a file cannot be read.
    """
    if loaded.vectors is not None:
        if not (vectors is None or isinstance(vectors, str)):
            raise InputError(f"{loaded.name} holds the vectors itself; leave out the others.")
        return GivenVectors(raw=loaded.vectors, name=loaded.name)
    if vectors is None:
        return GivenVectors()
    if not isinstance(vectors, str | Path):
        return _vectors_in_memory(loaded, vectors)
    if str(vectors) in loaded.table.column_names:
        return GivenVectors(column=str(vectors))
    path, array = split_array_name(str(vectors))
    if not path.exists() and path.suffix.lower() not in ARRAY_READERS:
        hint = nearest_name_hint(str(vectors), loaded.table.column_names)
        raise InputError(f"there is no column or file '{vectors}' to take vectors from.{hint}")
    raw, file = read_vectors_file(path, array)
    return _matched(GivenVectors(raw=raw, name=path.name, inputs=(file,)), loaded)


def _vectors_in_memory(loaded: Loaded, vectors: object) -> GivenVectors:
    raw = as_vectors(vectors)
    if raw is None:
        raise InputError(f"a {type(vectors).__name__} holds no vectors; give a column, a file, or an array of NumPy, SciPy or torch.")
    return _matched(GivenVectors(raw=raw, name="the array of vectors", inputs=(vectors_input(raw),)), loaded)


def _matched(given: GivenVectors, loaded: Loaded) -> GivenVectors:
    n_vectors = given.raw.shape[0] if given.raw is not None and given.raw.ndim else 0
    if n_vectors != loaded.table.num_rows:
        raise InputError(
            f"{given.name} holds {n_vectors:,} rows, but {loaded.name} has {loaded.table.num_rows:,}; they go together row by row."
        )
    return given
