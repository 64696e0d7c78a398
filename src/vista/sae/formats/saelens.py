"""SAELens: `sae_weights.safetensors` beside `cfg.json`, of version 6 and of those before it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from vista.errors import InputError
from vista.sae.autoencoder import SparseAutoencoder, autoencoder
from vista.sae.formats.known import Known
from vista.sae.formats.tensor_files import read_json, read_safetensors, require
from vista.sae.model_names import hub_id

FORM = "a SAELens file"
WEIGHTS = "sae_weights.safetensors"
CONFIG = "cfg.json"
COMPANIONS = (CONFIG,)

# SAELens's name ► ours, whether it reconstructs another hook, whether a linear path skips the latents.
_ARCHITECTURES = {
    "standard": ("standard", False, False),
    "gated": ("gated", False, False),
    "topk": ("topk", False, False),
    "jumprelu": ("jumprelu", False, False),
    "transcoder": ("standard", True, False),
    "skip_transcoder": ("standard", True, True),
    "jumprelu_transcoder": ("jumprelu", True, False),
    "jumprelu_skip_transcoder": ("jumprelu", True, True),
}
_OLD_NAMES = {"hook_point": "hook_name", "activation_fn_str": "activation_fn"}
_BY_AVERAGE = "expected_average_only_in"
_KEYS = {
    "standard": ("W_enc", "W_dec", "b_enc", "b_dec"),
    "topk": ("W_enc", "W_dec", "b_enc", "b_dec"),
    "jumprelu": ("W_enc", "W_dec", "b_enc", "b_dec", "threshold"),
    "gated": ("W_enc", "W_dec", "b_gate", "b_mag", "r_mag", "b_dec"),
}


def read(folder: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder or transcoder in a folder of `cfg.json` and `sae_weights.safetensors`.

    Raises:
        InputFileError: If a file cannot be read.
        InputError: If a tensor is missing or does not fit, or VISTA lacks the architecture or the normalization.
    """
    stated = read_json(folder / CONFIG)
    require(stated, ["d_in", "d_sae"], CONFIG, FORM)
    config = _modern(stated)
    name = config.get("architecture", "standard")
    if name not in _ARCHITECTURES:
        raise InputError(f"VISTA cannot encode with SAELens's '{name}' autoencoders; it knows {', '.join(_ARCHITECTURES)}")
    architecture, transcodes, skips = _ARCHITECTURES[name]
    stored = read_safetensors(folder / WEIGHTS)
    require(stored, [*_KEYS[architecture], *(["W_skip"] if skips else [])], WEIGHTS, f"{FORM} of a {name} autoencoder")
    _refuse_other_sizes(config, stored)
    _refuse_scaled_codes(stored)
    facts = config["metadata"]
    normalization = known.normalization or config.get("normalize_activations") or "none"
    sae = autoencoder(
        architecture=architecture,
        **{ours: stored[theirs] for ours, theirs in _tensor_names(architecture, skips).items()},
        k=config.get("k") if architecture == "topk" else None,
        apply_b_dec_to_input=bool(config.get("apply_b_dec_to_input", True)) and not transcodes,
        normalization="none" if normalization == _BY_AVERAGE else normalization,
        centered=_was_centered(facts) if known.centered is None else known.centered,
        form="SAELens",
        hook_name=facts.get("hook_name") or known.hook_name,
        hook_name_out=(facts.get("hook_name_out") or "an unnamed hook") if transcodes else None,
        model_name=known.model_name or hub_id(facts.get("model_name")),
        expected_l0=known.expected_l0 or facts.get("expected_l0") or (config.get("k") if architecture == "topk" else None),
        neuronpedia_id=known.neuronpedia_id or facts.get("neuronpedia_id"),
        context_size=facts.get("context_size"),
    )
    if config.get("rescale_acts_by_decoder_norm"):
        sae = _with_unit_decoder(sae)
    return _scaled(sae, known.input_scale) if normalization == _BY_AVERAGE else sae


def _modern(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in the form of version 6, where facts about the model are apart, in `metadata`."""
    metadata = config.get("metadata") or {}
    version = str(config.get("sae_lens_version") or metadata.get("sae_lens_version") or "0")
    if int(re.match(r"\d*", version).group() or 0) >= 6:  # type: ignore[union-attr]
        return {**config, "metadata": metadata}
    old = {_OLD_NAMES.get(key, key): value for key, value in config.items()}
    activation = old.get("activation_fn") or "relu"
    k = (old.get("activation_fn_kwargs") or {}).get("k")
    if activation == "topk" and k is not None:
        old |= {"architecture": "topk", "k": k}
    elif activation not in ("relu", "topk"):
        raise InputError(f"VISTA cannot encode with the activation '{activation}' of this SAELens autoencoder; it knows relu and topk")
    if isinstance(old.get("normalize_activations"), bool):
        old["normalize_activations"] = _BY_AVERAGE if old["normalize_activations"] else "none"
    return {**old, "metadata": {**old, **metadata}}


def _tensor_names(architecture: str, skips: bool) -> dict[str, str]:
    names = {key: key for key in _KEYS[architecture] if key != "b_gate"}
    return names | ({"b_enc": "b_gate"} if architecture == "gated" else {}) | ({"W_skip": "W_skip"} if skips else {})


def _refuse_other_sizes(config: dict[str, Any], stored: Any) -> None:
    said, is_shape = (int(config["d_in"]), int(config["d_sae"])), tuple(stored["W_enc"].shape)
    if said != is_shape:
        likely = "; d_in and d_sae look swapped" if said == is_shape[::-1] else ""
        raise InputError(f"'{CONFIG}' says d_in = {said[0]} and d_sae = {said[1]}, but W_enc is {is_shape[0]} × {is_shape[1]}{likely}")


def _refuse_scaled_codes(stored: Any) -> None:
    for name in ("scaling_factor", "finetuning_scaling_factor"):
        if name in stored and not bool(((stored[name].float() - 1).abs() < 1e-5).all()):
            raise InputError(f"'{WEIGHTS}' holds a {name} other than 1, which VISTA does not apply")


def _was_centered(facts: dict[str, Any]) -> bool:
    return bool((facts.get("model_from_pretrained_kwargs") or {}).get("center_writing_weights"))


def _with_unit_decoder(sae: SparseAutoencoder) -> SparseAutoencoder:
    """Return the same autoencoder with its decoder's norms moved into the encoder, where they decide which k are largest."""
    norms = sae.W_dec.norm(dim=1).clamp(min=1e-8)
    return _remade(sae, W_enc=sae.W_enc * norms, b_enc=sae.b_enc * norms, W_dec=sae.W_dec / norms[:, None])


def _scaled(sae: SparseAutoencoder, factor: float | None) -> SparseAutoencoder:
    """Return the autoencoder for unscaled states: the factor moves into the weights."""
    if factor is None:
        note = "the file asks for states scaled to a norm of √d_in on average but holds no factor: states are taken as they are"
        return replace(sae, notes=(*sae.notes, note))
    return _remade(sae, W_enc=sae.W_enc * factor, W_dec=sae.W_dec / factor, b_dec=sae.b_dec / factor)


def _remade(sae: SparseAutoencoder, **tensors: Any) -> SparseAutoencoder:
    return autoencoder(**{name: getattr(sae, name) for name in sae.__dataclass_fields__} | tensors)
