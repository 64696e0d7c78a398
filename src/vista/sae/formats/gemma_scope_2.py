"""Gemma Scope 2 (Gemma 3): `params.safetensors` with lower-case names; autoencoders and transcoders, all JumpReLU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vista.errors import InputError
from vista.sae.autoencoder import SparseAutoencoder, autoencoder
from vista.sae.formats.known import Known
from vista.sae.formats.places import gemma_at, hook_at, is_of_transcoder, layer_at
from vista.sae.formats.tensor_files import read_json, read_safetensors, require

FORM = "a Gemma Scope 2 file"
WEIGHTS = "params.safetensors"
COMPANIONS = ("config.json",)
_KEYS = ("w_enc", "w_dec", "b_enc", "b_dec", "threshold")
_SKIP = "affine_skip_connection"


def read(folder: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder or transcoder in a folder such as `resid_post/layer_13_width_16k_l0_medium`.

    Raises:
        InputFileError: If a file cannot be read.
        InputError: If a tensor is missing or does not fit, or the file is of another architecture.
    """
    config = read_json(folder / COMPANIONS[0]) if (folder / COMPANIONS[0]).is_file() else {}
    if config.get("architecture", "jump_relu") != "jump_relu":
        raise InputError(f"'config.json' says architecture '{config['architecture']}'; Gemma Scope 2 has 'jump_relu'")
    tensors = read_safetensors(folder / WEIGHTS)
    require(tensors, [*_KEYS, *([_SKIP] if config.get("affine_connection") else [])], WEIGHTS, FORM)
    if tensors["w_dec"].ndim != 2:
        raise InputError(f"'{WEIGHTS}' holds a cross-layer transcoder, which VISTA does not read; use a transcoder of one layer")
    hook_name, hook_name_out = _hooks(config, known.place)
    return autoencoder(
        architecture="jumprelu",
        W_enc=tensors["w_enc"],
        W_dec=tensors["w_dec"],
        **{name: tensors[name] for name in ("b_enc", "b_dec", "threshold")},
        W_skip=tensors[_SKIP].T if _SKIP in tensors else None,  # stored as (d_in, d_out)
        form="Gemma Scope 2",
        hook_name=known.hook_name or hook_name,
        hook_name_out=hook_name_out,
        model_name=known.model_name or gemma_at(known.place) or _model(config),
        expected_l0=known.expected_l0,
        neuronpedia_id=known.neuronpedia_id,
        context_size=1024,
    )


def _hooks(config: dict[str, Any], place: str) -> tuple[str | None, str | None]:
    """Return what is read and, for a transcoder, what is reconstructed; a transcoder reads a norm's output."""
    given, given_out = config.get("hf_hook_point_in"), config.get("hf_hook_point_out")
    if given_out or is_of_transcoder(place):
        layer = layer_at(place)
        inferred = None if layer is None else f"model.layers.{layer}"
        return (
            _module(given) or (inferred and f"{inferred}.pre_feedforward_layernorm"),
            _module(given_out) or (inferred and f"{inferred}.post_feedforward_layernorm"),
        )
    return hook_at(place) or _module(given), None


def _module(hook_point: str | None) -> str | None:
    """Return the path of the module whose output is named "….output"; an input's name stays whole."""
    return hook_point.removesuffix(".output") if hook_point else None


def _model(config: dict[str, Any]) -> str | None:
    name = config.get("model_name")
    return f"google/{name}" if name and "/" not in name else name
