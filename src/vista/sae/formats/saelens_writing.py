"""Writing the SAELens layout, which every tool of the field reads."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any, Literal

from vista.errors import InputError, InputFileError
from vista.sae.autoencoder import SparseAutoencoder
from vista.sae.formats.saelens import CONFIG, WEIGHTS

_LAYOUT_VERSION = "6.0.0"  # the first SAELens with this layout


def write_saelens(
    sae: SparseAutoencoder, folder: Path | str, *, dtype: Literal["float16", "float32"] = "float16", metadata: dict[str, Any] | None = None
) -> None:
    """Write `sae_weights.safetensors` and then `cfg.json`, each appearing whole.

    Args:
        sae: The autoencoder.
        folder: Where the two files go; made if it is not there.
        dtype: How the weights are stored. float16 keeps three digits and takes half the room.
        metadata: More facts to keep beside hook, model and expected L0, such as the data that it was trained on.

    Raises:
        InputError: If a weight is too large for float16.
        InputFileError: If the folder cannot be written.
    """
    import torch
    from safetensors.torch import save

    names = {name: name for name in ("W_enc", "W_dec", "b_dec", "threshold", "b_mag", "r_mag", "W_skip")}
    names["b_enc"] = "b_gate" if sae.architecture == "gated" else "b_enc"
    stored_type = getattr(torch, dtype)
    tensors = {
        theirs: tensor.to(stored_type).contiguous().cpu() for ours, theirs in names.items() if (tensor := getattr(sae, ours)) is not None
    }
    if too_large := [name for name, tensor in tensors.items() if not bool(tensor.isfinite().all())]:
        raise InputError(f"{', '.join(too_large)} holds values that float16 cannot; write it with dtype='float32'")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / WEIGHTS, save(tensors))
        _write_whole(folder / CONFIG, json.dumps(_config(sae, metadata or {}), indent=1).encode())
    except OSError as error:
        raise InputFileError(f"'{folder}' cannot be written: {error.strerror}") from error


def _config(sae: SparseAutoencoder, metadata: dict[str, Any]) -> dict[str, Any]:
    facts = {
        "sae_lens_version": _LAYOUT_VERSION,
        "model_name": sae.model_name,
        "hook_name": sae.hook_name,
        "hook_name_out": sae.hook_name_out,
        "expected_l0": sae.expected_l0,
        "neuronpedia_id": sae.neuronpedia_id,
        "context_size": sae.context_size,
        "model_from_pretrained_kwargs": {"center_writing_weights": True} if sae.centered else None,
        **metadata,
    }
    return {
        "architecture": _architecture(sae),
        "d_in": sae.d_in,
        "d_sae": sae.d_sae,
        "dtype": "float32",  # what it computes in, whatever it is stored as
        "device": "cpu",
        "apply_b_dec_to_input": sae.apply_b_dec_to_input,
        "normalize_activations": sae.normalization,
        "reshape_activations": "none",
        **({"k": sae.k, "rescale_acts_by_decoder_norm": False} if sae.architecture == "topk" else {}),
        **({"d_out": sae.d_out} if sae.is_transcoder else {}),
        "metadata": {name: value for name, value in facts.items() if value is not None},
    }


def _architecture(sae: SparseAutoencoder) -> str:
    if not sae.is_transcoder:
        return sae.architecture
    if sae.architecture not in ("standard", "jumprelu"):
        raise InputError(f"the SAELens layout has no {sae.architecture} transcoder")
    parts = ["jumprelu" if sae.architecture == "jumprelu" else "", "skip" if sae.W_skip is not None else "", "transcoder"]
    return "_".join(part for part in parts if part)


def _write_whole(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
