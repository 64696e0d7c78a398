"""A store's codes in as few bytes as they go, to be shipped: what a store can be written from again.

Codes are ordered by item, latent and position, so that latents can be kept as steps from one to the next; whole numbers and
float16 values are cut into planes of equal significance, and all is compressed by LZMA. 4 000 short texts of 470 codes each
take 5 MB, against some 22 MB as a store.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError, InputFileError, reason_of
from vista.sae.store import Store, StoreMeta, TokenCodes
from vista.sae.store.rounding import exponents_of, restored, rounded

_META = "meta"
_ITEMS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class PackedCodes:
    """Unpacked codes, as a producer of a store.

    Attributes:
        meta: Where they come from.
        n_tokens: (n_items,) tokens of each item.
        token_ids, char_starts, char_lengths: (all tokens,) as in `TokenCodes`.
        n_codes: (n_items,) codes of each item.
        latents, positions: (all codes,) ordered by item, latent, position.
        values: (all codes,) float32.
    """

    meta: StoreMeta
    n_tokens: NDArray[np.int64]
    token_ids: NDArray[np.int64]
    char_starts: NDArray[np.int64]
    char_lengths: NDArray[np.int64]
    n_codes: NDArray[np.int64]
    latents: NDArray[np.int64]
    positions: NDArray[np.int64]
    values: NDArray[np.float32]

    def __call__(self, start: int, stop: int, /) -> Iterator[TokenCodes]:
        for first in range(start, stop, _ITEMS_AT_ONCE):
            yield self._batch(first, min(first + _ITEMS_AT_ONCE, stop))

    def _batch(self, start: int, stop: int) -> TokenCodes:
        tokens, codes = (slice(int(counts[:start].sum()), int(counts[:stop].sum())) for counts in (self.n_tokens, self.n_codes))
        token_starts = np.concatenate(([0], np.cumsum(self.n_tokens[start:stop])))
        token = np.repeat(token_starts[:-1], self.n_codes[start:stop]) + self.positions[codes]
        order = np.argsort(token, kind="stable")
        return TokenCodes(
            rows=np.arange(start, stop),
            token_starts=token_starts,
            token_ids=self.token_ids[tokens],
            char_starts=self.char_starts[tokens],
            char_ends=self.char_starts[tokens] + self.char_lengths[tokens],
            code_starts=np.concatenate(([0], np.cumsum(np.bincount(token, minlength=token_starts[-1])))),
            latents=self.latents[codes][order],
            values=self.values[codes][order],
        )


def pack_codes(store: Store) -> bytes:
    """Return the codes of a store's tokens, packed.

    Raises:
        InputError: If the store has no codes of tokens.
    """
    from safetensors.numpy import save

    if not store.has_tokens:
        raise InputError("the store was made without the codes of tokens, which are what is packed; encode again with them")
    read = [store.tokens(row) for row in range(len(store))]
    by_item = [_by_latent(item.codes) for item in read]
    latents, positions, values = (np.concatenate(part) for part in zip(*by_item, strict=True))
    n_codes = np.array([len(one[0]) for one in by_item])
    maxima = np.zeros(store.d_sae, np.float32)
    np.maximum.at(maxima, latents, values)
    exponents = exponents_of(maxima)
    arrays = {
        "n_tokens": np.array([len(item.token_ids) for item in read]),
        "token_ids": np.concatenate([item.token_ids for item in read]),
        "char_starts": np.concatenate([item.char_starts for item in read]),
        "char_lengths": np.concatenate([item.char_ends - item.char_starts for item in read]),
        "n_codes": n_codes,
        "steps": _steps(latents, n_codes),
        "positions": positions,
        "values": rounded(values, exponents, latents).view(np.uint16),
    }
    planes = {f"{name}.{byte}": plane for name, array in arrays.items() for byte, plane in enumerate(_planes(array))}
    meta = np.frombuffer(json.dumps(asdict(store.meta)).encode(), np.uint8)
    packed: bytes = lzma.compress(save(planes | {"exponents": exponents, _META: meta}), preset=9)
    return packed


def unpack_codes(path: Path) -> PackedCodes:
    """Read packed codes.

    Raises:
        InputFileError: If the file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(lzma.decompress(path.read_bytes()))
        whole = {name: _whole(arrays, name) for name in ("n_tokens", "token_ids", "char_starts", "char_lengths", "n_codes", "positions")}
        latents = _from_steps(_whole(arrays, "steps"), whole["n_codes"])
        values = restored(_whole(arrays, "values").astype(np.uint16).view(np.float16), arrays["exponents"], latents)
        return PackedCodes(StoreMeta(**json.loads(arrays[_META].tobytes())), **whole, latents=latents, values=values)
    except (OSError, lzma.LZMAError, SafetensorError, KeyError, IndexError, ValueError, TypeError) as error:
        raise InputFileError(f"'{path}' holds no packed codes that can be read ({reason_of(error)}).") from error


def _by_latent(codes: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return latents, positions and values of one item, ordered by latent, then position."""
    entries = codes.tocoo()
    order = np.lexsort((entries.row, entries.col))
    return entries.col[order].astype(np.int64), entries.row[order].astype(np.int64), entries.data[order]


def _steps(latents: NDArray[np.int64], n_codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how far each latent is from the one before in its item."""
    steps = np.diff(latents, prepend=0)
    firsts = (np.cumsum(n_codes) - n_codes)[n_codes > 0]
    steps[firsts] = latents[firsts]
    return steps


def _from_steps(steps: NDArray[np.int64], n_codes: NDArray[np.int64]) -> NDArray[np.int64]:
    total = np.cumsum(steps)
    firsts = np.cumsum(n_codes) - n_codes
    before = np.concatenate(([0], total))[firsts]
    return np.asarray(total - np.repeat(before, n_codes), dtype=np.int64)


def _planes(array: NDArray[Any]) -> Iterator[NDArray[np.uint8]]:
    """Yield the bytes of whole numbers of at least 0, the lowest first; those that are all 0 at the top are left out."""
    n_bytes = max(1, -(-int(array.max(initial=0)).bit_length() // 8))
    for byte in range(n_bytes):
        yield (array.astype(np.int64) >> (8 * byte)).astype(np.uint8)


def _whole(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.int64]:
    total = arrays[f"{name}.0"].astype(np.int64)
    byte = 1
    while f"{name}.{byte}" in arrays:
        total |= arrays[f"{name}.{byte}"].astype(np.int64) << (8 * byte)
        byte += 1
    return total
