"""What an atlas holds and how it was made, in a few lines; loads nothing beyond the standard library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vista.atlas.manifest import FidelityEntry, Manifest, MapEntry, Provenance, SetEntry

_UNITS = ("B", "KB", "MB", "GB", "TB")


def describe(manifest: Manifest, folder: str | Path) -> dict[str, Any]:
    """Return what `vista info --json` prints: the maps, the sets, the provenance, the warnings and the sizes."""
    return {
        "atlas": str(folder),
        "format_version": manifest["format_version"],
        "title": manifest["title"],
        "n_bytes": _n_bytes(manifest),
        "n_files": len(manifest["files"]),
        "maps": [_described_map(manifest, map_id) for map_id in manifest["maps"]],
        "sets": manifest["sets"],
        "provenance": manifest["provenance"],
        "history": manifest["history"],
        "warnings": manifest["warnings"],
        "n_skipped": manifest["n_skipped"],
        "skipped": manifest["skipped"],
    }


def _described_map(manifest: Manifest, map_id: str) -> dict[str, Any]:
    entry = manifest["maps"][map_id]
    shown = ("title", "set", "n_items", "fidelity", "representation", "layout", "collage")
    return {"id": map_id, "n_bytes": _n_bytes(manifest, f"maps/{map_id}/"), **{key: entry[key] for key in shown}}  # type: ignore[literal-required]


def summary_lines(manifest: Manifest, folder: str | Path) -> list[str]:
    """Return what `vista info` prints, line by line."""
    held = f"{_size(_n_bytes(manifest))} in {len(manifest['files'])} files"
    lines = [f"{manifest['title']} ({folder}): {held}, format {manifest['format_version']}"]
    for name, entry in manifest["sets"].items():
        lines.append(f"items '{name}': {_set_text(entry)}, {_size(_n_bytes(manifest, f'items/{name}/'))}")
    for map_id, drawn in manifest["maps"].items():
        lines += _map_lines(map_id, drawn, _n_bytes(manifest, f"maps/{map_id}/"))
    for run in (*manifest["history"], manifest["provenance"]):
        lines += _run_lines(run)
    lines += [f"warning: {warning}" for warning in manifest["warnings"]]
    if manifest["n_skipped"]:
        first = manifest["skipped"][0]
        lines.append(f"left out: {manifest['n_skipped']:,} items, the first {first['name']} ({first['reason']})")
    return ["".join(character if character.isprintable() else " " for character in line) for line in lines]


def _set_text(entry: SetEntry) -> str:
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


def _map_lines(map_id: str, entry: MapEntry, n_bytes: int) -> list[str]:
    representation, layout = entry["representation"], entry["layout"]
    collage = entry["collage"]
    pictures = f"collage of {collage['n_levels']} levels, pictures: {collage['pictures']}" if collage else "no collage"
    return [
        f"map '{map_id}': {entry['title']}, {entry['n_items']:,} items, {pictures}, {_size(n_bytes)}",
        f"  representation: {representation['encoder']}, {representation['dim']} dimensions, {representation['metric']}",
        f"  layout: {layout['method']} (seed {layout['seed']}{''.join(f', {key} {value}' for key, value in layout['parameters'].items())})",
        f"  fidelity: {fidelity_line(entry['fidelity'])}",
    ]


def fidelity_line(fidelity: FidelityEntry) -> str:
    """Return the one line that says how far a map can be believed, with what chance gives beside it."""
    if fidelity["rnx_area"] is None:
        return "not defined for so few items"
    null = fidelity["null"]
    chance = "" if null["mean"] is None else f" (shuffled: {_figure(null['mean'])}, {_figure(null['low'])} to {_figure(null['high'])})"
    asked = "exact" if fidelity["exact"] else f"estimated from {fidelity['n_queries']:,} items"
    parts = [f"R_NX area {_figure(fidelity['rnx_area'])}{chance}", asked]
    if fidelity["mean_false"] is not None and fidelity["mean_missing"] is not None:
        k = fidelity["trust_k"]
        parts.append(
            f"of {k} neighbors {100 * fidelity['mean_false']:.0f} % are false and {100 * fidelity['mean_missing']:.0f} % are missing"
        )
    return ", ".join(parts)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _run_lines(run: Provenance) -> list[str]:
    read = ", ".join(f"{file['name']} ({_size(file['n_bytes'])}, sha256 {file['sha256'][:12]}…)" for file in run["inputs"])
    what = f"vista {run['vista_version']} {run['command']} (map '{run['map']}', seed {run['seed']})"
    lines = [f"made by {what} on {run['created']} in {sum(run['seconds'].values()):.1f} s"]
    if read:
        lines.append(f"  from {read}")
    if run["parameters"]:
        lines.append("  with " + ", ".join(f"{key}={value}" for key, value in run["parameters"].items() if value is not None))
    return lines


def _n_bytes(manifest: Manifest, room: str = "") -> int:
    return sum(entry["n_bytes"] for path, entry in manifest["files"].items() if path.startswith(room))


def _size(n_bytes: float) -> str:
    for unit in _UNITS:
        if n_bytes < 1000 or unit == _UNITS[-1]:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    raise AssertionError
