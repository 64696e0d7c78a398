"""What a source holds once it is read, before its columns get their parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vista.artifacts import InputFile

if TYPE_CHECKING:
    import pyarrow as pa

    from vista.sources.arrays import RawVectors


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A source as a table, whatever it was.

    Attributes:
        name: What messages call the source.
        table: One row an item; no columns where the source is nothing but vectors.
        folder: Where relative paths of pictures begin.
        vectors: What the source itself holds as vectors, not yet checked; None for tables and folders.
        id_column, text_column, image_column: Columns whose part follows from the kind of source.
        inputs: The files that were read.
        notes: Sentences to say to the user.
    """

    name: str
    table: pa.Table
    folder: Path
    vectors: RawVectors | None = None
    id_column: str | None = None
    text_column: str | None = None
    image_column: str | None = None
    inputs: tuple[InputFile, ...] = ()
    notes: tuple[str, ...] = ()
