"""What is known of an autoencoder before its file is read: from the table of releases, or from where it lies."""

from __future__ import annotations

from dataclasses import dataclass

from vista.sae.autoencoder import Normalization


@dataclass(frozen=True, slots=True)
class Known:
    """Facts from outside a file; they stand above what it says of itself, and None leaves the word to the file.

    Attributes:
        place: Hub id and path, or the folder's path: names such as "layer_20/width_16k/average_l0_71" tell of the hook.
        hook_name: As the place tells it, for files that say nothing of it.
        model_name, expected_l0, neuronpedia_id: As in `SparseAutoencoder`.
        input_scale: Factor on the states for "expected_average_only_in", which SAELens keeps beside the files.
        centered: Whether the model's writing weights were centered in training.
        normalization: What is done to each state before encoding.
    """

    place: str = ""
    hook_name: str | None = None
    model_name: str | None = None
    expected_l0: float | None = None
    neuronpedia_id: str | None = None
    input_scale: float | None = None
    centered: bool | None = None
    normalization: Normalization | None = None
