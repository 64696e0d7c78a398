"""A folder of pictures, with captions from a table in it or from `.txt` files beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from vista.errors import InputError, InputFileError
from vista.kernels.pictures import PICTURE_ENDINGS
from vista.sources.column_types import is_string
from vista.sources.fingerprints import file_input
from vista.sources.loaded import Loaded
from vista.sources.table import TABLE_READERS, read_table

FILE_COLUMN, FOLDER_COLUMN, CAPTION_COLUMN = "file_name", "folder", "caption"
_SIDECAR_STEMS = ("metadata", "captions", "labels", "annotations")
_KEY_COLUMNS = (FILE_COLUMN, "filename", "file", "path", "image", "image_path", "image_id", "name")


def load_folder(folder: Path) -> Loaded:
    """List the pictures below a folder as a table, sorted by their paths, which are also their ids.

    Columns: `file_name` (path in the folder, with `/`), `folder` where there are subfolders, and those of the sidecar
    table or else `caption` from `.txt` files of the same stem.

    Raises:
        InputError: If there are no pictures.
        InputFileError: If the sidecar table or a caption cannot be read.
    """
    names = sorted(_picture_names(folder))
    if not names:
        raise InputError(f"there are no pictures in {folder}; known endings: {', '.join(PICTURE_ENDINGS)}.")
    table = pa.table({FILE_COLUMN: names})
    if any("/" in name for name in names):
        table = table.append_column(FOLDER_COLUMN, pa.array([name.rpartition("/")[0] for name in names]))
    loaded = Loaded(folder.resolve().name, table, folder, id_column=FILE_COLUMN, image_column=FILE_COLUMN)
    sidecar = _find_sidecar(folder)
    return _with_captions(loaded, names) if sidecar is None else _with_sidecar(loaded, names, sidecar)


def _picture_names(folder: Path) -> Iterator[str]:
    for top, below, files in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        for file in files:
            if file.lower().endswith(PICTURE_ENDINGS) and not file.startswith("."):
                yield (Path(top) / file).relative_to(folder).as_posix()


def _find_sidecar(folder: Path) -> Path | None:
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in TABLE_READERS and not path.name.startswith("."))
    for stem in _SIDECAR_STEMS:
        for path in tables:
            if path.stem.lower() == stem:
                return path
    if len(tables) > 1:
        raise InputError(f"{folder} holds several tables; name the one with the captions captions{tables[0].suffix}.")
    return tables[0] if tables else None


def _with_sidecar(loaded: Loaded, names: Sequence[str], sidecar: Path) -> Loaded:
    table = read_table(sidecar, as_text=_KEY_COLUMNS)
    key = next((name for name in _KEY_COLUMNS if name in table.column_names and _names_pictures(table.column(name), names)), None)
    if key is None:
        raise InputError(f"no column of {sidecar} holds the names of the pictures beside it; add one named '{FILE_COLUMN}'.")
    keys = table.column(key).to_pylist()
    matches = _match(names, keys)
    beside = table.drop_columns([key]).take(pa.array(matches, type=pa.int64()))
    columns = loaded.table.select([name for name in loaded.table.column_names if name != FOLDER_COLUMN or name not in beside.column_names])
    for name in beside.column_names:
        columns = columns.append_column(f"user_{name}" if name == FILE_COLUMN else name, beside.column(name))
    notes = _match_notes(sidecar.name, matches, keys)
    return replace(loaded, table=columns, inputs=(file_input(sidecar),), notes=notes)


def _names_pictures(column: pa.ChunkedArray, names: Sequence[str]) -> bool:
    return is_string(column.type) and any(match is not None for match in _match(names, column.to_pylist()))


def _match(names: Sequence[str], keys: Sequence[str | None]) -> list[int | None]:
    """Return for each picture the first row of the sidecar that has its path, or else its base name."""
    first: dict[str, int] = {}
    for row, key in enumerate(keys):
        if key is not None:
            first.setdefault(key.replace("\\", "/").removeprefix("./"), row)
    return [first.get(name, first.get(name.rpartition("/")[2])) for name in names]


def _match_notes(sidecar: str, matches: Sequence[int | None], keys: Sequence[str | None]) -> tuple[str, ...]:
    n_without = matches.count(None)
    without = (f"{n_without:,} of {len(matches):,} pictures have no row in {sidecar}",) if n_without else ()
    n_repeated = len(keys) - len(set(keys))
    repeated = (f"rows of {sidecar} that repeat a picture: {n_repeated:,}; the first row of each counts",) if n_repeated else ()
    return without + repeated


def _with_captions(loaded: Loaded, names: Sequence[str]) -> Loaded:
    captions = [_caption((loaded.folder / name).with_suffix(".txt")) for name in names]
    if not any(captions):
        return loaded
    table = loaded.table.append_column(CAPTION_COLUMN, pa.array(captions, type=pa.string()))
    return replace(loaded, table=table, text_column=CAPTION_COLUMN, notes=("text: the .txt files beside the pictures",))


def _caption(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path} is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}.") from error
