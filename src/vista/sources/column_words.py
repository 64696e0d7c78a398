"""Words that stay in Arrow: the ids of millions of items, of which hardly any is ever asked for by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import pyarrow as pa

LISTED_ITEMS = 200_000  # up to here a list of strings is small, and quicker to ask
_ROWS_AT_ONCE = 65_536


class ColumnWords(Sequence[str]):
    """The values of a column as strings; `pa.array(words)` gives all of them at once.

    Args:
        values: Strings, or numbers that are spelled when they are asked for; none is missing.
    """

    def __init__(self, values: pa.Array | pa.ChunkedArray) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return list(self.values[place].cast(pa.string()).to_pylist())
        return str(self.values[place].as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _ROWS_AT_ONCE):
            yield from self.values.slice(start, _ROWS_AT_ONCE).cast(pa.string()).to_pylist()

    def __arrow_array__(self, type: pa.DataType | None = None) -> Any:
        """Return all words as an Arrow array; what `pa.array` asks for."""
        return self.values.cast(type or pa.string())

    def taken(self, rows: Any) -> ColumnWords:
        """Return the words of some rows."""
        return ColumnWords(self.values.take(pa.array(rows)))
