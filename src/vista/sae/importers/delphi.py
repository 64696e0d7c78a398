"""A cache of delphi: every code of every token, in files that hold a range of latents each.

    RAW/MODULE/0_4095.safetensors   locations (n, 3) u16 or u32: row, position, latent − 0
                                    activations (n,) f16
                                    tokens (n_rows, context), unless it was saved without them
    RAW/MODULE/config.json          model_name, ctx_len, dataset_repo, …

Rows are contexts of equal length, cut from a stream of texts; they become the items. delphi drops no token: where the
contexts begin with BOS, its codes are there too. Codes below 10⁻⁵ were dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import Items
from vista.errors import InputFileError, reason_of
from vista.sae.importers.imported import ImportedCodes, imported_meta
from vista.sae.store import TokenCodes
from vista.sae.store.tensors import MappedTensors, map_tensors

_FILE_NAME = re.compile(r"(\d+)_(\d+)\.safetensors")
_BATCH_TOKENS = 1 << 15


def read_delphi(
    folder: Path | str, *, token_text: Callable[[int], str] | None = None, tokens: NDArray[np.integer[Any]] | None = None
) -> ImportedCodes:
    """Read the cache of one module.

    Args:
        folder: The module's folder, which holds `START_END.safetensors` and `config.json`.
        token_text: Returns the characters of a token id; None leaves the items without texts, with token ids only.
        tokens: (n_rows, context) token ids, for a cache that was saved without them.

    Raises:
        InputFileError: If the folder is no such cache: no file of that name, a missing array, or shapes that do not fit.
    """
    folder = Path(folder)
    files = _latent_ranges(folder)
    contexts = _contexts(folder, files, tokens)
    ranges = [_LatentRange.of(path, start, stop, contexts.shape) for start, stop, path in files]
    spans = _Spans.of(contexts, token_text)
    config = _config(folder)
    model = str(config.get("model_name", "unknown model"))
    meta = imported_meta("delphi", model, f"the SAE of {folder.name}", folder.name, max(stop for _, stop, _ in files))
    notes = ("delphi drops no token: where contexts begin with BOS, its codes are among the others",)
    unnamed = () if token_text else ("the items have no texts: give the model's tokenizer to see them",)
    return ImportedCodes(_items(contexts, spans), _producer(contexts, spans, ranges), meta, notes + unnamed)


def _latent_ranges(folder: Path) -> list[tuple[int, int, Path]]:
    """Return the first latent, the latent after the last, and the file of each range."""
    found = [(path, match) for path in folder.glob("*.safetensors") if (match := _FILE_NAME.fullmatch(path.name))]
    if not found:
        raise InputFileError(f"'{folder}' is no delphi cache of a module: it holds no file such as '0_4095.safetensors'.")
    return sorted((int(match[1]), int(match[2]) + 1, path) for path, match in found)


def _contexts(folder: Path, files: list[tuple[int, int, Path]], given: NDArray[np.integer[Any]] | None) -> NDArray[np.int64]:
    if given is not None:
        return np.asarray(given, np.int64)
    stored = map_tensors(files[0][2])
    if "tokens" not in stored:
        raise InputFileError(f"the delphi cache '{folder.name}' was saved without its tokens; give them as `tokens`.")
    return stored["tokens"].astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _LatentRange:
    """The codes of some latents, in the order of the rows.

    Attributes:
        first: The first latent.
        locations: (n, 3) row, position, and latent counted from the first.
        activations: (n,).
        order: (n,) puts them in the order of rows, or None where they are.
    """

    first: int
    locations: NDArray[Any]
    activations: NDArray[np.float16]
    order: NDArray[np.int64] | None

    @classmethod
    def of(cls, path: Path, start: int, stop: int, shape: tuple[int, ...]) -> _LatentRange:
        stored = map_tensors(path)
        locations, activations = _array(path, stored, "locations"), _array(path, stored, "activations")
        if locations.ndim != 2 or locations.shape[1] != 3 or len(locations) != len(activations):
            raise InputFileError(
                f"'{path}': locations {locations.shape} and activations {activations.shape} do not fit; (n, 3) and (n,) do."
            )
        if len(locations):
            largest = locations.max(axis=0)
            if not (largest[0] < shape[0] and largest[1] < shape[1] and largest[2] < stop - start):
                raise InputFileError(
                    f"'{path}' speaks of {tuple(largest.tolist())}, beyond {shape[0]} rows, {shape[1]} tokens, {stop - start} latents."
                )
        rows = locations[:, 0].astype(np.int64)
        return cls(start, locations, activations, None if (np.diff(rows) >= 0).all() else np.argsort(rows, kind="stable"))

    def of_rows(self, start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the locations, with latents of the whole SAE, and the activations of a range of rows."""
        if self.order is None:
            bounds = np.searchsorted(self.locations[:, 0], [start, stop])
            chosen: Any = slice(*bounds)
        else:
            bounds = np.searchsorted(self.locations[:, 0], [start, stop], sorter=self.order)
            chosen = self.order[slice(*bounds)]
        locations = self.locations[chosen].astype(np.int64)
        locations[:, 2] += self.first
        return locations, self.activations[chosen].astype(np.float32)


def _array(path: Path, stored: MappedTensors, name: str) -> NDArray[Any]:
    if name not in stored:
        raise InputFileError(f"'{path}' is no file of a delphi cache: it has no array '{name}'.")
    stored.expect(name)
    return stored[name]


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """Where the tokens of each context lie in its text: (n_rows, context), and the texts."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    texts: list[str] | None

    @classmethod
    def of(cls, contexts: NDArray[np.int64], token_text: Callable[[int], str] | None) -> _Spans:
        if token_text is None:
            nowhere = np.zeros_like(contexts)
            return cls(nowhere, nowhere, None)
        ids, places = np.unique(contexts, return_inverse=True)
        strings = np.array([token_text(token) for token in ids.tolist()], object)
        lengths = np.array([len(string) for string in strings], np.int64)[places].reshape(contexts.shape)
        ends = lengths.cumsum(axis=1)
        return cls(ends - lengths, ends, ["".join(row) for row in strings[places].reshape(contexts.shape)])


def _items(contexts: NDArray[np.int64], spans: _Spans) -> Items:
    n = len(contexts)
    empty = pa.table({"context": pa.array(np.arange(n))}).drop_columns(["context"])
    return Items([str(i) for i in range(n)], np.arange(n), spans.texts, None, empty, None if spans.texts is None else "text")


def _producer(contexts: NDArray[np.int64], spans: _Spans, ranges: list[_LatentRange]) -> Callable[[int, int], Iterator[TokenCodes]]:
    length = contexts.shape[1]
    batch_rows = max(_BATCH_TOKENS // max(length, 1), 1)

    def produce(start: int, stop: int) -> Iterator[TokenCodes]:
        for first in range(start, stop, batch_rows):
            last = min(first + batch_rows, stop)
            found = [part.of_rows(first, last) for part in ranges]
            locations, values = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
            tokens = (locations[:, 0] - first) * length + locations[:, 1]
            order = np.argsort(tokens, kind="stable")
            n_tokens = (last - first) * length
            yield TokenCodes(
                rows=np.arange(first, last),
                token_starts=np.arange(last - first + 1) * length,
                token_ids=contexts[first:last].ravel(),
                char_starts=spans.starts[first:last].ravel(),
                char_ends=spans.ends[first:last].ravel(),
                code_starts=np.searchsorted(tokens[order], np.arange(n_tokens + 1)),
                latents=locations[order, 2],
                values=values[order],
            )

    return produce


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{folder / 'config.json'}' cannot be read ({reason_of(error)}).") from error
    return config if isinstance(config, dict) else {}
