"""Many small payloads in one file, each reachable by one Range request.

.bin   │ block 0 │ block 1 │ (2 is empty) │ block 3 │
.idx   gzip of uint32:  len 0, len 1, 0, len 3
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vista.errors import AtlasFormatError

GZIP_MAGIC = b"\x1f\x8b"


def gzipped(data: bytes, level: int = 6) -> bytes:
    """Return gzip of `data` that depends on nothing else: no time, no name."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)  # 31: gzip wrapper, largest window
    return packer.compress(data) + packer.flush()


def inflated(data: bytes) -> bytes:
    """Return what was gzipped, or `data` itself where it is not gzip (some hosts inflate on their way)."""
    return zlib.decompress(data, 31) if data.startswith(GZIP_MAGIC) else data


def write_blocks(data_path: Path, index_path: Path, blocks: Iterable[bytes | None]) -> int:
    """Write blocks one after another, with their index, and return their number; None becomes an empty block."""
    lengths = []
    with data_path.open("wb") as file:
        for block in blocks:
            file.write(block or b"")
            lengths.append(len(block or b""))
    index_path.write_bytes(gzipped(np.asarray(lengths, "<u4").tobytes()))
    return len(lengths)


class Blocks:
    """Read single blocks of a file.

    Args:
        data_path: The `.bin` file.
        index_path: The `.idx` file.
    """

    def __init__(self, data_path: Path, index_path: Path) -> None:
        self.data_path = data_path
        lengths = np.frombuffer(inflated(index_path.read_bytes()), "<u4").astype(np.int64)
        self.ends = np.cumsum(lengths)
        self.starts = self.ends - lengths

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, i: int) -> bytes:
        """Return block `i`; an empty block is `b""`.

        Raises:
            IndexError: There is no such block.
            AtlasFormatError: The file is shorter than its index says.
        """
        if not 0 <= i < len(self):
            raise IndexError(f"no block {i}: there are {len(self)}.")
        with self.data_path.open("rb") as file:
            file.seek(int(self.starts[i]))
            n_bytes = int(self.ends[i] - self.starts[i])
            block = file.read(n_bytes)
        if len(block) != n_bytes:
            raise AtlasFormatError(
                f"{self.data_path.name} is cut short: block {i} has {len(block)} of {n_bytes} bytes; build the atlas again."
            )
        return block
