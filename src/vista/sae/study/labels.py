"""Labels of latents and how good they are: keywords always, sentences where some are at hand, scores where texts have vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Representation
from vista.execution import default_cache_folder
from vista.sae.study.latent_map import LatentMap
from vista.sae.study.options import StudyRun
from vista.sae.study.words import Words

if TYPE_CHECKING:
    from vista.sae.autoencoder import SparseAutoencoder
    from vista.sae.explanations import DocumentSplit, Explanation
    from vista.sae.scores import LatentScores
    from vista.sae.store import Store


def label_and_score(
    store: Store,
    autoencoder: SparseAutoencoder | None,
    maps: list[LatentMap],
    rows: NDArray[np.int64],
    meanings: Representation | None,
    run: StudyRun,
) -> Words:
    """Find words for every latent that fires, and judge those of the latents that have maps.

    Args:
        store: The codes.
        autoencoder: Their autoencoder, where it is at hand: it says which explanations on Neuronpedia are its own.
        maps: The latents' maps.
        rows: (n_items,) rows of the store whose meanings are known.
        meanings: Sentence vectors of these, or None: nothing is judged then.
        run: The run.
    """
    from vista.sae.explanations import keywords_of, split_documents

    split = split_documents(store, seed=run.options.seed)
    with run.timed("words"):
        fires = np.flatnonzero(store.statistics.n_active > 0).tolist()
        keywords = keywords_of(store, fires, split=split, seed=run.options.seed, progress=run.progress)
        explanations = _explanations(autoencoder, maps, split, run)
    unjudged = Words(keywords, explanations)
    with run.timed("scores"):
        scores = {} if meanings is None else _scores(store, unjudged, maps, rows, meanings, split, run)
    return Words(keywords, explanations, scores)


def _explanations(
    autoencoder: SparseAutoencoder | None, maps: list[LatentMap], split: DocumentSplit, run: StudyRun
) -> dict[int, tuple[Explanation, ...]]:
    """Return sentences from where the user said, and those that a model writes."""
    from vista.sae.explanations import chat_for, explain, read_explanations

    asked, cache_folder = run.options, run.cache.folder or default_cache_folder()
    told: dict[int, tuple[Explanation, ...]] = {}
    if asked.explanations is not None:
        told = read_explanations(
            asked.explanations,
            neuronpedia_id=None if autoencoder is None else autoencoder.neuronpedia_id,
            latents=[made.chosen.latent for made in maps] if asked.explanations == "neuronpedia" else None,
            cache_folder=cache_folder,
            progress=run.progress,
        )
    if asked.explainer is not None:
        log = Path(cache_folder) / "explanations" / f"{run.source[:32]}.jsonl"
        bodies = [made.body for made in maps]
        written = explain(bodies, chat_for(asked.explainer), split=split, log=log, seed=asked.seed, progress=run.progress)
        told |= {latent: (*told.get(latent, ()), one) for latent, one in written.items()}
        run.progress.say(f"prompts and answers of the explainer are in {log}")
    return told


def _scores(
    store: Store,
    words: Words,
    maps: list[LatentMap],
    rows: NDArray[np.int64],
    meanings: Representation,
    split: DocumentSplit,
    run: StudyRun,
) -> dict[int, LatentScores]:
    from vista.sae.scores import score_latents

    return score_latents(
        store,
        [made.body for made in maps],
        {made.chosen.latent: made.plane.named.regions.membership for made in maps},
        {made.chosen.latent: words.label(made.chosen.latent) for made in maps},
        text_vectors=np.asarray(meanings.vectors),
        text_rows=rows,
        split=split,
        untrained=run.untrained,
        cache_folder=run.cache.folder,
        seed=run.options.seed,
        progress=run.progress,
    )
