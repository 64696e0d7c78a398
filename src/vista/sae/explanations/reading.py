"""The door for explanations that others have made: files, or Neuronpedia by its id."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.sae.explanations.explanation import Explanation
from vista.sae.explanations.files import explanations_in
from vista.sae.explanations.neuronpedia import NEURONPEDIA, fetch_explanations


def read_explanations(
    source: Path | str,
    *,
    neuronpedia_id: str | None = None,
    latents: Collection[int] | None = None,
    cache_folder: Path | None = None,
    base_url: str = NEURONPEDIA,
    progress: Progress = silent,
) -> dict[int, tuple[Explanation, ...]]:
    """Read the explanations of latents.

    Args:
        source: A file or folder (`vista.sae.explanations.files` lists the kinds), or "neuronpedia" to ask there; a path
            of that name stands first.
        neuronpedia_id: The autoencoder's name on Neuronpedia, such as "gemma-2-2b/20-gemmascope-res-16k".
        latents: The latents to keep; None keeps all that a file has.
        cache_folder: Where Neuronpedia's answers are kept; None keeps nothing.
        base_url: Where Neuronpedia is.
        progress: Is told how many latents are fetched.

    Returns:
        The explanations of each latent that has some, in the order of the latents; those of one latent in the source's order.

    Raises:
        InputError: If Neuronpedia is to be asked without an id or latents, or has no such latent.
        InputFileError: If a file cannot be read, or Neuronpedia cannot be reached.
    """
    if str(source) == "neuronpedia" and not Path(source).exists():
        if neuronpedia_id is None:
            raise InputError(
                "Neuronpedia is asked by the autoencoder's name there, which is not known of this one; give explanations in a file"
            )
        if latents is None:
            raise InputError("Neuronpedia is asked for one latent at a time: say which latents")
        wanted = sorted(set(latents))
        return fetch_explanations(neuronpedia_id, wanted, cache_folder=cache_folder, base_url=base_url, progress=progress)
    kept = None if latents is None else set(latents)
    found: dict[int, list[Explanation]] = {}
    for explanation in explanations_in(Path(source)):
        if kept is None or explanation.latent in kept:
            found.setdefault(explanation.latent, []).append(explanation)
    return {latent: tuple(found[latent]) for latent in sorted(found)}
