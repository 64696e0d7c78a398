"""Batches of SAEDashboard: `batch-N.json`, written for Neuronpedia.

    {model_id, layer, sae_set, sae_id_suffix?, features: [{feature_index, frac_nonzero, activations: [{tokens, values, bin_min, bin_max,
     bin_contains, …}], …}]}

The first group of activations is marked by bin_min = −1 and bin_contains = −1; the others are equal-width intervals of the
values, both ends included, so the lowest one holds zeros too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from vista.errors import InputFileError, reason_of
from vista.sae.importers.examples import Example, LatentRecord


def read_saedashboard(path: Path | str) -> list[LatentRecord]:
    """Read one batch, or all `batch-*.json` of a folder, in the order of the latents.

    Raises:
        InputFileError: If there is no batch, or a file is none; the message names what is missing.
    """
    path = Path(path)
    paths = sorted(path.glob("batch-*.json")) if path.is_dir() else [path]
    if not paths:
        raise InputFileError(f"'{path}' holds no SAEDashboard batch: no file such as 'batch-0.json'.")
    return sorted((record for batch in paths for record in _records(batch)), key=lambda record: record.latent)


def _records(path: Path) -> list[LatentRecord]:
    try:
        batch = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{path}' cannot be read as JSON ({reason_of(error)}).") from error
    try:
        source = "-".join(str(batch[key]) for key in ("layer", "sae_set"))
        suffix = batch.get("sae_id_suffix")
        source = f"{source}__{suffix}" if suffix else source
        return [_record(feature, str(batch["model_id"]), source) for feature in batch["features"]]
    except KeyError as error:
        raise InputFileError(f"'{path}' is no SAEDashboard batch: the key {error} is missing.") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise InputFileError(f"'{path}' is no SAEDashboard batch ({reason_of(error)}).") from error


def _record(feature: dict[str, Any], model: str, source: str) -> LatentRecord:
    examples = tuple(example_of(activation, "bin_min", "bin_max", "bin_contains") for activation in feature["activations"])
    maximum = max((float(example.values.max()) for example in examples if len(example.values)), default=None)
    return LatentRecord(int(feature["feature_index"]), float(feature["frac_nonzero"]), maximum, examples, (), model, source)


def example_of(activation: dict[str, Any], bin_min: str, bin_max: str, bin_share: str) -> Example:
    """Return one context, given the names that its bin goes by.

    Raises:
        KeyError: If tokens or values are missing.
        ValueError: If their numbers differ.
    """
    tokens, values = tuple(map(str, activation["tokens"])), np.array(activation["values"], np.float32)
    if values.shape != (len(tokens),):
        raise ValueError(f"an activation has {len(tokens)} tokens and {values.size} values")
    low, high, share = activation.get(bin_min), activation.get(bin_max), activation.get(bin_share)
    if low is None or high is None or share is None or float(share) == -1:
        return Example(tokens, values)
    return Example(tokens, values, (float(low), float(high)), float(share))
