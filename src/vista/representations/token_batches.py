"""From texts to batches of tokens: what the model reads, and which of its positions count.

Texts are taken in windows, sorted by length inside each, and cut into batches of at most so many tokens once padded.
The positions of tokens that the model put there itself (BOS, padding, separators) are read and never counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOW_TEXTS = 4096  # texts that are sorted by length together


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedText:
    """One text as the model reads it.

    Attributes:
        row: The text's number in its list.
        ids: (n_tokens,) int64, special tokens included.
        offsets: (n_tokens, 2) int32; where each token begins and ends in the text, in characters.
        counts: (n_tokens,) bool; False for special tokens.
        is_cut: Whether the text is longer than the model reads, and its end was left out.
    """

    row: int
    ids: NDArray[np.int64]
    offsets: NDArray[np.int32]
    counts: NDArray[np.bool_]
    is_cut: bool


def tokenize(tokenizer: Any, texts: Sequence[str], *, max_tokens: int, prepend_bos: bool, first_row: int = 0) -> list[TokenizedText]:
    """Tokenize texts with the special tokens that the model expects. A text without any word has no tokens at all.

    Args:
        tokenizer: A fast tokenizer.
        texts: The texts.
        max_tokens: Longest sequence, special tokens included; what is longer is cut by the tokenizer.
        prepend_bos: Whether to put the BOS token first where the tokenizer has one and leaves it out.
        first_row: Number of the first text.
    """
    clean = [text.encode("utf-8", "replace").decode() for text in texts]  # half a surrogate pair is no text
    bos = _missing_bos(tokenizer) if prepend_bos else None
    room = max(1, max_tokens - (bos is not None))
    options = {"return_offsets_mapping": True, "return_special_tokens_mask": True, "return_attention_mask": False}
    whole = tokenizer(clean, truncation=False, verbose=False, **options) if clean else {"input_ids": []}
    special = _special_ids(tokenizer)
    rows = []
    for place, text in enumerate(clean):
        ids, offsets, mask = (whole[key][place] for key in ("input_ids", "offset_mapping", "special_tokens_mask"))
        is_cut = len(ids) > room
        if is_cut:  # only the tokenizer knows how to cut: it keeps a special token at the end
            short = tokenizer(text, truncation=True, max_length=room, **options)
            ids, offsets, mask = short["input_ids"], short["offset_mapping"], short["special_tokens_mask"]
        rows.append(_tokenized(first_row + place, ids if text.strip() else [], offsets, mask, special, bos, is_cut))
    return rows


def batches(tokenized: Sequence[TokenizedText], *, batch_tokens: int, batch_items: int | None = None) -> Iterator[list[TokenizedText]]:
    """Yield texts of like length together, longest first, at most `batch_tokens` once padded (a longer text goes alone)."""
    order = sorted(tokenized, key=lambda text: (-len(text.ids), text.row))
    while order:
        n = max(1, batch_tokens // max(1, len(order[0].ids)))
        n = n if batch_items is None else min(n, batch_items)
        yield order[:n]
        order = order[n:]


def windows(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the texts in groups of `WINDOW_TEXTS`, each with the number of its first."""
    remaining = iter(texts)
    first = 0
    while group := list(islice(remaining, WINDOW_TEXTS)):
        yield first, group
        first += len(group)


def padded(batch: Sequence[TokenizedText], pad_id: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return token ids (n, longest), padded on the right, and where they are tokens."""
    lengths = np.array([len(text.ids) for text in batch])
    is_token = np.arange(lengths.max())[None, :] < lengths[:, None]
    ids = np.full(is_token.shape, pad_id, dtype=np.int64)
    ids[is_token] = np.concatenate([text.ids for text in batch])
    return ids, is_token


def _tokenized(
    row: int, ids: list[int], offsets: list[tuple[int, int]], mask: list[int], special: frozenset[int], bos: int | None, is_cut: bool
) -> TokenizedText:
    if not ids:
        return TokenizedText(row, np.zeros(0, np.int64), np.zeros((0, 2), np.int32), np.zeros(0, bool), False)
    counts = [not marked and token not in special for token, marked in zip(ids, mask, strict=True)]
    if bos is not None:
        ids, offsets, counts = [bos, *ids], [(0, 0), *offsets], [False, *counts]
    return TokenizedText(row, np.array(ids, np.int64), np.array(offsets, np.int32), np.array(counts), is_cut)


def _missing_bos(tokenizer: Any) -> int | None:
    """Return the id of the BOS token if the tokenizer has one and does not put it first itself."""
    bos: int | None = tokenizer.bos_token_id
    return None if bos is None or bos in tokenizer("a")["input_ids"][:1] else bos


def _special_ids(tokenizer: Any) -> frozenset[int]:
    """Return the ids that are no words. That of an unknown word is one, unless it has a second office, as in GPT-2."""
    offices = ("bos", "eos", "pad", "cls", "sep", "mask")
    held = {getattr(tokenizer, f"{office}_token_id", None) for office in offices}
    return frozenset(token for token in tokenizer.all_special_ids if token != tokenizer.unk_token_id or token in held)
