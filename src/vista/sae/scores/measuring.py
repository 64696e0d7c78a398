"""All figures of one subject, each beside what shuffled regions and other labels reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Outcome
from vista.sae.scores.examples import (
    CHANCE,
    FEWEST_TASKS,
    SINGLE_TOKEN_SHARE,
    example_embedding,
    intruder_tasks,
    single_token,
)
from vista.sae.scores.judges import Judge
from vista.sae.scores.label import (
    Recall,
    Trial,
    delta_f1,
    detection,
    missed_regions,
    recall,
    recall_spread,
    region_recalls,
)
from vista.sae.scores.score import LatentScores, Score
from vista.sae.scores.subjects import Subject, Texts, region_keywords, shown_windows, shuffled

SHUFFLED_REGIONS = "shuffled regions"
RANDOM_EXPLANATION = "random explanation"
SILENT_TEXTS = "silent texts"


@dataclass(frozen=True, slots=True, eq=False)
class Court:
    """Before whom subjects come.

    Attributes:
        texts: All texts.
        vectors: (n_texts, dim) their sentence vectors, of length 1.
        judge: Judges fits and intruders.
        n_tasks: Intruder tasks a subject.
    """

    texts: Texts
    vectors: NDArray[np.float32]
    judge: Judge
    n_tasks: int


@dataclass(frozen=True, slots=True)
class Foils:
    """What a latent's figures are held against besides its rivals.

    Attributes:
        labels: Labels of other latents.
        region_labels: Sets of labels of other latents' regions, each as large as the latent's own.
        n_shuffles: How often its regions are shuffled.
    """

    labels: tuple[str, ...] = ()
    region_labels: tuple[tuple[str, ...], ...] = ()
    n_shuffles: int = 0


NO_FOILS = Foils()


def measure(subject: Subject, court: Court, foils: Foils, rng: np.random.Generator) -> LatentScores:
    """Take all figures of a subject that can be taken; outcomes are of its firing texts, in their order."""
    trial = Trial(subject.fires, court.texts.shown[subject.places])
    memberships = [shuffled(subject, rng) for _ in range(foils.n_shuffles)]
    scores = [*_scores_without_label(subject, trial, memberships, court, rng)]
    if subject.label is None or not trial.is_large_enough:
        return LatentScores(-1, _ordered(scores), single_token=_flag(subject))
    region_sets = _sets_of_region_labels(subject, memberships, court.texts)
    fits = _fits(court, subject, [(subject.label,), foils.labels, *region_sets, *foils.region_labels])
    own = fits[subject.label]
    found = recall(trial, own)
    held_out = ~trial.shown[: len(subject.firing)]
    found_firing = found.found[: len(subject.firing)][held_out]
    scores += _scores_of_label(trial, own, found, [fits[label] for label in foils.labels])
    scores += _scores_of_regions(subject, found_firing, subject.membership[held_out], [other[held_out] for other in memberships])
    scores += _delta_f1(trial, own, fits, region_sets, foils)
    missed, _ = missed_regions(found_firing, subject.membership[held_out], subject.n_regions)
    recalls = tuple(
        region_recalls(found_firing, of_level, n) for of_level, n in zip(subject.membership[held_out].T, subject.n_regions, strict=True)
    )
    outcomes = np.full(len(subject.firing), Outcome.NOT_TRIED, np.uint8)
    outcomes[held_out] = np.where(found_firing, Outcome.FOUND, Outcome.NOT_FOUND)
    return LatentScores(-1, _ordered(scores), tuple(missed), recalls, outcomes, _flag(subject))


def beside(told: LatentScores, latent: int, rivals: Iterable[tuple[str, LatentScores]]) -> LatentScores:
    """Return the scores of a latent with the mean of each figure over its rivals of each kind among the baselines."""
    reached: dict[tuple[str, str], list[float]] = {}
    for kind, rival in rivals:
        for score in rival.scores:
            reached.setdefault((score.name, kind), []).append(score.value)
    means = [(name, kind, float(np.mean(values))) for (name, kind), values in reached.items()]
    scores = tuple(
        replace(score, baselines=(*score.baselines, *((kind, mean) for name, kind, mean in means if name == score.name)))
        for score in told.scores
    )
    return replace(told, latent=latent, scores=scores)


def _scores_without_label(
    subject: Subject, trial: Trial, memberships: Sequence[NDArray[np.int64]], court: Court, rng: np.random.Generator
) -> Iterator[Score]:
    if trial.is_large_enough:
        n = int((~trial.shown).sum())
        yield Score("example_embedding", example_embedding(trial, court.vectors[subject.places]), n, (("chance", 0.5),))
    if subject.level is not None:
        accuracy, n = _intruder_accuracy(subject, subject.membership, court, rng)
        if n >= FEWEST_TASKS:
            rest = [_intruder_accuracy(subject, other, court, rng)[0] for other in memberships]
            yield Score("intruder", accuracy, n, (("chance", CHANCE), *_mean(SHUFFLED_REGIONS, rest)))
    _, share, n = single_token(subject.peaks)
    if n:
        yield Score("single_token", share, n)


def _intruder_accuracy(subject: Subject, membership: NDArray[np.int64], court: Court, rng: np.random.Generator) -> tuple[float, int]:
    documents = court.texts.documents[subject.firing]
    tasks = intruder_tasks(documents, membership[:, subject.level], court.n_tasks, rng)
    if not len(tasks):
        return float("nan"), 0
    groups = [tuple(court.texts.at(subject.firing[members])) for members in tasks.members]
    return float((court.judge.intruders(groups) == tasks.truth).mean()), len(tasks)


def _scores_of_label(trial: Trial, own: NDArray[np.float64], found: Recall, others: Sequence[NDArray[np.float64]]) -> Iterator[Score]:
    n = int((~trial.shown).sum())
    rest = [detection(trial, fits) for fits in others]
    yield Score("detection", detection(trial, own), n, (("chance", 0.5), *_mean(RANDOM_EXPLANATION, rest)))
    rest = [recall(trial, fits).share for fits in others]
    yield Score("recall", found.share, found.n, ((SILENT_TEXTS, found.false_positives), *_mean(RANDOM_EXPLANATION, rest)))


def _scores_of_regions(
    subject: Subject, found: NDArray[np.bool_], membership: NDArray[np.int64], memberships: Sequence[NDArray[np.int64]]
) -> Iterator[Score]:
    """Yield what the recall of the label in regions comes to; all arrays are of the held-out firing texts."""
    if subject.level is None:
        return
    level, n_regions = subject.level, subject.n_regions
    spread, n = recall_spread(found, membership[:, level], n_regions[level])
    if n >= 2:
        rest = [recall_spread(found, other[:, level], n_regions[level])[0] for other in memberships]
        yield Score("recall_spread", spread, n, tuple(_mean(SHUFFLED_REGIONS, rest)))
    missed, n = missed_regions(found, membership, n_regions)
    if n:
        rest = [float(len(missed_regions(found, other, n_regions)[0])) for other in memberships]
        yield Score("missed_regions", float(len(missed)), n, tuple(_mean(SHUFFLED_REGIONS, rest)))


def _sets_of_region_labels(subject: Subject, memberships: Sequence[NDArray[np.int64]], texts: Texts) -> list[tuple[str, ...]]:
    """Return the labels of the subject's regions, then those of each of its shuffled regions; empty ones left out."""
    if subject.level is None:
        return []
    windows = shown_windows(subject, texts) if memberships else None
    sets = [subject.region_labels]
    if windows is not None:
        sets += [region_keywords(subject, membership, windows, texts) for membership in memberships]
    return [tuple(label for label in labels if label) for labels in sets]


def _delta_f1(
    trial: Trial, own: NDArray[np.float64], fits: dict[str, NDArray[np.float64]], sets: Sequence[tuple[str, ...]], foils: Foils
) -> Iterator[Score]:
    if not sets or len(sets[0]) < 2:
        return

    def gain(labels: tuple[str, ...]) -> float:
        return delta_f1(trial, own, np.stack([fits[label] for label in labels]))

    rest = [gain(labels) for labels in sets[1:] if labels]
    strangers = [gain(labels) for labels in foils.region_labels if labels]
    baselines = (*_mean(SHUFFLED_REGIONS, rest), *_mean(RANDOM_EXPLANATION, strangers))
    yield Score("delta_f1", gain(sets[0]), int((~trial.shown).sum()), baselines)


def _fits(court: Court, subject: Subject, sets: Sequence[Sequence[str]]) -> dict[str, NDArray[np.float64]]:
    """Return the fit of all the subject's texts to each explanation; all are judged at once, each once."""
    explanations = list(dict.fromkeys(label for labels in sets for label in labels if label))
    fits = court.judge.fits(explanations, court.texts.at(subject.places))
    return dict(zip(explanations, fits, strict=True))


def _flag(subject: Subject) -> str | None:
    token, share, n = single_token(subject.peaks)
    return token if n and share >= SINGLE_TOKEN_SHARE else None


def _mean(name: str, values: Sequence[float]) -> list[tuple[str, float]]:
    told = [value for value in values if np.isfinite(value)]
    return [(name, float(np.mean(told)))] if told else []


_ORDER = ("detection", "recall", "example_embedding", "intruder", "recall_spread", "missed_regions", "delta_f1", "single_token")


def _ordered(scores: Sequence[Score]) -> tuple[Score, ...]:
    return tuple(sorted(scores, key=lambda score: _ORDER.index(score.name)))
