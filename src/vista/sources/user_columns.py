"""The user's own columns: which of them the atlas keeps, under which names, and which are fit for coloring."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from vista.errors import InputError
from vista.sources.column_types import is_number, is_string
from vista.sources.columns import Asked, Roles

_TAKEN_NAMES = re.compile(r"item_id|source_row|x|y|text|trust_false|trust_missing|activation|found_by_label|region_\d+")
_ABSOLUTE_PATH = re.compile(
    r"file://|~(?:[A-Za-z_][^/\s]*)?/|/[^/\s][^/]*/|[A-Za-z]:[\\/]|\\\\[^\\]"
)  # on Linux and macOS, at home, on Windows
_AROUND_FOLDERS = re.compile(r"[\\/]")
MOST_CATEGORIES = 250
_HEAD_ROWS = 100_000
MOST_GUESSED_COLORS = 6


@dataclass(frozen=True, slots=True, eq=False)
class UserColumns:
    """Columns of plain values (strings, booleans, numbers), one row an item.

    Attributes:
        table: The columns.
        colors: Names of those offered for coloring.
        labels: Name of the one whose values name the regions, or None.
        activation: Name of the one that a map is conditioned on, by its numbers or its groups; None also where it is not kept.
        notes: What was renamed, left out, guessed.
    """

    table: pa.Table
    colors: tuple[str, ...]
    labels: str | None
    activation: str | None
    notes: tuple[str, ...]


def user_columns(table: pa.Table, roles: Roles, asked: Asked) -> UserColumns:
    """Keep what is not in the atlas already: the columns without a part, and those named for coloring or labels.

    Dates and times become strings, decimals floats, categories their values, absolute paths their last parts. Lists,
    structs and bytes are left out. A name that the atlas itself uses becomes `user_<name>`; a blank one, as pandas writes
    its index, `unnamed`.

    Raises:
        InputError: If a column for coloring or labels does not hold plain values.
    """
    wanted = {*asked.color, *([asked.labels] if asked.labels else [])}
    kept, names, left_out, shortened = table.select([]), dict[str, str](), list[str](), list[str]()
    for name in table.column_names:
        if name in _not_repeated(table, roles, asked) - wanted:
            continue
        column = plain_column(table.column(name))
        if column is None:
            left_out.append(name)
            continue
        names[name] = _free_name(name, {*table.column_names, *names.values()})
        if holds_paths := _holds_absolute_paths(column):
            shortened.append(name)
        kept = kept.append_column(names[name], _without_folders(column) if holds_paths or name == roles.image else column)
    _refuse_nested(table, wanted & set(left_out))
    colors, color_notes = _choose_colors(kept, tuple(names[name] for name in asked.color), without=names.get(roles.image or ""))
    notes = (*_rename_notes(names), *_left_out_notes(left_out), *_path_notes(shortened), *color_notes)
    labels, activation = (names.get(name) if name else None for name in (asked.labels, asked.activation or asked.groups))
    return UserColumns(kept, colors, labels, activation, notes)


def plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column as strings, booleans, integers or floats; None if it holds something else, or nothing at all."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain_column(pa.chunked_array([chunk.storage for chunk in column.chunks], type=kind.storage_type))
    if pa.types.is_dictionary(kind):
        return plain_column(column.cast(kind.value_type))
    if is_string(kind) or pa.types.is_temporal(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    return column if pa.types.is_boolean(kind) or is_number(kind) else None


def _not_repeated(table: pa.Table, roles: Roles, asked: Asked) -> set[str]:
    parts = {roles.text, roles.id, roles.vectors} | ({asked.x, asked.y} & {"x", "y"})
    if roles.image is not None and not is_string(table.column(roles.image).type):
        parts.add(roles.image)
    return {name for name in parts if name is not None}


def _free_name(name: str, known: Collection[str]) -> str:
    if name.strip() and not _TAKEN_NAMES.fullmatch(name):
        return name
    free = f"user_{name}" if name.strip() else "unnamed"
    while free in known:
        free = f"user_{free}"
    return free


def _without_folders(paths: pa.ChunkedArray) -> pa.ChunkedArray:
    """Shorten absolute paths to their last part, so that no atlas tells where somebody keeps files."""
    return pa.chunked_array([[path and _without_folder(path) for path in paths.to_pylist()]], type=pa.string())


def _without_folder(path: str) -> str:
    return _AROUND_FOLDERS.split(path.rstrip("/\\"))[-1] if _ABSOLUTE_PATH.match(path) or path.startswith("/") else path


def _holds_absolute_paths(column: pa.ChunkedArray) -> bool:
    """Tell whether most values are absolute paths with at least one folder; "/help" alone tells nothing of anybody."""
    if not is_string(column.type):
        return False
    n_paths = pc.sum(pc.match_substring_regex(column, f"^(?:{_ABSOLUTE_PATH.pattern})")).as_py() or 0
    return bool(2 * n_paths > len(column) - column.null_count)


def _refuse_nested(table: pa.Table, unfit: Collection[str]) -> None:
    for name in sorted(unfit):
        raise InputError(f"column '{name}' is {table.column(name).type}; coloring and labels need strings, booleans or numbers.")


def _rename_notes(names: dict[str, str]) -> Iterator[str]:
    renamed = [f"'{old}' is now '{new}'" for old, new in names.items() if old != new]
    if renamed:
        yield f"columns renamed, since their names are blank or the atlas uses them: {', '.join(renamed)}"


def _left_out_notes(left_out: list[str]) -> Iterator[str]:
    if left_out:
        yield f"columns left out, since they hold lists, structures, bytes or nothing: {', '.join(left_out)}"


def _path_notes(shortened: list[str]) -> Iterator[str]:
    for name in shortened:
        yield f"column '{name}' holds absolute paths; the atlas keeps their base names"


def _choose_colors(columns: pa.Table, named: tuple[str, ...], without: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if named:
        return named, ()
    fit = (name for name in columns.column_names if name != without and _is_fit_for_color(columns.column(name)))
    colors = tuple(name for _, name in zip(range(MOST_GUESSED_COLORS), fit, strict=False))
    quoted = ", ".join(f"'{name}'" for name in colors)
    return colors, (f"columns for coloring: {quoted} (guessed; choose others with --color)",) if colors else ()


def _is_fit_for_color(column: pa.ChunkedArray) -> bool:
    n_valid = len(column) - column.null_count
    if not is_number(column.type):
        n_distinct = _n_distinct(column, MOST_CATEGORIES)
        return 2 <= n_distinct <= MOST_CATEGORIES and n_distinct < n_valid
    if _n_distinct(column, 1) < 2:
        return False
    return not (pa.types.is_integer(column.type) and _counts_rows(column) and _n_distinct(column, n_valid) == n_valid)


def _n_distinct(column: pa.ChunkedArray, most: int) -> int:
    """Return how many distinct values a column has; where its beginning alone has more than `most`, that is answer enough."""
    in_head: int = pc.count_distinct(column.slice(0, _HEAD_ROWS), mode="only_valid").as_py()
    if in_head > most or len(column) <= _HEAD_ROWS:
        return in_head
    return int(pc.count_distinct(column, mode="only_valid").as_py())


def _counts_rows(column: pa.ChunkedArray) -> bool:
    """Tell whether distinct integers are a running number."""
    low, high = pc.min_max(column).as_py().values()
    return bool(high - low == len(column) - column.null_count - 1)
