"""Explanations from Neuronpedia's public interface, one latent a request, each kept on disk once it was fetched.

    GET /api/feature/MODEL/SOURCE/LATENT ─► {…, explanations: [{description, explanationModelName, typeName, …}, …]}

Nothing is asked unless the user says so. The site states no licence for its data: what is fetched stays in the user's
cache.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vista.errors import InputError, InputFileError
from vista.execution import Progress, content_key, silent
from vista.sae.explanations.explanation import Explanation
from vista.sae.explanations.web import RefusedError, exchange_json, host_of

NEURONPEDIA = "https://www.neuronpedia.org"
_TIMEOUT_S = 20.0
_IDENTITY = re.compile(r"[\w.-]+/[\w.-]+")


def fetch_explanations(
    neuronpedia_id: str,
    latents: Iterable[int],
    *,
    cache_folder: Path | None = None,
    base_url: str = NEURONPEDIA,
    timeout_s: float = _TIMEOUT_S,
    progress: Progress = silent,
) -> dict[int, tuple[Explanation, ...]]:
    """Ask for the explanations of some latents; what was fetched before is not asked for again.

    Args:
        neuronpedia_id: The autoencoder's name there, such as "gemma-2-2b/20-gemmascope-res-16k".
        latents: Which latents.
        cache_folder: Where answers are kept; removing its folder `neuronpedia` asks anew. None keeps nothing.
        base_url: Where Neuronpedia is, or a copy of it.
        timeout_s: Longest time for one latent.
        progress: Is told how many latents are done.

    Returns:
        The explanations of each latent that has some.

    Raises:
        InputError: If the name is none, or Neuronpedia has no such autoencoder or latent.
        InputFileError: If it cannot be reached or answers something else; what was fetched until then is kept.
    """
    if not _IDENTITY.fullmatch(neuronpedia_id):
        raise InputError(f"'{neuronpedia_id}' is no Neuronpedia id; write MODEL/SOURCE, such as gemma-2-2b/20-gemmascope-res-16k")
    chosen = list(latents)
    found = {}
    with progress.stage("fetching explanations from Neuronpedia", len(chosen)) as advance:
        for latent in chosen:
            kept = _kept_path(cache_folder, base_url, neuronpedia_id, latent)
            told = _kept(kept)
            if told is None:
                told = _fetched(base_url, neuronpedia_id, latent, timeout_s)
                _keep(kept, told)
            found[latent] = tuple(Explanation(latent, entry["text"], entry["source"]) for entry in told)
            advance(1)
    return {latent: explanations for latent, explanations in found.items() if explanations}


def _fetched(base_url: str, identity: str, latent: int, timeout_s: float) -> list[dict[str, str]]:
    host = host_of(base_url)
    try:
        told = exchange_json(f"{base_url.rstrip('/')}/api/feature/{identity}/{latent}", timeout_s=timeout_s)
    except RefusedError as error:
        if error.status == 404:
            raise InputError(f"{host} has no latent {latent} of '{identity}' (HTTP 404); is the id right?") from error
        if error.status == 429:
            raise InputFileError(f"{host} answers no more questions for now (HTTP 429); try again later, what came is kept") from error
        raise InputFileError(f"{host} does not give latent {latent} of '{identity}' ({error})") from error
    explanations = told.get("explanations") if isinstance(told, dict) else None
    if not isinstance(explanations, list) or not all(isinstance(entry, dict) for entry in explanations):
        raise InputFileError(f"what {host} answers of latent {latent} of '{identity}' has no list 'explanations'")
    return [
        {"text": text, "source": source_of(entry, "Neuronpedia")}
        for entry in explanations
        if (text := " ".join(str(entry.get("description") or "").split()))
    ]


def source_of(entry: dict[str, Any], otherwise: str) -> str:
    """Return who made an explanation of Neuronpedia's: the model and the method, as far as they are said."""
    said = [str(entry[name]) for name in ("explanationModelName", "typeName") if entry.get(name)]
    return ", ".join(said) or otherwise


def _kept_path(cache_folder: Path | None, *named: object) -> Path | None:
    return None if cache_folder is None else cache_folder / "neuronpedia" / f"{content_key(*named)[:32]}.json"


def _kept(path: Path | None) -> list[dict[str, str]] | None:
    try:
        told = None if path is None else json.loads(path.read_bytes())
        return None if told is None else [{"text": str(entry["text"]), "source": str(entry["source"])} for entry in told]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _keep(path: Path | None, told: list[dict[str, str]]) -> None:
    if path is None:
        return
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)  # a full disk costs the keeping only
