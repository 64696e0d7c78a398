"""Which format a folder holds, and the autoencoder in it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from vista.errors import InputError, InputFileError
from vista.sae.autoencoder import SparseAutoencoder
from vista.sae.formats import dictionary_learning, gemma_scope, gemma_scope_2, saelens, sparsify
from vista.sae.formats.known import Known


class Format(Protocol):
    """A module that reads one format.

    Attributes:
        FORM: The format as messages name it.
        WEIGHTS: The file by which a folder of this format is known.
        COMPANIONS: Other files that are read where they exist, relative to the folder.
    """

    FORM: str
    WEIGHTS: str
    COMPANIONS: tuple[str, ...]

    def read(self, folder: Path, known: Known) -> SparseAutoencoder: ...


FORMATS: dict[str, Format] = {
    name: cast(Format, module)
    for name, module in {
        "saelens": saelens,
        "gemma_scope": gemma_scope,
        "gemma_scope_2": gemma_scope_2,
        "dictionary_learning": dictionary_learning,
        "sparsify": sparsify,
    }.items()
}


def read_folder(path: Path, known: Known) -> SparseAutoencoder:
    """Read the autoencoder in a folder, or the one whose weights' file is named.

    Raises:
        InputFileError: If there is nothing at `path`, or a file cannot be read.
        InputError: If the folder is of no format that VISTA reads, or its files are not what the format has.
        MissingExtraError: If torch is not installed.
    """
    from vista.representations.model_files import require_packages

    require_packages("lm", ("torch",))
    if not path.exists():
        raise InputFileError(f"there is no folder or file '{path}'")
    folder = path if path.is_dir() else path.parent
    found = [form for form in FORMATS.values() if (path.name == form.WEIGHTS if path.is_file() else (folder / form.WEIGHTS).is_file())]
    if not found:
        raise InputError(f"'{path}' holds no autoencoder that VISTA reads: {_wanted()}; {_what_is_there(path)}")
    return found[0].read(folder, known)


def _wanted() -> str:
    return "it wants one of " + ", ".join(form.WEIGHTS for form in FORMATS.values())


def _what_is_there(path: Path) -> str:
    if path.is_file():
        return f"this is a file '{path.name}'"
    names = sorted(child.name for child in path.iterdir() if not child.name.startswith("."))
    return f"there is {', '.join(names[:8])}{', …' if len(names) > 8 else ''}" if names else "the folder is empty"
