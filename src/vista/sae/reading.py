"""The model whose states an autoencoder reads, found by the name that the autoencoder gives or the user's, and checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vista.errors import InputError
from vista.sae.autoencoder import SparseAutoencoder, on_device, refuse_other_width

if TYPE_CHECKING:
    from vista.representations import HookedModel


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A model, the hook point that is read, and the autoencoder that reads it, on the model's device."""

    hooked: HookedModel
    hook: str
    sae: SparseAutoencoder


def reading_of(sae: SparseAutoencoder, *, model: str | None = None, hook: str | None = None, device: str | None = None) -> Reading:
    """Load the model that an autoencoder reads.

    Args:
        sae: The autoencoder.
        model: A folder, a GGUF file, a hub id or "smollm2"; None takes the model that the autoencoder names.
        hook: Where its states are read; None takes what the autoencoder names.
        device: "cpu", "cuda", "mps", or None for the best available.

    Raises:
        InputError: If the autoencoder names no model or hook and none is given, or the states have another width.
        InputFileError: If the model cannot be read or fetched.
        MissingExtraError: If a package is missing; the message holds the command that installs it.
    """
    from vista.representations import load_hooked_model, resolve_hook_point, width

    named = model_of(sae, model)
    if (hook := hook or sae.hook_name) is None:
        raise InputError("the autoencoder does not say which hook it reads; name it with --hook, such as 12 or 12.mlp_out")
    hooked = load_hooked_model(named, device=device)
    refuse_other_width(sae, width(hooked, resolve_hook_point(hooked.model, hook)), f"'{hook}' of the model '{hooked.name}'")
    return Reading(hooked, hook, on_device(sae, hooked.device))


def model_of(sae: SparseAutoencoder, model: str | None = None) -> str:
    """Return the name of the model to load: the one that is given, else the one that the autoencoder names.

    Raises:
        InputError: If neither is there.
    """
    if (named := model or sae.model_name) is None:
        raise InputError("the autoencoder does not say which model it was trained on; name it with --model")
    return named
