"""Reading a GGUF file through transformers without its waste: the file's header is read once, quietly.

transformers reads the header, in which the whole vocabulary lies, four times over for one model, each time through slow
views, and builds the same table of names for each of its modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import numpy as np


@contextmanager
def frugal_gguf() -> Iterator[None]:
    """Within this context, a GGUF file is read once, however often transformers asks, and no progress bar is drawn."""
    import gguf
    from transformers import modeling_gguf_pytorch_utils as reading

    with (
        _replaced(gguf, "GGUFReader", lru_cache(maxsize=1)(_reader(gguf.GGUFReader))),
        _replaced(gguf, "get_tensor_name_map", lru_cache(maxsize=1)(gguf.get_tensor_name_map)),
        _replaced(reading, "tqdm", partial(reading.tqdm, disable=True)),
    ):
        yield


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def _reader(kind: Any) -> Any:
    class Reader(kind):  # type: ignore[misc]
        """The package's reader on a plain array, whose slices cost a third of a memmap's; the pages stay mapped."""

        @property
        def data(self) -> Any:
            return self._plain

        @data.setter
        def data(self, mapped: Any) -> None:
            self._plain = mapped.view(np.ndarray)

    return Reader
