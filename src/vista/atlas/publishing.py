"""What a published manifest may still say of columns that stay at home: nothing, not even their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, cast

from vista.atlas.manifest import Manifest, MapEntry, Provenance

_COLUMN_OPTIONS = ("text", "image", "id", "color", "labels", "vectors", "x", "y")
_QUOTED = re.compile(r"'([^']+)'|--vectors (\S+)")
_OF_COLUMNS = re.compile(r"\bcolumns?\b")


def without_columns(manifest: Manifest, published: Collection[str]) -> Manifest:
    """Return the manifest with no parameter and no sentence that names a column other than those that are published.

    The column of the items' texts is published with them.
    """
    known = {*published, *(entry["text_column"] for entry in manifest["sets"].values() if entry["text_column"])}
    return {
        **manifest,
        "maps": {map_id: _map_without(entry, known) for map_id, entry in manifest["maps"].items()},
        "provenance": _run_without(manifest["provenance"], known),
        "history": [_run_without(run, known) for run in manifest["history"]],
        "warnings": _kept(manifest["warnings"], known),
    }


def _map_without(entry: MapEntry, known: Collection[str]) -> MapEntry:
    """Return a map that does not say from which columns its layout was taken, unless these are published."""
    layout = entry["layout"]
    if layout["method"] != "given":
        return entry
    parameters = {key: value if value in known else None for key, value in layout["parameters"].items()}
    return cast(MapEntry, {**entry, "layout": {**layout, "parameters": parameters}})


def _run_without(run: Provenance, known: Collection[str]) -> Provenance:
    files = {file["name"] for file in run["inputs"]}
    parameters = {key: _known(value, known, files) if key in _COLUMN_OPTIONS else value for key, value in run["parameters"].items()}
    if not _is_known_activation(parameters.get("activation"), known):
        parameters["activation"] = None
    told = {"warnings": _kept(run["warnings"], known)} if "warnings" in run else {}
    return cast(Provenance, {**run, "parameters": parameters, **told})


def _known(value: Any, known: Collection[str], files: Collection[str]) -> Any:
    """Return the columns of an option that are published, or the file that it names."""
    if isinstance(value, list | tuple):
        return [name for name in value if name in known]
    return value if value in known or str(value).partition(":")[0] in files else None


def _is_known_activation(activation: Any, known: Collection[str]) -> bool:
    """Return whether what a map was conditioned on names no column but those that are published."""
    form, _, rest = str(activation).partition(":")
    named = rest.partition("=")[0] if form == "means" else activation
    return form in ("dim", "direction", "latent") or named in (None, "in memory", *known)


def _kept(sentences: Iterable[str], known: Collection[str]) -> list[str]:
    return [sentence for sentence in sentences if not _names_hidden(sentence, known)]


def _names_hidden(sentence: str, known: Collection[str]) -> bool:
    """Return whether a sentence is of columns, unless all that it names are known; some lists of names have no quotes."""
    named = {quoted or option for quoted, option in _QUOTED.findall(sentence)}
    return bool(_OF_COLUMNS.search(sentence)) and not (named and named <= set(known))
