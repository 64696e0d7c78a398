"""Content hashes of what is read: files, and data that is in memory already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vista.artifacts import InputFile
from vista.errors import InputFileError

if TYPE_CHECKING:
    from vista.sources.arrays import RawVectors

IN_MEMORY = "in memory"


def file_input(path: Path) -> InputFile:
    """Hash one file.

    Raises:
        InputFileError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        return InputFile(path.name, digest.hexdigest(), path.stat().st_size)
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}.") from error


def combined_input(name: str, files: Iterable[InputFile]) -> InputFile:
    """Fold many files into one entry: the hash runs over their names and hashes in order, the size is the sum."""
    digest, n_bytes = hashlib.sha256(), 0
    for file in files:
        digest.update(f"{file.name}\x00{file.sha256}\n".encode())
        n_bytes += file.n_bytes
    return InputFile(name, digest.hexdigest(), n_bytes)


def table_input(table: pa.Table) -> InputFile:
    """Hash a table in memory: its names, types and values, but not what other libraries wrote beside them."""
    sink = _HashSink()
    bare = table.replace_schema_metadata(None)
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), bare.schema) as writer:
        writer.write_table(bare)
    return InputFile(IN_MEMORY, sink.digest.hexdigest(), int(table.nbytes))


def vectors_input(vectors: RawVectors) -> InputFile:
    """Hash vectors in memory, dense or CSR."""
    parts = [vectors] if isinstance(vectors, np.ndarray) else [vectors.data, vectors.indices, vectors.indptr]
    digest, n_bytes = hashlib.sha256(), 0
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape};".encode())
        digest.update(np.ascontiguousarray(part).view(np.uint8).data)
        n_bytes += int(part.nbytes)
    return InputFile(IN_MEMORY, digest.hexdigest(), n_bytes)


class _HashSink:
    """A file that keeps nothing of what is written to it but the hash."""

    closed = False

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return len(data)

    def flush(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True
