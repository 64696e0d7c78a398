"""Which files an atlas has, with their sizes and hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vista.atlas.manifest import FileEntry
from vista.execution import in_order, thread_pool


def file_entries(atlas: Path, rooms: Iterable[str], *, known: Mapping[str, FileEntry] | None = None) -> Iterator[tuple[Path, FileEntry]]:
    """Yield every file below the given rooms of an atlas, as a path relative to it, in the order of the names.

    Files that are `known` keep their entry without being read.
    """
    paths = [path for room in sorted(rooms) for path in sorted((atlas / room).rglob("*")) if path.is_file()]
    relative = [path.relative_to(atlas) for path in paths]
    with thread_pool() as pool:
        entries = in_order(pool, lambda path: (known or {}).get(path.as_posix()) or file_entry(atlas / path), relative)
        yield from zip(relative, entries, strict=True)


def file_entry(path: Path) -> FileEntry:
    """Return the size and the hash of one file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return {"n_bytes": file.tell(), "sha256": sha256}
