"""From the name that a user types to an autoencoder: one that ships, a path, a place on the hub, or an id of SAELens or Neuronpedia."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from vista.errors import InputError
from vista.representations.model_files import shown_name
from vista.sae.autoencoder import SparseAutoencoder, on_device
from vista.sae.formats import FORMATS, Known, read_folder
from vista.sae.formats.places import average_l0_at, gemma_at, hook_at
from vista.sae.hub import fetched_folder, is_fetched
from vista.sae.releases import by_neuronpedia_id, in_release, on_hub

SPECS = (
    "FOLDER",
    "hf:OWNER/NAME/FOLDER",
    "saelens:RELEASE/ID",
    "MODEL/SOURCE as on Neuronpedia, such as gemma-2-2b/20-gemmascope-res-16k",
    "smollm2, which VISTA brings",
)
# Autoencoders that VISTA brings, in folders of these names beside this file ► the model, by the name that needs no hub.
SHIPPED = {"smollm2": "smollm2"}
_NEURONPEDIA = re.compile(r"([\w.-]+/[\w.]+-[\w.-]+?)(?:/(\d+))?")
_NEURONPEDIA_PAGE = re.compile(r"https?://(?:www\.)?neuronpedia\.org/|np:")


@dataclass(frozen=True, slots=True)
class SAEPlace:
    """Where an autoencoder lies, and what is known of it before it is read.

    Attributes:
        spec: As the user wrote it.
        repo: Hub id of its repository; None for a local path.
        path: Folder in the repository, or the local path.
        form: Name of its format in `vista.sae.formats.FORMATS`; None when it shows only in the files.
        known: Model, hook, expected L0 and Neuronpedia id, as far as they are known.
        latent: The latent that the specification ends in, or None.
    """

    spec: str
    repo: str | None
    path: str
    form: str | None
    known: Known
    latent: int | None = None

    @property
    def name(self) -> str:
        """The autoencoder in words: the name that leads to it, without a latent, or the last part of a local path."""
        if self.repo is None:
            return shown_name(self.spec)
        return self.spec if self.spec.startswith(("hf:", "saelens:")) else self.known.neuronpedia_id or self.spec


def resolve(spec: str) -> SAEPlace:
    """Say where a specification leads; nothing is fetched or read.

    Args:
        spec: One of `SHIPPED`; a folder or a weights' file; "hf:" with a repository and a folder in it; "saelens:" with a
            release and an id; or a Neuronpedia id or address, which may end in a latent. They stand in this order.

    Raises:
        InputError: If the specification is none of these, or names what VISTA's table does not have.
    """
    if spec in SHIPPED:
        path = Path(__file__).with_name(spec)
        return SAEPlace(spec, None, str(path), "saelens", Known(place=spec, model_name=SHIPPED[spec]))
    if spec and Path(spec).expanduser().exists():
        path = Path(spec).expanduser().resolve()
        return SAEPlace(spec, None, str(path), None, Known(place=path.as_posix()))
    kind, colon, rest = spec.partition(":")
    if colon and kind == "hf":
        return _on_hub(spec, rest)
    if colon and kind == "saelens":
        release, _, name = rest.partition("/")
        repo, folder, form, known = in_release(release, name)
        return SAEPlace(spec, repo, folder, form, known)
    identity = _NEURONPEDIA_PAGE.sub("", spec).split("?")[0].strip("/")
    if named := _NEURONPEDIA.fullmatch(identity):
        return _on_neuronpedia(spec, named[1], named[2])
    raise InputError(f"'{spec}' is no autoencoder: there is no such path, and a name is one of {'; '.join(SPECS[1:])}")


def load(spec: str, *, device: str = "cpu") -> SparseAutoencoder:
    """Read the autoencoder that a specification names; one on the hub is downloaded once.

    Raises:
        InputError: If the specification leads nowhere, or the files are not what their format has.
        InputFileError: If a file cannot be read or fetched.
        MissingExtraError: If torch is not installed.
    """
    return read(resolve(spec), device=device)


def read(place: SAEPlace, *, device: str = "cpu") -> SparseAutoencoder:
    """Read the autoencoder at a place that was resolved before; raises as `load`."""
    folder = Path(place.path) if place.repo is None else fetched_folder(place.repo, place.path, place.form)
    return on_device(read_folder(folder, place.known), device)


def is_at_hand(place: SAEPlace) -> bool:
    """Return whether the autoencoder at a place can be read without a network: it is local, or was fetched before."""
    return Path(place.path).exists() if place.repo is None else is_fetched(place.repo, place.path, place.form)


def _on_hub(spec: str, rest: str) -> SAEPlace:
    parts = rest.strip("/").split("/")
    if len(parts) < 2 or not all(parts):
        raise InputError(f"'{spec}' names no repository; write hf:OWNER/NAME/FOLDER")
    if parts[-1] in {form.WEIGHTS for form in FORMATS.values()}:
        parts.pop()
    repo, path = "/".join(parts[:2]), "/".join(parts[2:])
    place = "/".join(parts)
    inferred = Known(place, hook_at(place), gemma_at(place), average_l0_at(place))
    return SAEPlace(spec, repo, path, None, on_hub(repo, path) or inferred)


def _on_neuronpedia(spec: str, identity: str, latent: str | None) -> SAEPlace:
    repo, folder, form, known = by_neuronpedia_id(identity)
    return SAEPlace(spec, repo, folder, form, known, None if latent is None else int(latent))
