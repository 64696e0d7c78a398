"""Writing a PNG of any size row by row, which Pillow cannot: a poster need not fit into memory.

A PNG is a signature and chunks (W3C, "Portable Network Graphics", 3rd edition, §5): IHDR says the size, IDAT holds the zlib stream of
the rows, each behind the number of its filter, IEND ends it. Rows are filtered by Up (each byte less the one above), which
suits flat pictures.
"""

from __future__ import annotations

import struct
import zlib
from types import TracebackType
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2
_LEVEL = 6


class PngWriter:
    """Writes an RGB picture, some rows at a time.

    Args:
        file: Where it goes.
        width_px: Width.
        height_px: Height; exactly so many rows are to be written.
    """

    def __init__(self, file: BinaryIO, width_px: int, height_px: int) -> None:
        self._file, self._packer = file, zlib.compressobj(_LEVEL)
        self._above = np.zeros((width_px, 3), np.uint8)
        self._left = height_px
        file.write(_SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))

    def __enter__(self) -> PngWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._finish()

    def write(self, rows: NDArray[np.uint8]) -> None:
        """Write the next rows, (n_rows, width_px, 3), n_rows ≥ 1."""
        above = np.concatenate([self._above[None], rows[:-1]])
        filtered = np.empty((len(rows), 1 + rows.shape[1] * 3), np.uint8)
        filtered[:, 0] = _UP
        filtered[:, 1:] = (rows - above).reshape(len(rows), -1)
        self._above, self._left = rows[-1].copy(), self._left - len(rows)
        self._chunk(b"IDAT", self._packer.compress(filtered.tobytes()))

    def _finish(self) -> None:
        if self._left:
            raise ValueError(f"the picture has {self._left} rows too few (or, below 0, too many)")
        self._chunk(b"IDAT", self._packer.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, name: bytes, data: bytes) -> None:
        if data or name != b"IDAT":
            self._file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
