"""Bytes of an atlas's files for a viewer that asks for them by messages.

As in the server, a request names a file from the manifest, letter by letter, or it is refused: no path is built from what it says.
"""

from __future__ import annotations

import os
from pathlib import Path

from vista.atlas.manifest import MANIFEST_NAME
from vista.atlas.reader import Atlas
from vista.errors import AtlasFormatError, InputError

MOST_BYTES = 256 << 20


class AtlasBytes:
    """What a viewer may read of an atlas."""

    def __init__(self, atlas: Atlas) -> None:
        self.root = Path(os.path.realpath(atlas.path))
        self.names = frozenset(atlas.manifest["files"]) | {MANIFEST_NAME}

    def read(self, name: object, offset: object = None, length: object = None) -> bytes:
        """Return `length` bytes from `offset` of a file, fewer where it ends before; all of it where neither is given.

        Raises:
            InputError: The request is malformed, names a foreign file, or asks for too much at once.
            AtlasFormatError: The file is missing.
        """
        path = self.root / str(name)
        if not isinstance(name, str) or name not in self.names or not Path(os.path.realpath(path)).is_relative_to(self.root):
            raise InputError(f"there is no file {str(name)[:80]!r} in the atlas.")
        try:
            with path.open("rb") as file:
                start, n_bytes = _span(offset, length, os.fstat(file.fileno()).st_size)
                file.seek(start)
                return file.read(n_bytes)
        except OSError:
            raise AtlasFormatError(f"the atlas is damaged: {name} cannot be read; build it again.") from None


def _span(offset: object, length: object, n_bytes: int) -> tuple[int, int]:
    start = 0 if offset is None else offset
    wanted = n_bytes if length is None else length
    if not isinstance(start, int) or not isinstance(wanted, int) or start < 0 or wanted < 0:
        raise InputError(f"no bytes from {offset!r}, {length!r} long.")
    if (wanted := min(wanted, max(0, n_bytes - start))) > MOST_BYTES:
        raise InputError(f"{wanted} bytes are too many for one message.")
    return start, wanted
