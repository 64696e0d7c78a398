"""Sentences by a model: what a latent means, or what one region of its map does.

An explainer sees texts from the strongest to the weakest, not only the top, and none of those on which its explanation is
judged: they come from the shown half of the documents (`documents.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.sae.body import LatentBody
from vista.sae.explanations.chat import Chat, Conversation, Logged
from vista.sae.explanations.documents import DocumentSplit
from vista.sae.explanations.explanation import Explanation
from vista.sae.explanations.prompts import ask_to_explain, phrase_in

_TEXTS = 20
_TOP_TEXTS = 6  # of them from the top; the others are drawn over all strengths
_REGION_TEXTS = 12
_OTHER_TEXTS = 8
_FEWEST_TEXTS = 3


def explain(
    bodies: Sequence[LatentBody],
    explainer: Chat,
    *,
    split: DocumentSplit,
    log: Path | str,
    n_texts: int = _TEXTS,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[int, Explanation]:
    """Ask a model what each latent means.

    Args:
        bodies: The latents' items.
        explainer: From `chat_for`.
        split: From `split_documents`; the explainer sees items of its shown half only.
        log: JSON Lines file that gets every prompt and answer. A run that was stopped takes its answers from there.
        n_texts: How many texts it is shown of each latent.
        seed: Seed of the draw.
        progress: Is told how many latents are done.

    Returns:
        One explanation a latent; none where the model said nothing, or there are fewer than three texts to show.

    Raises:
        InputError: If `n_texts` is below 3, or the model refuses.
        InputFileError: If the model cannot be reached or the log not be written; answers until then are in the log.
    """
    _check_number(n_texts)
    asked: list[tuple[int, Conversation, dict[str, Any]]] = []
    for body in bodies:
        chosen = _drawn(_shown_places(body, split), n_texts, np.random.default_rng([seed, body.latent]))
        if len(chosen) >= _FEWEST_TEXTS:
            asked.append((body.latent, ask_to_explain(body, chosen), {"purpose": "explain", "latent": body.latent}))
    said = _phrases(asked, explainer, log, progress)
    return {latent: Explanation(latent, text, explainer.name) for (latent, _, _), text in zip(asked, said, strict=True) if text}


def explain_regions(
    bodies: Sequence[LatentBody],
    memberships: Mapping[int, NDArray[np.int32]],
    explainer: Chat,
    *,
    split: DocumentSplit,
    log: Path | str,
    level: int = 0,
    n_texts: int = _REGION_TEXTS,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[int, tuple[Explanation | None, ...]]:
    """Ask a model what each region of each latent's map means, beside texts of the latent's other regions.

    Args:
        bodies: The latents' items.
        memberships: For each latent, (n_items, n_levels) region of each item, as in `Regions`.
        explainer: From `chat_for`.
        split: From `split_documents`; the explainer sees items of its shown half only.
        log: JSON Lines file that gets every prompt and answer.
        level: Whose regions.
        n_texts: How many texts it is shown of each region.
        seed: Seed of the draw.
        progress: Is told how many regions are done.

    Returns:
        For each latent one explanation a region; None where the model said nothing, or there are too few texts to show.

    Raises:
        InputError: If `n_texts` is below 3, or the model refuses.
        InputFileError: If the model cannot be reached or the log not be written; answers until then are in the log.
    """
    _check_number(n_texts)
    asked: list[tuple[tuple[int, int], Conversation, dict[str, Any]]] = []
    for body in bodies:
        region_of, places = memberships[body.latent][:, level], _shown_places(body, split)
        for region in range(int(region_of.max(initial=-1)) + 1):
            rng = np.random.default_rng([seed, body.latent, region])
            chosen = _drawn(places[region_of[places] == region], n_texts, rng)
            others = _drawn(places[region_of[places] != region], _OTHER_TEXTS, rng)
            if len(chosen) >= _FEWEST_TEXTS:
                about = {"purpose": "explain", "latent": body.latent, "level": level, "region": region}
                asked.append(((body.latent, region), ask_to_explain(body, chosen, others), about))
    said = dict(zip([place for place, _, _ in asked], _phrases(asked, explainer, log, progress), strict=True))
    found = {}
    for body in bodies:
        n_regions = int(memberships[body.latent][:, level].max(initial=-1)) + 1
        texts = [said.get((body.latent, region)) for region in range(n_regions)]
        found[body.latent] = tuple(Explanation(body.latent, text, explainer.name) if text else None for text in texts)
    return found


def _check_number(n_texts: int) -> None:
    if n_texts < _FEWEST_TEXTS:
        raise InputError(f"an explainer must be shown at least {_FEWEST_TEXTS} texts, not {n_texts}.")


def _phrases(asked: Sequence[tuple[Any, Conversation, dict[str, Any]]], explainer: Chat, log: Path | str, progress: Progress) -> list[str]:
    phrases = []
    with progress.stage(f"asking {explainer.name} for explanations", len(asked)) as advance:
        answers = Logged(explainer, log).answers([conversation for _, conversation, _ in asked], [about for _, _, about in asked])
        for answer in answers:
            phrases.append(phrase_in(answer))
            advance(1)
    silences = sum(not phrase for phrase in phrases)
    if silences:
        progress.say(f"{explainer.name} said nothing to {silences} of {len(asked)} questions")
    return phrases


def _shown_places(body: LatentBody, split: DocumentSplit) -> NDArray[np.int64]:
    """Return the body's items that may be shown, the strongest first, one of each text."""
    may = np.flatnonzero(split.shown[body.rows])
    descending = may[np.argsort(-body.values[may], kind="stable")]
    first_of: dict[str, int] = {}
    for place in descending.tolist():
        if body.texts[place].strip():
            first_of.setdefault(body.texts[place], place)
    return np.array(list(first_of.values()), np.int64)


def _drawn(descending: NDArray[np.int64], n: int, rng: np.random.Generator) -> list[int]:
    """Return the strongest few, then one of each of equally many strata of the others, the strongest first."""
    n_top = min(n * _TOP_TEXTS // _TEXTS, len(descending))
    rest = descending[n_top:]
    strata = np.array_split(rest, min(n - n_top, len(rest)) or 1)
    return [*descending[:n_top].tolist(), *(int(rng.choice(stratum)) for stratum in strata if len(stratum))]
