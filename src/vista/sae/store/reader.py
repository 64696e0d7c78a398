"""Reading a store: codes by item, items by latent, and what is at each token of one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import InputFile, Items
from vista.errors import InputError, InputFileError
from vista.sae.store.items_file import items_from, map_items
from vista.sae.store.manifest import StoreManifest, StoreMeta, Writing, file_entry, read_store_manifest, read_writing
from vista.sae.store.rounding import restored
from vista.sae.store.statistics import LatentStatistics, entries_of, read_statistics
from vista.sae.store.tensors import MappedTensors, map_tensors

if TYPE_CHECKING:
    import pyarrow as pa
    import scipy.sparse as sp

_WITHOUT_TOKENS = "this store was made without the codes of tokens; encode again with them to see a latent at each token."
_MAPPED_SHARDS = 512  # each holds a file open


@dataclass(frozen=True, slots=True, eq=False)
class LatentItems:
    """The items on which a latent fires.

    Attributes:
        rows: (n_active,) int64, ascending.
        values: (n_active,) float32 pooled activations, above 0.
        positions: (n_active,) int64 token of each item that the value is shown at.
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    positions: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ItemTokens:
    """The tokens of one item, and the codes at each.

    Attributes:
        token_ids: (n_tokens,) int64.
        char_starts: (n_tokens,) int64 first character of each token in the item's text.
        char_ends: (n_tokens,) int64 character after its last.
        codes: (n_tokens, d_sae) float32 CSR, or None in a store that was made without the codes of tokens.
    """

    token_ids: NDArray[np.int64]
    char_starts: NDArray[np.int64]
    char_ends: NDArray[np.int64]
    codes: sp.csr_matrix | None

    def strings(self, text: str) -> list[str]:
        """Return the characters of each token, given the item's text."""
        return [text[start:end] for start, end in zip(self.char_starts.tolist(), self.char_ends.tolist(), strict=True)]

    def values_of(self, latent: int) -> NDArray[np.float32]:
        """Return the latent's activation at each token, (n_tokens,).

        Raises:
            InputError: If the store has no codes of tokens, or there is no such latent.
        """
        if self.codes is None:
            raise InputError(_WITHOUT_TOKENS)
        _check_within(latent, self.codes.shape[1], "latent", "SAE")
        values: NDArray[np.float32] = self.codes[:, [latent]].toarray().ravel()
        return values


@dataclass(frozen=True, slots=True, eq=False)
class LatentTokens:
    """The tokens of one item on which a latent fires.

    Attributes:
        positions: (n_fires,) int64 places among the item's tokens, ascending.
        char_starts: (n_fires,) int64 first character of each.
        char_ends: (n_fires,) int64 character after its last.
        values: (n_fires,) float32 activations.
    """

    positions: NDArray[np.int64]
    char_starts: NDArray[np.int64]
    char_ends: NDArray[np.int64]
    values: NDArray[np.float32]


def open_store(folder: Path | str) -> Store:
    """Open a store of codes; little is read before it is asked for.

    Raises:
        InputFileError: If the folder is no store, is half-written, or is one that this version cannot read.
    """
    folder = Path(folder)
    manifest = read_store_manifest(folder)
    if manifest is None:
        writing = read_writing(folder) if folder.is_dir() else None
        raise InputFileError(_half_written(folder, writing) if writing else f"'{folder}' is not a store of codes: it has no store.json.")
    return Store(folder, manifest)


def _half_written(folder: Path, writing: Writing) -> str:
    shards = writing.part.shards
    n_there = sum((folder / shard.path).is_file() for shard in shards)
    return f"the store in '{folder}' is half-written: {n_there} of {len(shards)} shards are there; run the same encoding again to continue."


class Store:
    """Codes of many items, on disk.

    Args:
        folder: Where it lies.
        manifest: What its `store.json` says.
    """

    def __init__(self, folder: Path, manifest: StoreManifest) -> None:
        self.folder, self.manifest = folder, manifest
        self._starts = np.array([shard.start for shard in manifest.shards], np.int64)
        self._shard = lru_cache(_MAPPED_SHARDS)(lambda i: map_tensors(folder / manifest.shards[i].path))

    def __len__(self) -> int:
        return self.manifest.n_items

    @property
    def meta(self) -> StoreMeta:
        """Where the codes come from."""
        return self.manifest.meta

    @property
    def d_sae(self) -> int:
        """Number of latents."""
        return self.meta.d_sae

    @property
    def has_tokens(self) -> bool:
        """Whether the codes of tokens are kept."""
        return self.manifest.tokens

    @property
    def content_sha256(self) -> str:
        """Hash of all that the store holds."""
        return self.manifest.content_sha256

    @property
    def inputs(self) -> tuple[InputFile, ...]:
        """The files that the items were read from."""
        return tuple(dict.fromkeys(file for part in self.manifest.parts for file in part.inputs))

    @cached_property
    def items(self) -> pa.Table:
        """The items: `item_id`, `source_row`, `text` and the user's columns, mapped into memory."""
        return map_items([self.folder / part.items for part in self.manifest.parts])

    @cached_property
    def statistics(self) -> LatentStatistics:
        """Figures of every latent."""
        return read_statistics(self.folder / self.manifest.statistics, len(self))

    def read_items(self, rows: Sequence[int] | NDArray[np.integer[Any]] | None = None) -> Items:
        """Return some items, or all of them, with their texts in memory.

        Raises:
            InputError: If there is no such item.
        """
        table = self.items if rows is None else self.items.take(self._checked_rows(rows))
        first = self.manifest.parts[0]
        return items_from(table, first.text_column, first.color_columns)

    def codes(self, rows: slice | Sequence[int] | NDArray[np.integer[Any]] | None = None) -> sp.csr_matrix:
        """Return the pooled codes of some items, or of all, (n_rows, d_sae) float32 CSR; 8 bytes a code.

        Raises:
            InputError: If there is no such item.
            InputFileError: If a shard is damaged.
        """
        import scipy.sparse as sp

        wanted = self._checked_rows(rows)
        ascending, back = np.unique(wanted, return_inverse=True)
        starts, latents, values = self._rows(ascending)
        matrix = sp.csr_matrix((values, latents, starts), shape=(len(ascending), self.d_sae))
        return matrix if np.array_equal(ascending, wanted) else matrix[back]

    def latent(self, latent: int) -> LatentItems:
        """Return the items on which a latent fires, with its pooled value and where in the item.

        Raises:
            InputError: If there is no such latent.
            InputFileError: If a shard is damaged.
        """
        _check_within(latent, self.d_sae, "latent", "SAE")
        shards = [self._shard(i) for i in range(len(self._starts))]
        for shard in shards:
            shard.expect("latent_starts", slice(latent, latent + 2))
            shard.expect("exponents", slice(latent, latent + 1))
        runs = [_run(shard["latent_starts"], latent) for shard in shards]
        for shard, run in zip(shards, runs, strict=True):
            shard.expect("entries", run)
        ends = np.cumsum([run.stop - run.start for run in runs]).tolist()
        found = LatentItems(np.empty(ends[-1], np.int64), np.empty(ends[-1], np.float32), np.empty(ends[-1], np.int64))
        for first, shard, run, end in zip(self._starts.tolist(), shards, runs, ends, strict=True):
            own, entries = slice(end - run.stop + run.start, end), entries_of(shard)[run]
            np.add(entries["row"], first, out=found.rows[own], dtype=np.int64)
            found.values[own] = restored(entries["value"], shard["exponents"][latent : latent + 1], 0)
            found.positions[own] = entries["position"]
        return found

    def tokens(self, row: int) -> ItemTokens:
        """Return the tokens of one item, with the codes at each.

        Raises:
            InputError: If there is no such item.
            InputFileError: If a shard is damaged.
        """
        _check_within(row, len(self), "item", "store")
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        shard, item = self._shard(number), int(row - self._starts[number])
        tokens = _run(shard["token_starts"], item)
        starts = shard["char_starts"][tokens].astype(np.int64)
        codes = self._token_codes(shard, item, tokens.stop - tokens.start) if self.has_tokens else None
        return ItemTokens(shard["token_ids"][tokens].astype(np.int64), starts, starts + shard["char_lengths"][tokens], codes)

    def item_ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many tokens each item has, and the character after the last of them, 0 where there is none; (n_items,) each.

        Raises:
            InputFileError: If a shard is damaged.
        """
        n_tokens, ends = np.zeros(len(self), np.int64), np.zeros(len(self), np.int64)
        for i, entry in enumerate(self.manifest.shards):
            shard, own = self._shard(i), slice(entry.start, entry.stop)
            starts = shard["token_starts"].astype(np.int64)
            n_tokens[own] = np.diff(starts)
            last = starts[1:][n_tokens[own] > 0] - 1
            ends[own][n_tokens[own] > 0] = shard["char_starts"][last].astype(np.int64) + shard["char_lengths"][last]
        return n_tokens, ends

    def latent_tokens(self, latent: int, rows: NDArray[np.integer[Any]]) -> list[LatentTokens]:
        """Return where in each of some items a latent fires, without reading the codes of its other latents.

        Args:
            latent: The latent.
            rows: (n_rows,) items, ascending.

        Raises:
            InputError: If there is no such latent or item, or the store has no codes of tokens.
            InputFileError: If a shard is damaged.
        """
        _check_within(latent, self.d_sae, "latent", "SAE")
        if not self.has_tokens:
            raise InputError(_WITHOUT_TOKENS)
        rows = self._checked_rows(rows)
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        return [
            _latent_tokens(self._shard(number), row, latent)
            for number, row in zip(numbers.tolist(), (rows - self._starts[numbers]).tolist(), strict=True)
        ]

    def token_ids_at(self, rows: NDArray[np.integer[Any]], positions: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return the token at one position of each of some items, (n_rows,) int64; −1 where an item has no such token.

        Args:
            rows: (n_rows,) items, ascending.
            positions: (n_rows,) token within the item.

        Raises:
            InputError: If there is no such item.
        """
        return self._at_tokens(rows, positions, ("token_ids",), -1)[0]

    def token_characters(
        self, rows: NDArray[np.integer[Any]], positions: NDArray[np.integer[Any]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first character of such a token and the character after its last; both 0 where an item has no such token."""
        starts, lengths = self._at_tokens(rows, positions, ("char_starts", "char_lengths"), 0)
        return starts, starts + lengths

    def _at_tokens(
        self, rows: NDArray[np.integer[Any]], positions: NDArray[np.integer[Any]], names: tuple[str, ...], missing: int
    ) -> list[NDArray[np.int64]]:
        rows = self._checked_rows(rows)
        found = [np.full(len(rows), missing, np.int64) for _ in names]
        bounds = np.append(np.searchsorted(rows, self._starts), len(rows))
        for i in np.flatnonzero(np.diff(bounds)).tolist():
            shard, own = self._shard(i), slice(int(bounds[i]), int(bounds[i + 1]))
            starts = shard["token_starts"].astype(np.int64)
            items = rows[own] - self._starts[i]
            places = starts[items] + positions[own]
            inside = places < starts[items + 1]
            for name, values in zip(names, found, strict=True):
                values[own][inside] = shard[name][places[inside]]
        return found

    def verify(self) -> None:
        """Read every file and compare its hash.

        Raises:
            InputFileError: If a file is missing or is not the one that was written.
        """
        for path, entry in self.manifest.files.items():
            if not (self.folder / path).is_file():
                raise InputFileError(f"'{path}' is missing from the store in '{self.folder}'.")
            if file_entry(self.folder / path) != entry:
                raise InputFileError(f"'{path}' in the store in '{self.folder}' is not the file that was written; encode again.")

    def _checked_rows(self, rows: slice | Sequence[int] | NDArray[np.integer[Any]] | None) -> NDArray[np.int64]:
        if rows is None or isinstance(rows, slice):
            return np.arange(len(self), dtype=np.int64)[rows or slice(None)]
        wanted = np.asarray(rows, dtype=np.int64).ravel()
        for row in wanted[(wanted < 0) | (wanted >= len(self))][:1]:
            _check_within(int(row), len(self), "item", "store")
        return wanted

    def _rows(self, ascending: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """Return where each row's codes start, and the latents and values of all of them."""
        bounds = np.append(np.searchsorted(ascending, self._starts), len(ascending))
        parts = [(i, ascending[bounds[i] : bounds[i + 1]] - self._starts[i]) for i in np.flatnonzero(np.diff(bounds)).tolist()]
        lengths = [np.diff(self._shard(i)["item_starts"].astype(np.int64))[items] for i, items in parts]
        starts = np.concatenate([[0], *lengths]).cumsum()
        latents, values = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
        first = 0
        for (i, items), own in zip(parts, lengths, strict=True):
            shard, last = self._shard(i), first + own.sum()
            codes = _places(shard["item_starts"].astype(np.int64)[items], own)
            if isinstance(codes, slice):
                shard.expect("latents", codes)
                shard.expect("values", codes)
            latents[first:last] = shard["latents"][codes]
            values[first:last] = restored(shard["values"][codes], shard["exponents"], latents[first:last])
            first = last
        return starts, latents, values

    def _token_codes(self, shard: MappedTensors, item: int, n_tokens: int) -> sp.csr_matrix:
        import scipy.sparse as sp

        own = "run_starts" in shard
        runs, codes = _run(shard["run_starts" if own else "item_starts"], item), _run(shard["code_starts"], item)
        latents = np.repeat(shard["run_latents" if own else "latents"][runs].astype(np.int64), shard["run_lengths"][runs])
        values = restored(shard["code_values"][codes], shard["exponents"], latents)
        positions = shard["code_positions"][codes].astype(np.int64)
        return sp.csr_matrix((values, (positions, latents)), shape=(n_tokens, self.d_sae))


def _latent_tokens(shard: MappedTensors, item: int, latent: int) -> LatentTokens:
    own = "run_starts" in shard
    runs = _run(shard["run_starts" if own else "item_starts"], item)
    latents = shard["run_latents" if own else "latents"][runs]  # ascending
    run = int(np.searchsorted(latents, latent))
    codes = slice(0, 0)
    if run < len(latents) and latents[run] == latent:
        lengths = shard["run_lengths"][runs]
        first = int(shard["code_starts"][item]) + int(lengths[:run].sum(dtype=np.int64))
        codes = slice(first, first + int(lengths[run]))
    positions = shard["code_positions"][codes].astype(np.int64)
    tokens = int(shard["token_starts"][item]) + positions
    starts = shard["char_starts"][tokens].astype(np.int64)
    values = restored(shard["code_values"][codes], shard["exponents"][latent : latent + 1], 0)
    return LatentTokens(positions, starts, starts + shard["char_lengths"][tokens], values)


def _run(starts: NDArray[np.integer[Any]], i: int) -> slice:
    return slice(int(starts[i]), int(starts[i + 1]))


def _places(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64] | slice:
    """Return the places that runs cover: a slice where they follow one another."""
    if np.array_equal(starts[1:], starts[:-1] + lengths[:-1]):
        return slice(int(starts[0]), int(starts[-1] + lengths[-1]))
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _check_within(number: int, n: int, kind: str, holder: str) -> None:
    if not 0 <= number < n:
        raise InputError(f"there is no {kind} {number}: the {holder} has {kind}s 0 to {n - 1}.")
