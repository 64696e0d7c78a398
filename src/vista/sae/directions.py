"""The direction in which a latent writes, to condition a map of a model's states on."""

from __future__ import annotations

from vista.artifacts import Direction
from vista.errors import InputError

_PREFIX = "latent:"


def decoder_direction(spec: str) -> Direction:
    """Return the decoder row of a latent.

    Args:
        spec: The autoencoder, as `vista sae inspect` takes it, then "/" and the latent: `smollm2/97`.

    Raises:
        InputError: If it names no latent, or the autoencoder cannot be read.
        InputFileError: If a file cannot be read or fetched.
        MissingExtraError: If torch is not installed.
    """
    from vista.sae.specs import SHIPPED, read, resolve

    name, _, latent = spec.rpartition("/")
    if not (name and latent.isascii() and latent.isdigit()):
        raise InputError(f"'{spec}' names no latent: give the autoencoder and the latent's number, such as smollm2/97")
    place = resolve(name)
    sae = read(place)
    if int(latent) >= sae.d_sae:
        raise InputError(f"there is no latent {latent}: the autoencoder {name} has {sae.d_sae:,}, numbered 0 to {sae.d_sae - 1}")
    shown = name if place.repo or name in SHIPPED else place.path.rpartition("/")[2]
    return Direction(sae.W_dec[int(latent)].float().cpu().numpy(), f"{_PREFIX}{shown}/{latent}", "latent")


def activation_named(activation: str) -> str | Direction:
    """Return the direction that `latent:SAE/97` names, and any other activation as it is."""
    return decoder_direction(activation.removeprefix(_PREFIX)) if activation.startswith(_PREFIX) else activation
