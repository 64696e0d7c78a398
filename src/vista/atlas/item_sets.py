"""Writing the items of an atlas: once for a set, however many maps show it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items, NeighborGraph
from vista.atlas.blocks import gzipped, write_blocks
from vista.atlas.construction import Building
from vista.atlas.drawn_sets import NEIGHBORS_ON_CARD, DrawnItems, whole_columns, write_drawn_items, write_drawn_neighbors
from vista.atlas.item_sharing import find_twin, joined_pictures
from vista.atlas.json_text import json_bytes, rounded
from vista.atlas.manifest import CardsEntry, ColumnEntry, NeighborsEntry, PicturesEntry, SetEntry
from vista.atlas.tables import write_table
from vista.atlas.word_index import INDEXED_UP_TO_ITEMS, write_word_index
from vista.execution import Progress, silent
from vista.execution.progress import Advance

if TYPE_CHECKING:
    import pyarrow as pa

ITEMS_PER_BLOCK = 16
TITLE_LIMIT_CHARACTERS = 160
TITLES_UP_TO_ITEMS = 50_000  # beyond, they are more than a page should load to search them
FIRST_SET = "main"
_LINE_BREAKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


@dataclass(frozen=True, slots=True, eq=False)
class ItemPictures:
    """Pictures that the viewer shows of single items.

    Attributes:
        webps: WebP files, None or empty where there is none; read once, in order.
        px: The longer side of each is at most this.
        of_item: (n_items,) the picture of each item, -1 for none, when the pictures come from a library; None when
            picture i belongs to item i of the set.
    """

    webps: Iterable[bytes | None]
    px: int
    of_item: NDArray[np.int64] | None = None


def write_item_set(
    place: Building,
    items: Items,
    *,
    graph: NeighborGraph | None = None,
    pictures: ItemPictures | None = None,
    order: NDArray[np.int64] | None = None,
    name: str = FIRST_SET,
    progress: Progress = silent,
) -> tuple[str, SetEntry]:
    """Write a set of items and return its name and its entry in the manifest.

    With `order`, (n_items,), item i of the set is `items[order[i]]`: the set of a tiled map, which no other map shares.

    Items that the atlas has already, with the same neighbors, are shared rather than stored again (see `item_sharing`).
    A lone item has no neighbors: `graph` is then None or has none.
    """
    name = _free_name(place, name)
    folder = place.folder / "items" / name
    folder.mkdir(parents=True)
    if order is not None:
        return name, _write_drawn_set(place.folder, name, items, graph, pictures, order, progress)
    entry = _write_set(place.folder, name, items, graph, pictures, progress)
    if (twin := find_twin(place, name, entry)) is not None:
        return twin, _share(place, twin, name, entry, items, graph, pictures)
    return name, entry


def _write_drawn_set(
    atlas: Path,
    name: str,
    items: Items,
    graph: NeighborGraph | None,
    pictures: ItemPictures | None,
    order: NDArray[np.int64],
    progress: Progress,
) -> SetEntry:
    room = f"items/{name}"
    drawn = DrawnItems(whole_columns(_item_table(items)), order, graph, _picture_of_drawn(items, pictures, order))
    texts = None if items.texts is None else [items.texts[row] for row in order.tolist()]
    entry: SetEntry = {
        "n_items": len(items),
        "items": f"{room}/items.parquet",
        "cards": write_drawn_items(atlas, room, drawn, progress),
        "titles": None,
        "pictures": _write_pictures(atlas, room, pictures, len(items), progress),
        "neighbors": None if graph is None else write_drawn_neighbors(atlas, room, graph, order),
        "text_column": items.text_column,
        "columns": _column_entries(items),
    }
    _write_search(atlas, room, texts, entry)
    return entry


def _picture_of_drawn(items: Items, pictures: ItemPictures | None, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the picture of each item in drawing order; of pictures that items have themselves, number i belongs to item i."""
    of_item = _picture_numbers(items, pictures)[order]
    return of_item if pictures is None or pictures.of_item is not None else np.where(of_item < 0, -1, np.arange(len(order)))


def _column_entries(items: Items) -> list[ColumnEntry]:
    return [{"name": field.name, "type": str(field.type)} for field in items.columns.schema]


def _free_name(place: Building, wanted: str) -> str:
    candidates = itertools.chain((wanted, place.map_id), (f"{place.map_id}-{i}" for i in itertools.count(2)))
    return next(name for name in candidates if not (place.folder / "items" / name).exists())


def _share(
    place: Building, twin: str, fresh: str, entry: SetEntry, items: Items, graph: NeighborGraph | None, pictures: ItemPictures | None
) -> SetEntry:
    """Put the pictures of a set that was just written into the earlier set of the same items, and return its entry."""
    assert place.earlier is not None
    earlier = place.earlier["sets"][twin]
    is_lent = pictures is not None and pictures.of_item is not None
    joined = joined_pictures(place.folder, earlier, entry) if is_lent else None
    shutil.rmtree(place.folder / "items" / fresh)
    if joined is None or pictures is None:
        return earlier
    shutil.rmtree(place.folder / "items" / twin)
    (place.folder / "items" / twin).mkdir()
    for path in [path for path in place.earlier["files"] if path.startswith(f"items/{twin}/")]:
        del place.earlier["files"][path]  # they are other files now
    webps, of_item = joined
    return _write_set(place.folder, twin, items, graph, ItemPictures(webps, pictures.px, of_item), silent)


def _write_set(
    atlas: Path, name: str, items: Items, graph: NeighborGraph | None, pictures: ItemPictures | None, progress: Progress
) -> SetEntry:
    room = f"items/{name}"
    write_table(_item_table(items), atlas / room / "items.parquet")
    entry: SetEntry = {
        "n_items": len(items),
        "items": f"{room}/items.parquet",
        "cards": _write_cards(atlas, room, items, graph, pictures, progress),
        "titles": None,
        "pictures": _write_pictures(atlas, room, pictures, len(items), progress),
        "neighbors": _write_neighbors(atlas, room, graph),
        "text_column": items.text_column,
        "columns": _column_entries(items),
    }
    _write_search(atlas, room, items.texts, entry)
    return entry


def _item_table(items: Items) -> pa.Table:
    import pyarrow as pa

    own = {
        "item_id": pa.array(items.ids, pa.string()),
        "source_row": pa.array(items.source_rows, pa.int64()),
        "text": pa.nulls(len(items), pa.string()) if items.texts is None else pa.array(items.texts, pa.string()),
    }
    return pa.table(own | dict(zip(items.columns.column_names, items.columns.columns, strict=True)))


def _write_cards(
    atlas: Path, room: str, items: Items, graph: NeighborGraph | None, pictures: ItemPictures | None, progress: Progress
) -> CardsEntry:
    entry: CardsEntry = {"data": f"{room}/cards.bin", "index": f"{room}/cards.idx", "items_per_block": ITEMS_PER_BLOCK}
    with progress.stage("writing item cards", len(items)) as advance:
        write_blocks(atlas / entry["data"], atlas / entry["index"], _card_blocks(items, graph, pictures, advance))
    return entry


def _card_blocks(items: Items, graph: NeighborGraph | None, pictures: ItemPictures | None, advance: Advance) -> Iterator[bytes]:
    picture_of = _picture_numbers(items, pictures)
    for start in range(0, len(items), ITEMS_PER_BLOCK):
        block = slice(start, min(start + ITEMS_PER_BLOCK, len(items)))
        yield gzipped(json_bytes(_cards(items, graph, picture_of, block)))
        advance(block.stop - start)


def _picture_numbers(items: Items, pictures: ItemPictures | None) -> NDArray[np.int64]:
    """Return the picture of each item, -1 for none."""
    if pictures is not None and pictures.of_item is not None:
        return pictures.of_item
    if pictures is None or items.pictures is None:
        return np.full(len(items), -1, np.int64)
    return np.fromiter((-1 if picture is None else i for i, picture in enumerate(items.pictures)), np.int64, len(items))


def _cards(items: Items, graph: NeighborGraph | None, picture_of: NDArray[np.int64], block: slice) -> list[dict[str, object]]:
    rows = (
        items.columns.slice(block.start, block.stop - block.start).to_pylist()
        if items.columns.num_columns
        else [{}] * (block.stop - block.start)
    )
    near = [[]] * len(rows) if graph is None else graph.indices[block, :NEIGHBORS_ON_CARD].tolist()
    far = [[]] * len(rows) if graph is None else rounded(graph.distances[block, :NEIGHBORS_ON_CARD], 4).tolist()
    return [
        {
            "item": item,
            "id": items.ids[item],
            "source_row": int(items.source_rows[item]),
            "text": None if items.texts is None else items.texts[item],
            "columns": row,
            "picture": None if picture_of[item] < 0 else int(picture_of[item]),
            "neighbors": neighbors,
            "distances": distances,
        }
        for item, row, neighbors, distances in zip(range(block.start, block.stop), rows, near, far, strict=True)
    ]


def _write_search(atlas: Path, room: str, texts: list[str] | None, entry: SetEntry) -> None:
    """Write what a page searches, the texts themselves while they are few, else an index of their words, and add it to the entry."""
    if texts is None or len(texts) > INDEXED_UP_TO_ITEMS:
        return
    if len(texts) > TITLES_UP_TO_ITEMS:
        entry["search"] = write_word_index(atlas, room, texts)
    else:
        entry["titles"] = _write_titles(atlas, room, texts)


def _write_titles(atlas: Path, room: str, texts: list[str]) -> str:
    lines = (text.translate(_LINE_BREAKS)[:TITLE_LIMIT_CHARACTERS] for text in texts)
    path = f"{room}/titles.bin"
    (atlas / path).write_bytes(gzipped("\n".join(lines).encode("utf-8", "replace")))
    return path


def _write_pictures(atlas: Path, room: str, pictures: ItemPictures | None, n_items: int, progress: Progress) -> PicturesEntry | None:
    if pictures is None:
        return None
    data, index = f"{room}/pictures.bin", f"{room}/pictures.idx"
    with progress.stage("writing pictures", n_items if pictures.of_item is None else None) as advance:
        n = write_blocks(atlas / data, atlas / index, _told(pictures.webps, advance))
    return {"data": data, "index": index, "n": n, "px": pictures.px, "of": "item" if pictures.of_item is None else "library"}


def _told(blocks: Iterable[bytes | None], advance: Advance) -> Iterator[bytes | None]:
    for block in blocks:
        yield block
        advance(1)


def _write_neighbors(atlas: Path, room: str, graph: NeighborGraph | None) -> NeighborsEntry | None:
    if graph is None or graph.n_neighbors == 0:
        return None
    import pyarrow as pa

    k = graph.n_neighbors
    columns = {
        "item": pa.array(np.arange(graph.n_items, dtype=np.uint32)),
        "neighbors": pa.FixedSizeListArray.from_arrays(pa.array(graph.indices.ravel().astype(np.uint32)), k),
        "distances": pa.FixedSizeListArray.from_arrays(pa.array(graph.distances.ravel()), k),
    }
    write_table(pa.table(columns), atlas / room / "neighbors.parquet")
    return {"path": f"{room}/neighbors.parquet", "k": k, "metric": graph.metric, "exact": graph.exact, "recall": graph.recall}
