"""A file of drawn pictures beside the output, so that memory does not grow with the map.

Every picture is drawn once and read back at each level that shows it. The file has no name and goes away by itself.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vista.execution import in_order
from vista.execution.progress import Advance
from vista.rendering.pictures import PICTURE_PX, PictureSource

_SLOT_BYTES = PICTURE_PX * PICTURE_PX * 4
_DRAWN_AT_ONCE = 32


class PictureSpool:
    """Drawn pictures on disk, by key.

    Args:
        keys: (n_pictures,) int64, ascending and unique.
        folder: Where the file lives; it must have room for 12.25 KiB a picture.
    """

    def __init__(self, keys: NDArray[np.int64], folder: Path) -> None:
        self.keys = keys
        self.kinds = np.zeros(len(keys), dtype=np.uint16)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as the spool
        self._lock = Lock()

    def close(self) -> None:
        self._file.close()

    def fill(self, source: PictureSource, pool: ThreadPoolExecutor, advance: Advance) -> None:
        """Draw every picture, in threads, and write them in the order of their keys."""
        starts = range(0, len(self.keys), _DRAWN_AT_ONCE)

        def drawn(start: int) -> tuple[int, bytes]:
            pictures = [source.draw(int(key)) for key in self.keys[start : start + _DRAWN_AT_ONCE]]
            self.kinds[start : start + len(pictures)] = [picture.kind for picture in pictures]
            return len(pictures), b"".join(picture.image.tobytes() for picture in pictures)

        for n_pictures, pixels in in_order(pool, drawn, starts):
            self._file.write(pixels)
            advance(n_pictures)

    def slots(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where each picture is in the spool."""
        return np.searchsorted(self.keys, keys).astype(np.int64)

    def read(self, slot: int) -> NDArray[np.uint8]:
        """Return one picture, (56, 56, 4) RGBA; safe to call from several threads."""
        with self._lock:
            self._file.seek(slot * _SLOT_BYTES)
            pixels = self._file.read(_SLOT_BYTES)
        return np.frombuffer(pixels, dtype=np.uint8).reshape(PICTURE_PX, PICTURE_PX, 4)
