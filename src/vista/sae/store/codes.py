"""What an encoder hands to the store: the codes of some items, token by token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.metrics import LARGEST_VALUE

SMALLEST_CODE = 1e-30  # smaller values count as zero: float16 with a scale could not keep them apart from it


@dataclass(frozen=True, slots=True, eq=False)
class TokenCodes:
    """The codes of some items at each of their tokens, as compressed rows: items hold tokens, tokens hold codes.

    Special tokens (BOS, padding, …) are not among the tokens. Positions are places among an item's tokens here, from 0.

    Attributes:
        rows: (n_items,) row of each item in the table that is encoded.
        token_starts: (n_items + 1,) where each item's tokens start; the last entry is the number of tokens.
        token_ids: (n_tokens,) ids in the model's vocabulary, at least 0; zeros where tokens have no id.
        char_starts: (n_tokens,) first character of each token in its item's text.
        char_ends: (n_tokens,) character after its last; equal to the start where a token has no characters of its own.
        code_starts: (n_tokens + 1,) where each token's codes start.
        latents: (n_codes,) latent of each code, once a token; in any order.
        values: (n_codes,) float32 activations, at least 0, finite; zeros (below 1e-30) are left out.
    """

    rows: NDArray[np.integer[Any]]
    token_starts: NDArray[np.integer[Any]]
    token_ids: NDArray[np.integer[Any]]
    char_starts: NDArray[np.integer[Any]]
    char_ends: NDArray[np.integer[Any]]
    code_starts: NDArray[np.integer[Any]]
    latents: NDArray[np.integer[Any]]
    values: NDArray[np.float32]

    @property
    def n_items(self) -> int:
        return len(self.rows)


class Producer(Protocol):
    """Encodes a range of items."""

    def __call__(self, start: int, stop: int, /) -> Iterable[TokenCodes]:
        """Yield the codes of rows `start` … `stop` − 1 of the items: each row once, in any order, in batches of any size.

        The same range must give the same codes each time; this is what lets an interrupted store be continued.
        """
        ...


def checked(codes: TokenCodes, d_sae: int) -> TokenCodes:
    """Return the codes without their zeros.

    Raises:
        InputError: If the arrays do not fit each other, or a latent or a value is out of range.
    """
    _check_shapes(codes)
    values = np.asarray(codes.values, dtype=np.float32)
    if len(codes.latents) and (codes.latents.min() < 0 or codes.latents.max() >= d_sae):
        wrong = codes.latents[(codes.latents < 0) | (codes.latents >= d_sae)][0]
        raise InputError(f"there is no latent {wrong}: the SAE has latents 0 to {d_sae - 1}.")
    if not np.isfinite(values).all():
        raise InputError("the codes hold NaN or infinity; check the model's precision (bfloat16 or float32, not float16).")
    if len(values) and (values.min() < 0 or values.max() > LARGEST_VALUE):
        extreme = values.min() if values.min() < 0 else values.max()
        raise InputError(f"codes must be from 0 to {LARGEST_VALUE:g}, and one is {extreme:g}.")
    return _without_zeros(codes, values)


def _check_shapes(codes: TokenCodes) -> None:
    n_tokens, n_codes = len(codes.token_ids), len(codes.latents)
    fits = (
        _is_partition(codes.token_starts, len(codes.rows), n_tokens)
        and _is_partition(codes.code_starts, n_tokens, n_codes)
        and len(codes.char_starts) == len(codes.char_ends) == n_tokens
        and len(codes.values) == n_codes
    )
    if not fits:
        raise InputError(
            f"the arrays of a batch of codes do not fit each other: {len(codes.rows)} items, {n_tokens} tokens, {n_codes} latents, "
            f"{len(codes.values)} values."
        )
    if n_tokens and (codes.token_ids.min() < 0 or codes.char_starts.min() < 0 or (codes.char_ends < codes.char_starts).any()):
        raise InputError("token ids and characters must be at least 0, and a token must not end before it starts.")


def _is_partition(starts: NDArray[np.integer[Any]], n: int, total: int) -> bool:
    """Tell whether `starts` cuts `total` things into `n` runs."""
    return len(starts) == n + 1 and starts[0] == 0 and starts[-1] == total and bool((starts[1:] >= starts[:-1]).all())


def _without_zeros(codes: TokenCodes, values: NDArray[np.float32]) -> TokenCodes:
    kept = values >= SMALLEST_CODE
    if kept.all():
        code_starts, latents = codes.code_starts, codes.latents
    else:
        before = np.concatenate(([0], np.cumsum(kept)))
        code_starts, latents, values = before[codes.code_starts], codes.latents[kept], values[kept]
    return TokenCodes(codes.rows, codes.token_starts, codes.token_ids, codes.char_starts, codes.char_ends, code_starts, latents, values)
