"""Encoding a dataset in shards that are kept, so that a stopped run continues and a grown dataset only adds.

Each shard is one cache entry: the content hashes of its items, their vectors, and which of them were cut. An item is
found again by its hash in whichever shard it was saved. Shards are cut from the list sorted by length, so that a
batch holds items of like length; the order of the items is restored at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Picture, Representation
from vista.errors import InputError
from vista.execution import Cache, Progress, content_key, silent, source_version
from vista.representations.encoder import Encoded, Encoder
from vista.representations.given import given


def encode(
    encoder: Encoder,
    items: Sequence[str] | Sequence[Picture | None],
    *,
    batch_size: int | None = None,
    cache_folder: Path | None = None,
    progress: Progress = silent,
) -> Representation:
    """Encode texts or pictures.

    On one machine the same list gives the same bits, whether or not the run was interrupted in between. In another list
    an item has the same vector up to float32's rounding, since a batch's shape decides the order of summation.

    Args:
        encoder: From `encoder_for`.
        items: Texts for a text encoder; pictures for a vision encoder, None where an item has none.
        batch_size: Most items in a batch; None lets the encoder choose.
        cache_folder: Where finished shards are kept; None keeps nothing.
        progress: Is told how many items are done.

    Returns:
        One vector an item, zero for an item without a picture; notes count those, and the texts that were cut or empty.

    Raises:
        InputError: If there is nothing to encode, the batch size is below 1, or a picture cannot be decoded.
        MissingExtraError: If a package is missing.
        InputFileError: If the model or a picture cannot be read.
    """
    if batch_size is not None and batch_size < 1:
        raise InputError(f"the batch size must be at least 1, not {batch_size}")
    if all(item is None for item in items):
        raise InputError(f"none of the {len(items)} items has {'a picture' if encoder.kind == 'vision' else 'a text'} to encode")
    sheet = _Sheet(encoder, items)
    with progress.stage(f"encoding {'texts' if encoder.kind == 'text' else 'pictures'} with {encoder.name}", len(items)) as advance:
        cache = _cache_of(encoder, cache_folder)
        advance(len(items) - len(sheet.firsts) + sheet.fill_from(cache))
        for shard in sheet.missing_shards():
            encoded = encoder.encode_items([items[sheet.firsts[place]] for place in shard], batch_size=batch_size, advance=advance)
            sheet.fill(shard, encoded)
            cache.write(*_entry(sheet.hashes[shard], encoded))
    return _representation(encoder, items, sheet)


class _Sheet:
    """The vectors of all distinct items, filled bit by bit.

    Attributes:
        hashes: (n_distinct, 32) uint8 content hashes, in the order of lengths: an item's row here is its *place*.
        firsts: Row of the first item with that content, for each place.
        place_of_item: (n_items,) place of each item, -1 for one without content.
        done: (n_distinct,) whether the vector is there.
        cut: (n_distinct,) whether the encoder read only the beginning of the item.
        vectors: (n_distinct, dim) float32; without columns until the first ones are filled in.
    """

    def __init__(self, encoder: Encoder, items: Sequence[Any]) -> None:
        of_item = [None if item is None else encoder.content_hash(item) for item in items]
        first_of: dict[bytes, int] = {}
        for row, digest in enumerate(of_item):
            if digest is not None:
                first_of.setdefault(digest, row)
        ordered = sorted(first_of, key=lambda digest: (encoder.length(items[first_of[digest]]), digest))
        self._place_of = {digest: place for place, digest in enumerate(ordered)}
        self._shard_items = encoder.shard_items
        self.firsts = [first_of[digest] for digest in ordered]
        self.hashes = np.frombuffer(b"".join(ordered), dtype=np.uint8).reshape(-1, 32)
        self.place_of_item = np.array([-1 if digest is None else self._place_of[digest] for digest in of_item])
        self.done = np.zeros(len(ordered), dtype=bool)
        self.cut = np.zeros(len(ordered), dtype=bool)
        self.vectors = np.empty((len(ordered), 0), dtype=np.float32)

    def fill(self, places: NDArray[np.int64], encoded: Encoded) -> None:
        if self.vectors.shape[1] == 0:
            self.vectors = np.zeros((len(self.done), encoded.vectors.shape[1]), dtype=np.float32)
        self.vectors[places], self.cut[places], self.done[places] = encoded.vectors, encoded.cut, True

    def fill_from(self, cache: Cache) -> int:
        """Take what is kept already; return how many items that were."""
        for hashes, encoded in _entries(cache):
            places = np.array([self._place_of.get(digest.tobytes(), -1) for digest in hashes])
            known = places >= 0
            if known.any():
                self.fill(places[known], Encoded(encoded.vectors[known], encoded.cut[known]))
        return int(self.done.sum())

    def missing_shards(self) -> Iterator[NDArray[np.int64]]:
        # The cuts do not depend on what is done: an interrupted run meets the same shards, hence the same batches.
        for start in range(0, len(self.done), self._shard_items):
            missing = start + np.flatnonzero(~self.done[start : start + self._shard_items])
            if len(missing):
                yield missing


def _cache_of(encoder: Encoder, folder: Path | None) -> Cache:
    if folder is None:
        return Cache(None)
    return Cache(folder / "vectors" / content_key(encoder.space, source_version(Path(__file__).parent))[:32])


def _entry(hashes: NDArray[np.uint8], encoded: Encoded) -> tuple[str, dict[str, NDArray[Any]]]:
    return content_key(hashes), {"hashes": hashes, "vectors": encoded.vectors, "cut": encoded.cut}


def _entries(cache: Cache) -> Iterator[tuple[NDArray[np.uint8], Encoded]]:
    if cache.folder is None:
        return
    for path in sorted(cache.folder.glob("*/*.npz")):
        if (stored := cache.read(path.stem)) is not None:
            yield stored["hashes"], Encoded(stored["vectors"], stored["cut"])


def _representation(encoder: Encoder, items: Sequence[Any], sheet: _Sheet) -> Representation:
    present = sheet.place_of_item >= 0
    vectors = np.zeros((len(items), sheet.vectors.shape[1]), dtype=np.float32)
    vectors[present] = sheet.vectors[sheet.place_of_item[present]]
    checked = given(vectors)
    n_cut = int(sheet.cut[sheet.place_of_item[present]].sum())
    notes = (*encoder.notes, *_notes(encoder, items, n_cut))
    return Representation(checked.vectors, encoder.name, checked.fingerprint, encoder.space, notes)


def _notes(encoder: Encoder, items: Sequence[Any], n_cut: int) -> Iterator[str]:
    n_missing = sum(item is None for item in items)
    n_empty = sum(isinstance(item, str) and not item.strip() for item in items)
    if n_missing:
        yield f"{n_missing} of {len(items)} items have no picture: their vectors are zero"
    if n_empty:
        yield f"{n_empty} of {len(items)} texts are empty: they share one vector"
    if n_cut:
        yield f"{n_cut} of {len(items)} texts are longer than {encoder.name} reads: only their beginning is in their vectors"
