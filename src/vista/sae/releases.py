"""The table of published autoencoders that VISTA ships: where each lies, and what is known of it before it is fetched.

`releases.json` is an extract of SAELens's list (`tools/build_sae_releases.py`). A release gives templates for path and
Neuronpedia id, `{id}` for an autoencoder's id and `{0}`, `{1}` … for the numbers in it. An id with a `*` stands for one
autoencoder a layer, whose L0s it lists by layer, null where there is none.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from vista.errors import InputError, nearest_name_hint
from vista.sae.formats import Known
from vista.sae.formats.places import average_l0_at, hook_at

TABLE = Path(__file__).with_name("releases.json")
Listed = tuple[str, str, str, Known]  # hub id of the repository, folder in it, format, what is known


def in_release(release: str, name: str) -> Listed:
    """Find an autoencoder by SAELens's names, such as "gemma-scope-2b-pt-res-canonical" and "layer_20/width_16k/canonical".

    Raises:
        InputError: If there is no such release or id, or the release is in a format that VISTA does not read.
    """
    table = _table()
    if release in table["unread"]:
        raise InputError(_cannot_read(f"the release '{release}'", table["unread"][release]["form"]))
    if release not in table["releases"]:
        raise InputError(f"no release '{release}' in SAELens's list.{_nearest(release, table['releases'])}")
    shared = table["releases"][release]
    facts = _facts(shared["saes"], name)
    if facts is None:
        raise InputError(f"the release '{release}' has no '{name}'.{_nearest(name, shared['saes'])}")
    return _listed(shared, name, facts)


def by_neuronpedia_id(identity: str) -> Listed:
    """Find an autoencoder by its Neuronpedia id, such as "gemma-2-2b/20-gemmascope-res-16k".

    Raises:
        InputError: If the table has no such id, or its release is in a format that VISTA does not read.
    """
    known = _by_neuronpedia_id()
    if identity in known:
        shared, name = known[identity]
        return _listed(shared, name, shared["saes"][name])
    for entry in _table()["unread"].values():
        if re.sub(r"/\d+-", "/*-", identity) in entry["neuronpedia"]:
            raise InputError(_cannot_read(f"'{identity}'", entry["form"]))
    raise InputError(f"there is no folder '{identity}', and the table of Neuronpedia ids has no such name.{_nearest(identity, known)}")


def on_hub(repo: str, path: str) -> Known | None:
    """Return what the table knows of a place on the hub, or None."""
    found = _by_place().get((repo, path))
    return found and _listed(*found)[3]


def filled(template: str, name: str) -> str:
    """Return a release's template with an autoencoder's id and the id's numbers in it; a number that the id lacks is empty."""
    numbers = re.findall(r"\d+", name)
    return re.sub(r"\{(\w+)\}", lambda place: name if place[1] == "id" else "".join(numbers[int(place[1]) :][:1]), template)


def _listed(shared: dict[str, Any], name: str, facts: dict[str, Any]) -> Listed:
    path = _path(shared, name, facts)
    known = Known(
        place=f"{shared['repo']}/{path}",
        hook_name=hook_at(name) or hook_at(f"{shared['repo']}/{path}") if "transcoder" not in path else None,
        model_name=shared["model"],
        expected_l0=facts.get("l") or average_l0_at(path),
        neuronpedia_id=_neuronpedia_id(shared, name, facts),
        input_scale=facts.get("s"),
        centered=shared.get("centered"),
        normalization=shared.get("normalization"),
    )
    return shared["repo"], path, shared["form"], known


def _facts(saes: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return an entry by its id, or the one of its layer under an id with a `*`."""
    if name in saes:
        return dict(saes[name]) if "*" not in name else None
    layer = re.search(r"layer_(\d+)_", name)
    by_layer = saes.get(name.replace(layer.group(), "layer_*_", 1)) if layer else None
    if not layer or not by_layer or int(layer.group(1)) >= len(by_layer["l"]):
        return None
    l0 = by_layer["l"][int(layer.group(1))]
    return None if l0 is None else {"l": l0}


def _path(shared: dict[str, Any], name: str, facts: dict[str, Any]) -> str:
    return facts.get("p") or filled(shared["path"], name)


def _neuronpedia_id(shared: dict[str, Any], name: str, facts: dict[str, Any]) -> str | None:
    given = facts.get("n")
    return filled(shared["neuronpedia"], name) if given == 1 else given


@lru_cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@lru_cache
def _by_neuronpedia_id() -> dict[str, tuple[dict[str, Any], str]]:
    return dict(_identified())


def _identified() -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    for shared in _table()["releases"].values():
        for name, facts in shared["saes"].items():
            if identity := _neuronpedia_id(shared, name, facts):
                yield identity, (shared, name)


@lru_cache
def _by_place() -> dict[tuple[str, str], tuple[dict[str, Any], str, dict[str, Any]]]:
    """Return the entries by repository and path; of two for one place, that with a Neuronpedia id."""
    entries = [
        (shared, name, facts) for shared in _table()["releases"].values() for name, facts in shared["saes"].items() if "*" not in name
    ]
    entries.sort(key=lambda entry: "n" in entry[2])
    return {(shared["repo"], _path(shared, name, facts)): (shared, name, facts) for shared, name, facts in entries}


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint of `nearest_name_hint` with only the nearest of thousands of names."""
    return nearest_name_hint(name, difflib.get_close_matches(name, list(known), n=4, cutoff=0.0))


def _cannot_read(what: str, form: str) -> str:
    return (
        f"{what} is stored as '{form}', which VISTA does not read; it reads SAELens folders, Gemma Scope 1 and 2, and dictionary_learning"
    )
