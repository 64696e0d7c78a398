"""A cache whose keys are hashes of content, so that nothing stale can be read.

The key of a result is a hash of its inputs, its parameters and the code that made it. Entries are single files, written
to a temporary sibling and renamed. A read that fails is a miss; a write that fails costs only the saving.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import uuid
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)


def content_key(*parts: object) -> str:
    """Return a SHA-256 (hex) over JSON-able values, bytes and arrays, in the order given."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"array {part.dtype.str} {part.shape};".encode())
            digest.update(np.ascontiguousarray(part).data)
        elif isinstance(part, bytes):
            digest.update(f"bytes {len(part)};".encode())
            digest.update(part)
        else:
            digest.update(json.dumps(part, sort_keys=True, ensure_ascii=False, default=str).encode())
        digest.update(b"\x00")
    return digest.hexdigest()


@lru_cache
def source_version(*folders_or_files: Path) -> str:
    """Return a hash of the source text below the given files and folders: the code version of a stage."""
    digest = hashlib.sha256()
    for top in folders_or_files:
        for path in sorted(top.rglob("*.py")) if top.is_dir() else [top]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def default_cache_folder() -> Path:
    """Return `$VISTA_CACHE`, or the `vista` folder in the user's cache directory."""
    if given := os.environ.get("VISTA_CACHE"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vista"


class Cache:
    """Arrays by key, below one folder.

    Args:
        folder: Where entries live; made on the first write. None keeps nothing and finds nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def path(self, key: str) -> Path | None:
        return None if self.folder is None else self.folder / key[:2] / f"{key}.npz"

    def read(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return the arrays stored under `key`, or None."""
        path = self.path(key)
        if path is None:
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            logger.info("cache entry %s cannot be read: %s", path, error)
            return None

    def write(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Store arrays (no objects) under `key`; a full or read-only disk only costs the saving."""
        path = self.path(key)
        if path is None:
            return
        temporary = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.npz.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **dict(arrays))
            temporary.replace(path)
        except OSError as error:
            _warn_unwritable(self.folder, error.strerror)
            with contextlib.suppress(OSError):
                temporary.unlink()


@lru_cache
def _warn_unwritable(folder: Path | None, reason: str | None) -> None:
    """Say it once, however many entries cannot be written."""
    logger.warning("the cache at %s cannot be written: %s", folder, reason)
