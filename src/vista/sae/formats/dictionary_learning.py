"""dictionary_learning: `ae.pt`, whose class `config.json` names; the checkpoint is opened for its tensors only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vista.errors import InputError, nearest_name_hint
from vista.sae.autoencoder import SparseAutoencoder, autoencoder
from vista.sae.formats.known import Known
from vista.sae.formats.places import hook_at
from vista.sae.formats.tensor_files import Tensors, read_checkpoint, read_json, require
from vista.sae.model_names import hub_id

FORM = "a dictionary_learning checkpoint"
WEIGHTS = "ae.pt"
COMPANIONS = ("config.json",)

# Where each class keeps its tensors: ours ► theirs. A weight of torch's Linear lies the other way round.
_LINEAR = {"W_enc": "encoder.weight", "W_dec": "decoder.weight"}
_PLAIN = {"W_enc": "W_enc", "W_dec": "W_dec", "b_enc": "b_enc", "b_dec": "b_dec"}
_KEYS: dict[str, dict[str, str]] = {
    "AutoEncoder": _LINEAR | {"b_enc": "encoder.bias", "b_dec": "bias"},
    "AutoEncoderNew": _LINEAR | {"b_enc": "encoder.bias", "b_dec": "decoder.bias"},
    "GatedAutoEncoder": _LINEAR | {"b_enc": "gate_bias", "b_dec": "decoder_bias", "b_mag": "mag_bias", "r_mag": "r_mag"},
    "AutoEncoderTopK": _LINEAR | {"b_enc": "encoder.bias", "b_dec": "b_dec"},
    "BatchTopKSAE": _LINEAR | {"b_enc": "encoder.bias", "b_dec": "b_dec", "threshold": "threshold"},
    "MatryoshkaBatchTopKSAE": _PLAIN | {"threshold": "threshold"},
    "JumpReluAutoEncoder": _PLAIN | {"threshold": "threshold"},
}
_ARCHITECTURES = {"GatedAutoEncoder": "gated", "AutoEncoderTopK": "topk"}
_KEEPS_B_DEC = ("AutoEncoderNew", "JumpReluAutoEncoder")  # their encode does not subtract it


def read(folder: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder in a folder of `ae.pt` and `config.json`.

    Raises:
        InputFileError: If a file cannot be read, or holds more than tensors.
        InputError: If the class is unknown, a tensor is missing or does not fit, or a threshold was never set.
    """
    config = read_json(folder / COMPANIONS[0])
    require(config, ["trainer"], COMPANIONS[0], FORM)
    trainer = config["trainer"]
    require(trainer, ["dict_class"], "trainer in config.json", FORM)
    kind = trainer["dict_class"]
    if kind not in _KEYS:
        raise InputError(f"VISTA does not read the class '{kind}' of dictionary_learning.{nearest_name_hint(kind, _KEYS)}")
    stored = read_checkpoint(folder / WEIGHTS)
    require(stored, _KEYS[kind].values(), WEIGHTS, f"{FORM} of class {kind}")
    tensors = {ours: _turned(theirs, stored[theirs]) for ours, theirs in _KEYS[kind].items()}
    batch_topk = kind in ("BatchTopKSAE", "MatryoshkaBatchTopKSAE")
    if batch_topk:
        tensors["threshold"] = _spread(stored, int(tensors["b_enc"].shape[0]))
    return autoencoder(
        architecture=_ARCHITECTURES.get(kind, "jumprelu" if "threshold" in tensors else "standard"),
        **tensors,
        k=_k(trainer, stored) if kind == "AutoEncoderTopK" else None,
        apply_b_dec_to_input=kind not in _KEEPS_B_DEC,
        form=f"dictionary_learning {kind}",
        hook_name=_hook(trainer, known),
        model_name=known.model_name or hub_id(trainer.get("lm_name")),
        expected_l0=known.expected_l0 or _k(trainer, stored),
        neuronpedia_id=known.neuronpedia_id,
        context_size=(config.get("buffer") or {}).get("ctx_len"),
        notes=("trained as BatchTopK: its saved threshold decides, not k",) if batch_topk else (),
    )


def _turned(name: str, tensor: Any) -> Any:
    return tensor.T if name.endswith(".weight") else tensor


def _spread(stored: Tensors, d_sae: int) -> Any:
    """Return the one threshold of a BatchTopK autoencoder for each latent."""
    import torch

    threshold = stored["threshold"].float().reshape(-1)
    if bool((threshold < 0).any()):
        raise InputError(f"the threshold in '{WEIGHTS}' was never set ({float(threshold[0]):g}): training stopped before it was estimated")
    return threshold if len(threshold) == d_sae else torch.full((d_sae,), float(threshold[0]))


def _k(trainer: dict[str, Any], stored: Tensors) -> int | None:
    k = trainer.get("k")
    if k is None and "k" in stored:
        k = int(stored["k"])
    return None if k is None else int(k)


def _hook(trainer: dict[str, Any], known: Known) -> str | None:
    named = hook_at(str(trainer.get("submodule_name") or "")) or known.hook_name or hook_at(known.place)
    layer = trainer.get("layer")
    return named or (None if layer is None else f"blocks.{layer}.hook_resid_post")
