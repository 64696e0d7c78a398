"""Hook, model and L0 as the names of folders and repositories tell them."""

from __future__ import annotations

import re

_HOOK = re.compile(r"blocks\.\d+\.(?:attn\.)?hook_\w+?(?=__|/|$|_\d)|hook_embed")
_LAYER = re.compile(r"layer[_-]?(\d+)")
_AVERAGE_L0 = re.compile(r"average_l0_(\d+)")
_EMBEDDING = re.compile(r"(?:^|/)embedding/width_")
_TRANSCODER = re.compile(r"-transcoders(?:/|$)|(?:^|/)transcoder(?:_all)?/layer_")
_KINDS = (
    (re.compile(r"resid_post|-res(?![a-z])"), "hook_resid_post"),
    (re.compile(r"attn_out|-att(?![a-z])"), "attn.hook_z"),
    (re.compile(r"mlp_out|-mlp(?![a-z])"), "hook_mlp_out"),
    (re.compile(r"resid_pre"), "hook_resid_pre"),
)


def hook_at(place: str) -> str | None:
    """Return the hook that a place's names tell of, such as "blocks.20.hook_resid_post"; None where they do not.

    Gemma Scope's attention autoencoders read the heads' outputs before they are mixed: `attn.hook_z`.
    """
    if named := _HOOK.search(place):
        return named.group()
    if is_of_embedding(place):
        return "hook_embed"
    layer = _LAYER.search(place)
    kind = next((hook for mark, hook in _KINDS if mark.search(place)), None)
    return f"blocks.{layer.group(1)}.{kind}" if layer and kind else None


def is_of_embedding(place: str) -> bool:
    """Return whether a place in a Gemma Scope repository holds the autoencoder of the token embedding."""
    return _EMBEDDING.search(place) is not None


def is_of_transcoder(place: str) -> bool:
    """Return whether a place in a Gemma Scope repository holds a transcoder."""
    return _TRANSCODER.search(place) is not None


def layer_at(place: str) -> int | None:
    """Return the layer that a place's names tell of."""
    found = _LAYER.search(place)
    return int(found.group(1)) if found else None


def average_l0_at(place: str) -> float | None:
    """Return the L0 in a name such as "average_l0_71"."""
    found = _AVERAGE_L0.search(place)
    return float(found.group(1)) if found else None


def gemma_at(place: str) -> str | None:
    """Return the hub id of the Gemma model whose Gemma Scope repository a place lies in.

    Examples: "…/gemma-scope-9b-it-res/…" tells of google/gemma-2-9b-it, "…/gemma-scope-2-1b-pt/…" of google/gemma-3-1b-pt.
    """
    if found := re.search(r"gemma-scope-2-(\d+m|\d+b)-(pt|it)", place):
        size, tuning = found.groups()
        # The smallest model's id has no suffix where it was only pretrained.
        return f"google/gemma-3-{size}" + ("" if (size, tuning) == ("270m", "pt") else f"-{tuning}")
    if found := re.search(r"gemma-scope-(\d+b)-(pt|it)", place):
        size, tuning = found.groups()
        return f"google/gemma-2-{size}" + ("-it" if tuning == "it" else "")
    return None
