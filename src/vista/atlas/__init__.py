"""The atlas on disk: the only code that knows file names.

Names load on first use, so that reading a manifest loads neither NumPy nor pyarrow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vista.atlas.blocks import write_blocks
    from vista.atlas.construction import Building, building, check_output
    from vista.atlas.exporting import export, published_columns
    from vista.atlas.item_sets import ItemPictures, write_item_set
    from vista.atlas.manifest import FORMAT_VERSION, Manifest, read_manifest
    from vista.atlas.maps import CollageFacts, CollagePaths, MapContent, collage_paths, write_map
    from vista.atlas.provenance import provenance_of
    from vista.atlas.reader import Atlas, AtlasMap, open
    from vista.atlas.same_items import write_same_items
    from vista.atlas.study_entries import LatentEntry, StudyEntry
    from vista.atlas.study_files import StudyContent
    from vista.atlas.summary import fidelity, fidelity_lines, info, lines
    from vista.atlas.viewer import viewer_files
    from vista.atlas.writer import write_manifest

_HOMES = {
    "blocks": ("write_blocks",),
    "construction": ("Building", "building", "check_output"),
    "exporting": ("export", "published_columns"),
    "item_sets": ("ItemPictures", "write_item_set"),
    "manifest": ("FORMAT_VERSION", "Manifest", "read_manifest"),
    "maps": ("CollageFacts", "CollagePaths", "MapContent", "collage_paths", "write_map"),
    "provenance": ("provenance_of",),
    "reader": ("Atlas", "AtlasMap", "open"),
    "same_items": ("write_same_items",),
    "study_entries": ("LatentEntry", "StudyEntry"),
    "study_files": ("StudyContent",),
    "summary": ("fidelity", "fidelity_lines", "info", "lines"),
    "viewer": ("viewer_files",),
    "writer": ("write_manifest",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = [
    "FORMAT_VERSION",
    "Atlas",
    "AtlasMap",
    "Building",
    "CollageFacts",
    "CollagePaths",
    "ItemPictures",
    "LatentEntry",
    "Manifest",
    "MapContent",
    "StudyContent",
    "StudyEntry",
    "building",
    "check_output",
    "collage_paths",
    "export",
    "fidelity",
    "fidelity_lines",
    "info",
    "lines",
    "open",
    "provenance_of",
    "published_columns",
    "read_manifest",
    "viewer_files",
    "write_blocks",
    "write_item_set",
    "write_manifest",
    "write_map",
    "write_same_items",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'vista.atlas' has no attribute {name!r}")
    return getattr(import_module(f"vista.atlas.{_HOME_OF[name]}"), name)
