"""Vectors in files: .npy, .npz, .safetensors and .h5ad, with the array named after a colon where there are several."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import InputFile
from vista.errors import InputError, InputFileError, VistaError, nearest_name_hint
from vista.sources.fingerprints import file_input
from vista.sources.h5ad import read_h5ad_array, read_obs
from vista.sources.loaded import Loaded

if TYPE_CHECKING:
    import scipy.sparse as sp

RawVectors: TypeAlias = "NDArray[Any] | sp.csr_matrix"  # (n, dim) of any number type, not yet checked


def split_array_name(spec: str) -> tuple[Path, str | None]:
    """Split `FILE[:array]` where FILE exists or ends like a file of arrays; a name that exists as it is is left alone."""
    head, colon, array = spec.rpartition(":")
    is_file = Path(head).is_file() or Path(head).suffix.lower() in ARRAY_READERS
    if not Path(spec).exists() and colon and array and is_file:
        return Path(head), array
    return Path(spec), None


def load_arrays(path: Path, array: str | None) -> Loaded:
    """Read a file of vectors as a source of its own: one item a row; from .h5ad, the columns of `obs` come along."""
    vectors, file = read_vectors_file(path, array)
    if path.suffix.lower() != ".h5ad":
        return Loaded(name=path.name, table=rows_alone(_n_rows(vectors, path)), folder=path.parent, vectors=vectors, inputs=(file,))
    obs = read_obs(path)
    if obs.table.num_rows != _n_rows(vectors, path):
        raise InputError(f"{path}: obs has {obs.table.num_rows:,} rows, but the vectors have {vectors.shape[0]:,}.")
    return Loaded(path.name, obs.table, path.parent, vectors, id_column=obs.index, inputs=(file,), notes=obs.notes)


def rows_alone(n_rows: int) -> pa.Table:
    """Return a table of `n_rows` rows and no columns."""
    return pa.table({"row": np.zeros(n_rows, dtype=np.int8)}).select([])


def read_vectors_file(path: Path, array: str | None) -> tuple[RawVectors, InputFile]:
    """Read an array of vectors; .npy is mapped into memory, not loaded.

    Raises:
        InputFileError: If there is no such file, or it is damaged or of another kind.
        InputError: If the array is not in the file, or several are and none was named.
    """
    reader = ARRAY_READERS.get(path.suffix.lower())
    if reader is None:
        raise InputFileError(f"{path} is no file of vectors that can be read; known endings: {', '.join(ARRAY_READERS)}.")
    if not path.is_file():
        raise InputFileError(f"there is no file {path}.")
    try:
        return reader(path, array), file_input(path)
    except VistaError:
        raise
    except _DAMAGE as error:
        raise InputFileError(f"{path} cannot be read as {path.suffix[1:].lower()}: {_reason(error)}.") from error


def _n_rows(vectors: RawVectors, path: Path) -> int:
    if vectors.ndim != 2:
        raise InputError(f"{path} holds an array of shape {vectors.shape}; vectors need two dimensions, items by numbers.")
    return int(vectors.shape[0])


def _read_npy(path: Path, array: str | None) -> RawVectors:
    if array is not None:
        raise InputError(f"{path} holds one array without a name; leave out ':{array}'.")
    mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped


def _read_npz(path: Path, array: str | None) -> RawVectors:
    import scipy.sparse as sp

    with np.load(path, allow_pickle=False) as stored:
        if array is None and {"format", "indptr", "indices", "data", "shape"} <= set(stored.files):
            return checked_csr(sp.load_npz(path))
        return np.asarray(stored[_choose_array(path, array, stored.files)])


def _read_safetensors(path: Path, array: str | None) -> RawVectors:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as stored:
            name = _choose_array(path, array, sorted(stored.keys()))
            kind = stored.get_slice(name).get_dtype()
            if kind not in _SAFETENSORS_TYPES:
                raise InputError(f"tensor '{name}' of {path} is stored as {kind}; save it as float32 or float16.")
            return np.asarray(stored.get_tensor(name))
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_h5ad(path: Path, array: str | None) -> RawVectors:
    read = read_h5ad_array(path, lambda names: _choose_array(path, array, names))
    return read if isinstance(read, np.ndarray) else checked_csr(read)


def checked_csr(matrix: Any) -> sp.csr_matrix:
    """Turn any scipy sparse matrix into CSR whose indices are known to lie inside it.

    Raises:
        ValueError: If they do not, as in a damaged file.
    """
    import scipy.sparse as sp

    if matrix.format in ("csr", "csc"):
        matrix.check_format(full_check=True)
    rows = sp.csr_matrix(matrix)
    rows.sum_duplicates()
    return rows


def _choose_array(path: Path, array: str | None, names: Sequence[str]) -> str:
    if array is None and len(names) == 1:
        return names[0]
    if array is None:
        raise InputError(f"{path} holds {len(names)} arrays: {', '.join(names)}. Name one, as in {path.name}:{names[0] if names else 'X'}.")
    if array not in names:
        raise InputError(f"there is no array '{array}' in {path}.{nearest_name_hint(array, names)}")
    return array


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "pickle" in text or "Python objects" in text or "Object arrays" in text:
        return "it holds Python objects or is no such file, and only plain numbers are read"
    return text[:200].rstrip(".") or type(error).__name__


_DAMAGE = (OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError, zipfile.BadZipFile)
_SAFETENSORS_TYPES = {"F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8"}
ARRAY_READERS: dict[str, Callable[[Path, str | None], RawVectors]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".h5ad": _read_h5ad,
}
