"""Reading an atlas: its maps, its items, and whether its files are what they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vista.atlas.manifest import FidelityEntry, Manifest, MapEntry, SetEntry, read_manifest
from vista.errors import AtlasFormatError, InputError, UnknownMapError, nearest_name_hint

if TYPE_CHECKING:
    import pyarrow as pa

    from vista.atlas.blocks import Blocks
    from vista.widget.notebook import AtlasWidget


def open(path: str | Path | Atlas) -> Atlas:
    """Return the atlas in a folder; its tables are read when they are asked for. One that is open already is returned as it is.

    Raises:
        AtlasFormatError: There is no atlas that this version can read.
    """
    return path if isinstance(path, Atlas) else Atlas(Path(path), read_manifest(path))


@dataclass(frozen=True, eq=False)
class Atlas:
    """An atlas on disk.

    Attributes:
        path: Its folder.
        manifest: What `atlas.json` says.
    """

    path: Path
    manifest: Manifest

    def __repr__(self) -> str:
        return f"Atlas('{self.path}', maps: {', '.join(self.maps)})"

    @property
    def title(self) -> str:
        return self.manifest["title"]

    @cached_property
    def maps(self) -> Mapping[str, AtlasMap]:
        """The maps by id, in the manifest's order; an unknown id raises `UnknownMapError`, which is a KeyError."""
        return MappingProxyType(_Maps({map_id: AtlasMap(self, map_id) for map_id in self.manifest["maps"]}))

    def neighbors(self, set_name: str = "main") -> pa.Table:
        """Return `item`, `neighbors` and `distances`, one row an item of the set, near to far.

        Raises:
            InputError: There is no such set, or its items have no neighbors.
        """
        entry = self._set(set_name)["neighbors"]
        if entry is None:
            raise InputError(f"the items of the set '{set_name}' have no neighbors: there are too few of them, or no representation.")
        return self.table(entry["path"])

    def card(self, item: int, set_name: str = "main") -> dict[str, Any]:
        """Return what the viewer shows of one item, by its row in the set.

        Raises:
            InputError: There is no such set or item.
        """
        from vista.atlas.blocks import inflated

        entry = self._set(set_name)
        if not 0 <= item < entry["n_items"]:
            raise InputError(f"no item {item} in the set '{set_name}': its items are 0 to {entry['n_items'] - 1}.")
        block, place = divmod(item, entry["cards"]["items_per_block"])
        cards = json.loads(inflated(self._blocks(entry["cards"]["data"], entry["cards"]["index"])[block]))
        card: dict[str, Any] = cards[place]
        return card

    def picture(self, number: int, set_name: str = "main") -> bytes | None:
        """Return the picture that a card names, as WebP, or None where that block is empty.

        Raises:
            InputError: There is no such set or picture.
        """
        entry = self._set(set_name)["pictures"]
        if entry is None or not 0 <= number < entry["n"]:
            raise InputError(f"no picture {number} in the set '{set_name}': it has {entry['n'] if entry else 0} pictures.")
        return self._blocks(entry["data"], entry["index"])[number] or None

    def show(self, **options: Any) -> AtlasWidget:
        """Return the atlas as a widget for a notebook; options and errors are those of `vista.show`."""
        import vista

        return vista.show(self, **options)

    def verify(self) -> None:
        """Compare every file with the size and the hash in the manifest.

        Raises:
            AtlasFormatError: A file is missing or is another; the message names the first and counts the rest.
        """
        from vista.atlas.files import file_entry
        from vista.execution import in_order, thread_pool

        def fault(name: str) -> str | None:
            path = self.path / name
            if not path.is_file():
                return f"{name} is missing"
            return None if file_entry(path) == self.manifest["files"][name] else f"{name} has changed since it was written"

        with thread_pool() as pool:
            wrong = [found for found in in_order(pool, fault, self.manifest["files"]) if found is not None]
        if wrong:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise AtlasFormatError(f"the atlas at '{self.path}' is damaged: {wrong[0]}{more}; build it again.")

    def table(self, name: str) -> pa.Table:
        """Return a Parquet file of the atlas.

        Raises:
            AtlasFormatError: It is missing or broken.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(self.path / name, partitioning=None)
        except (OSError, pa.ArrowInvalid) as error:
            why = str(error).splitlines()[0]
            raise AtlasFormatError(f"the atlas at '{self.path}' is damaged: {name} cannot be read ({why}); build it again.") from None

    def _blocks(self, data: str, index: str) -> Blocks:
        from vista.atlas.blocks import Blocks

        try:
            return Blocks(self.path / data, self.path / index)
        except OSError as error:
            raise AtlasFormatError(
                f"the atlas at '{self.path}' is damaged: {index} cannot be read ({error.strerror}); build it again."
            ) from None

    def _set(self, name: str) -> SetEntry:
        sets = self.manifest["sets"]
        if name not in sets:
            raise InputError(f"no set '{name}' in the atlas.{nearest_name_hint(name, sets)}")
        return sets[name]


@dataclass(frozen=True, eq=False)
class AtlasMap:
    """One map of an atlas."""

    atlas: Atlas
    map_id: str

    def __repr__(self) -> str:
        return f"AtlasMap('{self.map_id}', {self.n_items} items)"

    @property
    def entry(self) -> MapEntry:
        """What the manifest says of this map."""
        return self.atlas.manifest["maps"][self.map_id]

    @property
    def title(self) -> str:
        return self.entry["title"]

    @property
    def n_items(self) -> int:
        return self.entry["n_items"]

    @property
    def fidelity(self) -> FidelityEntry | None:
        """How far the map keeps the neighbors of the representation, as in the manifest; None where it has none."""
        return self.entry["fidelity"]

    def items(self) -> pa.Table:
        """Return one row an item, in drawing order.

        Columns: `item_id`, `source_row`, `x`, `y`, `text`, `region_0…`, `trust_false`, `trust_missing`, where the map is conditioned
        on one `activation`, where a latent's label was judged `found_by_label` (null where it was not tried), then the user's.
        """
        import pyarrow as pa

        drawn = self.atlas.table(self.entry["items"])
        stored = self.atlas.table(self.atlas.manifest["sets"][self.entry["set"]]["items"])
        if "tiles" not in self.entry["points"]:  # else the set is in drawing order
            stored = stored.take(drawn.column("item"))
        own = [name for name in drawn.column_names if name not in ("item", "x", "y")]
        users = [name for name in stored.column_names if name not in ("item_id", "source_row", "text")]
        columns = {
            **{name: stored.column(name) for name in ("item_id", "source_row")},
            **{name: drawn.column(name) for name in ("x", "y")},
            "text": stored.column("text"),
            **{name: drawn.column(name) for name in own},
            **{name: stored.column(name) for name in users},
        }
        return pa.table(columns)


class _Maps(dict[str, AtlasMap]):
    """Maps by id that name each other when one is not there."""

    def __missing__(self, map_id: str) -> AtlasMap:
        raise UnknownMapError(f"no map '{map_id}' in the atlas.{nearest_name_hint(map_id, self)}")
