"""The body of a latent: the items that its map shows, with its activation on each and at each token of them."""

from __future__ import annotations

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
    spans, peaks = _tokens_of(store, latent, rows, positions, texts)
    return LatentBody(latent, rows, found.values[drawn.places], positions, texts, spans, peaks, drawn.n_active, drawn.sampling)


def _tokens_of(
    store: Store, latent: int, rows: NDArray[np.int64], positions: NDArray[np.int64], texts: list[str]
) -> tuple[list[tuple[Span, ...]], list[str]]:
    """Return where the latent fires in each item, and the token at its position as it is written there."""
    starts, ends = store.token_characters(rows, positions)
    peaks = [text[start:end] for text, start, end in zip(texts, starts.tolist(), ends.tolist(), strict=True)]
    if not store.has_tokens:
        return [()] * len(rows), peaks
    fires = store.latent_tokens(latent, rows)
    return [tuple(zip(one.char_starts.tolist(), one.char_ends.tolist(), one.values.tolist(), strict=True)) for one in fires], peaks
