"""Named arrays in one file, mapped into memory on reading; the format is safetensors, so other tools can read them."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputFileError, reason_of

PART_SUFFIX = ".part"
_DTYPES = {"I8": "<i1", "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}
_HEADER_LIMIT_BYTES = 1 << 24


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to a file that appears whole or not at all.

    Raises:
        InputFileError: If the file cannot be written.
    """
    from safetensors.numpy import save

    write_whole(path, lambda part: part.write_bytes(save({name: np.ascontiguousarray(array) for name, array in tensors.items()})))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` with a temporary sibling of `path`, then put that in its place.

    Raises:
        InputFileError: If the disk is full or the folder cannot be written.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except InputFileError:
        raise
    except OSError as error:
        raise InputFileError(f"cannot write '{path.name}' in '{path.parent}': {error.strerror or error}.") from error


class MappedTensors:
    """The arrays of a file by name, mapped into memory and read-only; only what is looked at is read."""

    def __init__(self, buffer: mmap.mmap | bytes, start: int, header: dict[str, Any]) -> None:
        self._buffer, self._start, self._header = buffer, start, header

    def __contains__(self, name: str) -> bool:
        return name in self._header

    def __getitem__(self, name: str) -> NDArray[Any]:
        entry = self._header[name]
        first, last = entry["data_offsets"]
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        array = np.frombuffer(self._buffer, dtype, (last - first) // dtype.itemsize, self._start + first)
        return array.reshape(entry["shape"])


def map_tensors(path: Path) -> MappedTensors:
    """Map the arrays of a file into memory.

    Raises:
        InputFileError: If the file is missing, cut short, or no safetensors file.
    """
    try:
        with path.open("rb") as file:
            n_bytes = os.fstat(file.fileno()).st_size
            header, start = _header(file, n_bytes)
            end = start + max((entry["data_offsets"][1] for entry in header.values()), default=0)
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise InputFileError(f"'{path.name}' is missing from '{path.parent}'.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputFileError(f"'{path}' is damaged: its header cannot be read ({reason_of(error)}).") from error
    if n_bytes != end:
        raise InputFileError(f"'{path}' is damaged: it has {n_bytes} bytes where its header says {end}.")
    return MappedTensors(buffer, start, header)


def _header(file: BinaryIO, n_bytes: int) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(_HEADER_LIMIT_BYTES, n_bytes - 8):
        raise ValueError(f"it would be {length} of {n_bytes} bytes long")
    header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length
