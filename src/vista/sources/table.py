"""Tables in files: Parquet, CSV, TSV and JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, json, parquet

from vista.errors import InputError, InputFileError, VistaError
from vista.sources.fingerprints import file_input
from vista.sources.loaded import Loaded

_BLOCK_BYTES = 64 << 20  # no row may be longer than a block
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def load_table(path: Path, as_text: Iterable[str] = ()) -> Loaded:
    """Read a table from a file.

    Args:
        path: The file; its ending says how it is written.
        as_text: Columns of a CSV or TSV that stay strings even if they look like numbers, such as ids like 007.

    Raises:
        InputFileError: If the file cannot be read as what its ending says.
        InputError: If it has no rows, or two columns of one name.
    """
    return Loaded(name=path.name, table=read_table(path, as_text), folder=path.parent, inputs=(file_input(path),))


def read_table(path: Path, as_text: Iterable[str] = ()) -> pa.Table:
    """Read the table alone; see `load_table`."""
    try:
        table = TABLE_READERS[path.suffix.lower()](path, frozenset(as_text))
    except VistaError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise InputFileError(f"{path} cannot be read as {path.suffix[1:].lower()}: {_reason(error)}.") from error
    return checked_table(table, str(path))


def checked_table(table: pa.Table, name: str) -> pa.Table:
    """Return the table, having refused one without rows, with two columns of one name, or with text that is no Unicode."""
    if table.num_rows == 0:
        raise InputError(f"{name} has no rows; there is nothing to map.")
    twice = [column for column, n in Counter(table.column_names).items() if n > 1]
    if twice:
        raise InputError(f"{name} has more than one column named '{twice[0]}'; rename one of them.")
    _refuse_invalid_text(table, name)
    return table


def _refuse_invalid_text(table: pa.Table, name: str) -> None:
    for column in table.column_names:
        try:
            table.column(column).validate(full=True)
        except pa.ArrowInvalid as error:
            raise InputError(f"column '{column}' of {name} holds text that is not UTF-8, or is damaged: {_reason(error)}.") from error


def _read_parquet(path: Path, _: frozenset[str]) -> pa.Table:
    with parquet.ParquetFile(path) as file:
        return file.read()


def _read_delimited(delimiter: str) -> Callable[[Path, frozenset[str]], pa.Table]:
    def read(path: Path, as_text: frozenset[str]) -> pa.Table:
        _refuse_binary(path)
        _refuse_other_delimiters(path, delimiter)
        table = csv.read_csv(
            path,
            # One thread: only then do messages about broken rows say which row.
            read_options=csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(as_text, pa.string())),
        )
        _refuse_other_encodings(table, path)
        return table

    return read


def _read_json_lines(path: Path, _: frozenset[str]) -> pa.Table:
    _refuse_binary(path)
    return json.read_json(path, read_options=json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES))


def _refuse_other_delimiters(path: Path, delimiter: str) -> None:
    """Refuse a table whose first line is parted by something else than its ending says."""
    with path.open("rb") as file:
        head = file.readline(65_536).decode("utf-8", "replace")
    other = next((name for sign, name in _DELIMITERS.items() if sign != delimiter and delimiter not in head and sign in head), None)
    if other is not None:
        raise InputFileError(
            f"the columns of {path} are parted by {other}, not by {_DELIMITERS[delimiter]}: save it with {_DELIMITERS[delimiter]}."
        )


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputFileError(f"{path} is written in UTF-16; save it as UTF-8.")
    if b"\x00" in head or head.startswith(b"PAR1"):
        raise InputFileError(f"{path} holds binary data, not {path.suffix[1:].lower()}; give the file the ending that fits its content.")


def _refuse_other_encodings(table: pa.Table, path: Path) -> None:
    binary = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if binary:
        raise InputFileError(f"{path} is not UTF-8 throughout (see column '{binary[0]}'); save it as UTF-8.")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300].rstrip(".")


TABLE_READERS: dict[str, Callable[[Path, frozenset[str]], pa.Table]] = {
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
    ".csv": _read_delimited(","),
    ".tsv": _read_delimited("\t"),
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
}
