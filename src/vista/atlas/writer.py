"""Writing the manifest, the last file of an atlas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vista.artifacts import Skipped
from vista.atlas.construction import Building
from vista.atlas.files import file_entries
from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import (
    FORMAT_NAME,
    FORMAT_VERSION,
    MANIFEST_NAME,
    FileEntry,
    Manifest,
    MapEntry,
    Provenance,
    SetEntry,
    SkippedEntry,
)
from vista.atlas.provenance import without_places
from vista.atlas.schema import checked

SKIPPED_LISTED = 1_000


def write_manifest(
    place: Building,
    *,
    title: str,
    sets: Mapping[str, SetEntry],
    maps: Mapping[str, MapEntry],
    provenance: Provenance,
    warnings: Iterable[str] = (),
    skipped: Iterable[Skipped] = (),
) -> Manifest:
    """Write `atlas.json` over the files that are there, and return what it says.

    The sets and maps of an earlier atlas stay; so do its warnings, and the provenance of maps that still stand.
    """
    earlier = place.earlier
    left_out = [*(earlier["skipped"] if earlier else []), *_skipped_entries(skipped)]
    unique = list({(entry["name"], entry["reason"]): entry for entry in left_out}.values())
    manifest: Manifest = {
        "format": FORMAT_NAME,
        "format_version": FORMAT_VERSION,
        "title": title,
        "sets": {**(earlier["sets"] if earlier else {}), **sets},
        "maps": {**(earlier["maps"] if earlier else {}), **maps},
        "provenance": without_places(provenance),
        "history": _history(earlier, provenance["map"]),
        "warnings": list(dict.fromkeys([*(earlier["warnings"] if earlier else []), *without_places(list(warnings))])),
        "skipped": unique[:SKIPPED_LISTED],
        "n_skipped": len(unique),
        "files": _files(place),
    }
    ordered = checked(manifest)
    (place.folder / MANIFEST_NAME).write_bytes(json_bytes(ordered, indent=1) + b"\n")
    return ordered


def _history(earlier: Manifest | None, map_id: str) -> list[Provenance]:
    """Return the provenance of the maps that were there before, oldest first."""
    runs = [*earlier["history"], earlier["provenance"]] if earlier else []
    return [run for run in runs if run["map"] != map_id]


def _skipped_entries(skipped: Iterable[Skipped]) -> list[SkippedEntry]:
    entries: list[SkippedEntry] = [{"name": entry.name, "reason": entry.reason} for entry in skipped]
    plain: list[SkippedEntry] = without_places(entries)
    return plain


def _files(place: Building) -> dict[str, FileEntry]:
    """Return an entry for every file of the sets and maps; what was carried over keeps the hash that it had."""
    known = place.earlier["files"] if place.earlier else {}
    fresh = {path.as_posix(): entry for path, entry in file_entries(place.folder, ["items", "maps"], known=known)}
    return dict(sorted(fresh.items()))
