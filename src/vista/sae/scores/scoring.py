"""The door of this room: a store, the bodies of some latents and their labels in; scores beside their baselines out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Outcome
from vista.errors import InputError
from vista.execution import Progress, silent
from vista.sae.body import LatentBody
from vista.sae.explanations import DocumentSplit, split_documents
from vista.sae.scores.judges import EmbeddingJudge, Judge
from vista.sae.scores.measuring import NO_FOILS, Court, Foils, beside, measure
from vista.sae.scores.score import LatentScores
from vista.sae.scores.subjects import (
    RegionLabels,
    Subject,
    Texts,
    random_directions,
    subject_of,
    texts_of,
    untrained_bodies,
    untrained_subjects,
)

if TYPE_CHECKING:
    from vista.sae.store import Store

N_RANDOM = 5
N_RIVALS = 3
N_TASKS = 200
RANDOM_DIRECTION = "random direction"
UNTRAINED = "untrained model"


def score_latents(
    store: Store,
    bodies: Sequence[LatentBody],
    memberships: Mapping[int, NDArray[np.int32]],
    labels: Mapping[int, str],
    region_names: Mapping[int, RegionLabels] | None = None,
    *,
    judge: Judge | None = None,
    text_vectors: NDArray[np.float32] | None = None,
    text_rows: NDArray[np.int64] | None = None,
    split: DocumentSplit | None = None,
    untrained: Store | None = None,
    n_random: int = N_RANDOM,
    n_rivals: int = N_RIVALS,
    n_tasks: int = N_TASKS,
    max_texts: int | None = None,
    cache_folder: Path | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[int, LatentScores]:
    """Score latents, their labels and their regions; `docs/scores.md` defines the figures.

    Labels that were made from the store's texts must have been made from the shown half of the same split, as `keywords_of` and
    `explain` do; else they are judged on what they were made from.

    Args:
        store: The codes, and the texts.
        bodies: The latents' items.
        memberships: For each latent, (n_items, n_levels) region of each item, as in `Regions`.
        labels: What each latent is said to mean; a latent without a label gets the scores that need none.
        region_names: For each latent what its regions are called, level by level, from shown texts only; "" for none. None names
            regions by keywords of their shown texts.
        judge: Judges fits and intruders; by default the sentence encoder.
        text_vectors: Sentence vectors by `encoder_for("text")`, (n_vectors, dim), of the store's items or of some of them; what
            is not there is encoded where it is needed.
        text_rows: (n_vectors,) rows of the store that they belong to; None for all, in order.
        split: From `split_documents`; by default each text is a document, divided by the seed.
        untrained: Store of the same items, made with an untrained model.
        n_random: How many shufflings of regions, and how many other labels, are averaged.
        n_rivals: How many random directions and how many latents of the untrained model are averaged; the same for all latents.
        n_tasks: Intruder tasks a latent.
        max_texts: Most texts on which a latent fires, and most on which it is silent, so that a language model is not asked too
            much: it judges each text for 1 + `n_random` labels and 1 + 2 `n_random` sets of region labels.
        cache_folder: Where vectors are kept; None keeps nothing.
        seed: Seed of every draw.
        progress: Is told how many latents are done.

    Returns:
        The scores of each latent, in the order of `bodies`.

    Raises:
        InputError: If the items have no texts, there are not as many vectors, memberships or names as there should be, or the
            untrained model's store has other items.
        MissingExtraError: If the sentence encoder is needed and not installed.
    """
    _check(store, bodies, memberships, text_vectors, text_rows)
    if not bodies:
        return {}
    split = split_documents(store, seed=seed) if split is None else split
    size = int(np.median([len(body) for body in bodies]))
    others = [] if untrained is None else untrained_bodies(store, untrained, size, n_rivals, seed)
    texts = texts_of(store, split, [*bodies, *others], seed)
    subjects = [
        subject_of(
            store,
            body,
            memberships[body.latent],
            texts,
            label=labels.get(body.latent),
            region_names=None if region_names is None else region_names.get(body.latent),
            max_texts=max_texts,
            seed=seed,
        )
        for body in bodies
    ]
    rivals = [(RANDOM_DIRECTION, rival) for rival in random_directions(store, texts, size, n_rivals, seed)]
    if untrained is not None:
        rivals += [(UNTRAINED, rival) for rival in untrained_subjects(untrained, others, texts, split, seed)]
    encoded = _sentence_encoder(texts, text_vectors, text_rows, cache_folder, progress)
    court = Court(texts, encoded.vectors(texts.texts), encoded if judge is None else judge, n_tasks)
    scores = {}
    with progress.stage("scoring labels and regions", len(rivals) + len(bodies)) as advance:
        reached = []
        for number, (kind, rival) in enumerate(rivals):
            reached.append((kind, measure(rival, court, NO_FOILS, np.random.default_rng([seed, 1, number]))))
            advance(1)
        for body, subject in zip(bodies, subjects, strict=True):
            rng = np.random.default_rng([seed, 0, body.latent])
            told = measure(subject, court, _foils(subject, subjects, n_random, rng), rng)
            scores[body.latent] = replace(beside(told, body.latent, reached), outcomes=_outcomes_of_items(told, subject, body, texts))
            advance(1)
    return scores


def _outcomes_of_items(told: LatentScores, subject: Subject, body: LatentBody, texts: Texts) -> NDArray[np.uint8] | None:
    """Return what came of each item of the body; those that are none of the subject's texts were not tried."""
    if told.outcomes is None:
        return None
    outcomes = np.full(len(body), Outcome.NOT_TRIED, np.uint8)
    outcomes[np.searchsorted(body.rows, texts.rows[subject.firing])] = told.outcomes
    return outcomes


def _foils(subject: Subject, subjects: Sequence[Subject], n_random: int, rng: np.random.Generator) -> Foils:
    """Draw labels of other latents and of their regions, and as many shufflings."""
    others = [other for other in subjects if other is not subject]
    labels = sorted({other.label for other in others if other.label} - {subject.label})
    names = sorted({name for other in others for name in other.region_labels if name} - set(subject.region_labels))
    n_names = sum(bool(name) for name in subject.region_labels)
    drawn = tuple(labels[place] for place in rng.permutation(len(labels))[:n_random])
    sets = [tuple(names[place] for place in rng.permutation(len(names))[:n_names]) for _ in range(n_random)]
    return Foils(drawn, tuple(chosen for chosen in sets if n_names and len(chosen) == n_names), n_random)


def _sentence_encoder(
    texts: Texts, vectors: NDArray[np.float32] | None, rows: NDArray[np.int64] | None, cache_folder: Path | None, progress: Progress
) -> EmbeddingJudge:
    """Return the sentence encoder, which knows the vectors in hand of the texts that are needed."""
    if vectors is None:
        return EmbeddingJudge(cache_folder=cache_folder, progress=progress)
    rows = np.arange(len(vectors)) if rows is None else rows
    _, needed, given = np.intersect1d(texts.rows, rows, return_indices=True)
    return EmbeddingJudge(None, texts.at(needed), vectors[given], cache_folder=cache_folder, progress=progress)


def _check(
    store: Store,
    bodies: Sequence[LatentBody],
    memberships: Mapping[int, NDArray[np.int32]],
    text_vectors: NDArray[np.float32] | None,
    text_rows: NDArray[np.int64] | None,
) -> None:
    for body in bodies:
        if body.latent not in memberships:
            raise InputError(f"latent {body.latent} has a body and no membership: give the regions of its items.")
    n_texts = len(store) if text_rows is None else len(text_rows)
    if text_vectors is not None and (text_vectors.ndim != 2 or len(text_vectors) != n_texts):
        raise InputError(f"text vectors of shape {text_vectors.shape} do not fit {n_texts} texts: give one a text.")
