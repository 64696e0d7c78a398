"""A shard: the codes of a range of items in one safetensors file, item by item and latent by latent.

    item by item      item_starts       latents u16   values f16   positions u8
    latent by latent  latent_starts     entries: row u16, value f16, position u8 (see `index`)
    the scales        exponents i8      value = stored · 2^exponent of its latent (see `rounding`)
    tokens            token_starts      token_ids u16   char_starts u16   char_lengths u8
    codes of tokens   code_starts       code_positions u8   code_values f16
                      run_lengths u8    codes of each item and latent, in the order of `latents`

Whole numbers take the narrowest of u8, u16, u32, u64 that holds a shard's largest: the list has the usual ones. Latents are
u16 where d_sae ≤ 65 536. Under "last" pooling the latents of an item's tokens are more than those of the item, and come
with `run_starts` and `run_latents` of their own.

A code takes 5 bytes twice where no item has more than 256 tokens, 6 twice where none has more than 65 536: 10⁶ items of 500
codes are 5.0 (or 6.0) GB. Starts and exponents add 5 bytes a latent and shard of 16 384 items: 0.02 GB at d_sae = 65 536.
Tokens add 4 to 7 bytes each: some 0.3 GB where items have 64. The optional codes of tokens add 3 bytes each, and 1 byte an
item and latent: at 64 tokens of 70 codes 13.9 kB an item, against 18 kB as plain rows of latents and values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.sae.store.codes import TokenCodes, checked
from vista.sae.store.index import transposed
from vista.sae.store.pooling import ItemCodes, LatentRuns, Pooling, pool, runs_of
from vista.sae.store.rounding import exponents_of, rounded

Tensors = dict[str, NDArray[Any]]
Codes = TypeVar("Codes", LatentRuns, ItemCodes)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Some items as they came, pooled: their tokens, the codes of these by latent if they are kept, and their own codes."""

    token_starts: NDArray[np.integer[Any]]
    tokens: tuple[NDArray[Any], ...]  # ids, first characters, lengths
    runs: LatentRuns | None
    items: ItemCodes


class ShardBuilder:
    """Collects the codes of a range of items, in any order, and makes a shard of them.

    Args:
        start: First row.
        stop: Row after the last.
        d_sae: Number of latents.
        pooling: How tokens become an item.
        tokens: Whether the codes of tokens are kept.
    """

    def __init__(self, start: int, stop: int, *, d_sae: int, pooling: Pooling, tokens: bool) -> None:
        self.start, self.stop, self.d_sae, self.pooling, self.keeps_tokens = start, stop, d_sae, pooling, tokens
        self._batches: list[_Batch] = []
        self._places: dict[int, tuple[int, int]] = {}  # row ► its batch, and its place there
        self._maxima = np.zeros(d_sae, np.float32)

    def add(self, codes: TokenCodes) -> None:
        """Take the codes of some items.

        Raises:
            InputError: If codes are out of range, or an item is not of this shard or came before.
        """
        codes = checked(codes, self.d_sae)
        for place, row in enumerate(codes.rows.tolist()):
            if not self.start <= row < self.stop:
                raise InputError(f"the codes of item {row} came where items {self.start} to {self.stop - 1} were asked for.")
            if row in self._places:
                raise InputError(f"the codes of item {row} came twice.")
            self._places[row] = (len(self._batches), place)
        runs = runs_of(codes, self.d_sae)
        if len(runs.latents):
            np.maximum.at(self._maxima, runs.latents, np.maximum.reduceat(runs.values, runs.starts))
        lengths = codes.char_ends.astype(np.int64) - codes.char_starts.astype(np.int64)
        tokens = tuple(narrowest(array) for array in (codes.token_ids, codes.char_starts, lengths))
        items = pool(runs, np.diff(codes.token_starts), self.pooling)
        self._batches.append(_Batch(codes.token_starts, tokens, self._slim(runs) if self.keeps_tokens else None, self._slim(items)))

    def _slim(self, codes: Codes) -> Codes:
        """Return codes in the types that they will be stored in, as they wait in memory for the others of the shard."""
        narrow: dict[str, Any] = {"latents": self._latent_ids(codes.latents), "positions": narrowest(codes.positions)}
        if isinstance(codes, LatentRuns):
            narrow["lengths"] = narrowest(codes.lengths)
        return replace(codes, **narrow)

    def finish(self) -> Tensors:
        """Return the arrays of the shard.

        Raises:
            InputError: If an item is missing.
        """
        missing = [row for row in range(self.start, self.stop) if row not in self._places]
        if missing:
            raise InputError(f"the codes of {len(missing)} of {self.stop - self.start} items did not come, item {missing[0]} first.")
        exponents = exponents_of(self._maxima)
        shard = {"exponents": exponents, **self._items(exponents), **self._tokens()}
        return shard | (self._codes_of_tokens(exponents) if self.keeps_tokens else {})

    def _items(self, exponents: NDArray[np.int8]) -> Tensors:
        starts, (latents, values, positions) = self._in_order(
            [(batch.items.starts, (batch.items.latents, batch.items.values, batch.items.positions)) for batch in self._batches]
        )
        stored = rounded(values, exponents, latents)
        del values
        latent_starts, entries = transposed(starts, latents, stored, positions, self.d_sae)
        return {
            "item_starts": starts.astype(np.uint32),
            "latents": latents,
            "values": stored,
            "positions": positions,
            "latent_starts": latent_starts.astype(np.uint32),
            "entries": entries.view(np.uint8).reshape(len(entries), entries.dtype.itemsize),
        }

    def _tokens(self) -> Tensors:
        starts, (ids, char_starts, char_lengths) = self._in_order([(batch.token_starts, batch.tokens) for batch in self._batches])
        return {
            "token_starts": starts.astype(np.uint32),
            "token_ids": ids,
            "char_starts": char_starts,
            "char_lengths": char_lengths,
        }

    def _codes_of_tokens(self, exponents: NDArray[np.int8]) -> Tensors:
        kept = [batch.runs for batch in self._batches if batch.runs is not None]
        run_starts, (latents, lengths) = self._in_order([(runs.run_starts, (runs.latents, runs.lengths)) for runs in kept])
        code_starts, (positions, values) = self._in_order(
            [(runs.code_starts, (runs.positions, self._rounded(runs, exponents))) for runs in kept]
        )
        own_latents = {"run_starts": run_starts.astype(np.uint32), "run_latents": latents}
        return {
            "code_starts": narrowest(code_starts),
            "code_positions": positions,
            "code_values": values,
            "run_lengths": lengths,
        } | (own_latents if self.pooling == "last" else {})

    def _rounded(self, runs: LatentRuns, exponents: NDArray[np.int8]) -> NDArray[np.float16]:
        return rounded(runs.values, exponents, np.repeat(runs.latents, runs.lengths))

    def _latent_ids(self, latents: NDArray[Any]) -> NDArray[Any]:
        return latents.astype(np.uint16 if self.d_sae <= 1 << 16 else np.uint32)

    def _in_order(
        self, batches: Sequence[tuple[NDArray[Any], tuple[NDArray[Any], ...]]]
    ) -> tuple[NDArray[np.int64], tuple[NDArray[Any], ...]]:
        """Put what each item has in every batch, cut by the batch's starts, in the order of the rows."""
        places = [self._places[row] for row in range(self.start, self.stop)]
        bounds = [starts.tolist() for starts, _ in batches]
        slices = [slice(bounds[batch][place], bounds[batch][place + 1]) for batch, place in places]
        starts = np.concatenate(([0], np.cumsum([part.stop - part.start for part in slices], dtype=np.int64)))
        n_arrays = len(batches[0][1])
        joined = (
            np.concatenate([batches[batch][1][i][part] for (batch, _), part in zip(places, slices, strict=True)]) for i in range(n_arrays)
        )
        return starts, tuple(joined)


def narrowest(values: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """Return whole numbers ≥ 0 in the narrowest type that holds them."""
    largest = int(values.max()) if len(values) else 0
    return values.astype(next(dtype for dtype in (np.uint8, np.uint16, np.uint32, np.uint64) if largest <= np.iinfo(dtype).max))


def build_shard(batches: Iterable[TokenCodes], start: int, stop: int, *, d_sae: int, pooling: Pooling, tokens: bool) -> Tensors:
    """Return the shard of rows `start` … `stop` − 1 from the batches that hold them."""
    builder = ShardBuilder(start, stop, d_sae=d_sae, pooling=pooling, tokens=tokens)
    for codes in batches:
        builder.add(codes)
    return builder.finish()
