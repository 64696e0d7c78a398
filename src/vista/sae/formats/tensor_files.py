"""Files of tensors, read without ever running what is in them; and the line that says which tensor is missing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vista.errors import InputError, InputFileError, reason_of

Tensors = Mapping[str, Any]


def read_npz(file: Path) -> Tensors:
    """Return the arrays of an npz file by name.

    Raises:
        InputFileError: If the file cannot be read, or holds Python objects.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except ValueError as error:  # NumPy would advise to load what may run code
        raise InputFileError(
            f"'{file.name}' cannot be read as an npz file of arrays: it is another file, or holds Python objects"
        ) from error
    except (OSError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise InputFileError(f"'{file.name}' cannot be read as an npz file of arrays ({reason_of(error)})") from error


def read_safetensors(file: Path) -> Tensors:
    """Return the tensors of a safetensors file by name.

    Raises:
        InputFileError: If the file cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(file))
    except (OSError, ValueError, SafetensorError) as error:
        raise InputFileError(f"'{file.name}' cannot be read as a safetensors file ({reason_of(error)})") from error


def read_checkpoint(file: Path) -> Tensors:
    """Return the tensors of a torch checkpoint by name; one that holds more than tensors is not opened.

    Raises:
        InputFileError: If the file cannot be read, or would run code.
    """
    import torch

    try:
        stored = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle's, zipfile's and its own errors
        raise InputFileError(
            f"'{file.name}' cannot be read as a checkpoint of tensors; files that hold other objects are not opened ({reason_of(error)})"
        ) from error
    if not isinstance(stored, Mapping):
        raise InputFileError(f"'{file.name}' holds a {type(stored).__name__}, not tensors by name")
    return {name: value for name, value in stored.items() if isinstance(value, torch.Tensor)}


def read_json(file: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        InputFileError: If the file cannot be read or holds something else.
    """
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{file.name}' beside the weights cannot be read ({reason_of(error)})") from error
    if not isinstance(stored, dict):
        raise InputFileError(f"'{file.name}' beside the weights holds a {type(stored).__name__}, not an object")
    return stored


def require(holds: Mapping[str, Any], keys: Iterable[str], file: str, form: str) -> None:
    """Refuse a file that lacks what its format has.

    Raises:
        InputError: If one of `keys` is missing; the message names what is missing and what is there.
    """
    wanted = list(keys)
    if missing := [key for key in wanted if key not in holds]:
        found = ", ".join(list(holds)[:12]) or "nothing"
        raise InputError(f"'{file}' lacks {_listed(missing)}: {form} has {', '.join(wanted)}; this file has {found}")


def _listed(names: list[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)
