"""Texts to vectors, through any model in sentence-transformers layout."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.representations.encoder import Encoded
from vista.representations.model_files import space_of
from vista.representations.pooling import build_heads, pool
from vista.representations.sentence_recipe import SentenceRecipe, read_recipe
from vista.representations.torch_models import load_model, load_part, pick_device, quiet_transformers, token_limit

if TYPE_CHECKING:
    from torch import Tensor

BATCH_TOKENS = 4096
# Of these families sentence-transformers runs the encoder alone.
ENCODER_HALF = ("t5", "mt5", "umt5")


class TextEncoder:
    """Encodes texts with one model; the model is loaded at the first text.

    Args:
        folder: The model's folder.
        name: The model's name, for people.
        device: "cpu", "cuda", "mps", or None for the best available.

    Raises:
        InputError: If the folder's recipe has a part that VISTA does not know.
        InputFileError: If one of its JSON files cannot be read.
    """

    kind: Literal["text", "vision"] = "text"
    shard_items = 512

    def __init__(self, folder: Path, name: str, device: str | None = None) -> None:
        self.name = name
        self._recipe = read_recipe(folder)
        self.space = space_of("text", self._recipe.folders)
        self._device = device
        plain = not (folder / "modules.json").is_file()
        self.notes: tuple[str, ...] = (
            (f"{name} says nothing of pooling (no modules.json): its token vectors are averaged",) if plain else ()
        )

    def content_hash(self, item: str) -> bytes:
        return hashlib.sha256(item.encode("utf-8", "surrogatepass")).digest()

    def length(self, item: str) -> int:
        return len(item)

    def encode_items(self, items: Sequence[str], *, batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        with quiet_transformers():
            tokens, cut = self._model.tokenize(items)
            rows: list[NDArray[np.float32] | None] = [None] * len(items)
            for batch in _batches([len(ids) for ids in tokens], batch_size):
                vectors = self._model.vectors([tokens[row] for row in batch])
                for row, vector in zip(batch, vectors, strict=True):
                    rows[row] = vector
                advance(len(batch))
        return Encoded(np.stack([row for row in rows if row is not None]), cut)

    @cached_property
    def _model(self) -> _Model:
        return _load(self._recipe, pick_device(self._device))


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    recipe: SentenceRecipe
    tokenizer: Any
    transformer: Any
    heads: list[Callable[[Tensor], Tensor]]
    max_tokens: int
    device: str

    def tokenize(self, texts: Sequence[str]) -> tuple[list[list[int]], NDArray[np.bool_]]:
        """Return the token ids of each text, and which texts were cut."""
        prepared = [self._prepare(text) for text in texts]
        tokens: list[list[int]] = self.tokenizer(prepared, truncation=False)["input_ids"]
        cut = [row for row, ids in enumerate(tokens) if len(ids) > self.max_tokens]
        # Only the tokenizer knows how to cut: it keeps the special token at the end.
        for row in cut:
            tokens[row] = self.tokenizer(prepared[row], truncation=True, max_length=self.max_tokens)["input_ids"]
        is_cut = np.zeros(len(texts), dtype=bool)
        is_cut[cut] = True
        return tokens, is_cut

    def vectors(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        """Run one batch, padded on the right to its longest text; (n, dim)."""
        import torch

        lengths = np.array([len(ids) for ids in tokens])
        mask = np.arange(max(1, lengths.max()))[None, :] < lengths[:, None]
        padded = np.full(mask.shape, self.tokenizer.pad_token_id or 0, dtype=np.int64)
        padded[mask] = np.concatenate(tokens)
        with torch.inference_mode():
            attention = torch.from_numpy(mask.astype(np.int64)).to(self.device)
            states = self.transformer(input_ids=torch.from_numpy(padded).to(self.device), attention_mask=attention).last_hidden_state
            pooled = pool(states, attention, self.recipe.poolings)
            for head in self.heads:
                pooled = head(pooled)
            return np.asarray(pooled.float().cpu().numpy(), dtype=np.float32)

    def _prepare(self, text: str) -> str:
        whole = self.recipe.prompt + text.encode("utf-8", "replace").decode().strip()  # half a surrogate pair is no text
        return whole.lower() if self.recipe.lower_case else whole


def _load(recipe: SentenceRecipe, device: str) -> _Model:
    from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding, AutoTokenizer

    config = load_part(AutoConfig, recipe.transformer)
    tokenizer = load_part(AutoTokenizer, recipe.transformer)
    kind = AutoModelForTextEncoding if config.model_type in ENCODER_HALF else AutoModel
    transformer = load_model(kind, recipe.transformer, device)
    max_tokens = recipe.max_tokens or token_limit(config, tokenizer)
    return _Model(recipe, tokenizer, transformer, build_heads(recipe, device), max_tokens, device)


def _batches(lengths: list[int], batch_size: int | None) -> Iterator[list[int]]:
    """Yield rows in batches of like length, longest first, with at most BATCH_TOKENS tokens once padded."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    while order:
        n = max(1, BATCH_TOKENS // max(1, lengths[order[0]]))
        n = n if batch_size is None else min(n, batch_size)
        yield order[:n]
        order = order[n:]
