"""Fetching an autoencoder's files from the hub, at the user's request; each is downloaded once."""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vista.errors import InputError
from vista.sae.formats import FORMATS, Format


def fetched_folder(repo: str, path: str, form: str | None = None) -> Path:
    """Return a local folder with the files of an autoencoder on the hub.

    Args:
        repo: Hub id, "owner/name".
        path: Folder in the repository; "" for its top.
        form: Name of the format where it is known, else each is looked for.

    Raises:
        InputError: If the repository holds no autoencoder of a known format there.
        InputFileError: If the hub cannot be reached, has no such repository, or wants a licence to be accepted first.
    """
    from vista.representations.hub_errors import hub_errors

    missing = f"the hub has no repository '{repo}', or it is private and wants HF_TOKEN; write hf:OWNER/NAME/FOLDER"
    unreachable = (
        f"'{repo}/{path}' cannot be fetched from the hub and is not in its cache; is there a network? "
        "A folder that was copied by hand serves as well"
    )
    with _quiet_hub(), hub_errors(repo, missing=missing, unreachable=unreachable):
        for candidate in [FORMATS[form]] if form else FORMATS.values():
            if weights := _fetched(repo, posixpath.join(path, candidate.WEIGHTS)):
                _fetch_companions(repo, path, candidate)
                return weights.parent
    wanted = FORMATS[form].WEIGHTS if form else " or ".join(candidate.WEIGHTS for candidate in FORMATS.values())
    raise InputError(f"the repository '{repo}' has no {wanted} in '{path or '.'}'; look at its files for the right folder")


def is_fetched(repo: str, path: str, form: str | None = None) -> bool:
    """Return whether the weights of an autoencoder on the hub were downloaded before; arguments as in `fetched_folder`."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return any(
            isinstance(try_to_load_from_cache(repo, posixpath.join(path, candidate.WEIGHTS)), str)
            for candidate in ([FORMATS[form]] if form else FORMATS.values())
        )
    except HFValidationError:
        return False


def _fetch_companions(repo: str, path: str, form: Format) -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    for name in form.COMPANIONS:
        inside = posixpath.normpath(posixpath.join(path, name))
        if not inside.startswith(".."):
            # Some are optional, and without a network nobody knows; the reader says which it cannot do without.
            with suppress(LocalEntryNotFoundError):
                _fetched(repo, inside)


def _fetched(repo: str, file: str) -> Path | None:
    """Return the file, or None where the repository has none of that name."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(repo, file))
    except LocalEntryNotFoundError:  # the hub was not asked: no network, or none wanted
        raise
    except EntryNotFoundError:
        return None


@contextmanager
def _quiet_hub() -> Iterator[None]:
    from huggingface_hub.utils import logging as hub_logging
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown, verbosity = not are_progress_bars_disabled(), hub_logging.get_verbosity()
    disable_progress_bars()
    hub_logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        hub_logging.set_verbosity(verbosity)
        if shown:
            enable_progress_bars()
