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
    Manifest,
    MapEntry,
    Provenance,
    SetEntry,
    SkippedEntry,
)
from vista.atlas.provenance import scrubbed
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
    earlier = place.earlier or _nothing(provenance)
    left_out = _merged(earlier["skipped"], skipped)
    manifest: Manifest = {
        "format": FORMAT_NAME,
        "format_version": FORMAT_VERSION,
        "title": title,
        "sets": {**earlier["sets"], **sets},
        "maps": {**earlier["maps"], **maps},
        "provenance": provenance,
        "history": [run for run in (*earlier["history"], earlier["provenance"]) if run["map"] != provenance["map"]],
        "warnings": list(dict.fromkeys([*earlier["warnings"], *warnings])),
        "skipped": left_out[:SKIPPED_LISTED],
        "n_skipped": len(left_out) + earlier["n_skipped"] - len(earlier["skipped"]),
        "files": dict(
            sorted((path.as_posix(), entry) for path, entry in file_entries(place.folder, ["items", "maps"], known=earlier["files"]))
        ),
    }
    ordered = checked(scrubbed(manifest))
    (place.folder / MANIFEST_NAME).write_bytes(json_bytes(ordered, indent=1) + b"\n")
    return ordered


def _nothing(provenance: Provenance) -> Manifest:
    """Return the manifest of an atlas without maps, to which the first is added."""
    return {
        "format": FORMAT_NAME,
        "format_version": FORMAT_VERSION,
        "title": "",
        "sets": {},
        "maps": {},
        "provenance": provenance,
        "history": [],
        "warnings": [],
        "skipped": [],
        "n_skipped": 0,
        "files": {},
    }


def _merged(earlier: list[SkippedEntry], skipped: Iterable[Skipped]) -> list[SkippedEntry]:
    """Return what was left out before and now, each once."""
    now: list[SkippedEntry] = [{"name": entry.name, "reason": entry.reason} for entry in skipped]
    return list({(entry["name"], entry["reason"]): entry for entry in (*earlier, *now)}.values())
