"""How an atlas was made, without a word about whose machine made it."""

from __future__ import annotations

import datetime
import platform
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from vista import __version__
from vista.artifacts import InputFile
from vista.atlas.json_text import plain
from vista.atlas.manifest import Manifest, MapEntry, Provenance

_PACKAGES = ("numpy", "scipy", "numba", "pyarrow", "pillow", "pmtiles", "torch", "transformers")
_WHOLE_PATH = re.compile(r"(?:file://)?(?:~[^/]*/|/|[A-Za-z]:[\\/]|\\\\).*")
_RELATIVE_FILE = re.compile(r"\.{1,2}[\\/].*|[^\s:@]*/[^/\s:@]*\.[A-Za-z]\w{1,11}")  # spares hub names such as org/model-v1.5
_PATH_IN_TEXT = re.compile(
    r"(?<![\w./])(?:file://)?(?:~\w*)?(?:/[^/\s'\"]+)*/([^/\s'\"]+)|(?<!\w)[A-Za-z]:\\(?:[^\\\s'\"]+\\)*([^\\\s'\"]+)"
)
_QUOTED_PATH = re.compile(r"(['\"])(?:file://)?(?:~\w*|[A-Za-z]:)?[\\/](?:[^'\"]*[\\/])?([^'\"\\/]+)\1")


def provenance_of(
    map_id: str,
    command: str,
    parameters: Mapping[str, Any],
    *,
    seed: int,
    inputs: Iterable[InputFile],
    seconds: Mapping[str, float],
) -> Provenance:
    """Return the record of one run: what was asked for, of what, with which versions, now, and how long it took."""
    return {
        "map": map_id,
        "vista_version": __version__,
        "command": command,
        "parameters": plain(_base_names(dict(parameters))),
        "seed": seed,
        "inputs": [{"name": file.name, "sha256": file.sha256, "n_bytes": file.n_bytes} for file in inputs],
        "versions": _versions(),
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": {stage: round(duration, 3) for stage, duration in seconds.items()},
    }


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _base_names(value: Any) -> Any:
    """Return parameters with the base names of the files that they name."""
    if isinstance(value, dict):
        return {key: _base_names(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_base_names(entry) for entry in value]
    if isinstance(value, Path):
        return value.name
    return _last_part(value) if isinstance(value, str) and _RELATIVE_FILE.fullmatch(value) else without_places(value)


def without_places(value: Any) -> Any:
    """Return `value` with every absolute path in its texts cut to its base name, so that no user's or host's name is left."""
    if isinstance(value, dict):
        return {key: without_places(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(entry) for entry in value]
    return _without_paths(value) if isinstance(value, str) else value


def scrubbed(manifest: Manifest) -> Manifest:
    """Return the manifest with base names in place of paths, but for titles and columns, which are the user's own words."""
    maps: dict[str, MapEntry] = {
        map_id: {**entry, "representation": without_places(entry["representation"]), "layout": without_places(entry["layout"])}
        for map_id, entry in manifest["maps"].items()
    }
    return {
        **manifest,
        "maps": maps,
        "provenance": without_places(manifest["provenance"]),
        "history": without_places(manifest["history"]),
        "warnings": without_places(manifest["warnings"]),
        "skipped": without_places(manifest["skipped"]),
    }


def _without_paths(text: str) -> str:
    if _WHOLE_PATH.fullmatch(text) and not re.search(r"\s/", text):
        return _last_part(text)
    text = _QUOTED_PATH.sub(r"\1\2\1", text)
    return _PATH_IN_TEXT.sub(lambda match: match[1] or match[2], text)


def _last_part(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]
