"""What an autoencoder is, and whether it fits a model and data: the first thing to look at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.sae.autoencoder import SparseAutoencoder
from vista.sae.reading import reading_of
from vista.sae.sanity import Sanity, doubts, sanity_on_texts
from vista.sae.specs import SAEPlace, read, resolve

DEFAULT_TOKENS = 20_000
_SITE = "https://www.neuronpedia.org"
# fmt: off
_FACTS = (
    "form", "architecture", "d_in", "d_sae", "d_out", "k", "normalization", "centered", "apply_b_dec_to_input",
    "model_name", "hook_name", "hook_name_out", "expected_l0", "context_size", "fingerprint", "neuronpedia_id",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Inspection:
    """An autoencoder's facts, and its sanity line where data was given.

    Attributes:
        spec: As the user wrote it.
        form: The format that it is stored in.
        architecture, d_in, d_sae, d_out, k, normalization, centered, apply_b_dec_to_input: As in `SparseAutoencoder`.
        model_name, hook_name, hook_name_out, expected_l0, context_size, fingerprint: As there.
        neuronpedia_id, neuronpedia_url: Its page on Neuronpedia, the latent's where the specification ends in one; or None.
        latent: The latent that the specification ends in, or None.
        decoder_norm: Length of that latent's decoder direction, or None.
        data: Base name of the data, or None.
        sanity: Figures on the data, or None.
        warnings: Sentences to say to the user.
    """

    spec: str
    form: str
    architecture: str
    d_in: int
    d_sae: int
    d_out: int
    k: int | None
    normalization: str
    centered: bool
    apply_b_dec_to_input: bool
    model_name: str | None
    hook_name: str | None
    hook_name_out: str | None
    expected_l0: float | None
    context_size: int | None
    fingerprint: str
    neuronpedia_id: str | None
    neuronpedia_url: str | None
    latent: int | None
    decoder_norm: float | None
    data: str | None
    sanity: Sanity | None
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def inspect(
    spec: str,
    *,
    data: object = None,
    text: str | None = None,
    model: str | None = None,
    hook: str | None = None,
    tokens: int = DEFAULT_TOKENS,
    device: str | None = None,
    progress: Progress = silent,
) -> Inspection:
    """Say what an autoencoder is and, on data, whether it explains the model's states.

    Args:
        spec: A folder, `hf:OWNER/NAME/FOLDER`, `saelens:RELEASE/ID`, a Neuronpedia id such as
            `gemma-2-2b/20-gemmascope-res-16k`, or `smollm2`, a small one that VISTA brings.
        data: A table of texts to run the model on; without one, only the facts are told.
        text: Column of the texts; guessed where there is hardly a doubt.
        model: The model: a folder, a GGUF file, a hub id or `smollm2`; by default the one that the autoencoder names.
        hook: Where the model's states are read; by default where the autoencoder says.
        tokens: Stop after about so many tokens.
        device: `cpu`, `cuda`, `mps`, or nothing for the best available.
        progress: Told how far the work is.

    Raises:
        InputError: If a name leads nowhere, or the model's states do not fit the autoencoder.
        InputFileError: If a file cannot be read or fetched.
        MissingExtraError: If a package is missing; the message holds the command that installs it.
    """
    if tokens < 2:
        raise InputError(f"tokens must be at least 2, not {tokens}: one state has no variance to explain")
    place = resolve(spec)
    sae = read(place)
    _refuse_missing_latent(place, sae)
    measured = None if data is None else _on_data(sae, data, text, model, hook, tokens, device, progress)
    return _inspection(place, sae, None if data is None else _name_of(data), measured)


def lines(inspected: Inspection) -> list[str]:
    """Return an inspection for people, line by line."""
    told = [f"{inspected.spec}: {inspected.form}"]
    told.append(f"architecture: {_architecture(inspected)}")
    told.append(f"sizes: d_in {inspected.d_in:,}, d_sae {inspected.d_sae:,}" + _d_out(inspected))
    told.append(f"reads: {inspected.hook_name or 'an unknown hook'} of {inspected.model_name or 'an unknown model'}")
    if inspected.hook_name_out:
        told.append(f"reconstructs: {inspected.hook_name_out}, another hook than it reads")
    told.append(f"expected L0: {'unknown' if inspected.expected_l0 is None else f'{inspected.expected_l0:g}'}")
    told.append(f"Neuronpedia: {f'{inspected.neuronpedia_id}, {inspected.neuronpedia_url}' if inspected.neuronpedia_id else 'unknown'}")
    if inspected.latent is not None:
        told.append(f"latent: {inspected.latent}, its decoder direction {inspected.decoder_norm:.3f} long")
    told.append(f"fingerprint: {inspected.fingerprint[:16]}")
    if inspected.sanity is not None:
        told.append(f"on {inspected.data}: {_sanity_line(inspected.sanity, inspected.expected_l0)}")
    return told + [f"warning: {sentence}" for sentence in inspected.warnings]


def _on_data(
    sae: SparseAutoencoder,
    data: object,
    text: str | None,
    model: str | None,
    hook: str | None,
    tokens: int,
    device: str | None,
    progress: Progress,
) -> Sanity:
    from vista.sources import read_source

    texts = read_source(data, text=text, progress=progress).items.texts
    if texts is None:
        raise InputError("the data has no column of texts; name it with --text")
    reading = reading_of(sae, model=model, hook=hook, device=device)
    return sanity_on_texts(reading, texts, tokens, progress=progress)


def _inspection(place: SAEPlace, sae: SparseAutoencoder, data: str | None, measured: Sanity | None) -> Inspection:
    return Inspection(
        spec=place.spec,
        **{name: getattr(sae, name) for name in _FACTS},
        neuronpedia_url=_url(sae.neuronpedia_id, place.latent),
        latent=place.latent,
        decoder_norm=None if place.latent is None else float(sae.W_dec[place.latent].norm()),
        data=data,
        sanity=measured,
        warnings=(*sae.notes, *(doubts(measured, sae.expected_l0) if measured else ())),
    )


def _refuse_missing_latent(place: SAEPlace, sae: SparseAutoencoder) -> None:
    if place.latent is not None and place.latent >= sae.d_sae:
        raise InputError(f"there is no latent {place.latent}: the autoencoder has {sae.d_sae:,}, numbered 0 to {sae.d_sae - 1}")


def _url(neuronpedia_id: str | None, latent: int | None) -> str | None:
    if neuronpedia_id is None:
        return None
    return f"{_SITE}/{neuronpedia_id}" + ("" if latent is None else f"/{latent}")


def _name_of(data: object) -> str:
    return Path(data).name if isinstance(data, str | Path) else "the data"


def _architecture(inspected: Inspection) -> str:
    parts = [inspected.architecture + (f", k = {inspected.k}" if inspected.k else "")]
    if inspected.hook_name_out:
        parts.append("transcoder")
    if inspected.apply_b_dec_to_input:
        parts.append("b_dec subtracted from the input")
    if inspected.centered:
        parts.append("each state's mean over its dimensions taken out")
    if inspected.normalization != "none":
        parts.append(f"input normalized by {inspected.normalization}")
    return ", ".join(parts)


def _d_out(inspected: Inspection) -> str:
    return f", d_out {inspected.d_out:,}" if inspected.d_out != inspected.d_in else ""


def _sanity_line(measured: Sanity, expected_l0: float | None) -> str:
    fvu = "FVU not measured" if measured.fvu is None else f"FVU {measured.fvu:.3f}"
    expected = "" if expected_l0 is None else f" (expected {expected_l0:g})"
    return (
        f"{fvu}, mean L0 {measured.mean_l0:.1f}{expected}, {measured.dead_share:.1%} of latents never active, {measured.n_tokens:,} tokens"
    )
