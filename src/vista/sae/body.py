"""The body of a latent: the items that its map shows, with its activation on each and at each token of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.sae.sampling import Sampling, sample_items

if TYPE_CHECKING:
    from vista.sae.store import Store

Span = tuple[int, int, float]  # first character, character after the last, activation


@dataclass(frozen=True, slots=True, eq=False)
class LatentBody:
    """Items on which a latent fires.

    Attributes:
        latent: Its number.
        rows: (n_items,) int64 rows in the store, ascending.
        values: (n_items,) float32 pooled activations, above 0.
        positions: (n_items,) int64 token of each item that the value is shown at.
        texts: One text an item.
        spans: One tuple an item: the tokens on which the latent fires, as characters of the text; empty in a store without
            the codes of tokens.
        peaks: The token at each item's position, as it is written there.
        n_active: Items of the store on which the latent fires, of which these were drawn.
        sampling: How they were drawn.
    """

    latent: int
    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    positions: NDArray[np.int64]
    texts: list[str]
    spans: list[tuple[Span, ...]]
    peaks: list[str]
    n_active: int
    sampling: Sampling

    def __len__(self) -> int:
        return len(self.rows)


def body_of(store: Store, latent: int, *, max_items: int = 5_000, sampling: Sampling = "strata", seed: int = 0) -> LatentBody:
    """Draw the items of a latent's map and read what is known of them.

    Raises:
        InputError: If there is no such latent, it never fires on the store's items, or an option is out of range.
    """
    found = store.latent(latent)
    if not len(found.rows):
        raise InputError(f"latent {latent} never fires on the {len(store):,} items of the store: there is nothing to map.")
    drawn = sample_items(found.values, max_items, sampling=sampling, seed=seed)
    rows, positions = found.rows[drawn.places], found.positions[drawn.places]
    texts = ["" if text is None else text for text in store.items.column("text").take(rows).to_pylist()]
    read = list(_tokens_of(store, latent, rows, positions, texts))
    return LatentBody(
        latent,
        rows,
        found.values[drawn.places],
        positions,
        texts,
        [spans for spans, _ in read],
        [peak for _, peak in read],
        drawn.n_active,
        drawn.sampling,
    )


def _tokens_of(
    store: Store, latent: int, rows: NDArray[np.int64], positions: NDArray[np.int64], texts: list[str]
) -> Iterator[tuple[tuple[Span, ...], str]]:
    for row, position, text in zip(rows.tolist(), positions.tolist(), texts, strict=True):
        tokens = store.tokens(row)
        spans: tuple[Span, ...] = ()
        if store.has_tokens:
            values = tokens.values_of(latent)
            fires = np.flatnonzero(values > 0)
            spans = tuple(zip(tokens.char_starts[fires].tolist(), tokens.char_ends[fires].tolist(), values[fires].tolist(), strict=True))
        peak = text[tokens.char_starts[position] : tokens.char_ends[position]] if position < len(tokens.token_ids) else ""
        yield spans, peak
