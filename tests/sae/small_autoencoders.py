"""Small random autoencoders, and the numbers of a plain one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from representations.tiny_language_models import DIM
from vista.sae.autoencoder import SparseAutoencoder, autoencoder

D_IN = 8
D_SAE = 24


def weights(*, d_in: int = D_IN, d_sae: int = D_SAE, d_out: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Return W_enc, W_dec, b_enc and b_dec as float32 arrays."""
    random = np.random.default_rng(seed)
    shapes = {"W_enc": (d_in, d_sae), "W_dec": (d_sae, d_out or d_in), "b_enc": (d_sae,), "b_dec": (d_out or d_in,)}
    return {name: (0.5 * random.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}


def thresholds(*, d_sae: int = D_SAE, seed: int = 1) -> Any:
    return np.random.default_rng(seed).random(d_sae, dtype=np.float32)


def states(n: int = 40, *, d_in: int = D_IN, seed: int = 2) -> Any:
    return (2 * np.random.default_rng(seed).standard_normal((n, d_in)) + 0.3).astype(np.float32)


def small_autoencoder(kind: str = "jumprelu", **changes: Any) -> SparseAutoencoder:
    """Return a random autoencoder of one architecture, with fields of one's own."""
    extra = {
        "standard": {},
        "topk": {"k": 5},
        "jumprelu": {"threshold": thresholds()},
        "gated": {"b_mag": thresholds(seed=3) - 0.5, "r_mag": thresholds(seed=4)},
    }[kind]
    return autoencoder(**{"architecture": kind, **weights(), **extra, **changes})


def write_perfect(folder: Path, scale: float = 1.0) -> Path:
    """Write a Gemma Scope file whose latents are the positive and the negative part of each dimension of the tiny language models."""
    folder.mkdir(parents=True)
    eye, zeros = np.eye(DIM, dtype=np.float32), np.zeros(2 * DIM, np.float32)
    halves = {"W_enc": np.hstack([eye, -eye]), "W_dec": scale * np.vstack([eye, -eye])}
    np.savez(folder / "params.npz", **halves, b_enc=zeros, b_dec=zeros[:DIM], threshold=zeros)
    return folder
