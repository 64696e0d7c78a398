"""Whether an atlas holds some items already, so that several maps can share one set.

Two sets are of the same items when their tables, texts and neighbors are the same. Which pictures a library lent them can differ, for
that may depend on a map: pictures are chosen for the items that stand for others there. The shared set then holds the pictures of both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vista.atlas.blocks import Blocks, inflated
from vista.atlas.construction import Building
from vista.atlas.files import file_entries
from vista.atlas.manifest import FileEntry, SetEntry

_FILES_OF_ITEMS = ("items.parquet", "titles.bin", "neighbors.parquet")


def find_twin(place: Building, name: str, entry: SetEntry) -> str | None:
    """Return the earlier set that holds the items of the set `name`, which was just written; None if there is none."""
    if place.earlier is None:
        return None
    room = f"items/{name}"
    fresh = {path.relative_to(room).as_posix(): file for path, file in file_entries(place.folder, [room])}
    for other, earlier in place.earlier["sets"].items():
        stored = _files_of(place.earlier["files"], other)
        if stored == fresh:
            return other
        if _can_join(earlier, entry) and all(stored.get(file) == fresh.get(file) for file in _FILES_OF_ITEMS):
            return other
    return None


def joined_pictures(atlas: Path, earlier: SetEntry, fresh: SetEntry) -> tuple[list[bytes], NDArray[np.int64]] | None:
    """Return the pictures of two sets of the same items, and the picture of each item, -1 for none.

    An item keeps the picture that it has. None if the earlier set lacks nothing.
    """
    of_item, given = _picture_of_items(atlas, earlier), _picture_of_items(atlas, fresh)
    gaining = np.flatnonzero((of_item < 0) & (given >= 0))
    if len(gaining) == 0:
        return None
    pictures, lent = _pictures(atlas, earlier), _pictures(atlas, fresh)
    number_of = {picture: number for number, picture in reversed(list(enumerate(pictures)))}
    for item in gaining.tolist():
        picture = lent[given[item]]
        if picture not in number_of:
            number_of[picture] = len(pictures)
            pictures.append(picture)
        of_item[item] = number_of[picture]
    return pictures, of_item


def _files_of(files: Mapping[str, FileEntry], name: str) -> dict[str, FileEntry]:
    room = f"items/{name}/"
    return {path.removeprefix(room): entry for path, entry in files.items() if path.startswith(room)}


def _can_join(earlier: SetEntry, fresh: SetEntry) -> bool:
    """Return whether the sets differ at most in what a library lent them."""
    is_lent = all(entry["pictures"] is None or entry["pictures"]["of"] == "library" for entry in (earlier, fresh))
    return is_lent and all(earlier[key] == fresh[key] for key in ("n_items", "text_column", "columns"))


def _picture_of_items(atlas: Path, entry: SetEntry) -> NDArray[np.int64]:
    blocks = Blocks(atlas / entry["cards"]["data"], atlas / entry["cards"]["index"])
    cards = (card for number in range(len(blocks)) for card in json.loads(inflated(blocks[number])))
    return np.array([-1 if card["picture"] is None else card["picture"] for card in cards], dtype=np.int64)


def _pictures(atlas: Path, entry: SetEntry) -> list[bytes]:
    if entry["pictures"] is None:
        return []
    blocks = Blocks(atlas / entry["pictures"]["data"], atlas / entry["pictures"]["index"])
    return [blocks[number] for number in range(len(blocks))]
