"""Record what SAELens makes of small random autoencoders: `tests/sae/saelens_codes`, which the tests hold VISTA's codes against.

    python tools/record_saelens_codes.py            in an environment with sae-lens (recorded with 6.54.12)

Each folder holds an autoencoder's files as its format has them, and `recorded.npz`: states, SAELens's codes and, where it
decodes them, its reconstruction.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sae_lens import SAE
from sae_lens.loading import pretrained_sae_loaders as loaders
from sae_lens.registry import get_sae_class
from safetensors.torch import save_file

FOLDER = Path(__file__).parents[1] / "tests/sae/saelens_codes"
D_IN, D_SAE, D_OUT, N = 8, 24, 6, 16
HOOK = {"model_name": "gpt2-small", "hook_name": "blocks.5.hook_resid_pre", "context_size": 128}


def main() -> None:
    """Record every case."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, (architecture, options) in CURRENT.items():
        record(name, save_current(FOLDER / name, architecture, options), SAE.load_from_disk)
    for name, (config, tensors) in old_folders().items():
        record(name, save_old(FOLDER / name, config, tensors), SAE.load_from_disk)
    for name, (save, loader, path) in foreign_folders().items():
        folder = FOLDER / name / path
        folder.mkdir(parents=True)
        save(folder)
        record(name, FOLDER / name, lambda _, loader=loader, folder=folder: load_foreign(loader, folder))


CURRENT: dict[str, tuple[str, dict[str, Any]]] = {
    "standard": ("standard", {}),
    "standard-b_dec-kept": ("standard", {"apply_b_dec_to_input": False}),
    "standard-layer_norm": ("standard", {"normalize_activations": "layer_norm"}),
    "standard-constant_norm": ("standard", {"normalize_activations": "constant_norm_rescale"}),
    "gated": ("gated", {}),
    "topk": ("topk", {"k": 5}),
    "topk-by-decoder-norm": ("topk", {"k": 5, "rescale_acts_by_decoder_norm": True}),
    "jumprelu": ("jumprelu", {"apply_b_dec_to_input": False}),
    "transcoder": ("transcoder", {"d_out": D_OUT, "apply_b_dec_to_input": False}),
    "skip_transcoder": ("skip_transcoder", {"d_out": D_OUT, "apply_b_dec_to_input": False}),
    "jumprelu_transcoder": ("jumprelu_transcoder", {"d_out": D_OUT, "apply_b_dec_to_input": False}),
    "jumprelu_skip_transcoder": ("jumprelu_skip_transcoder", {"d_out": D_OUT, "apply_b_dec_to_input": False}),
}


def save_current(folder: Path, architecture: str, options: dict[str, Any]) -> Path:
    """Save a random autoencoder as SAELens saves it."""
    sae_class, config_class = get_sae_class(architecture)
    sae = sae_class(config_class(d_in=D_IN, d_sae=D_SAE, **options))
    sae.cfg.metadata.model_name, sae.cfg.metadata.hook_name = HOOK["model_name"], HOOK["hook_name"]
    torch.manual_seed(len(architecture) + len(str(options)))
    for name, parameter in sae.named_parameters():
        parameter.data = torch.rand_like(parameter) if name == "threshold" else torch.randn_like(parameter) * 0.5
    sae.save_model(folder)
    return folder


def old_folders() -> dict[str, tuple[dict[str, Any], dict[str, torch.Tensor]]]:
    """Return configurations from before version 6, with weights."""
    torch.manual_seed(6)
    flat = {"d_in": D_IN, "d_sae": D_SAE, "dtype": "float32", "device": "cpu", "model_name": "gpt2-small", "context_size": 128}
    return {
        "old-standard": ({**flat, "hook_point": "blocks.5.hook_resid_pre", "normalize_activations": False}, tensors()),
        "old-topk-layer_norm": (
            {
                **flat,
                "hook_name": "blocks.5.hook_resid_post",
                "activation_fn_str": "topk",
                "activation_fn_kwargs": {"k": 5},
                "normalize_activations": "layer_norm",
                "apply_b_dec_to_input": True,
                "sae_lens_training_version": "3.18.2",
            },
            tensors(),
        ),
        "old-jumprelu": (
            {**flat, "hook_name": "blocks.5.hook_resid_post", "architecture": "jumprelu", "apply_b_dec_to_input": False},
            tensors() | {"threshold": torch.rand(D_SAE)},
        ),
    }


def save_old(folder: Path, config: dict[str, Any], weights: dict[str, torch.Tensor]) -> Path:
    """Save a configuration and weights as they are."""
    folder.mkdir(parents=True)
    (folder / "cfg.json").write_text(json.dumps(config))
    save_file(weights, folder / "sae_weights.safetensors")
    return folder


def foreign_folders() -> dict[str, tuple[Callable[[Path], None], Callable[..., Any], str]]:
    """Return how to save autoencoders of other formats, the SAELens loader of each, and the folder it expects."""
    layer = "layer_20/width_16k/average_l0_71"
    return {
        "gemma-scope-2b-pt-res": (save_gemma_scope, loaders.gemma_2_sae_huggingface_loader, layer),
        "gemma-scope-2-1b-pt": (
            save_gemma_scope_2,
            loaders.gemma_3_sae_huggingface_loader,
            "transcoder/layer_13_width_16k_l0_small_affine",
        ),
        **{
            f"dictionary_learning-{kind}": (
                lambda folder, kind=kind: save_dictionary_learning(folder, kind),
                loaders.dictionary_learning_sae_huggingface_loader_1,
                "resid_post_layer_3/trainer_0",
            )
            for kind in (
                "AutoEncoder",
                "GatedAutoEncoder",
                "AutoEncoderTopK",
                "BatchTopKSAE",
                "MatryoshkaBatchTopKSAE",
                "JumpReluAutoEncoder",
            )
        },
    }


def save_gemma_scope(folder: Path) -> None:
    """Save a Gemma Scope file."""
    np.savez(folder / "params.npz", **{name: tensor.numpy() for name, tensor in (tensors() | {"threshold": torch.rand(D_SAE)}).items()})


def save_gemma_scope_2(folder: Path) -> None:
    """Save a Gemma Scope 2 transcoder with its affine path."""
    weights = {name.lower(): tensor for name, tensor in (tensors(D_OUT) | {"threshold": torch.rand(D_SAE)}).items()}
    save_file(weights | {"affine_skip_connection": torch.randn(D_IN, D_OUT)}, folder / "params.safetensors")
    points = {
        "hf_hook_point_in": "model.layers.13.pre_feedforward_layernorm.output",
        "hf_hook_point_out": "model.layers.13.post_feedforward_layernorm.output",
    }
    config = {"architecture": "jump_relu", "model_name": "gemma-v3-1b-pt", "affine_connection": True, **points}
    (folder / "config.json").write_text(json.dumps(config))


def save_dictionary_learning(folder: Path, kind: str) -> None:
    """Save a checkpoint of one of dictionary_learning's classes."""
    own = tensors()
    linear = {"encoder.weight": own["W_enc"].T.contiguous(), "decoder.weight": own["W_dec"].T.contiguous()}
    by_kind = {
        "AutoEncoder": linear | {"encoder.bias": own["b_enc"], "bias": own["b_dec"]},
        "GatedAutoEncoder": linear
        | {"decoder_bias": own["b_dec"], "gate_bias": own["b_enc"], "mag_bias": torch.randn(D_SAE), "r_mag": torch.randn(D_SAE)},
        "AutoEncoderTopK": linear
        | {"encoder.bias": own["b_enc"], "b_dec": own["b_dec"], "k": torch.tensor(5), "threshold": torch.tensor(-1.0)},
        "BatchTopKSAE": linear
        | {"encoder.bias": own["b_enc"], "b_dec": own["b_dec"], "k": torch.tensor(5), "threshold": torch.tensor(0.7)},
        "MatryoshkaBatchTopKSAE": own | {"k": torch.tensor(5), "threshold": torch.tensor(0.7)},
        "JumpReluAutoEncoder": own | {"threshold": torch.rand(D_SAE)},
    }
    torch.save(by_kind[kind], folder / "ae.pt")
    trainer = {
        "dict_class": kind,
        "activation_dim": D_IN,
        "dict_size": D_SAE,
        "layer": 3,
        "lm_name": "EleutherAI/pythia-70m-deduped",
        "k": 5,
    }
    (folder / "config.json").write_text(json.dumps({"trainer": trainer, "buffer": {"ctx_len": 128}}))


def tensors(d_out: int = D_IN) -> dict[str, torch.Tensor]:
    """Return random weights under SAELens's names."""
    shapes = {"W_enc": (D_IN, D_SAE), "W_dec": (D_SAE, d_out), "b_enc": (D_SAE,), "b_dec": (d_out,)}
    return {name: torch.randn(shape) * 0.5 for name, shape in shapes.items()}


def load_foreign(loader: Callable[..., Any], folder: Path) -> Any:
    """Load with one of SAELens's hub loaders, the folder standing in for the hub."""
    repo = str(folder.relative_to(FOLDER).parts[0])
    inside = str(folder.relative_to(FOLDER / repo))
    loaders.hf_hub_download = lambda repo_id, filename, subfolder="", **_: str(FOLDER / repo / subfolder / filename)
    loaders.get_safetensors_tensor_shapes = lambda _, file: {
        name: list(tensor.shape) for name, tensor in loaders.load_safetensors_weights(FOLDER / repo / file).items()
    }
    overrides = {"d_in": D_IN, "d_sae": D_SAE} if "gemma_2" in loader.__name__ else None
    config, weights, _ = loader(f"google/{repo}", inside, device="cpu", cfg_overrides=overrides)
    config = loaders.handle_config_defaulting(config)
    sae_class, config_class = get_sae_class(config["architecture"])
    sae = sae_class(config_class.from_dict(config))
    sae.process_state_dict_for_loading(weights)
    sae.load_state_dict(weights)
    return sae


def record(name: str, folder: Path, load: Callable[[Path], Any]) -> None:
    """Write SAELens's codes and reconstruction of random states."""
    torch.manual_seed(len(name))
    states = torch.randn(N, D_IN) * 2 + 0.3
    sae = load(folder)
    with torch.no_grad():
        codes, decoded = sae.encode(states), sae(states)
    np.savez_compressed(FOLDER / name / "recorded.npz", states=states.numpy(), codes=codes.numpy(), decoded=decoded.numpy())
    print(f"{name}: {type(sae).__name__}, mean L0 {float((codes > 0).sum(1).float().mean()):.1f}")


if __name__ == "__main__":
    main()
