"""Reading a source: from a file, a folder or an object in memory to items and their vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vista.artifacts import Coordinates, Items, Skipped, Vectors
from vista.errors import InputError, InputFileError
from vista.execution import Progress, silent
from vista.sources.activations import GivenActivations, find_activations, read_groups
from vista.sources.arrays import ARRAY_READERS, load_arrays, split_array_name
from vista.sources.column_types import is_number
from vista.sources.columns import ID_NAMES, Asked, Roles, choose_roles
from vista.sources.folder import load_folder
from vista.sources.given import find_vectors
from vista.sources.ids import ids_at, item_ids
from vista.sources.loaded import Loaded
from vista.sources.memory import load_memory
from vista.sources.pictures import CheckedPictures, check_pictures, find_pictures, listed
from vista.sources.table import TABLE_READERS, load_table
from vista.sources.texts import read_texts
from vista.sources.user_columns import plain_column, user_columns
from vista.sources.vectors import RowName, refuse_rows


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a source gives: items, and whatever came along with them, row for row.

    Attributes:
        items: What is mapped.
        vectors: (n_items, dim) float32, dense or CSR, finite; None if none were asked for. Rows of zeros are kept.
        coordinates: (n_items, 2) float32, finite: the user's own layout; None if none was named.
        labels_column: Name in `items.columns` of the column whose values name the regions, or None.
        activations: (n_items,) float64, finite: one number an item that the map is conditioned on; None if none was asked for.
        groups: Values of the column that tells groups apart, as words, None where missing; None if none was named.
        activation_column: Name in `items.columns` of the column of activations or groups, or None.
        title: Base name of the file or folder without its ending; None for what is in memory.
        is_folder: Whether it is a folder of pictures.
    """

    items: Items
    vectors: Vectors | None
    coordinates: Coordinates | None = None
    labels_column: str | None = None
    activations: NDArray[np.float64] | None = None
    groups: list[str | None] | None = None
    activation_column: str | None = None
    title: str | None = None
    is_folder: bool = False


def read_source(
    source: object,
    *,
    text: str | None = None,
    image: str | None = None,
    id: str | None = None,
    color: Iterable[str] = (),
    vectors: object = None,
    sample: int | None = None,
    seed: int = 0,
    strict: bool = False,
    labels: str | None = None,
    x: str | None = None,
    y: str | None = None,
    activation: object = None,
    groups: str | None = None,
    progress: Progress = silent,
) -> Source:
    """Read what is to be mapped.

    Args:
        source: A path to a table (.parquet, .csv, .tsv, .jsonl), to a folder of pictures or to a file of vectors
            (.npy, .npz, .safetensors, .h5ad; `FILE:array` where there are several); or a table of pyarrow, pandas or
            polars, or an array of NumPy, SciPy or torch.
        text: Column of texts; guessed where there is hardly a doubt.
        image: Column of pictures: paths (relative to the table), bytes or `{bytes, path}`; guessed likewise.
        id: Column of unique ids; `row` for row numbers. By default `id` or `item_id` where there is one, else row numbers.
        color: Columns that the viewer offers for coloring; by default the first six that are fit.
        vectors: Column of lists of numbers, `FILE[:array]` with one row an item, or an array; for a source that is itself a
            file of vectors, the name of the array.
        sample: Take this many items at random, in source order; None for all.
        seed: Seed of the sample.
        strict: Refuse pictures that cannot be decoded and activations that are missing, instead of leaving their items out.
        labels: Column whose values name the regions.
        x: Numeric column of the user's own layout, left to right.
        y: Numeric column of the user's own layout; goes with `x`.
        activation: Column of numbers that the map is conditioned on, or an array with one a row; items without one are left out.
        groups: Column whose values tell groups of items apart.
        progress: Told of the pictures.

    Raises:
        InputError: If the data or a name cannot be used as given.
        InputFileError: If a file or folder cannot be read.
        MissingExtraError: If the source is an .h5ad and h5py is not installed.
    """
    measured = activation if isinstance(activation, str) else None
    asked = Asked(text, image, id, (color,) if isinstance(color, str) else tuple(color), labels, x, y, measured, groups)
    loaded = _load(source, asked, vectors)
    given = find_vectors(loaded, vectors)
    roles = choose_roles(loaded, asked, given.column, has_vectors=bool(given))
    ids = item_ids(loaded.table, roles.id)

    rows = sampled = _sampled_rows(loaded.table.num_rows, sample, seed)
    activations, unmeasured = find_activations(loaded, activation), tuple[Skipped, ...]()
    if activations:
        rows, unmeasured = activations.measured(rows, ids, strict=strict)
    pictures, rows = _read_pictures(loaded, roles, ids, rows, strict=strict, progress=progress)
    table = _filter_rows(loaded.table, rows)
    texts, text_notes = read_texts(table, roles, is_needed=pictures is None and not given and x is None)
    columns = user_columns(table, roles if texts is not None else replace(roles, text=None), asked)
    name_row = _row_namer(ids, rows)
    items = Items(
        ids=ids_at(ids, rows),
        source_rows=rows,
        texts=texts,
        pictures=pictures.pictures if pictures else None,
        columns=columns.table,
        text_column=roles.text if texts is not None else None,
        color_columns=columns.colors,
        inputs=(
            *loaded.inputs,
            *given.inputs,
            *(activations.inputs if activations else ()),
            *((pictures.input,) if pictures and pictures.input else ()),
        ),
        skipped=(*unmeasured, *(pictures.unfit.values() if pictures else ())),
        notes=(
            *loaded.notes,
            *roles.notes,
            *text_notes,
            *columns.notes,
            *_count_notes(len(ids), sample, seed, pictures),
            *_unmeasured_notes(activations, len(unmeasured), len(sampled)),
        ),
    )
    return Source(
        items,
        given.of(table, rows, name_row),
        _read_coordinates(table, asked, name_row),
        columns.labels,
        None if activations is None else activations.values[rows],
        None if groups is None else read_groups(table, groups),
        columns.activation,
        title=_title_of(source),
        is_folder=loaded.image_column is not None,
    )


def _title_of(source: object) -> str | None:
    if not isinstance(source, str | Path):
        return None
    path, _ = split_array_name(str(source))
    return path.resolve().name if path.is_dir() else path.stem


def _load(source: object, asked: Asked, vectors: object) -> Loaded:
    if not isinstance(source, str | Path):
        return load_memory(source)
    path, array = split_array_name(str(source))
    if path.is_dir():
        return load_folder(path)
    if not path.is_file():
        raise InputFileError(f"there is no file or folder {path}.")
    ending = path.suffix.lower()
    if ending in ARRAY_READERS:
        return load_arrays(path, vectors if isinstance(vectors, str) else array)
    if ending in TABLE_READERS:
        return load_table(path, as_text=[name for name in (asked.text, asked.id, asked.image, *ID_NAMES) if name])
    known = ", ".join((*TABLE_READERS, *ARRAY_READERS))
    raise InputFileError(f"{path} is of no kind that can be mapped; give a folder of pictures, or a file that ends in {known}.")


def _sampled_rows(n_rows: int, sample: int | None, seed: int) -> NDArray[np.int64]:
    if sample is not None and sample < 1:
        raise InputError(f"--sample {sample} leaves nothing; give a number of at least 1.")
    if sample is None or sample >= n_rows:
        return np.arange(n_rows, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n_rows, size=sample, replace=False)).astype(np.int64)


def _filter_rows(table: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    if len(rows) == table.num_rows:
        return table
    keep = np.zeros(table.num_rows, dtype=bool)
    keep[rows] = True
    return table.filter(pa.array(keep))  # not `take`, which would join columns of bytes beyond what an array can hold


def _read_pictures(
    loaded: Loaded, roles: Roles, ids: Sequence[str], rows: NDArray[np.int64], *, strict: bool, progress: Progress
) -> tuple[CheckedPictures | None, NDArray[np.int64]]:
    if roles.image is None:
        return None, rows
    column = _filter_rows(loaded.table.select([roles.image]), rows).column(0)
    found = find_pictures(column, roles.image, loaded.folder)
    checked = check_pictures(found, lambda position: ids[rows[position]], loaded.folder, progress)
    if checked.unfit and strict:
        raise InputError(f"{len(checked.unfit):,} of {len(rows):,} pictures cannot be read: {listed(list(checked.unfit.values()))}.")
    fit = np.array([position not in checked.unfit for position in range(len(rows))])
    return replace(checked, pictures=[picture for picture, keep in zip(found, fit, strict=True) if keep]), rows[fit]


def _row_namer(ids: Sequence[str], rows: NDArray[np.int64]) -> RowName:
    def name(position: int) -> str:
        row = int(rows[position])
        return f"row {row}" if ids[row] == str(row) else f"row {row} (id '{ids[row]}')"

    return name


def _read_coordinates(table: pa.Table, asked: Asked, name_row: RowName) -> Coordinates | None:
    if asked.x is None or asked.y is None:
        return None
    pair = [_numbers(table.column(name), name, name_row) for name in (asked.x, asked.y)]
    return np.stack(pair, axis=1)


def _numbers(column: pa.ChunkedArray, name: str, name_row: RowName) -> NDArray[np.float32]:
    plain = plain_column(column)
    if plain is None or not is_number(plain.type):
        raise InputError(f"column '{name}' is {column.type}; coordinates are numbers.")
    with np.errstate(over="ignore"):
        numbers = plain.cast(pa.float64()).to_numpy().astype(np.float32)
    refuse_rows(np.flatnonzero(~np.isfinite(numbers)), name_row, f"column '{name}': missing, NaN or infinite coordinates in", len(numbers))
    return np.asarray(numbers, dtype=np.float32)


def _count_notes(n_rows: int, sample: int | None, seed: int, pictures: CheckedPictures | None) -> Iterator[str]:
    if sample is not None and sample < n_rows:
        yield f"a random sample of {sample:,} of {n_rows:,} items (seed {seed})"
    if pictures and pictures.unfit:
        n_fit, n_unfit = len(pictures.pictures), len(pictures.unfit)
        yield f"{n_unfit:,} of {n_fit + n_unfit:,} items were left out, since their pictures cannot be read"


def _unmeasured_notes(activations: GivenActivations | None, n_without: int, n_items: int) -> Iterator[str]:
    if activations and n_without:
        yield f"{n_without:,} of {n_items:,} items were left out, since {activations.name} has no number for them"
