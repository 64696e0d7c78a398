"""Build `src/vista/sae/releases.json`, the table of published autoencoders, from SAELens's list.

    python tools/build_sae_releases.py path/to/sae_lens/pretrained_saes.yaml VERSION

The list comes with the package sae-lens (MIT License): `pip download --no-deps sae-lens` and unzip the wheel. An entry
keeps only what its release's templates and its path do not tell: `src/vista/sae/releases.py` reads it back.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import yaml

from vista.sae.formats.places import average_l0_at, gemma_at
from vista.sae.model_names import hub_id
from vista.sae.releases import TABLE, filled

FORMS = {None: "saelens", "gemma_2": "gemma_scope", "gemma_3": "gemma_scope_2", "dictionary_learning_1": "dictionary_learning"}


def main(listed: Path, version: str) -> None:
    """Write the table and say how large it is."""
    releases = yaml.load(listed.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    read = {name: release(entry) for name, entry in releases.items() if entry.get("conversion_func") in FORMS}
    unread = {name: unread_release(entry) for name, entry in releases.items() if name not in read}
    source = f"extract of pretrained_saes.yaml of sae-lens {version}, MIT License"
    lines = [json.dumps({name: entry}, ensure_ascii=False, separators=(",", ":"))[1:-1] for name, entry in read.items()]
    rest = json.dumps(unread, ensure_ascii=False, separators=(",", ":"))
    body = ",\n".join(lines)
    TABLE.write_text(f'{{"source":"{source}",\n"unread":{rest},\n"releases":{{\n{body}\n}}}}\n', encoding="utf-8")
    print(f"{len(read)} releases, {sum(len(entry['saes']) for entry in read.values())} entries, {TABLE.stat().st_size / 1000:.0f} kB")


def release(entry: dict[str, Any]) -> dict[str, Any]:
    """Return one release: what all its autoencoders share, and what tells them apart."""
    overrides = entry.get("config_overrides") or {}
    saes = {str(sae["id"]): sae for sae in entry["saes"]}
    paths = common_template({name: str(sae["path"]) for name, sae in saes.items()})
    identities = common_template({name: sae["neuronpedia"] for name, sae in saes.items() if sae.get("neuronpedia")})
    facts = {
        "repo": entry["repo_id"],
        "model": gemma_at(entry["repo_id"]) or hub_id(entry["model"]),
        "form": FORMS[entry.get("conversion_func")],
        "path": paths,
        "neuronpedia": identities,
        "centered": (overrides.get("model_from_pretrained_kwargs") or {}).get("center_writing_weights"),
        "normalization": overrides.get("normalize_activations"),
    }
    entries = by_layer({name: facts_of(name, sae, paths, identities) for name, sae in saes.items()})
    return {key: value for key, value in facts.items() if value} | {"saes": entries}


def common_template(texts: dict[str, str]) -> str:
    """Return the template that makes most of the texts from their ids: `{id}`, and `{0}`, `{1}` … for the numbers in it."""
    templates = Counter(generalized(text, name) for name, text in texts.items())
    return templates.most_common(1)[0][0] if templates else ""


def generalized(text: str, name: str) -> str:
    """Return the text with the id and the id's numbers in it as places to fill."""
    text = text.replace(name, "{id}")
    for place, number in enumerate(re.findall(r"\d+", name)):
        text = re.sub(rf"(?<![\d{{]){number}(?!\d)", f"{{{place}}}", text)
    return text


def facts_of(name: str, sae: dict[str, Any], paths: str, identities: str) -> dict[str, Any]:
    """Return what an autoencoder's id and its release do not tell: path, Neuronpedia id, L0 and the factor on its input."""
    path, identity = str(sae["path"]), sae.get("neuronpedia")
    l0 = None if average_l0_at(path) is not None else sae.get("l0")
    facts = {
        "p": None if path == filled(paths, name) else path,
        "n": 1 if identity and identity == filled(identities, name) else identity,
        "l": int(l0) if l0 and float(l0).is_integer() else l0,
        "s": sae.get("norm_scaling_factor"),
    }
    return {key: value for key, value in facts.items() if value}


def by_layer(entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Gather entries that hold nothing but an L0 under one id with a `*` for the layer; their L0s are listed by layer."""
    gathered: dict[str, dict[int, float]] = defaultdict(dict)
    kept = {}
    for name, facts in entries.items():
        layer = re.search(r"layer_(\d+)_", name)
        if layer and set(facts) == {"l"}:
            gathered[name.replace(layer.group(), "layer_*_", 1)][int(layer.group(1))] = facts["l"]
        else:
            kept[name] = facts
    return kept | {name: {"l": [layers.get(layer) for layer in range(max(layers) + 1)]} for name, layers in gathered.items()}


def unread_release(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the form of a release that VISTA does not read, and its Neuronpedia ids with a `*` for the layer."""
    ids = {re.sub(r"/\d+-", "/*-", sae["neuronpedia"]) for sae in entry["saes"] if sae.get("neuronpedia")}
    return {"form": entry["conversion_func"], "neuronpedia": sorted(ids)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
