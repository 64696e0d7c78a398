"""sparsify: `sae.safetensors` beside `cfg.json`, in a folder named after the module that it hooks; all TopK."""

from __future__ import annotations

import re
from pathlib import Path

from vista.errors import InputError
from vista.sae.autoencoder import SparseAutoencoder, autoencoder
from vista.sae.formats.known import Known
from vista.sae.formats.tensor_files import read_json, read_safetensors, require

FORM = "a sparsify file"
WEIGHTS = "sae.safetensors"
COMPANIONS = ("cfg.json", "../config.json")
_KEYS = ("encoder.weight", "encoder.bias", "W_dec", "b_dec")


def read(folder: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder or transcoder in a folder such as `layers.10` or `layers.10.mlp`.

    b_dec is subtracted before encoding unless it is a transcoder, which reads its module's input.

    Raises:
        InputFileError: If a file cannot be read.
        InputError: If a tensor is missing or does not fit, or latents may be negative.
    """
    config = read_json(folder / "cfg.json")
    require(config, ["k"], "cfg.json", FORM)
    if config.get("signed") or config.get("activation", "topk") != "topk":
        asked = "signed latents" if config.get("signed") else f"the activation '{config['activation']}'"
        raise InputError(f"VISTA reads sparsify's TopK autoencoders; this one has {asked}")
    tensors = read_safetensors(folder / WEIGHTS)
    skips = bool(config.get("skip_connection"))
    transcodes = bool(config.get("transcode")) or skips
    require(tensors, [*_KEYS, *(["W_skip"] if skips else [])], WEIGHTS, FORM)
    hook = _hook(known.place or folder.name)
    return autoencoder(
        architecture="topk",
        W_enc=tensors["encoder.weight"].T,
        W_dec=tensors["W_dec"],
        b_enc=tensors["encoder.bias"],
        b_dec=tensors["b_dec"],
        k=int(config["k"]),
        W_skip=tensors["W_skip"] if skips else None,
        apply_b_dec_to_input=not transcodes,
        form="sparsify",
        hook_name=known.hook_name or (f"{hook}.input" if hook and transcodes else hook),
        hook_name_out=hook if transcodes else None,
        model_name=known.model_name or _model(folder.parent / "config.json"),
        expected_l0=known.expected_l0 or float(config["k"]),
        neuronpedia_id=known.neuronpedia_id,
    )


def _hook(place: str) -> str | None:
    """Return the hook of a folder named after a module: a whole layer is its residual stream."""
    name = place.rstrip("/").rsplit("/", 1)[-1]
    if whole := re.fullmatch(r"(?:\w+\.)*(?:layers|h)\.(\d+)", name):
        return f"blocks.{whole.group(1)}.hook_resid_post"
    return name if name == "embed_tokens" or re.search(r"(?:layers|h)\.\d+\.", name) else None


def _model(file: Path) -> str | None:
    return read_json(file).get("model") if file.is_file() else None
