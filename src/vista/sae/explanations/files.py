"""Explanations in files: what Neuronpedia exports, what delphi saves, and tables.

*.jsonl, *.jsonl.gz         a line of JSON each: {index, description, …} as in Neuronpedia's exports, or {latent, explanation}
MODULE_latent12.txt         delphi: the explanation of latent 12 as a JSON string
*.csv, *.tsv, *.parquet     columns `latent` and `explanation`
a folder                    of delphi's files, or of Neuronpedia's (`explanations/batch-0.jsonl.gz`); one autoencoder each
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vista.errors import InputFileError, reason_of
from vista.sae.explanations.explanation import Explanation
from vista.sae.explanations.neuronpedia import source_of
from vista.sources.table import TABLE_READERS, read_table

_OF_DELPHI = re.compile(r"(.+)_(?:latent|feature)(\d+)\.txt")
_LINES = (".jsonl", ".jsonl.gz", ".ndjson")
_TABLES = tuple(suffix for suffix in TABLE_READERS if suffix not in _LINES)
_COLUMNS = ("latent", "explanation")
_KNOWN = "a JSONL file (also gzip'd), CSV, TSV or Parquet with the columns latent and explanation, or delphi's *_latentN.txt"


def explanations_in(path: Path) -> Iterator[Explanation]:
    """Yield the explanations of a file or a folder, in its order; empty ones are passed over.

    Raises:
        InputFileError: If there is no such file, it is of no known kind, or a line or column is not as it should be.
    """
    if path.is_dir():
        read = _of_folder(path)
    elif path.name.endswith(_LINES):
        read = _of_lines(path)
    elif path.suffix.lower() in _TABLES and path.is_file():
        read = _of_table(path)
    elif (named := _OF_DELPHI.fullmatch(path.name)) and path.is_file():
        read = iter([_of_delphi(path, int(named[2]))])
    elif path.exists():
        raise InputFileError(f"'{path}' is no file of explanations; known are {_KNOWN}.")
    else:
        raise InputFileError(f"there are no explanations at '{path}': no such file or folder.")
    for explanation in read:
        if text := " ".join(explanation.text.split()):
            yield Explanation(explanation.latent, text, explanation.source)


def _of_folder(folder: Path) -> Iterator[Explanation]:
    for top in (folder, folder / "explanations"):
        named = [(path, match) for path in top.glob("*.txt") if (match := _OF_DELPHI.fullmatch(path.name))]
        if named:
            _refuse_several(folder, {match[1] for _, match in named})
            return (_of_delphi(path, int(match[2])) for path, match in sorted(named, key=lambda found: int(found[1][2])))
        lines = sorted(path for path in top.glob("*") if path.name.endswith(_LINES))
        if lines:
            return (explanation for path in lines for explanation in _of_lines(path))
    raise InputFileError(f"'{folder}' holds no explanations: neither *.jsonl nor *.jsonl.gz nor delphi's *_latentN.txt.")


def _refuse_several(folder: Path, modules: set[str]) -> None:
    if len(modules) > 1:
        listed = ", ".join(sorted(modules)[:4])
        raise InputFileError(f"'{folder}' mixes explanations of several modules: {listed}; keep each in a folder of its own.")


def _of_delphi(path: Path, latent: int) -> Explanation:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{path}' is no explanation of delphi's, which is a JSON string ({reason_of(error)}).") from error
    text = told.get("explanation") if isinstance(told, dict) else told
    if not isinstance(text, str):
        raise InputFileError(f"'{path}' is no explanation of delphi's: it holds no string.")
    return Explanation(latent, text, "delphi")


def _of_lines(path: Path) -> Iterator[Explanation]:
    number = 0
    origins: set[str] = set()
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.name.endswith(".gz") else path.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    told = json.loads(line)
                    origins |= {f"{told['modelId']}/{told['layer']}"} if "modelId" in told and "layer" in told else set()
                    yield _of_line(told, path.name)
    except KeyError as error:
        raise InputFileError(f"'{path}', line {number}: the key {error} is missing; a line has latent and explanation.") from error
    except FileNotFoundError as error:
        raise InputFileError(f"there are no explanations at '{path}': no such file or folder.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputFileError(f"'{path}' cannot be read beyond line {number} ({reason_of(error)}).") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputFileError(f"'{path}', line {number}, is no explanation ({reason_of(error)}).") from error
    _refuse_several(path, origins)


def _of_line(told: dict[str, Any], name: str) -> Explanation:
    if "index" in told or "description" in told:
        return Explanation(int(told["index"]), str(told["description"] or ""), source_of(told, name))
    return Explanation(int(told["latent"]), str(told["explanation"] or ""), str(told.get("source") or name))


def _of_table(path: Path) -> Iterator[Explanation]:
    table = read_table(path, as_text=("explanation",))
    for column in _COLUMNS:
        if column not in table.column_names:
            there = ", ".join(table.column_names[:8])
            raise InputFileError(f"'{path}' has no column '{column}', only {there}; a table of explanations has latent and explanation.")
    for row, (latent, text) in enumerate(zip(*(table.column(column).to_pylist() for column in _COLUMNS), strict=True), start=1):
        try:
            yield Explanation(int(latent), str(text or ""), path.name)
        except (TypeError, ValueError) as error:
            raise InputFileError(f"'{path}', row {row}: '{latent}' is no latent's number.") from error
