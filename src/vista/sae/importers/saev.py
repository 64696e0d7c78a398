"""Shards of saev: dense activations of a vision transformer, before any sparse autoencoder.

    metadata.json     family, ckpt, layers, tokens an example, cls_token, d_model, examples, dtype "float32", protocol
    shards.json       [{name, examples}]
    acts000000.bin    (examples, layers, tokens, d_model) float32, C order; the CLS token, where there is one, is token 0

They hold no codes. `SaevActivations.producer` makes codes of them with an SAE, for a store; `SaevActivations.vectors` pools them
into vectors for an ordinary map. Examples have no names in the format: rows are the dataset's order. Both
generations of key names are read; the field `data`, which may hold a pickle, is not touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError, InputFileError, reason_of
from vista.sae.store import Producer, TokenCodes

_BATCH_TOKENS = 1 << 13


@dataclass(frozen=True, slots=True, eq=False)
class SaevActivations:
    """Activations of every token of every example.

    Attributes:
        model: Family and checkpoint of the model.
        layers: Which layers were recorded.
        n_examples: Number of examples.
        n_tokens: Patches of an example, without CLS.
        has_cls: Whether a CLS token precedes them.
        d_model: Dimension of an activation.
        shards: (examples, layers, tokens, d_model) float32 each, mapped into memory.
    """

    model: str
    layers: tuple[int, ...]
    n_examples: int
    n_tokens: int
    has_cls: bool
    d_model: int
    shards: tuple[NDArray[np.float32], ...]

    def activations(self, start: int, stop: int, layer: int) -> NDArray[np.float32]:
        """Return the activations of examples `start` … `stop` − 1, CLS left out, (n, n_tokens, d_model).

        Raises:
            InputError: If the layer was not recorded.
        """
        place = self._place_of(layer)
        parts, first = [], 0
        for shard in self.shards:
            own = shard[max(start - first, 0) : max(stop - first, 0), place, int(self.has_cls) :]
            first += len(shard)
            if len(own):
                parts.append(own)
        return np.concatenate(parts) if parts else np.empty((0, self.n_tokens, self.d_model), np.float32)

    def vectors(self, layer: int, pooling: Literal["mean", "max"] = "mean") -> NDArray[np.float32]:
        """Return one vector an example, its patches pooled, (n_examples, d_model).

        Raises:
            InputError: If the layer was not recorded.
        """
        pooled = [getattr(batch, pooling)(axis=1) for _, _, batch in self._batches(0, self.n_examples, layer)]
        return np.concatenate(pooled).astype(np.float32)

    def producer(self, layer: int, encode: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Producer:
        """Return a producer of codes for a store.

        Args:
            layer: Which layer the SAE reads.
            encode: The SAE: activations (n, d_model) ► codes (n, d_sae), zero where a latent is silent.

        Raises:
            InputError: If the layer was not recorded.
        """
        self._place_of(layer)

        def produce(start: int, stop: int) -> Iterator[TokenCodes]:
            for first, last, activations in self._batches(start, stop, layer):
                yield _token_codes(first, last, self.n_tokens, encode(activations.reshape(-1, self.d_model)))

        return produce

    def _batches(self, start: int, stop: int, layer: int) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
        n = max(_BATCH_TOKENS // self.n_tokens, 1)
        for first in range(start, stop, n):
            last = min(first + n, stop)
            yield first, last, self.activations(first, last, layer)

    def _place_of(self, layer: int) -> int:
        if layer not in self.layers:
            raise InputError(f"layer {layer} was not recorded; recorded: {', '.join(map(str, self.layers))}.")
        return self.layers.index(layer)


def read_saev(folder: Path | str) -> SaevActivations:
    """Map the shards of a folder into memory.

    Raises:
        InputFileError: If the folder holds no saev shards, a key is missing, or a shard has another size than it should.
    """
    folder = Path(folder)
    told, listed = _json(folder / "metadata.json"), _json(folder / "shards.json")
    try:
        n_tokens = int(_either(told, "content_tokens_per_example", "patches_per_ex"))
        n_examples, d_model = int(_either(told, "n_examples", "n_ex")), int(told["d_model"])
        layers, has_cls = tuple(int(layer) for layer in told["layers"]), bool(told["cls_token"])
        names = [(str(shard["name"]), int(_either(shard, "n_examples", "n_ex"))) for shard in listed]
        model, dtype = f"{told['family']}/{told['ckpt']}", told.get("dtype", "float32")
    except KeyError as error:
        raise InputFileError(f"'{folder}' holds no saev shards that can be read: the key {error} is missing.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InputFileError(f"'{folder}' holds no saev shards that can be read ({reason_of(error)}).") from error
    if dtype != "float32":
        raise InputFileError(f"the saev shards in '{folder}' hold {dtype}; only float32 can be read.")
    if sum(n for _, n in names) != n_examples:
        raise InputFileError(f"'{folder}': the shards hold {sum(n for _, n in names)} examples, and metadata.json says {n_examples}.")
    shapes = [(name, (n, len(layers), n_tokens + int(has_cls), d_model)) for name, n in names]
    shards = tuple(_mapped(folder / name, shape) for name, shape in shapes)
    return SaevActivations(model, layers, n_examples, n_tokens, has_cls, d_model, shards)


def _token_codes(first: int, last: int, n_tokens: int, codes: NDArray[np.float32]) -> TokenCodes:
    total = (last - first) * n_tokens
    if codes.shape[0] != total:
        raise InputError(f"the SAE gave codes of shape {codes.shape} for {total} activations.")
    tokens, latents = np.nonzero(codes)
    nowhere = np.zeros(total, np.int64)  # patches have no characters and no ids
    return TokenCodes(
        rows=np.arange(first, last),
        token_starts=np.arange(last - first + 1) * n_tokens,
        token_ids=nowhere,
        char_starts=nowhere,
        char_ends=nowhere,
        code_starts=np.searchsorted(tokens, np.arange(total + 1)),
        latents=latents,
        values=codes[tokens, latents].astype(np.float32),
    )


def _mapped(path: Path, shape: tuple[int, ...]) -> NDArray[np.float32]:
    expected = 4 * int(np.prod(shape))
    try:
        n_bytes = path.stat().st_size
    except OSError as error:
        raise InputFileError(f"the saev shard '{path}' cannot be read: {error.strerror}.") from error
    if n_bytes != expected:
        raise InputFileError(f"the saev shard '{path}' has {n_bytes} bytes, and {expected} for {' × '.join(map(str, shape))} float32.")
    return np.memmap(path, np.dtype("<f4"), "r", shape=shape)


def _either(told: dict[str, Any], name: str, older: str) -> Any:
    """Return the entry by its name, or by the name that older versions gave it."""
    return told[older] if name not in told and older in told else told[name]


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputFileError(f"'{path.parent}' holds no saev shards: there is no {path.name}.") from None
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{path}' cannot be read ({reason_of(error)}).") from error
