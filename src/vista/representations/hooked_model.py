"""A model with a hook in it: what a module gives or takes is read in a forward pass that stops there.

`hidden_states`, which transformers collects, is never the source: its last entry has gone through the final norm, and
it is off by one from the layers' numbers. A hook reads the very values, and the layers above it never run.

```
input ► block 0 ► … ► block 12 ──X       the hook keeps the values and ends the pass by an exception
                          └► states (n_items, n_tokens, d_in)
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vista.errors import InputError
from vista.representations.hook_points import Place

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

Dtype = Literal["float32", "bfloat16"]
Inputs: TypeAlias = "dict[str, Tensor]"


@dataclass(frozen=True, slots=True, eq=False)
class HookedModel:
    """A loaded model of the transformers library, ready for `read_states`.

    Attributes:
        name: The model's name, for people.
        space: Hash of its weights and files.
        model: The model.
        tokenizer: For models that read text, else None.
        image_processor: For models that read pictures, else None.
        device: Where it runs.
        dtype: What it computes in; states are float32 either way.
        is_causal: Whether a token's state depends on no later token.
        max_tokens: Longest text, special tokens included.
    """

    name: str
    space: str
    model: Any
    tokenizer: Any
    image_processor: Any
    device: str
    dtype: Dtype
    is_causal: bool
    max_tokens: int


class _Stop(Exception):
    """Ends a forward pass at the hook; caught where the pass was started."""


def read_states(hooked: HookedModel, place: Place, inputs: Inputs) -> Tensor:
    """Run a batch up to a hook point.

    Args:
        hooked: The model.
        place: From `resolve_hook_point`.
        inputs: `input_ids` and `attention_mask` (n, n_tokens), or `pixel_values` (n, 3, height, width).

    Returns:
        (n, n_tokens, d_in) float32 on the model's device.

    Raises:
        InputError: If the module does not run on such input, or gives something else than a vector for each position.
    """
    import torch

    caught: list[Any] = []

    def stop(value: Any) -> None:
        caught.append(value)
        raise _Stop

    with torch.inference_mode(), _watched(place, stop), suppress(_Stop):
        _forward(hooked, place, inputs)
    if not caught:
        raise InputError(f"the hook point '{place.name}' never runs on this input: '{place.path}' belongs to another part of the model")
    return _by_position(caught[0], place, inputs).float()


def run_with_states(hooked: HookedModel, place: Place, inputs: Inputs, change: Callable[[Tensor], Tensor]) -> Any:
    """Run a batch to its end with the states at a hook point replaced.

    Args:
        hooked: The model.
        place: Where to replace.
        inputs: As for `read_states`.
        change: From the states, (n, n_tokens, d_in) float32, to those that take their place.

    Returns:
        The model's own output: logits in `.logits` for a causal model.
    """
    import torch

    with torch.inference_mode(), _watched(place, lambda value: change(value.float()).to(value.dtype)):
        return _forward(hooked, place, inputs)


def pixels_of(hooked: HookedModel, pictures: list[Image]) -> Tensor:
    """Return RGB pictures as the model wants them, (n, 3, height, width)."""
    pixels: Tensor = hooked.image_processor(images=pictures, return_tensors="pt")["pixel_values"]
    return pixels.to(hooked.device, hooked.model.dtype)


def width(hooked: HookedModel, place: Place) -> int:
    """Return d_in, the number of dimensions at a hook point, from a pass over the smallest input."""
    import torch

    if place.modality == "vision":
        from PIL.Image import new

        inputs = {"pixel_values": pixels_of(hooked, [new("RGB", (64, 64))])}
    else:
        ids = torch.zeros(1, 2, dtype=torch.long, device=hooked.device)
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    return int(read_states(hooked, place, inputs).shape[-1])


@contextmanager
def _watched(place: Place, see: Callable[[Any], Any]) -> Iterator[None]:
    """Hook the module: `see` is told the states there, and what it returns, unless None, takes their place."""
    handle = (
        place.module.register_forward_pre_hook(lambda _, args, named: _seen_input(see, args, named), with_kwargs=True)
        if place.at == "input"
        else place.module.register_forward_hook(lambda _, args, out: _seen_output(see, out))
    )
    try:
        yield
    finally:
        handle.remove()


def _seen_output(see: Callable[[Any], Any], out: Any) -> Any:
    # Blocks return a tensor since version 5 of transformers, and a tuple before; attention modules always do.
    if not isinstance(out, tuple):
        return see(out)
    new = see(out[0])
    return None if new is None else (new, *out[1:])


def _seen_input(see: Callable[[Any], Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    if args:
        new = see(args[0])
        return None if new is None else ((new, *args[1:]), named)
    new = see(named["hidden_states"])
    return None if new is None else (args, {**named, "hidden_states": new})


def _forward(hooked: HookedModel, place: Place, inputs: Inputs) -> Any:
    """Run the model, or the tower that a hook point lies in where the model cannot run on one kind of input."""
    stack = place.stack
    tower_only = {"text": "get_text_features", "vision": "get_image_features"}.get(stack.tower if stack else "")
    run = getattr(hooked.model, tower_only, hooked.model) if tower_only else hooked.model
    return run(**inputs)


def _by_position(value: Any, place: Place, inputs: Inputs) -> Tensor:
    """Return states as (n, n_tokens, d_in), whether the module keeps the two axes or joins them."""
    import torch

    if isinstance(value, torch.Tensor):
        n, n_tokens = inputs["input_ids"].shape if "input_ids" in inputs else (len(inputs["pixel_values"]), None)
        if value.ndim == 3 and value.shape[0] == n and n_tokens in (None, value.shape[1]):
            return value
        if value.ndim == 2 and n_tokens is not None and value.shape[0] == n * n_tokens:
            return value.view(n, n_tokens, -1)
    given = f"shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__
    raise InputError(f"the hook point '{place.name}' does not hold one vector for each position, but {given}; name another module")
