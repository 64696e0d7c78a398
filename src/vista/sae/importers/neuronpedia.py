"""Exports of Neuronpedia: lines of JSON, gzip'd, in batches of three kinds.

    features/batch-K.jsonl.gz       {modelId, layer, index, maxActApprox, frac_nonzero, …}
    activations/batch-K.jsonl.gz    {modelId, layer, index, tokens, values, binMin, binMax, binContains, …}
    explanations/batch-K.jsonl.gz   {modelId, layer, index, description, explanationModelName, typeName, …}

`index` is a text. Which latents a batch holds cannot be told from its number: features and explanations are ordered by
index as text, activations by number. Latents may have no explanation, or several. The exports state no licence: read what
you have fetched, and do not pass it on.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from vista.errors import InputFileError, reason_of
from vista.sae.importers.examples import Example, Explanation, LatentRecord
from vista.sae.importers.saedashboard import example_of

KINDS = ("features", "activations", "explanations")


def read_neuronpedia(folder: Path | str, *, latents: Collection[int] | None = None) -> list[LatentRecord]:
    """Read an export of one SAE; kinds that are absent leave their part of the records empty.

    Args:
        folder: Holds `features`, `activations` and `explanations`, or some of them.
        latents: The latents to keep; None keeps all, which takes some 100 kB of memory each.

    Returns:
        One record for each latent that any kind speaks of, in the order of the latents.

    Raises:
        InputFileError: If the folder holds no export, mixes several SAEs, or a line cannot be read; the message names the line.
    """
    folder = Path(folder)
    files = {kind: sorted((folder / kind).glob("*.jsonl.gz")) for kind in KINDS}
    if not any(files.values()):
        raise InputFileError(f"'{folder}' holds no Neuronpedia export: no '*.jsonl.gz' in {', '.join(KINDS)}.")
    wanted = None if latents is None else set(latents)
    rows = {kind: _rows_by_latent(files[kind], kind, wanted) for kind in KINDS}
    found = sorted(set().union(*rows.values()))
    model, source = _origin(folder, rows)
    return [_record(latent, {kind: rows[kind].get(latent, []) for kind in KINDS}, model, source) for latent in found]


def _rows_by_latent(paths: list[Path], kind: str, wanted: set[int] | None) -> dict[int, list[dict[str, Any]]]:
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for path in paths:
        for latent, row in _rows(path, kind):
            if wanted is None or latent in wanted:
                rows[latent].append(row)
    return rows


def _rows(path: Path, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the latent of each line, and of the line what is needed, checked."""
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                told = json.loads(line)
                yield int(told["index"]), {"origin": (str(told["modelId"]), str(told["layer"]))} | _READ[kind](told)
    except KeyError as error:
        raise InputFileError(f"'{path}', line {number}, is none of Neuronpedia's {kind}: the key {error} is missing.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputFileError(f"'{path}' cannot be read beyond line {number} ({reason_of(error)}).") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputFileError(f"'{path}', line {number}, is none of Neuronpedia's {kind} ({reason_of(error)}).") from error


def _feature(told: dict[str, Any]) -> dict[str, Any]:
    maximum = told.get("maxActApprox")
    return {"density": float(told["frac_nonzero"]), "maximum": None if maximum is None else float(maximum)}


def _activation(told: dict[str, Any]) -> dict[str, Any]:
    return {"example": example_of(told, "binMin", "binMax", "binContains")}


def _explanation(told: dict[str, Any]) -> dict[str, Any]:
    return {"explanation": Explanation(str(told["description"]), told.get("explanationModelName"), told.get("typeName"))}


_READ = {"features": _feature, "activations": _activation, "explanations": _explanation}


def _origin(folder: Path, rows: dict[str, dict[int, list[dict[str, Any]]]]) -> tuple[str, str]:
    origins = {row["origin"] for kind in KINDS for found in rows[kind].values() for row in found}
    if len(origins) > 1:
        listed = ", ".join(sorted(f"{model}/{source}" for model, source in origins))
        raise InputFileError(f"'{folder}' mixes exports of several SAEs: {listed}; keep each in a folder of its own.")
    return next(iter(origins), ("unknown model", "unknown source"))


def _record(latent: int, rows: dict[str, list[dict[str, Any]]], model: str, source: str) -> LatentRecord:
    feature: dict[str, Any] = next(iter(rows["features"]), {})
    examples: tuple[Example, ...] = tuple(row["example"] for row in rows["activations"])
    seen = max((float(example.values.max()) for example in examples if len(example.values)), default=None)
    explanations = tuple(row["explanation"] for row in rows["explanations"])
    return LatentRecord(latent, feature.get("density"), feature.get("maximum") or seen, examples, explanations, model, source)
