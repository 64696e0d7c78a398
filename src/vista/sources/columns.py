"""Which column is what: named by the user, or guessed where there is hardly a doubt, and then said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from vista.errors import InputError, nearest_name_hint
from vista.kernels.pictures import PICTURE_ENDINGS
from vista.sources.column_types import is_binary, is_picture_struct, is_string, is_vectors_type
from vista.sources.loaded import Loaded

TEXT_NAMES = (
    *("text", "caption", "title", "sentence", "content", "prompt", "document", "description", "abstract", "summary"),
    *("question", "message", "review", "body", "comment", "headline"),
)
IMAGE_NAMES = (
    *("image", "img", "picture", "photo", "thumbnail", "image_path", "img_path", "image_file", "picture_path", "photo_path"),
    *("file_name", "filename", "file_path", "filepath", "path", "file"),
)
ID_NAMES = ("id", "item_id")
ROW_NUMBERS = "row"
_PEEKED_ROWS = 1000
_LONG_TEXT_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns that the user named; None or () where nothing was said."""

    text: str | None = None
    image: str | None = None
    id: str | None = None
    color: tuple[str, ...] = ()
    labels: str | None = None
    x: str | None = None
    y: str | None = None
    activation: str | None = None
    groups: str | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """The part that each column plays; None where no column plays it.

    Attributes:
        text, image: Columns of texts and of pictures.
        id: Column of ids; None for row numbers.
        vectors: Column of vectors; None also where the vectors come from elsewhere.
        text_guessed: Whether nobody named the text column.
        notes: What was guessed, or could not be.
    """

    text: str | None
    image: str | None
    id: str | None
    vectors: str | None
    text_guessed: bool
    notes: tuple[str, ...]


def choose_roles(loaded: Loaded, asked: Asked, vectors_column: str | None, *, has_vectors: bool) -> Roles:
    """Give each part to a column: as asked, else as the kind of source says, else by a careful guess.

    Raises:
        InputError: If a named column does not exist, or if in the end there is nothing that could be mapped, not even a layout.
    """
    _check_names(loaded, asked)
    item_id, id_notes = _id_column(loaded, asked)
    image, image_notes = _image_column(loaded, asked)
    taken = {item_id, image, vectors_column, asked.x, asked.y}
    text, text_notes = _text_column(loaded, asked, taken)
    hints = () if has_vectors else tuple(_vectors_hints(loaded.table, vectors_column))
    if text is None and image is None and not has_vectors and asked.x is None:
        raise InputError(_nothing_to_map(loaded, (*text_notes, *image_notes, *hints)))
    guessed = text is not None and asked.text is None and loaded.text_column is None
    return Roles(text, image, item_id, vectors_column, guessed, (*id_notes, *text_notes, *image_notes, *hints))


def require_column(table: pa.Table, name: str, where: str) -> None:
    """Refuse a column name that the table does not have.

    Raises:
        InputError: With the nearest name that it has.
    """
    if name not in table.column_names:
        raise InputError(f"there is no column '{name}' in {where}.{nearest_name_hint(name, table.column_names)}")


def _check_names(loaded: Loaded, asked: Asked) -> None:
    item_id = None if asked.id == ROW_NUMBERS else asked.id
    for name in (asked.text, asked.image, item_id, *asked.color, asked.labels, asked.x, asked.y, asked.activation, asked.groups):
        if name is not None:
            require_column(loaded.table, name, loaded.name)
    if (asked.x is None) != (asked.y is None):
        raise InputError("--x and --y go together; give both columns, or neither.")


def _id_column(loaded: Loaded, asked: Asked) -> tuple[str | None, tuple[str, ...]]:
    if asked.id == ROW_NUMBERS:
        return None, ()
    if named := asked.id or loaded.id_column:
        return named, ()
    known = next((name for name in ID_NAMES if name in loaded.table.column_names), None)
    return known, (f"ids: column '{known}' (choose another with --id; --id row numbers the rows)",) if known else ()


def _text_column(loaded: Loaded, asked: Asked, taken: set[str | None]) -> tuple[str | None, tuple[str, ...]]:
    if named := asked.text or loaded.text_column:
        return named, ()
    candidates = list(_text_candidates(loaded.table, taken))
    return _decide("text", candidates)


def _text_candidates(table: pa.Table, taken: set[str | None]) -> Iterator[str]:
    strings = [field.name for field in table.schema if _is_text_type(field.type) and field.name not in taken]
    named = [name for name in strings if name.lower() in TEXT_NAMES]
    plain = [name for name in named if name.lower() == "text"]
    yield from plain or named or [name for name in strings if _reads_like_text(table.column(name))]


def _is_text_type(kind: pa.DataType) -> bool:
    return is_string(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _reads_like_text(column: pa.ChunkedArray) -> bool:
    peeked = [value for value in column.slice(0, _PEEKED_ROWS).to_pylist() if value]
    if not peeked:
        return False
    is_long = float(np.mean([len(value) for value in peeked])) >= _LONG_TEXT_CHARACTERS
    has_words = sum(" " in value.strip() for value in peeked) * 2 > len(peeked)
    return is_long and has_words and len(set(peeked)) * 2 > len(peeked)


def _image_column(loaded: Loaded, asked: Asked) -> tuple[str | None, tuple[str, ...]]:
    if named := asked.image or loaded.image_column:
        return named, ()
    table = loaded.table
    encoded = [name for name in table.column_names if _holds_encoded_pictures(table.column(name))]
    paths = [name for name in table.column_names if name.lower() in IMAGE_NAMES and _holds_picture_paths(table.column(name), loaded.folder)]
    candidates = encoded or paths
    return _decide("image", [name for name in candidates if name.lower() == "image"] or candidates)


def _decide(part: str, candidates: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    if len(candidates) == 1:
        return candidates[0], (f"{part} column: '{candidates[0]}' (guessed; choose another with --{part})",)
    if candidates:
        quoted = ", ".join(f"'{name}'" for name in candidates)
        return None, (f"no {part} column was chosen, since several could be it: {quoted}; name one with --{part}",)
    return None, ()


def _holds_encoded_pictures(column: pa.ChunkedArray) -> bool:
    if not (is_picture_struct(column.type) or is_binary(column.type)):
        return False
    first = _first_value(column)
    encoded = first.get("bytes") if isinstance(first, dict) else first
    if isinstance(encoded, bytes):
        return encoded.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")) or encoded[8:12] == b"WEBP"
    return isinstance(first, dict) and isinstance(first.get("path"), str)


def _holds_picture_paths(column: pa.ChunkedArray, folder: Path) -> bool:
    if not is_string(column.type):
        return False
    first = _first_value(column)
    return first is not None and PurePath(first).suffix.lower() in PICTURE_ENDINGS and (folder / first).is_file()


def _first_value(column: pa.ChunkedArray) -> Any:
    valid = column.slice(0, _PEEKED_ROWS).drop_null()
    return valid[0].as_py() if len(valid) else None


def _vectors_hints(table: pa.Table, chosen: str | None) -> Iterator[str]:
    for field in table.schema:
        if field.name != chosen and is_vectors_type(field.type):
            yield f"column '{field.name}' looks like vectors; use them with --vectors {field.name}"


def _nothing_to_map(loaded: Loaded, notes: Sequence[str]) -> str:
    said = "".join(f" {note[0].upper()}{note[1:]}." for note in notes)
    columns = ", ".join(loaded.table.column_names[:12]) + (", …" if loaded.table.num_columns > 12 else "")
    ways = "name a column with --text or --image, vectors with --vectors, or a layout with --x and --y"
    return f"{loaded.name} has nothing to map yet: {ways}.{said} Columns: {columns}."
