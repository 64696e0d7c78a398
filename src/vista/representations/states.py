"""Hidden states as a representation: one vector an item, pooled from its tokens or patches at a hook point."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Picture
from vista.errors import InputError, nearest_name_hint
from vista.execution import content_key
from vista.representations.encoder import Encoded
from vista.representations.hook_points import HookPoint, parse_hook_point
from vista.representations.hooked_loading import load_hooked_model, model_name, states_space
from vista.representations.hooked_model import Dtype, HookedModel
from vista.representations.model_files import language_model_file
from vista.representations.patch_states import patch_states
from vista.representations.token_states import token_states
from vista.representations.vision import picture_hash

POOLINGS = {"text": ("mean", "max", "last"), "vision": ("mean", "max", "cls")}
_POOL: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "mean": lambda states: states.mean(axis=0),
    "max": lambda states: states.max(axis=0),
    "last": lambda states: states[-1],
}


class HiddenStates:
    """Encodes items by a model's hidden states at one hook point; the model is loaded at the first item.

    Special tokens are left out, and an item without any other has a zero vector.

    Args:
        place: The model: "smollm2", a folder, a GGUF file, or a hub id.
        hook: Where to read: a layer such as "12", "12.mlp_out", "vision.12", or a module's path.
        pooling: "mean", "max" or "last" over an item's tokens; "mean", "max" or "cls" for pictures.
        device: "cpu", "cuda", "mps", or None for the best available.
        dtype: What the model computes in.

    Raises:
        InputError: If there is no such model or pooling, or the hook point cannot be one.
        InputFileError: If the model's files cannot be read or fetched.
        MissingExtraError: If the package that brings the model is not installed.
    """

    kind: Literal["text", "vision"]
    shard_items = 512
    notes: tuple[str, ...] = ()

    def __init__(self, place: str, hook: str, pooling: str = "mean", device: str | None = None, dtype: Dtype = "float32") -> None:
        self._hook = parse_hook_point(hook)
        file = language_model_file(place)
        self.kind = _kind_of(file, self._hook)
        if pooling not in POOLINGS[self.kind]:
            raise InputError(f"no pooling '{pooling}' for {_plural(self.kind)}.{nearest_name_hint(pooling, POOLINGS[self.kind])}")
        self.name = f"{model_name(place)} {self._hook} ({pooling})"
        self.space = content_key(states_space(file, dtype), str(self._hook), pooling)
        self._place, self._pooling, self._device, self._dtype = place, pooling, device, dtype

    def content_hash(self, item: Any) -> bytes:
        return hashlib.sha256(item.encode("utf-8", "surrogatepass")).digest() if self.kind == "text" else picture_hash(item)

    def length(self, item: Any) -> int:
        return len(item) if self.kind == "text" else 1

    def encode_items(self, items: Sequence[Any], *, batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        return self._encode_texts(items, batch_size, advance) if self.kind == "text" else self._encode_pictures(items, batch_size, advance)

    def _encode_texts(self, texts: Sequence[str], batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        rows: dict[int, NDArray[np.float32]] = {}
        cut = np.zeros(len(texts), dtype=bool)
        for item in token_states(self._model, self._hook, texts, batch_items=batch_size):
            states = item.states if len(item.states) else np.zeros((1, item.states.shape[1]), np.float32)
            rows[item.item_row], cut[item.item_row] = _POOL[self._pooling](states), item.is_cut
            advance(1)
        return Encoded(np.stack([rows[row] for row in range(len(texts))]), cut)

    def _encode_pictures(self, pictures: Sequence[Picture], batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        rows = []
        for item in patch_states(self._model, self._hook, pictures, batch_pictures=batch_size):
            if self._pooling == "cls" and not len(item.others):
                raise InputError(f"{self._model.name} has no CLS position; pool by mean or max")
            rows.append(item.others[0] if self._pooling == "cls" else _POOL[self._pooling](item.states))
            advance(1)
        return Encoded(np.stack(rows), np.zeros(len(pictures), dtype=bool))

    @cached_property
    def _model(self) -> HookedModel:
        return load_hooked_model(self._place, dtype=self._dtype, device=self._device)


def _plural(kind: str) -> str:
    return "texts" if kind == "text" else "pictures"


def _kind_of(file: Path, hook: HookPoint) -> Literal["text", "vision"]:
    """Return what the model reads at a hook point, by its configuration alone."""
    if file.is_file():
        return "text"
    try:
        config = json.loads((file / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = {}  # loading it will say what is wrong
    if "vision_config" in config:
        return "vision" if hook.tower == "vision" or "vision" in (hook.path or "") else "text"
    return "vision" if "image_size" in config and "vocab_size" not in config else "text"
