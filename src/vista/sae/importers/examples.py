"""Examples of latents, as dashboards keep them: some contexts for each latent, with its activation at each token.

These are samples, not the whole: a dashboard has some 45 contexts for a latent, chosen by its activation, and of each context it
knows the one latent only. Of `codes_of_examples` therefore hold: what is there is true, what is missing is unknown.
Densities must be taken from the records, not from the store; co-activation of latents cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import Items
from vista.errors import InputError
from vista.sae.importers.imported import ImportedCodes, imported_meta
from vista.sae.store import TokenCodes
from vista.sae.store.codes import SMALLEST_CODE

_BATCH_ITEMS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One context of a latent.

    Attributes:
        tokens: Its tokens as strings; joined they are its text.
        values: (n_tokens,) float32 activation at each.
        bin: The value interval that it was drawn from, or None for the group of top activations (and where it is not said).
        bin_share: Share of the latent's activations in that interval, or None.
    """

    tokens: tuple[str, ...]
    values: NDArray[np.float32]
    bin: tuple[float, float] | None = None
    bin_share: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What someone says that a latent means, which model said so, and by which method (`np_max-act`, …)."""

    text: str
    model: str | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LatentRecord:
    """What a dashboard knows of a latent.

    Attributes:
        latent: Its number.
        density: Share of all tokens on which it fires, or None where it is not said.
        maximum: Its largest activation, or None.
        examples: Contexts in which it fires.
        explanations: None, one or several.
        model: The model's name there.
        source: The SAE's name there, such as `20-gemmascope-res-16k`.
    """

    latent: int
    density: float | None
    maximum: float | None
    examples: tuple[Example, ...]
    explanations: tuple[Explanation, ...]
    model: str
    source: str


def codes_of_examples(records: Sequence[LatentRecord], d_sae: int, *, tool: str = "dashboard") -> ImportedCodes:
    """Return the distinct contexts of all records as items, with the codes that are known of them.

    Args:
        records: From `read_saedashboard` or `read_neuronpedia`.
        d_sae: Number of latents of the SAE, which dashboards do not say.
        tool: What wrote them, for the record.

    Raises:
        InputError: If there is no example, or a latent is not one of `d_sae`.
    """
    for record in records:
        if not 0 <= record.latent < d_sae:
            raise InputError(f"there is no latent {record.latent}: the SAE has latents 0 to {d_sae - 1}.")
    contexts = _contexts(records)
    if not contexts:
        raise InputError(f"none of the {len(records)} latents has an example.")
    texts = ["".join(tokens) for tokens in contexts]
    n = len(texts)
    columns = pa.table({"n_latents": pa.array([len(codes) for codes in contexts.values()], pa.int64())})
    items = Items([str(i) for i in range(n)], np.arange(n), texts, None, columns, "text")
    origin = next(iter(records))
    note = f"{n} contexts of {len(records)} latents, chosen by their activation: of each context only the latents that list it are known"
    return ImportedCodes(
        items, _producer(list(contexts.items())), imported_meta(tool, origin.model, origin.source, origin.source, d_sae), (note,)
    )


def _contexts(records: Sequence[LatentRecord]) -> dict[tuple[str, ...], dict[int, NDArray[np.float32]]]:
    """Return the values of each latent that lists it, for each distinct context; a context that is listed twice counts once."""
    contexts: dict[tuple[str, ...], dict[int, NDArray[np.float32]]] = {}
    for record in records:
        for example in record.examples:
            contexts.setdefault(example.tokens, {}).setdefault(record.latent, example.values)
    return contexts


def _producer(
    contexts: list[tuple[tuple[str, ...], dict[int, NDArray[np.float32]]]],
) -> Callable[[int, int], Iterator[TokenCodes]]:
    def produce(start: int, stop: int) -> Iterator[TokenCodes]:
        for first in range(start, stop, _BATCH_ITEMS):
            rows = range(first, min(first + _BATCH_ITEMS, stop))
            yield _batch(rows, [contexts[row] for row in rows])

    return produce


def _batch(rows: range, contexts: list[tuple[tuple[str, ...], dict[int, NDArray[np.float32]]]]) -> TokenCodes:
    token_starts = np.cumsum([0, *(len(tokens) for tokens, _ in contexts)])
    lengths = [np.array([len(token) for token in tokens], np.int64) for tokens, _ in contexts]
    ends = [own.cumsum() for own in lengths]
    listed = [
        (first + np.flatnonzero(values >= SMALLEST_CODE), latent, values[values >= SMALLEST_CODE])
        for first, (_, codes) in zip(token_starts.tolist(), contexts, strict=False)
        for latent, values in codes.items()
    ]
    tokens = np.concatenate([places for places, _, _ in listed])
    order = np.argsort(tokens, kind="stable")
    return TokenCodes(
        rows=np.array(rows),
        token_starts=token_starts,
        token_ids=np.zeros(token_starts[-1], np.int64),
        char_starts=np.concatenate([end - own for end, own in zip(ends, lengths, strict=True)]),
        char_ends=np.concatenate(ends),
        code_starts=np.searchsorted(tokens[order], np.arange(token_starts[-1] + 1)),
        latents=np.concatenate([np.full(len(places), latent) for places, latent, _ in listed])[order],
        values=np.concatenate([values for _, _, values in listed]).astype(np.float32)[order],
    )
