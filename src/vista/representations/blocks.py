"""The stacks of transformer blocks in a model of the transformers library, found by structure.

Module paths differ from model to model and from version to version, so a stack is known by what it is: a list of
blocks each of which mixes the positions of its input. Lists inside a block belong to the block.

```
GPT2LMHeadModel                       CLIPModel                          Gemma3ForConditionalGeneration
└ transformer.h            stack ""   ├ text_model.encoder.layers  text  ├ model.vision_tower.encoder.layers  vision
                                      └ vision_model.encoder.layers vision └ model.language_model.layers      text
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vista.errors import InputError

if TYPE_CHECKING:
    from torch.nn import Module

Modality = Literal["text", "vision"]

_MIXES_POSITIONS = re.compile(r"attention|attn|mixer|mamba|rwkv|deltanet|shortconv", re.IGNORECASE)
TOWER_WORDS = {
    "text": ("text", "language"),
    "vision": ("vision", "visual", "image"),
    "audio": ("audio", "speech"),
    "encoder": ("encoder",),
    "decoder": ("decoder",),
}
_MODALITY_OF_INPUT: dict[str, Modality] = {"input_ids": "text", "pixel_values": "vision"}


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The blocks of a model, or of one of its towers, in the order in which they run.

    Attributes:
        tower: "text", "vision", "audio", "encoder" or "decoder" in a model of several stacks (its path where two would
            have one name); empty in a model that has one.
        path: Where the list lies in the model.
        blocks: The blocks, layer 0 first.
        modality: What the stack reads, texts or pictures; None for anything else.
        is_default: Whether a layer without a tower's name means this stack.
    """

    tower: str
    path: str
    blocks: tuple[Module, ...]
    modality: Modality | None
    is_default: bool


def find_stacks(model: Module) -> tuple[Stack, ...]:
    """Return the stacks of a model, in its own order.

    Raises:
        InputError: If the model has none.
    """
    found = list(_outermost_lists(model))
    if not found:
        raise InputError(f"{type(model).__name__} has no stack of transformer blocks, whose hidden states VISTA reads")
    whole = _MODALITY_OF_INPUT.get(str(getattr(model, "main_input_name", "input_ids")))
    if len(found) == 1:
        path, blocks = found[0]
        return (Stack("", path, blocks, whole, True),)
    towers = _tower_names([path for path, _ in found])
    default = _default_path(model, dict(zip(towers, (path for path, _ in found), strict=True)))
    return tuple(
        Stack(tower, path, blocks, _modality(tower, whole), path == default) for tower, (path, blocks) in zip(towers, found, strict=True)
    )


def _outermost_lists(model: Module) -> Iterator[tuple[str, tuple[Module, ...]]]:
    from torch.nn import ModuleList

    inside: tuple[str, ...] = ()
    for path, module in model.named_modules():
        if not isinstance(module, ModuleList) or path.startswith(inside):
            continue
        if len(module) and all(_mixes_positions(block) for block in module):
            inside = (*inside, f"{path}.")
            yield path, tuple(module)


def _mixes_positions(block: Module) -> bool:
    return any(_MIXES_POSITIONS.search(type(part).__name__) for part in block.modules())


def _tower_names(paths: list[str]) -> list[str]:
    names = [next((name for name, words in TOWER_WORDS.items() if any(word in path for word in words)), path) for path in paths]
    return [path if names.count(name) > 1 else name for name, path in zip(names, paths, strict=True)]


def _modality(tower: str, whole: Modality | None) -> Modality | None:
    # The decoder of an encoder-decoder reads two things at once, of which nothing here is given.
    towers: dict[str, Modality | None] = {"text": "text", "vision": "vision", "encoder": whole}
    return towers.get(tower)


def _default_path(model: Module, path_of: dict[str, str]) -> str | None:
    """Return the stack that a bare layer number means: the language model which other towers serve, or the encoder."""
    if getattr(getattr(model, "config", None), "is_encoder_decoder", False):
        return path_of.get("encoder")
    return next((path for path in path_of.values() if "language_model" in path), None)
