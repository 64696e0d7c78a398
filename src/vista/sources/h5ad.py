"""AnnData files (.h5ad): `X` and `obsm` as vectors, `obs` as columns.

The encoding is read as AnnData's on-disk format describes it; anndata itself is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.errors import InputFileError, MissingExtraError

OBS_INDEX = "obs_name"


@dataclass(frozen=True, slots=True, eq=False)
class Obs:
    """The observations of an AnnData file: their columns, the name of the column with their names, and notes."""

    table: pa.Table
    index: str
    notes: tuple[str, ...]


def read_h5ad_array(path: Path, choose: Callable[[Sequence[str]], str]) -> Any:
    """Read `X` or an array of `obsm`, dense as an array or sparse as a scipy matrix.

    Args:
        path: The file.
        choose: Picks one of the names: `X`, and the keys of `obsm`.
    """
    with _open(path) as file:
        names = (["X"] if "X" in file else []) + sorted(file.get("obsm", ()))
        name = choose(names)
        stored = file[name] if name == "X" else file["obsm"][name]
        return _sparse(stored) if hasattr(stored, "keys") else stored[()]


def read_obs(path: Path) -> Obs:
    """Read the columns of `obs` that are plain: numbers, strings, booleans and categories."""
    with _open(path) as file:
        obs = file.get("obs")
        if obs is None or "_index" not in getattr(obs, "attrs", {}):
            raise InputFileError(f"{path} has no obs that can be read; write it with anndata 0.7 or newer.")
        index = _string(obs.attrs["_index"])
        name = OBS_INDEX if index == "_index" else index
        columns = {name: _column(obs[index])}
        left_out = []
        for key in map(_string, obs.attrs.get("column-order", ())):
            column = _column(obs[key])
            if column is None:
                left_out.append(key)
            else:
                columns[key] = column
    notes = (f"obs columns that are not plain were left out: {', '.join(left_out)}",) if left_out else ()
    return Obs(pa.table(columns), name, notes)


def _open(path: Path) -> Any:
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError('reading .h5ad needs h5py; install it with: pip install "vista-atlas[h5ad]"') from error
    return h5py.File(path, "r")


def _sparse(group: Any) -> Any:
    import scipy.sparse as sp

    kinds = {"csr_matrix": sp.csr_matrix, "csc_matrix": sp.csc_matrix}
    kind = _string(group.attrs.get("encoding-type", ""))
    if kind not in kinds:
        raise ValueError(f"array '{group.name}' is stored as '{kind or 'a group'}', which is neither dense nor csr nor csc")
    shape = tuple(int(n) for n in group.attrs["shape"])
    return kinds[kind]((group["data"][()], group["indices"][()], group["indptr"][()]), shape=shape)


def _column(stored: Any) -> pa.Array | None:
    if not hasattr(stored, "keys"):
        return _plain(stored[()])
    if {"codes", "categories"} <= set(stored):
        return _categories(stored["codes"][()], _plain(stored["categories"][()]))
    if {"values", "mask"} <= set(stored):
        values = _plain(stored["values"][()])
        return None if values is None else pa.array(values.to_pylist(), mask=stored["mask"][()].astype(bool), type=values.type)
    return None


def _categories(codes: NDArray[Any], categories: pa.Array | None) -> pa.Array | None:
    return None if categories is None else categories.take(pa.array(codes.astype(np.int64), mask=codes < 0))


def _plain(values: NDArray[Any]) -> pa.Array | None:
    if values.ndim != 1:
        return None
    if values.dtype.kind in "OS":
        return pa.array([_string(value) for value in values], type=pa.string())
    return pa.array(values) if values.dtype.kind in "biuf" else None


def _string(value: Any) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
