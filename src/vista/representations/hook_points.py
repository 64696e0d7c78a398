"""Hook points: the names of the places in a model whose values can be read, and where such a name leads.

```
                 ┌─────────────── block 12 ───────────────┐
 12.resid_pre ─► │ ─┬─► attention ─► + ─┬─► MLP ────► + ─ │ ─► 12.resid_post   (also written 12)
                 │  └───────────────►┘  └───────────►┘    │
                 └───────  12.attn_out     12.mlp_out ────┘    what is added to the stream, after any norm on the way
```

`12.attn_z` is what the attention heads read, end to end, before their output projection. In a model of several towers
the tower comes first: `vision.12`. Any other place is a module's path, `encoder.layer.3.attention`, with `.input` behind
it for what the module is given. TransformerLens's names for these places are understood: `blocks.12.hook_resid_post`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from vista.errors import InputError, nearest_name_hint
from vista.representations.blocks import TOWER_WORDS, Modality, Stack, find_stacks

if TYPE_CHECKING:
    from torch.nn import Module

KINDS = ("resid_pre", "resid_post", "mlp_out", "attn_out", "attn_z")
_LAYER = re.compile(rf"(?:({'|'.join(TOWER_WORDS)})\.)?(\d+)(?:\.([a-z]\w*))?")
_TRANSFORMER_LENS = re.compile(r"blocks\.(\d+)\.(.+)")
_KIND_OF_LENS_NAME = {
    "hook_resid_pre": "resid_pre",
    "hook_resid_post": "resid_post",
    "hook_mlp_out": "mlp_out",
    "hook_attn_out": "attn_out",
    "mlp.hook_mlp_out": "mlp_out",
    "attn.hook_attn_out": "attn_out",
    "attn.hook_z": "attn_z",
    "hook_z": "attn_z",
}

# What a block adds to the stream, by the first of these that it has; a norm or a scale between module and stream counts as
# part of the way. BLOOM's modules add the stream themselves, hence their last layers.
_ATTENTION_OUT = (
    "post_self_attn_layernorm",
    "layer_scale1",
    "attention.output.dense",
    "self_attention.dense",
    "self_attn",
    "attn",
    "attention",
    "layer.0.SelfAttention",
    "linear_attn",
    "mamba",
    "mixer",
)
_MLP_OUT = (
    "post_feedforward_layernorm",
    "post_mlp_layernorm",
    "layer_scale2",
    "output.dense",
    "mlp.dense_4h_to_h",
    "mlp",
    "feed_forward",
    "ffn",
    "fc2",
    "layer.1.DenseReluDense",
    "block_sparse_moe",
)
_OUTPUT_PROJECTION = (
    "self_attn.o_proj",
    "self_attn.out_proj",
    "attn.c_proj",
    "attn.out_proj",
    "attention.o_proj",
    "attention.output.dense",
    "attention.dense",
    "attention.out_lin",
    "self_attention.dense",
    "layer.0.SelfAttention.o",
    "linear_attn.out_proj",
)


@dataclass(frozen=True, slots=True)
class HookPoint:
    """A place in a model by name: a layer's, or a module's.

    Attributes:
        tower: Name of the stack, where the user gave one.
        layer_index: Number of the block, from 0; None for a module's path.
        kind: One of `KINDS`; None for a module's path.
        path: A module's path, as given.
    """

    tower: str | None = None
    layer_index: int | None = None
    kind: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        """Return the one spelling of this place, whichever was read."""
        if self.path is not None:
            return self.path
        return f"{f'{self.tower}.' if self.tower else ''}{self.layer_index}.{self.kind}"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a hook point lies in a loaded model.

    Attributes:
        name: The hook point, in its one spelling.
        module: The module to hook.
        path: The module's path in the model.
        at: Whether the values are what the module returns, or what it is given.
        stack: The stack of blocks that the module belongs to; None for a module outside any.
    """

    name: str
    module: Module
    path: str
    at: Literal["output", "input"]
    stack: Stack | None

    @property
    def modality(self) -> Modality | None:
        return None if self.stack is None else self.stack.modality


def parse_hook_point(text: str) -> HookPoint:
    """Read the name of a hook point; no model is needed, so a module's path is taken as it is.

    Raises:
        InputError: If the name is that of a TransformerLens hook which no module of a transformers model gives, or of
            an unknown place of a layer.
    """
    if lens := _TRANSFORMER_LENS.fullmatch(text):
        if "hook_" in lens[2]:
            return HookPoint(layer_index=int(lens[1]), kind=_kind_of_lens_name(text, lens[2]))
    elif text.startswith("hook_") or ".hook_" in text:
        raise InputError(_unreachable(text))
    if layer := _LAYER.fullmatch(text):
        tower, index, kind = layer.groups()
        if kind is None or kind in KINDS:
            return HookPoint(tower, int(index), kind or "resid_post")
        if tower is None:
            raise InputError(f"no hook point '{kind}' in a layer.{nearest_name_hint(kind, KINDS)}")
    if not text or not re.fullmatch(r"\w+(\.\w+)*", text):
        raise InputError(f"'{text}' is no hook point; give a layer such as 12, 12.mlp_out or vision.12, or a module's path")
    return HookPoint(path=text)


def resolve_hook_point(model: Module, hook: HookPoint | str) -> Place:
    """Find a hook point in a model.

    Raises:
        InputError: If the model has no such layer, tower or module, or the name fits several places.
    """
    hook = parse_hook_point(hook) if isinstance(hook, str) else hook
    stacks = find_stacks(model)
    if hook.path is not None:
        return _place_of_path(model, stacks, hook.path)
    stack = _stack_of(stacks, hook)
    assert hook.layer_index is not None
    _refuse_beyond(stack, hook.layer_index)
    return _place_in_block(stack, hook)


def _kind_of_lens_name(name: str, part: str) -> str:
    if part not in _KIND_OF_LENS_NAME:
        raise InputError(_unreachable(name))
    return _KIND_OF_LENS_NAME[part]


def _unreachable(name: str) -> str:
    parts = ("hook_resid_pre", "hook_resid_post", "hook_mlp_out", "hook_attn_out", "attn.hook_z")
    layer = re.match(r"blocks\.(\d+)\.", name)
    near = difflib.get_close_matches(name, [f"blocks.{layer[1]}.{part}" for part in parts], n=1, cutoff=0.93) if layer else []
    meant = f" Did you mean '{near[0]}'?" if near else ""
    read = ", ".join(f"blocks.N.{part}" for part in parts)
    return f"the TransformerLens hook '{name}' is not what one module of a transformers model gives or takes.{meant} VISTA reads {read}"


def _stack_of(stacks: tuple[Stack, ...], hook: HookPoint) -> Stack:
    if len(stacks) == 1 and hook.tower in (None, stacks[0].modality):
        return stacks[0]
    if hook.tower is None:
        if default := [stack for stack in stacks if stack.is_default]:
            return default[0]
        towers = ", ".join(f"{stack.tower} ({len(stack.blocks)} layers)" for stack in stacks)
        raise InputError(f"the model has several towers: {towers}; name one, as in '{stacks[0].tower}.{hook}'")
    for stack in stacks:
        if stack.tower == hook.tower:
            return stack
    raise InputError(
        f"the model has no tower '{hook.tower}'.{nearest_name_hint(hook.tower, [stack.tower for stack in stacks if stack.tower])}"
    )


def _refuse_beyond(stack: Stack, layer_index: int) -> None:
    if layer_index >= len(stack.blocks):
        of = f"the {stack.tower} tower" if stack.tower else "the model"
        raise InputError(f"there is no layer {layer_index}: {of} has {len(stack.blocks)}, numbered 0 to {len(stack.blocks) - 1}")


def _refuse_layer_beyond(stacks: tuple[Stack, ...], path: str) -> None:
    """Say the range to someone whose module path is right but for the number of the layer."""
    for stack in stacks:
        if numbered := re.search(rf"(?:^|\.){re.escape(stack.path.rsplit('.', 1)[-1])}\.(\d+)", path):
            _refuse_beyond(stack, int(numbered[1]))


def _place_in_block(stack: Stack, hook: HookPoint) -> Place:
    assert hook.layer_index is not None
    block = stack.blocks[hook.layer_index]
    parts = dict(block.named_modules())
    at: Literal["output", "input"] = "input" if hook.kind in ("resid_pre", "attn_z") else "output"
    part = _part_of(block, parts, hook)
    path = f"{stack.path}.{hook.layer_index}{f'.{part}' if part else ''}"
    return Place(str(replace(hook, tower=stack.tower or None)), parts[part], path, at, stack)


def _part_of(block: Module, parts: dict[str, Module], hook: HookPoint) -> str:
    """Return the path inside the block of the module that gives what `hook` names; empty for the block itself."""
    if hook.kind in ("resid_pre", "resid_post"):
        return ""
    if hook.kind == "attn_out" and "post_feedforward_layernorm" in parts and "post_attention_layernorm" in parts:
        return "post_attention_layernorm"  # elsewhere this is the name of the norm before the MLP
    candidates = {"attn_out": _ATTENTION_OUT, "mlp_out": _MLP_OUT, "attn_z": _OUTPUT_PROJECTION}[str(hook.kind)]
    found = next((part for part in candidates if part in parts), None)
    scaled = hook.kind != "attn_z" and getattr(block, "residual_multiplier", 1.0) != 1.0
    if found is None or scaled:
        why = "scales what it adds to the stream outside any module" if scaled else f"has no module known to give '{hook.kind}'"
        children = ", ".join(name for name, _ in block.named_children())
        raise InputError(f"a {type(block).__name__} {why}; name a module's path instead. It holds: {children}")
    return found


def _place_of_path(model: Module, stacks: tuple[Stack, ...], text: str) -> Place:
    modules = dict(model.named_modules())
    for wanted, at in _readings(text):
        found = _paths_like(wanted, modules)
        if len(found) > 1:
            raise InputError(f"the module path '{text}' fits {len(found)} places: {', '.join(found[:4])}; give the whole path")
        if found:
            path = found[0]
            stack = next((stack for stack in stacks if f"{path}.".startswith(f"{stack.path}.")), None) or _stack_beside(stacks, path)
            return Place(f"{path}.input" if at == "input" else path, modules[path], path, at, stack)
    _refuse_layer_beyond(stacks, text)
    wanted = re.sub(r"\.(input|output)$", "", text)
    towers = [f"{stack.tower}.{number}" for stack in stacks if stack.tower for number in range(len(stack.blocks))]
    nearest = difflib.get_close_matches(wanted, [*towers, *filter(None, modules)], n=4, cutoff=0.0)
    raise InputError(f"the model has no module '{text}'.{nearest_name_hint(wanted, nearest)}")


def _readings(text: str) -> list[tuple[str, Literal["output", "input"]]]:
    """Return the path and the end that a name may mean; BERT has modules that are called `output`."""
    readings: list[tuple[str, Literal["output", "input"]]] = [(text, "output")]
    if text.endswith(".input"):
        readings.append((text.removesuffix(".input"), "input"))
    if text.endswith(".output"):
        readings.append((text.removesuffix(".output"), "output"))
    return readings


def _paths_like(wanted: str, modules: dict[str, Module]) -> list[str]:
    """Return the module of that path; else those whose path ends in it or that it ends in, for heads put on or left off."""
    if wanted in modules:
        return [wanted]
    longer = [path for path in modules if path.endswith(f".{wanted}")]
    shorter = sorted((path for path in modules if path and "." in path and wanted.endswith(f".{path}")), key=len)[-1:]
    return longer or shorter


def _stack_beside(stacks: tuple[Stack, ...], path: str) -> Stack | None:
    """Return the stack of the tower that a module outside any stack belongs to: an embedding's, say."""
    if len(stacks) == 1:
        return stacks[0]
    shared = [(_n_shared(stack.path, path), stack) for stack in stacks]
    best = max(n for n, _ in shared)
    nearest = [stack for n, stack in shared if n == best]
    return nearest[0] if len(nearest) == 1 else None


def _n_shared(one: str, other: str) -> int:
    n = 0
    for a, b in zip(one.split("."), other.split("."), strict=False):
        if a != b:
            break
        n += 1
    return n
