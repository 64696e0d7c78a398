"""The pictures of items: found, and each decoded once, so that what stands in the atlas can be shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vista.artifacts import InputFile, Picture, Skipped
from vista.errors import InputError, VistaError
from vista.execution import Progress
from vista.kernels.pictures import check_picture
from vista.sources.column_types import is_binary, is_picture_struct, is_string
from vista.sources.fingerprints import combined_input, file_input

_BLOCK_PICTURES = 256  # so that an interruption waits for these at most
_NAMED_IN_ERROR = 3


@dataclass(frozen=True, slots=True, eq=False)
class CheckedPictures:
    """Pictures that were tried.

    Attributes:
        pictures: One an item, None where missing.
        unfit: For each item that has to be left out, its position and why.
        input: One entry for all the files that were read; None where the pictures were bytes.
    """

    pictures: list[Picture | None]
    unfit: dict[int, Skipped]
    input: InputFile | None


def find_pictures(column: pa.ChunkedArray, name: str, folder: Path) -> list[Picture | None]:
    """Return what a column of paths, bytes or `{bytes, path}` holds; relative paths begin at `folder`.

    Raises:
        InputError: If the column is of another type, or holds nothing at all.
    """
    if column.null_count == len(column):
        raise InputError(f"image column '{name}' is empty in every row; choose another with --image.")
    if is_binary(column.type) or is_string(column.type):
        return [_picture(value, folder) for value in column.to_pylist()]
    if is_picture_struct(column.type):
        return [_picture(value and (value.get("bytes") or value.get("path")), folder) for value in column.to_pylist()]
    raise InputError(f"image column '{name}' is {column.type}; pictures are paths, bytes or {{bytes, path}}.")


def check_pictures(pictures: list[Picture | None], name_item: Callable[[int], str], folder: Path, progress: Progress) -> CheckedPictures:
    """Decode every picture once.

    Args:
        pictures: One an item, None where missing; a missing picture is no fault.
        name_item: Returns the name that a skipped item is listed under.
        folder: Where the paths of `pictures` begin, for the names in the hash.
        progress: Told of every picture.

    Raises:
        InputError: If not one picture can be decoded.
    """
    unfit, files = {}, []
    with progress.stage("checking pictures", total=len(pictures)) as advance:
        for position, (reason, file) in enumerate(_tried(pictures, folder)):
            if reason is not None:
                unfit[position] = Skipped(name_item(position), reason)
            if file is not None:
                files.append(file)
            advance(1)
    if unfit and all(position in unfit or picture is None for position, picture in enumerate(pictures)):
        raise InputError(f"none of the {len(unfit):,} pictures can be read: {listed(list(unfit.values()))}.")
    return CheckedPictures(pictures, unfit, combined_input(_folder_name(folder), files) if files else None)


def listed(skipped: Sequence[Skipped]) -> str:
    """Name the first few skipped items with the reasons."""
    shown = "; ".join(f"{one.name}: {one.reason}" for one in skipped[:_NAMED_IN_ERROR])
    return shown + ("; …" if len(skipped) > _NAMED_IN_ERROR else "")


def _picture(value: str | bytes | None, folder: Path) -> Picture | None:
    if not value:
        return None
    return folder / value if isinstance(value, str) else value


def _tried(pictures: Sequence[Picture | None], folder: Path) -> Iterator[tuple[str | None, InputFile | None]]:
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for start in range(0, len(pictures), _BLOCK_PICTURES):
            yield from threads.map(lambda picture: _try(picture, folder), pictures[start : start + _BLOCK_PICTURES])


def _try(picture: Picture | None, folder: Path) -> tuple[str | None, InputFile | None]:
    if picture is None:
        return None, None
    try:
        check_picture(picture)
        return None, _named_input(picture, folder) if isinstance(picture, Path) else None
    except (ValueError, VistaError) as error:
        return str(error).rstrip("."), None


def _named_input(path: Path, folder: Path) -> InputFile:
    hashed = file_input(path)
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    return InputFile(name, hashed.sha256, hashed.n_bytes)


def _folder_name(folder: Path) -> str:
    return folder.resolve().name or "pictures"
