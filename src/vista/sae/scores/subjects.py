"""What is scored: texts on which a latent fires, in regions, beside as many on which it is silent; and the same for its rivals.

A rival has what a latent has but the meaning: a random direction of the codes "fires" on the items that lie farthest along it,
a latent of an untrained model fires as often. Regions, label and names come to rivals by the same way as to latents: from a map of
their codes, from keywords of their shown texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError
from vista.sae.body import LatentBody, body_of
from vista.sae.explanations import DocumentSplit, keywords_of
from vista.sae.explanations.keywords import Windows

if TYPE_CHECKING:
    import scipy.sparse as sp

    from vista.sae.store import Store

RegionLabels = Sequence[Sequence[str]]  # for each level, one a region

POOL_ITEMS = 4_000  # from which silent texts and random directions' texts are drawn
_LABEL_KEYWORDS = 3
_NEIGHBORS = 40
_WEIGHT = 0.25  # of activation in the metric, as latents' maps have it unless the user says otherwise


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """All texts that are needed, each once a row of the store.

    Attributes:
        rows: (n,) rows of the store, ascending.
        texts: (n) none of them empty.
        documents: (n,) document of each.
        shown: (n,) bool; labels and thresholds may be made from these, scores are taken on the others.
    """

    rows: NDArray[np.int64]
    texts: list[str]
    documents: NDArray[np.int64]
    shown: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: NDArray[np.int64]) -> list[str]:
        return [self.texts[place] for place in places.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Something that fires on some texts and not on others. No two of its texts are equal.

    Attributes:
        firing: (n_firing,) places in `Texts`, the strongest first.
        values: (n_firing,) activations, falling.
        membership: (n_firing, n_levels) region of each.
        n_regions: Number of regions at each level; a region may have no text here.
        silent: (n_silent,) places in `Texts`.
        label: What it is said to mean, or None.
        region_labels: Labels of the regions at `level`, "" where there is none.
        peaks: Token of the maximum in each item, before equal texts are dropped; none for a direction.
    """

    firing: NDArray[np.int64]
    values: NDArray[np.float64]
    membership: NDArray[np.int64]
    n_regions: tuple[int, ...]
    silent: NDArray[np.int64]
    label: str | None
    region_labels: tuple[str, ...] = ()
    peaks: tuple[str, ...] = ()

    @property
    def level(self) -> int | None:
        """The coarsest level with more than one region."""
        return next((level for level, n in enumerate(self.n_regions) if n > 1), None)

    @property
    def places(self) -> NDArray[np.int64]:
        """Its texts, those on which it fires first, (n_firing + n_silent,)."""
        return np.concatenate([self.firing, self.silent])

    @property
    def fires(self) -> NDArray[np.bool_]:
        """Whether it fires on each of `places`."""
        return np.arange(len(self.firing) + len(self.silent)) < len(self.firing)


def texts_of(store: Store, split: DocumentSplit, bodies: Sequence[LatentBody], seed: int) -> Texts:
    """Collect the texts of some bodies, and a pool of others to be silent on.

    Raises:
        InputError: If the items have no texts.
    """
    pool = np.random.default_rng(seed).permutation(len(store))[:POOL_ITEMS]
    rows = np.unique(np.concatenate([pool, *(body.rows for body in bodies)]))
    texts = [text or "" for text in store.items.column("text").take(rows).to_pylist()]
    has_text = np.array([bool(text.strip()) for text in texts])
    if not has_text.any():
        raise InputError("the items of the store have no texts: labels of their latents cannot be judged.")
    rows = rows[has_text]
    return Texts(rows, [text for text, there in zip(texts, has_text, strict=True) if there], split.documents[rows], split.shown[rows])


def subject_of(
    store: Store,
    body: LatentBody,
    membership: NDArray[np.int32],
    texts: Texts,
    *,
    label: str | None,
    region_names: RegionLabels | None,
    max_texts: int | None,
    seed: int,
) -> Subject:
    """Return a latent as a subject.

    Args:
        store: Says on which other texts the latent fires.
        body: The latent's items.
        membership: (n_items, n_levels) region of each item of the body.
        texts: From `texts_of`.
        label: What it is said to mean.
        region_names: Names of its regions; None names them by keywords of their shown texts.
        max_texts: Most texts on which it fires, and most on which it is silent; None for all.
        seed: Seed of the draw.

    Raises:
        InputError: If the membership, or the names, do not fit the body.
    """
    if membership.ndim != 2 or len(membership) != len(body):
        raise InputError(f"latent {body.latent}: a membership of shape {membership.shape} does not fit {len(body)} items.")
    n_regions = _n_regions(membership)
    if region_names is not None and tuple(map(len, region_names)) != n_regions:
        named = ", ".join(str(len(level)) for level in region_names)
        raise InputError(f"latent {body.latent}: names of {named} regions do not fit {n_regions} regions; name each, level by level.")
    rng = np.random.default_rng([seed, body.latent])
    places = np.searchsorted(texts.rows, body.rows)
    places[places == len(texts)] = 0
    own = np.flatnonzero(texts.rows[places] == body.rows)
    silent = np.flatnonzero(~np.isin(texts.rows, store.latent(body.latent).rows))
    firing = _Firing(places[own], body.values[own].astype(np.float64), membership[own].astype(np.int64), n_regions)
    subject = _subject(firing, silent, texts, label, region_names, max_texts, rng)
    return replace(subject, peaks=tuple(body.peaks))


def random_directions(store: Store, texts: Texts, size: int, n: int, seed: int) -> list[Subject]:
    """Return random directions of the codes, each "firing" on the `size` texts that lie farthest along it.

    Codes are scaled to length 1 before, since long texts would lie farthest along any direction.
    """
    codes = _unit_rows(store.codes(texts.rows))
    windows = Windows.of_whole_texts(texts.texts)
    subjects = []
    for number in range(n):
        rng = np.random.default_rng([seed, number])
        along = np.asarray(codes @ rng.standard_normal(codes.shape[1]))
        farthest = np.sort(np.argsort(-along, kind="stable")[: min(size, len(texts) // 2)])
        values = along[farthest] - along.min()
        membership = _mapped_regions(codes[farthest], values, seed)
        firing = _Firing(farthest, values, membership.astype(np.int64), _n_regions(membership))
        silent = np.setdiff1d(np.arange(len(texts)), farthest)
        words = windows.keywords([farthest[texts.shown[farthest]]])[0]
        subjects.append(_subject(firing, silent, texts, _joined(words), None, None, rng))
    return subjects


def check_untrained(store: Store, untrained: Store) -> None:
    """Refuse a store that cannot stand beside another one as the untrained model's.

    Raises:
        InputError: If its items are others, or none of its latents fires.
    """
    if not store.items.column("item_id").equals(untrained.items.column("item_id")):
        raise InputError("the store of the untrained model holds other items: encode the same items, in the same order, with both models.")
    if not untrained.statistics.n_active.any():
        raise InputError("no latent of the untrained model's store fires: there is nothing to compare with.")


def untrained_bodies(store: Store, untrained: Store, size: int, n: int, seed: int) -> list[LatentBody]:
    """Draw latents of an untrained model's store that fire on about `size` items.

    Raises:
        InputError: As `check_untrained`.
    """
    check_untrained(store, untrained)
    n_active = untrained.statistics.n_active
    wanted = np.flatnonzero((n_active >= size / 1.5) & (n_active <= size * 1.5))
    nearest = np.argsort(np.abs(np.log(np.maximum(n_active, 1e-3) / size)), kind="stable")[:n]
    chosen = np.random.default_rng(seed).permutation(wanted)[:n] if len(wanted) >= n else nearest[n_active[nearest] > 0]
    return [body_of(untrained, int(latent), max_items=size, seed=seed) for latent in np.sort(chosen)]


def untrained_subjects(untrained: Store, bodies: Sequence[LatentBody], texts: Texts, split: DocumentSplit, seed: int) -> list[Subject]:
    """Return latents of an untrained model as subjects, labeled by their keywords."""
    words = keywords_of(untrained, bodies, split=split, seed=seed)
    subjects = []
    for body in bodies:
        membership = _mapped_regions(untrained.codes(body.rows), body.values, seed)
        label = _joined(words[body.latent])
        subjects.append(
            subject_of(untrained, body, membership, texts, label=label, region_names=None, max_texts=None, seed=seed),
        )
    return subjects


def shuffled(subject: Subject, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the membership with its rows shuffled among texts of like activation (tenths of them), so that only meaning is lost."""
    order = np.arange(len(subject.firing))
    for tenth in np.array_split(np.arange(len(order)), 10):
        order[tenth] = rng.permutation(tenth)
    return subject.membership[order]


def region_keywords(subject: Subject, membership: NDArray[np.int64], windows: Windows, texts: Texts) -> tuple[str, ...]:
    """Return the keywords of each region at the subject's level, against its other regions; from shown texts only.

    `windows` are the subject's shown texts (`shown_windows`).
    """
    if subject.level is None:
        return ()
    region_of = membership[texts.shown[subject.firing], subject.level]
    groups = [np.flatnonzero(region_of == region) for region in range(subject.n_regions[subject.level])]
    return tuple(_joined(words) or "" for words in windows.keywords(groups))


def shown_windows(subject: Subject, texts: Texts) -> Windows:
    """Return the shown texts of a subject as windows, for `region_keywords`."""
    return Windows.of_whole_texts(texts.at(subject.firing[texts.shown[subject.firing]]))


@dataclass(frozen=True, slots=True, eq=False)
class _Firing:
    """Where something fires, before equal texts are dropped."""

    places: NDArray[np.int64]
    values: NDArray[np.float64]
    membership: NDArray[np.int64]
    n_regions: tuple[int, ...]


def _subject(
    firing: _Firing,
    silent: NDArray[np.int64],
    texts: Texts,
    label: str | None,
    region_names: RegionLabels | None,
    max_texts: int | None,
    rng: np.random.Generator,
) -> Subject:
    descending = np.argsort(-firing.values, kind="stable")
    first_of: dict[str, int] = {}
    for place in descending.tolist():
        first_of.setdefault(texts.texts[firing.places[place]], place)
    kept = np.array(list(first_of.values()), np.int64)
    if max_texts is not None and len(kept) > max_texts:
        kept = kept[np.sort(rng.permutation(len(kept))[:max_texts])]
    drawn = _drawn_silent(silent, set(first_of), texts, len(kept), rng)
    kinds = firing.places[kept], firing.values[kept], firing.membership[kept]
    subject = Subject(*kinds, firing.n_regions, drawn, label or None)
    return _with_region_labels(subject, region_names, texts)


def _with_region_labels(subject: Subject, region_names: RegionLabels | None, texts: Texts) -> Subject:
    if subject.level is None:
        return subject
    if region_names is None:
        labels = region_keywords(subject, subject.membership, shown_windows(subject, texts), texts)
    else:
        labels = tuple(region_names[subject.level])
    return replace(subject, region_labels=labels)


def _drawn_silent(silent: NDArray[np.int64], firing_texts: set[str], texts: Texts, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw `n` distinct silent texts, none equal to one that fires."""
    seen = set(firing_texts)
    drawn: list[int] = []
    for place in rng.permutation(silent).tolist():
        if len(drawn) == n:
            break
        if texts.texts[place] not in seen:
            seen.add(texts.texts[place])
            drawn.append(place)
    return np.array(drawn, np.int64)


def _mapped_regions(codes: sp.csr_matrix, values: NDArray[np.floating], seed: int) -> NDArray[np.int32]:
    """Return the regions of a map of some codes, made as a latent's map is."""
    from vista.layout import lay_out, pca_start
    from vista.metrics import LatentMetric
    from vista.neighbors import find_neighbors
    from vista.regions import find_regions
    from vista.representations import given

    representation = given(codes)
    graph = find_neighbors(representation, n_neighbors=_NEIGHBORS, metric=LatentMetric(values, weight=_WEIGHT), seed=seed)
    return find_regions(lay_out(graph, start=pca_start(representation, seed=seed), seed=seed)).membership


def _unit_rows(codes: sp.csr_matrix) -> sp.csr_matrix:
    import scipy.sparse as sp

    lengths = np.sqrt(np.asarray(codes.multiply(codes).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(lengths, 1e-12)) @ codes)


def _n_regions(membership: NDArray[np.integer]) -> tuple[int, ...]:
    return tuple((membership.max(axis=0, initial=-1) + 1).tolist())


def _joined(words: Sequence[str]) -> str | None:
    return ", ".join(words[:_LABEL_KEYWORDS]) or None
