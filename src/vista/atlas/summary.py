"""What an atlas holds, how it was made and how far it can be believed; loads nothing beyond the standard library."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vista.atlas import reader
from vista.atlas.manifest import FidelityEntry, Manifest, Provenance, RepresentationEntry
from vista.atlas.reader import Atlas
from vista.atlas.study_entries import ActivationEntry, StudyEntry
from vista.errors import AtlasFormatError

_FORGIVEN = 4  # a neighbor counts as kept when it is among this many times k on the other side
_SAID_K = 10
_UNITS = ("B", "KB", "MB", "GB", "TB")
UNKNOWN_FIDELITY = (
    "unknown, since there is no representation to judge the map against: "
    "give one with --vectors, or with --encoder where there are texts or images"
)
_OF_A_MAP = ("title", "set", "n_items", "fidelity", "representation", "layout", "collage")


def info(atlas: Atlas | str | Path) -> dict[str, Any]:
    """Say what an atlas holds and how it was made: its maps, items, provenance, warnings and sizes.

    Args:
        atlas: The atlas: its folder, or an open one.

    Raises:
        AtlasFormatError: There is no atlas that this version can read.
    """
    opened = reader.open(atlas)
    manifest = opened.manifest
    return {
        "atlas": str(opened.path),
        "format_version": manifest["format_version"],
        "title": manifest["title"],
        "study": manifest.get("study"),
        "n_bytes": _n_bytes(manifest),
        "n_files": len(manifest["files"]),
        "maps": [_described_map(manifest, map_id) for map_id in manifest["maps"]],
        "sets": [{"id": name, "n_bytes": _n_bytes(manifest, f"items/{name}/"), **entry} for name, entry in manifest["sets"].items()],
        "provenance": manifest["provenance"],
        "history": manifest["history"],
        "warnings": manifest["warnings"],
        "n_skipped": manifest["n_skipped"],
        "skipped": manifest["skipped"],
    }


def lines(described: dict[str, Any]) -> list[str]:
    """Return the result of `info` for people, line by line."""
    held = f"{_size(described['n_bytes'])} in {described['n_files']} files"
    told = [f"{described['title']} ({described['atlas']}): {held}, format {described['format_version']}"]
    told += [f"items '{entry['id']}': {_set_text(entry)}, {_size(entry['n_bytes'])}" for entry in described["sets"]]
    if described["study"]:
        told.append(f"study: {_study_text(described['study'])}")
    for entry in described["maps"]:
        told += _map_lines(entry)
    for run in (*described["history"], described["provenance"]):
        told += _run_lines(run)
    told += [f"note: {warning}" for warning in described["warnings"]]
    if described["n_skipped"]:
        first = described["skipped"][0]
        told.append(f"left out: {described['n_skipped']:,}, the first {first['name']} ({first['reason']})")
    return _printable(told)


def built_lines(described: dict[str, Any], map_id: str) -> list[str]:
    """Return what a person wants to know of a map that was just made: its items, its fidelity, and what was left out."""
    entry = next(one for one in described["maps"] if one["id"] == map_id)
    run = described["provenance"]
    held = f"{_size(described['n_bytes'])} in {described['n_files']} files"
    if entry["latent_maps"]:
        told = _built_study_lines(described, entry, held)
        return _printable(told)
    told = [
        f"items: {entry['n_items']:,} on the map '{map_id}' of {described['title']} ({held})",
        f"fidelity: {_kept_text(entry['fidelity'], entry['n_items'])}",
        *([f"activation: {_activation_text(entry)}"] if entry["activation"] else []),
        "left out: nothing",
    ]
    if run["n_skipped"]:
        first = run["skipped"][0]
        told[-1] = f"left out: {run['n_skipped']:,}, the first {first['name']} ({first['reason']}); `vista info` lists more"
    return _printable(told)


def _built_study_lines(described: dict[str, Any], dictionary: dict[str, Any], held: str) -> list[str]:
    """Return what a person wants to know of a study: whose latents, how many have a map, and how far the maps can be believed."""
    mapped = [entry for entry in described["maps"] if entry["latent"] is not None]
    gains = [gain for entry in mapped if (gain := kept_at(entry["fidelity"], entry["n_items"])) is not None]
    told = [
        f"study: {_study_text(described['study'])} ({held})",
        f"latents: {len(mapped)} mapped, {dictionary['n_items']:,} of {described['study']['d_sae']:,} on the map of the dictionary",
    ]
    if gains:
        told.append(f"fidelity: the latents' maps keep {min(gains):.0%} to {max(gains):.0%} of the {_SAID_K} nearest")
    return told


def _study_text(study: StudyEntry) -> str:
    return f"{study['sae']} at {study['hook_name']} of {study['model']}, {study['d_sae']:,} latents, on {study['n_items']:,} items"


def kept_at(figures: FidelityEntry | None, n_items: int) -> float | None:
    """Return the share of the 10 nearest that a map keeps, or None where it has too few items or is not judged."""
    if figures is None or _SAID_K not in figures["k"] or (gain := figures["gain"][figures["k"].index(_SAID_K)]) is None:
        return None
    return gain + _SAID_K / (n_items - 1)


def _kept_text(figures: FidelityEntry | None, n_items: int) -> str:
    """Say which share of the 10 nearest a map keeps, beside chance, or the whole summary where there are fewer items."""
    if figures is None:
        return UNKNOWN_FIDELITY
    if (kept := kept_at(figures, n_items)) is None:
        return _fidelity_text(figures, n_items)
    chance = _SAID_K / (n_items - 1)
    asked = "" if figures["exact"] else f", estimated from {figures['n_queries']:,} items"
    return f"the map keeps {kept:.0%} of the {_SAID_K} nearest (chance {chance:.1%}), R_NX area {_figure(figures['rnx_area'])}{asked}"


def fidelity(atlas: Atlas | str | Path) -> list[dict[str, Any]]:
    """Say how far each map of an atlas keeps the neighbors of its representation, with the whole curve.

    Args:
        atlas: The atlas: its folder, or an open one.

    Returns:
        One `{id, n_items, fidelity}` a map; `fidelity` has the keys of `fidelity.json` in `docs/format.md`, or is None where there is no
        representation to judge the map against.

    Raises:
        AtlasFormatError: There is no atlas that this version can read, or a map lacks its figures.
    """
    opened = reader.open(atlas)
    return [
        {
            "id": map_id,
            "n_items": entry["n_items"],
            "fidelity": None if entry["fidelity_curve"] is None else _figures(opened.path, entry["fidelity_curve"]),
        }
        for map_id, entry in opened.manifest["maps"].items()
    ]


def fidelity_lines(figures: Iterable[dict[str, Any]]) -> list[str]:
    """Return the result of `fidelity` for people: the summary of every map, and a table over k."""
    told = []
    for entry in figures:
        told.append(f"map '{entry['id']}', {entry['n_items']:,} items: {_fidelity_text(entry['fidelity'], entry['n_items'])}")
        told += _fidelity_table(entry["fidelity"] or {"k": []})
    return _printable(told)


def _figures(folder: Path, name: str) -> dict[str, Any]:
    try:
        figures: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise AtlasFormatError(f"the atlas at '{folder}' is damaged: {name} cannot be read; build it again.") from None
    return figures


def _described_map(manifest: Manifest, map_id: str) -> dict[str, Any]:
    entry: Any = manifest["maps"][map_id]
    of_study = {
        "kind": entry.get("kind"),
        "activation": entry.get("activation"),
        "latent": entry.get("latent"),
        "latent_maps": sorted(entry.get("opens", {}).values()),
    }
    return {"id": map_id, "n_bytes": _n_bytes(manifest, f"maps/{map_id}/"), **{key: entry[key] for key in _OF_A_MAP}, **of_study}


def _set_text(entry: dict[str, Any]) -> str:
    parts = [f"{entry['n_items']:,} items"]
    if entry["text_column"] is not None:
        parts.append(f"text from '{entry['text_column']}'")
    if (pictures := entry["pictures"]) is not None:
        parts.append(f"{pictures['n']:,} pictures" + (" from a library" if pictures["of"] == "library" else ""))
    if (near := entry["neighbors"]) is not None:
        found = "exact" if near["exact"] else f"recall {near['recall']:.3f}"
        parts.append(f"{near['k']} {near['metric']} neighbors ({found})")
    if entry["columns"]:
        parts.append("columns " + ", ".join(column["name"] for column in entry["columns"]))
    return ", ".join(parts)


def _map_lines(entry: dict[str, Any]) -> list[str]:
    layout, collage = entry["layout"], entry["collage"]
    pictures = f"collage of {collage['n_levels']} levels, pictures: {collage['pictures']}" if collage else "no collage"
    parameters = "".join(f", {key} {value}" for key, value in layout["parameters"].items())
    told = [
        f"map '{entry['id']}': {entry['title']}, {entry['n_items']:,} items, {pictures}, {_size(entry['n_bytes'])}",
        f"  representation: {_representation_text(entry['representation'])}",
        f"  layout: {layout['method']} (seed {layout['seed']}{parameters})",
        f"  fidelity: {_fidelity_text(entry['fidelity'], entry['n_items'])}",
    ]
    if (activation := entry["activation"]) is not None:
        chosen = f"weight {activation['weight']:g}, scale {activation['scale']}, transform {activation['transform']}"
        told.append(f"  activation: {_activation_text(entry)} ({chosen})")
    return told


def _representation_text(entry: RepresentationEntry | None) -> str:
    return "none" if entry is None else f"{entry['encoder']}, {entry['dim']} dimensions, {entry['metric']}"


def _activation_text(entry: dict[str, Any]) -> str:
    """Say how far an activation orders a map, and what is left of the cosine."""
    activation: ActivationEntry = entry["activation"]
    by_cosine: FidelityEntry = entry["fidelity"] | {"gain": activation["gain_cosine"]}
    kept = kept_at(by_cosine, entry["n_items"])
    left = "" if kept is None else f"; the map keeps {kept:.0%} of the {_SAID_K} nearest by cosine alone"
    return f"{activation['name']}, Moran's I {_figure(activation['moran_i'])}{left}"


def _fidelity_text(figures: FidelityEntry | None, n_items: int) -> str:
    """Say in one line how far a map can be believed, with what chance gives beside it."""
    if figures is None:
        return UNKNOWN_FIDELITY
    if figures["rnx_area"] is None:
        return "not defined for so few items"
    null = figures["null"]
    chance = "" if null["mean"] is None else f" (shuffled: {_figure(null['mean'])}, {_figure(null['low'])} to {_figure(null['high'])})"
    asked = "exact" if figures["exact"] else f"estimated from {figures['n_queries']:,} items"
    kept = kept_at(figures, n_items)
    first = [] if kept is None else [f"keeps {kept:.0%} of the {_SAID_K} nearest (chance {_SAID_K / (n_items - 1):.1%})"]
    parts = [*first, f"R_NX area {_figure(figures['rnx_area'])}{chance}", asked, *_trust_parts(figures, n_items)]
    return ", ".join(parts)


def _trust_parts(figures: FidelityEntry, n_items: int) -> list[str]:
    if figures["mean_false"] is None or figures["mean_missing"] is None:
        return []
    if _FORGIVEN * figures["trust_k"] >= n_items - 1:  # every other item is near enough, so nothing could be false
        return ["too few items for false and missing neighbors"]
    false, missing = 100 * figures["mean_false"], 100 * figures["mean_missing"]
    return [
        f"of {figures['trust_k']} neighbors {false:.0f} % are false (near on the map only)"
        f" and {missing:.0f} % are missing (near in the representation only)"
    ]


def _fidelity_table(figures: dict[str, Any]) -> list[str]:
    if not figures["k"]:
        return []
    interval = "" if figures["exact"] else f"{'95 % interval':>16} "
    head = f"  {'k':>8} {'% of n':>7} {'gain':>7} {interval}{'shuffled':>9} {'R_NX':>7} {'trustw.':>8} {'contin.':>8}"
    return [head, *(_fidelity_row(figures, i) for i in range(len(figures["k"])))]


def _fidelity_row(figures: dict[str, Any], i: int) -> str:
    percent = figures["percent"][i]
    share = "" if percent is None else f"{percent:g}"
    bounds = " to ".join(_figure(bound) for bound in figures["gain_ci"][i])
    interval = "" if figures["exact"] else f"{bounds:>16} "
    gain, shuffled, rnx = (_figure(column[i]) for column in (figures["gain"], figures["null_gain"]["mean"], figures["rnx"]))
    trust, continuity = (_figure(figures[name][i]) for name in ("trustworthiness", "continuity"))
    return f"  {figures['k'][i]:>8,} {share:>7} {gain:>7} {interval}{shuffled:>9} {rnx:>7} {trust:>8} {continuity:>8}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _run_lines(run: Provenance) -> list[str]:
    read = ", ".join(f"{file['name']} ({_size(file['n_bytes'])}, sha256 {file['sha256'][:12]}…)" for file in run["inputs"])
    what = f"vista {run['vista_version']} {run['command']} (map '{run['map']}', seed {run['seed']})"
    told = [f"made by {what} on {run['created']} in {sum(run['seconds'].values()):.1f} s"]
    if read:
        told.append(f"  from {read}")
    if run["parameters"]:
        told.append("  with " + ", ".join(f"{key}={value}" for key, value in run["parameters"].items() if value is not None))
    return told


def _printable(told: list[str]) -> list[str]:
    """Return lines that cannot steer a terminal, whatever an atlas from elsewhere holds."""
    return ["".join(character if character.isprintable() else " " for character in line) for line in told]


def _n_bytes(manifest: Manifest, room: str = "") -> int:
    return sum(entry["n_bytes"] for path, entry in manifest["files"].items() if path.startswith(room))


def _size(n_bytes: float) -> str:
    for unit in _UNITS[:-1]:
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} {_UNITS[-1]}"
