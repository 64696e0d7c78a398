"""Writing the manifest, the last file of an atlas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from vista.artifacts import Skipped
from vista.atlas.construction import Building
from vista.atlas.files import file_entries
from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import (
    FIRST_VERSION,
    FORMAT_NAME,
    FORMAT_VERSION,
    MANIFEST_NAME,
    Manifest,
    MapEntry,
    Provenance,
    SetEntry,
    SkippedEntry,
)
from vista.atlas.provenance import scrubbed, without_places
from vista.atlas.schema import checked
from vista.atlas.study_entries import StudyEntry

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
    study: StudyEntry | None = None,
) -> Manifest:
    """Write `atlas.json` over the files that are there, and return what it says.

    The sets and maps of an earlier atlas stay, and so does what was recorded and said of them; a map that is replaced
    leaves its place among the maps to the new one. So does an earlier study, unless `study` takes its place.
    """
    earlier = place.earlier or _nothing(provenance)
    made = _with_words(provenance, warnings, skipped)
    runs = [run for run in _runs_with_words(earlier) if run["map"] != made["map"]]
    left_out = _left_out([*runs, made])
    entries = {**earlier["maps"], **maps}
    manifest: Manifest = {
        "format": FORMAT_NAME,
        "format_version": _version_needed(entries),
        "title": title,
        "sets": {**earlier["sets"], **sets},
        "maps": {map_id: entries[map_id] for map_id in dict.fromkeys((*place.order, *entries)) if map_id in entries},
        "provenance": made,
        "history": runs,
        "warnings": list(dict.fromkeys(warning for run in (*runs, made) for warning in run["warnings"])),
        "skipped": left_out[:SKIPPED_LISTED],
        "n_skipped": len(left_out) + _n_unlisted([*runs, made]),
        "files": dict(
            sorted((path.as_posix(), entry) for path, entry in file_entries(place.folder, ["items", "maps"], known=earlier["files"]))
        ),
    }
    if told := study or earlier.get("study"):
        manifest["study"] = told
    ordered = checked(scrubbed(manifest))
    (place.folder / MANIFEST_NAME).write_bytes(json_bytes(ordered, indent=1) + b"\n")
    return ordered


def _version_needed(maps: Mapping[str, MapEntry]) -> int:
    """Return the oldest version of the format that has what these maps use, so that earlier viewers show what they can."""
    return FORMAT_VERSION if any("tiles" in entry["points"] for entry in maps.values()) else FIRST_VERSION


def _nothing(provenance: Provenance) -> Manifest:
    """Return the manifest of an atlas without maps, to which the first is added."""
    return {
        "format": FORMAT_NAME,
        "format_version": FIRST_VERSION,
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


def _with_words(provenance: Provenance, warnings: Iterable[str], skipped: Iterable[Skipped]) -> Provenance:
    """Return the record of a run with what it said and what it left out, each once."""
    left_out: list[SkippedEntry] = [
        {"name": name, "reason": reason} for name, reason in dict.fromkeys((entry.name, entry.reason) for entry in skipped)
    ]
    told = list(dict.fromkeys(warnings))
    whole: Provenance = {**provenance, "warnings": told, "skipped": left_out[:SKIPPED_LISTED], "n_skipped": len(left_out)}
    return cast(Provenance, without_places(whole))


def _runs_with_words(earlier: Manifest) -> list[Provenance]:
    """Return the records of earlier runs; one that does not say which words are its own is taken to have said all of them."""
    all_words = {key: earlier[key] for key in ("warnings", "skipped", "n_skipped")}
    return [cast(Provenance, {**all_words, **run}) for run in (*earlier["history"], earlier["provenance"])]


def _left_out(runs: Iterable[Provenance]) -> list[SkippedEntry]:
    """Return what the runs list as left out, each once."""
    return list({(entry["name"], entry["reason"]): entry for run in runs for entry in run["skipped"]}.values())


def _n_unlisted(runs: Iterable[Provenance]) -> int:
    """Count what the runs left out beyond their lists; runs whose lists are equal left out the same."""
    return sum({str(run["skipped"]): run["n_skipped"] - len(run["skipped"]) for run in runs}.values())
