"""Named arrays in one file, mapped into memory on reading; the format is safetensors, so other tools can read them."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputFileError, reason_of

PART_SUFFIX = ".part"
_DTYPES = {"I8": "<i1", "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}
_HEADER_LIMIT_BYTES = 1 << 24
_CAN_ADVISE = hasattr(os, "posix_fadvise") and hasattr(mmap, "MADV_RANDOM")


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
    """The arrays of a file by name, mapped into memory and read-only.

    Only the pages that are looked at are read. The system is told not to read ahead, which would fetch megabytes for each
    page; who needs many pages says so by `expect`, for as many files as wanted, before looking at any.
    """

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

    def expect(self, name: str, rows: slice | None = None) -> None:
        """Let the system start to read an array, or some of its rows, without waiting for them."""
        if not _CAN_ADVISE or not isinstance(self._buffer, mmap.mmap):
            return
        entry = self._header[name]
        first, last = entry["data_offsets"]
        row_bytes = (last - first) // max(entry["shape"][0], 1)
        start, stop = (first, last) if rows is None else (first + rows.start * row_bytes, first + rows.stop * row_bytes)
        page = (self._start + start) // mmap.PAGESIZE * mmap.PAGESIZE
        if stop > start:
            self._buffer.madvise(mmap.MADV_WILLNEED, page, self._start + stop - page)


def map_tensors(path: Path) -> MappedTensors:
    """Map the arrays of a file into memory.

    Raises:
        InputFileError: If the file is missing, cut short, or no safetensors file.
    """
    try:
        with path.open("rb", buffering=0) as file:
            if _CAN_ADVISE:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
            n_bytes = os.fstat(file.fileno()).st_size
            header, start = _header(file, n_bytes)
            end = start + max((entry["data_offsets"][1] for entry in header.values()), default=0)
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if _CAN_ADVISE:
                buffer.madvise(mmap.MADV_RANDOM)
    except FileNotFoundError:
        raise InputFileError(f"'{path.name}' is missing from '{path.parent}'.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputFileError(f"'{path}' is damaged: its header cannot be read ({reason_of(error)}).") from error
    if n_bytes != end:
        raise InputFileError(f"'{path}' is damaged: it has {n_bytes} bytes where its header says {end}.")
    return MappedTensors(buffer, start, header)


def _header(file: FileIO, n_bytes: int) -> tuple[dict[str, Any], int]:
    begin = file.read(mmap.PAGESIZE)
    length = int.from_bytes(begin[:8], "little")
    if not 2 <= length <= min(_HEADER_LIMIT_BYTES, n_bytes - 8):
        raise ValueError(f"it would be {length} of {n_bytes} bytes long")
    header = json.loads((begin + file.read(max(8 + length - len(begin), 0)))[8 : 8 + length])
    header.pop("__metadata__", None)
    return header, 8 + length
