"""Gemma Scope (Gemma 2): `params.npz`, JumpReLU, no subtraction of b_dec and no normalization."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vista.errors import InputError
from vista.sae.autoencoder import SparseAutoencoder, autoencoder
from vista.sae.formats.known import Known
from vista.sae.formats.places import average_l0_at, gemma_at, hook_at, is_of_embedding, is_of_transcoder
from vista.sae.formats.tensor_files import read_npz, require

FORM = "a Gemma Scope file"
WEIGHTS = "params.npz"
COMPANIONS: tuple[str, ...] = ()
_KEYS = ("W_enc", "W_dec", "b_enc", "b_dec", "threshold")


def read(folder: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder in a folder such as `layer_20/width_16k/average_l0_71`.

    Raises:
        InputFileError: If the file cannot be read.
        InputError: If a tensor is missing or does not fit, or the folder is a transcoder's, whose input no module gives.
    """
    if is_of_transcoder(known.place):
        raise InputError(
            "Gemma Scope's transcoders read 'ln2.hook_normalized', the norm before its gain, which is no module's output in Hugging Face "
            "models; use a -res, -mlp or -att autoencoder"
        )
    stored = read_npz(folder / WEIGHTS)
    tensors = {f"W_{name[2:]}" if name.startswith("w_") else name: array for name, array in stored.items()}
    require(tensors, _KEYS, WEIGHTS, FORM)
    if not np.allclose(tensors.get("scaling_factor", 1.0), 1.0):
        raise InputError(f"'{WEIGHTS}' holds a scaling_factor other than 1, which VISTA does not apply")
    if is_of_embedding(known.place):
        # It was trained on vectors that the model then scales by √d_model.
        scale = np.float32(np.sqrt(tensors["W_enc"].shape[0]))
        tensors |= {"W_enc": tensors["W_enc"] / scale, "W_dec": tensors["W_dec"] * scale}
    return autoencoder(
        architecture="jumprelu",
        **{name: tensors[name] for name in _KEYS},
        form="Gemma Scope",
        hook_name=known.hook_name or hook_at(known.place),
        model_name=known.model_name or gemma_at(known.place),
        expected_l0=known.expected_l0 or average_l0_at(known.place),
        neuronpedia_id=known.neuronpedia_id,
        context_size=1024,
    )
