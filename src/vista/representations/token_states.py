"""The states of all tokens of many texts at a hook point, a batch at a time: nothing more is ever held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.representations.hook_points import HookPoint, Place, resolve_hook_point
from vista.representations.hooked_model import HookedModel, read_states, width
from vista.representations.token_batches import TokenizedText, batches, padded, tokenize, windows

BATCH_TOKENS = {"cpu": 512, "cuda": 32_768, "mps": 8192}  # a processor's cache holds no more
# Ordinary words, whose median norm says which norms are out of the ordinary, so that no text depends on its company.
REFERENCE_TEXT = (
    "The old bridge over the river was closed last winter, so people who live on the far side now walk to the market by "
    "the mill. They say that the new road will be ready in spring, but nobody has seen a plan, and the council meets "
    "only twice a year. Until then the ferry runs every hour from six in the morning."
)


class ItemStates(NamedTuple):
    """The states of one text, special tokens left out.

    Attributes:
        item_row: The text's number in its list.
        token_ids: (n_tokens,) int64.
        offsets: (n_tokens, 2) int32; where each token begins and ends in the text, in characters.
        states: (n_tokens, d_in) float32.
        is_cut: Whether the text is longer than the model reads, and its end was left out.
        n_sinks: How many tokens were dropped for their norm.
    """

    item_row: int
    token_ids: NDArray[np.int64]
    offsets: NDArray[np.int32]
    states: NDArray[np.float32]
    is_cut: bool
    n_sinks: int


@dataclass(frozen=True, slots=True, eq=False)
class StateBatch:
    """The states of the texts of one batch, one after the other.

    Attributes:
        item_rows: (n_items,) int64; the texts' numbers in their list.
        starts: (n_items + 1,) int64; where each text's tokens begin in the arrays below.
        token_ids: (n_tokens,) int64.
        offsets: (n_tokens, 2) int32, in characters of each text.
        states: (n_tokens, d_in) float32.
        is_cut: (n_items,) bool; whether a text's end was left out.
        n_sinks: (n_items,) int64; how many tokens were dropped for their norm.
    """

    item_rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    token_ids: NDArray[np.int64]
    offsets: NDArray[np.int32]
    states: NDArray[np.float32]
    is_cut: NDArray[np.bool_]
    n_sinks: NDArray[np.int64]

    def items(self) -> Iterator[ItemStates]:
        """Yield the texts one by one, as views of the batch."""
        for i, row in enumerate(self.item_rows):
            part = slice(self.starts[i], self.starts[i + 1])
            yield ItemStates(
                int(row), self.token_ids[part], self.offsets[part], self.states[part], bool(self.is_cut[i]), int(self.n_sinks[i])
            )


def token_states(
    hooked: HookedModel,
    hook: HookPoint | str,
    texts: Sequence[str],
    *,
    batch_tokens: int | None = None,
    batch_items: int | None = None,
    max_tokens: int | None = None,
    prepend_bos: bool | None = None,
    sink_multiple: float | None = None,
    progress: Progress = silent,
) -> Iterator[ItemStates]:
    """Read the states of texts, one text at a time; the parameters are those of `token_state_batches`."""
    read = token_state_batches(
        hooked,
        hook,
        texts,
        batch_tokens=batch_tokens,
        batch_items=batch_items,
        max_tokens=max_tokens,
        prepend_bos=prepend_bos,
        sink_multiple=sink_multiple,
        progress=progress,
    )
    return (item for batch in read for item in batch.items())


def token_state_batches(
    hooked: HookedModel,
    hook: HookPoint | str,
    texts: Sequence[str],
    *,
    batch_tokens: int | None = None,
    batch_items: int | None = None,
    max_tokens: int | None = None,
    prepend_bos: bool | None = None,
    sink_multiple: float | None = None,
    progress: Progress = silent,
) -> Iterator[StateBatch]:
    """Read the states of the tokens of texts at a hook point.

    Every text comes exactly once, not in order: texts of like length are read together. A text without a word comes
    with no tokens. A text's states are the same in any company, up to rounding.

    Args:
        hooked: A model that reads text.
        hook: Where to read.
        texts: The texts.
        batch_tokens: Most tokens in a batch, padding included; None chooses by device.
        batch_items: Most texts in a batch; None sets no limit.
        max_tokens: Longest text in tokens, special ones included; None is what the model reads. What is longer is cut.
        prepend_bos: Whether a text begins with the BOS token where the tokenizer does not put it there itself. None does so
            for causal models: their first position gathers attention and has a state like no other, which had better be
            that of BOS, which does not count, than that of a word. TransformerLens and SAELens do the same.
        sink_multiple: Tokens are dropped whose norm is above this multiple of the median norm in ordinary English; None
            drops none.
        progress: Is told how many texts are done.

    Raises:
        InputError: If the model reads no text or has no such hook point, or a number is out of range.
    """
    place = resolve_hook_point(hooked.model, hook)
    if hooked.tokenizer is None or place.modality != "text":
        raise InputError(f"'{place.name}' of {hooked.name} does not read texts{'; give pictures' if place.modality == 'vision' else ''}")
    for name, number in (("batch_tokens", batch_tokens), ("batch_items", batch_items), ("max_tokens", max_tokens)):
        if number is not None and number < 1:
            raise InputError(f"{name} must be at least 1, not {number}")
    if sink_multiple is not None and sink_multiple <= 1:
        raise InputError(f"sink_multiple must be above 1, since it multiplies the median norm, not {sink_multiple}")
    reader = _Reader(
        hooked,
        place,
        batch_tokens or BATCH_TOKENS[hooked.device.split(":")[0]],
        batch_items,
        min(max_tokens or hooked.max_tokens, hooked.max_tokens),
        hooked.is_causal if prepend_bos is None else prepend_bos,
    )
    return reader.read_all(texts, sink_multiple, progress)


@dataclass(frozen=True, slots=True)
class _Reader:
    hooked: HookedModel
    place: Place
    batch_tokens: int
    batch_items: int | None
    max_tokens: int
    prepend_bos: bool

    def read_all(self, texts: Sequence[str], sink_multiple: float | None, progress: Progress) -> Iterator[StateBatch]:
        limit = None if sink_multiple is None else sink_multiple * self._ordinary_norm()
        with progress.stage(f"reading {self.place.name} of {self.hooked.name}", len(texts)) as advance:
            for first, group in windows(texts):
                tokenized = self._tokenize(group, first)
                if empty := [text for text in tokenized if not len(text.ids)]:
                    yield self._nothing(empty)
                    advance(len(empty))
                filled = [text for text in tokenized if len(text.ids)]
                for batch in batches(filled, batch_tokens=self.batch_tokens, batch_items=self.batch_items):
                    yield self._read(batch, limit)
                    advance(len(batch))

    def _tokenize(self, texts: list[str], first_row: int = 0) -> list[TokenizedText]:
        return tokenize(self.hooked.tokenizer, texts, max_tokens=self.max_tokens, prepend_bos=self.prepend_bos, first_row=first_row)

    def _read(self, batch: list[TokenizedText], norm_limit: float | None) -> StateBatch:
        import torch

        ids, is_token = padded(batch, self.hooked.tokenizer.pad_token_id or 0)
        device = self.hooked.device
        inputs = {"input_ids": torch.from_numpy(ids).to(device), "attention_mask": torch.from_numpy(is_token.astype(np.int64)).to(device)}
        counts = np.zeros_like(is_token)
        counts[is_token] = np.concatenate([text.counts for text in batch])
        states = read_states(self.hooked, self.place, inputs)[torch.from_numpy(counts).to(device)].cpu().numpy()
        kept = np.ones(len(states), dtype=bool) if norm_limit is None else np.linalg.norm(states, axis=1) <= norm_limit
        item_of_token = np.nonzero(counts)[0]
        return StateBatch(
            item_rows=_rows(batch),
            starts=np.searchsorted(item_of_token[kept], np.arange(len(batch) + 1)),
            token_ids=ids[counts][kept],
            offsets=np.concatenate([text.offsets[text.counts] for text in batch])[kept],
            states=states if norm_limit is None else states[kept],
            is_cut=np.array([text.is_cut for text in batch]),
            n_sinks=np.bincount(item_of_token[~kept], minlength=len(batch)),
        )

    def _nothing(self, batch: list[TokenizedText]) -> StateBatch:
        n = len(batch)
        states = np.zeros((0, width(self.hooked, self.place)), np.float32)
        none, offsets = np.zeros(0, np.int64), np.zeros((0, 2), np.int32)
        return StateBatch(_rows(batch), np.zeros(n + 1, np.int64), none, offsets, states, np.zeros(n, bool), np.zeros(n, np.int64))

    def _ordinary_norm(self) -> float:
        read = self._read(self._tokenize([REFERENCE_TEXT]), None)
        return float(np.median(np.linalg.norm(read.states, axis=1)))


def _rows(batch: list[TokenizedText]) -> NDArray[np.int64]:
    return np.array([text.row for text in batch], dtype=np.int64)
