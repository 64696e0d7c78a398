"""Answering `api/search`: which items of a set hold some words, where its texts are too many for an index beside the page.

All texts are read for every question, a few row groups at a time, so that a server of any size of atlas stays small. One question is
answered at a time, and one whose page has asked another meanwhile is not answered at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from vista.atlas.manifest import Manifest, SetEntry
from vista.execution import in_order, thread_pool
from vista.server.answering import BAD_REQUEST, BUSY, FOREIGN, Answer, comes_from_elsewhere, in_thread, refusal

if TYPE_CHECKING:
    from starlette.requests import Request

SEARCH_PATH = "api/search"
LONGEST_QUERY = 400  # characters
_GROUPS_AT_ONCE = 8


@dataclass(slots=True, eq=False)
class Searcher:
    """Finds items by the words of their texts."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def answer(self, request: Request, atlas: Path, manifest: Manifest) -> Answer:
        """Answer a request for `api/search?set=…&words=…`: uint32 items, ascending."""
        if comes_from_elsewhere(request):
            return refusal(FOREIGN, "this server answers its own page only")
        sets, queries = request.query_params.getlist("set"), request.query_params.getlist("words")
        if len(sets) != 1 or len(queries) != 1 or (entry := manifest["sets"].get(sets[0])) is None or not is_searched(entry):
            return refusal(BAD_REQUEST, "ask for the words of one set whose texts have no index: api/search?set=…&words=…")
        if len(queries[0]) > LONGEST_QUERY:
            return refusal(BAD_REQUEST, f"at most {LONGEST_QUERY} characters are searched: shorten them")
        try:
            async with self._turn:
                if await request.is_disconnected():
                    return refusal(BUSY, "nobody waits for this answer any more")
                return await asyncio.wrap_future(in_thread(lambda: _found(atlas / entry["items"], queries[0].split())))
        except asyncio.CancelledError:
            return refusal(BUSY, "the server is being stopped")


def is_searched(entry: SetEntry) -> bool:
    """Return whether the texts of a set can be searched by a server only."""
    return entry["text_column"] is not None and entry["titles"] is None and "search" not in entry


def with_search(manifest: Manifest) -> Manifest:
    """Return the manifest as it is served: a set says when the server searches it."""
    if not any(is_searched(entry) for entry in manifest["sets"].values()):
        return manifest
    sets = {name: {**entry, "served_search": True} if is_searched(entry) else entry for name, entry in manifest["sets"].items()}
    return cast(Manifest, {**manifest, "sets": sets})


def items_with(path: Path, words: Sequence[str]) -> NDArray[np.uint32]:
    """Return the items of a table whose text holds every word, whatever its case; none where there is no word.

    Args:
        path: `items.parquet` of a set.
        words: Parts of words.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not words:
        return np.zeros(0, np.uint32)
    metadata = pq.read_metadata(path)
    starts = np.cumsum([0, *(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))])

    def found_from(first: int) -> NDArray[np.uint32]:
        groups = list(range(first, min(first + _GROUPS_AT_ONCE, metadata.num_row_groups)))
        with pq.ParquetFile(path, metadata=metadata) as file:
            texts = file.read_row_groups(groups, columns=["text"], use_threads=False).column(0)
        rows = np.arange(len(texts), dtype=np.uint32) + np.uint32(starts[first])
        for word in sorted(words, key=len, reverse=True):  # the longest is rarest
            holds = pc.match_substring(texts, word, ignore_case=True).fill_null(False)
            texts, rows = texts.filter(holds), rows[holds.to_numpy()]
        return rows

    with thread_pool() as pool:
        return np.concatenate(list(in_order(pool, found_from, range(0, metadata.num_row_groups, _GROUPS_AT_ONCE))))


def _found(path: Path, words: Sequence[str]) -> Answer:
    return Answer(200, items_with(path, words).astype("<u4").tobytes(), "application/octet-stream")
