"""Names of regions: the terms that set a region's texts apart from the rest of the map and from its siblings.

A term's weight in a region is p·log(p / q), where p is the share of the region's texts that hold it, and q the share
among the other texts of the map or among the other texts of the parent region, whichever is larger. It is a
class-based TF-IDF in the sense of Grootendorst (2022, arXiv:2203.05794): the region is the document, with shares of
texts for frequencies, and log(p / q), the term's part of the Kullback–Leibler divergence, for the inverse frequency.
Factors give less to terms that few texts hold and to bare numbers, and more to two words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import RegionName, Regions
from vista.execution import Progress, silent
from vista.labels.terms import Terms, read_terms

if TYPE_CHECKING:
    import scipy.sparse as sp

RegionNames = tuple[tuple[RegionName, ...], ...]

_CANDIDATES = 24
_PRIOR_SHARE = 0.5  # what is expected of the other texts of the map before any is read, with the weight of one text
_PRIOR_TEXTS = 5.0  # how many texts the map's share weighs beside a region's siblings
_TERMS_KEPT = 8
_TERMS_IN_NAME = 3
_ENOUGH_COVERED = 0.8
_WORTH_ADDING = (0.0, 0.45, 0.55)  # least weight of the first, second and third term, as a share of the first's
_NUMBER_WEIGHT = 0.3
_DOUBT_TEXTS = 1.5  # a term that this many texts hold counts half: one text hardly speaks for a region
_TWO_WORDS_WEIGHT = 1.15
_SHARES_A_WORD_WEIGHT = 0.5
_REPEATED_WEIGHT = 0.3  # of a term's weight where the chosen terms already cover its texts


@dataclass(frozen=True, slots=True)
class _Candidate:
    term: int
    weight: float


def name_regions(regions: Regions, texts: list[str], *, progress: Progress = silent) -> RegionNames:
    """Name every region by one to three terms of its texts.

    No name repeats words that its ancestors are named by, and two regions of a level have different names wherever
    their texts allow it.

    Args:
        regions: Nested regions of n_items items.
        texts: One text an item, "" where there is none.
        progress: Told about each level.

    Returns:
        For each level, one name a region, "" where nothing sets the region apart.
    """
    names: list[tuple[RegionName, ...]] = []
    taken: list[frozenset[str]] = []
    with progress.stage("naming regions", regions.n_levels) as advance:
        terms = read_terms(texts)
        factors = _kind_weights(terms)
        for level in range(regions.n_levels):
            inherited = [taken[parent] if parent >= 0 else frozenset[str]() for parent in regions.parents[level].tolist()]
            chosen = _choose_level(regions, level, terms, factors, inherited)
            names.append(tuple(_region_name(region, terms) for region in chosen))
            taken = [above.union(*(terms.stems[term] for term in region.named)) for above, region in zip(inherited, chosen, strict=True)]
            advance(1)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class _Choice:
    named: tuple[int, ...]
    candidates: tuple[_Candidate, ...]


def _region_name(choice: _Choice, terms: Terms) -> RegionName:
    name = ", ".join(terms.surfaces[term] for term in choice.named)
    kept = tuple((terms.surfaces[candidate.term], round(candidate.weight, 4)) for candidate in choice.candidates[:_TERMS_KEPT])
    return RegionName(name, kept)


def _choose_level(
    regions: Regions, level: int, terms: Terms, factors: NDArray[np.float64], inherited: list[frozenset[str]]
) -> list[_Choice]:
    weights = _weights(regions, level, terms, factors)
    used: set[frozenset[str]] = set()
    chosen = []
    members = members_of(regions.membership[:, level], len(inherited))
    for region, above in enumerate(inherited):
        candidates = _candidates(weights, region, terms, above)
        named = _named(candidates, terms, terms.incidence[members[region]], used)
        used.add(_stems(named, terms))
        chosen.append(_Choice(named, tuple(candidates)))
    return chosen


def _weights(regions: Regions, level: int, terms: Terms, factors: NDArray[np.float64]) -> sp.csr_matrix:
    """Return the weight of every term in every region, (n_regions, n_terms) CSR; only positive weights are kept."""
    import scipy.sparse as sp

    membership, parents = regions.membership[:, level], regions.parents[level]
    sizes = np.bincount(membership, minlength=len(parents)).astype(np.float64)
    held = _held_by(membership, len(parents), terms).tocoo()
    if not held.nnz:
        return held.tocsr()
    everywhere = np.asarray(terms.incidence.sum(axis=0), dtype=np.float64).ravel()
    share = held.data / sizes[held.row]
    elsewhere = _share_outside(everywhere[held.col], held.data, float(sizes.sum()), sizes[held.row], _PRIOR_SHARE, 1.0)
    if level:
        in_parents = _held_by(regions.membership[:, level - 1], len(regions.parents[level - 1]), terms)
        parent = parents[held.row]
        in_parent = _values_at(in_parents, parent, held.col)
        parent_sizes = np.bincount(regions.membership[:, level - 1])[parent]
        among_siblings = _share_outside(in_parent, held.data, parent_sizes, sizes[held.row], elsewhere, _PRIOR_TEXTS)
        elsewhere = np.maximum(elsewhere, among_siblings)
    support = held.data / (held.data + _DOUBT_TEXTS)
    weight = share * np.log(share / elsewhere) * support * factors[held.col]
    positive = weight > 0
    return sp.csr_matrix((weight[positive], (held.row[positive], held.col[positive])), shape=held.shape)


def _held_by(membership: NDArray[np.int32], n_regions: int, terms: Terms) -> sp.csr_matrix:
    """Return how many texts of each region hold each term, (n_regions, n_terms)."""
    import scipy.sparse as sp

    n_items = len(membership)
    belongs = sp.csr_matrix((np.ones(n_items), (membership, np.arange(n_items))), shape=(n_regions, n_items))
    return (belongs @ terms.incidence).tocsr()


def _values_at(counts: sp.csr_matrix, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return stored entries of a matrix; much faster than indexing it with two arrays."""
    stored = counts.tocoo()
    codes = stored.row.astype(np.int64) * counts.shape[1] + stored.col
    order = np.argsort(codes)
    wanted = np.searchsorted(codes, rows.astype(np.int64) * counts.shape[1] + columns, sorter=order)
    return np.asarray(stored.data[order[wanted]], dtype=np.float64)


def _share_outside(
    total: NDArray[np.float64],
    inside: NDArray[np.float64],
    n_total: NDArray[np.float64] | float,
    n_inside: NDArray[np.float64],
    expected: NDArray[np.float64] | float,
    prior_texts: float,
) -> NDArray[np.float64]:
    """Return the share of the texts outside a region that hold a term, drawn to `expected` where those texts are few.

    The expectation weighs as much as `prior_texts` texts.
    """
    return np.asarray((total - inside + prior_texts * expected) / (n_total - n_inside + prior_texts), dtype=np.float64)


def _kind_weights(terms: Terms) -> NDArray[np.float64]:
    """Return a factor for each term: less for bare numbers, more for two words, which say more."""
    factors = np.ones(len(terms.stems))
    for number, stems in enumerate(terms.stems):
        if not any(character.isalpha() for stem in stems for character in stem):
            factors[number] = _NUMBER_WEIGHT
        elif len(stems) > 1:
            factors[number] = _TWO_WORDS_WEIGHT
    return factors


def members_of(membership: NDArray[np.int32], n_regions: int) -> list[NDArray[np.int64]]:
    """Return the items of each region of one level, in ascending order."""
    ends = np.cumsum(np.bincount(membership, minlength=n_regions))
    return np.split(np.argsort(membership, kind="stable"), ends[:-1])


def _candidates(weights: sp.csr_matrix, region: int, terms: Terms, above: frozenset[str]) -> list[_Candidate]:
    """Return the heaviest terms of a region, heaviest first.

    A term whose words are all in the names of the region's ancestors is left out, and one that shares a word counts half.
    """
    start, end = weights.indptr[region], weights.indptr[region + 1]
    heaviest = np.lexsort((weights.indices[start:end], -weights.data[start:end]))[: 2 * _CANDIDATES]
    candidates = []
    for term, weight in zip(weights.indices[start:end][heaviest].tolist(), weights.data[start:end][heaviest].tolist(), strict=True):
        stems = terms.stems[term]
        if not stems <= above:
            candidates.append(_Candidate(term, weight * (_SHARES_A_WORD_WEIGHT if stems & above else 1.0)))
    return sorted(candidates, key=lambda candidate: (-candidate.weight, candidate.term))[:_CANDIDATES]


def _named(candidates: list[_Candidate], terms: Terms, texts: sp.csr_matrix, used: set[frozenset[str]]) -> tuple[int, ...]:
    """Choose the terms of a name: the heaviest, then what says most about the texts that it leaves out."""
    if not candidates:
        return ()
    holds = texts[:, [candidate.term for candidate in candidates]].toarray() > 0  # (n_texts, n_candidates)
    named: list[int] = []
    covered = np.zeros(len(holds), dtype=bool)
    while len(named) < _TERMS_IN_NAME:
        best, weight = _next_term(candidates, holds, covered, named, terms)
        is_new = _stems(tuple(named), terms) not in used
        is_enough = covered.mean() >= _ENOUGH_COVERED or weight < _WORTH_ADDING[len(named)] * candidates[0].weight
        if best is None or (named and is_new and is_enough):
            break
        named.append(candidates[best].term)
        covered |= holds[:, best]
    return tuple(named)


def _next_term(
    candidates: list[_Candidate], holds: NDArray[np.bool_], covered: NDArray[np.bool_], named: list[int], terms: Terms
) -> tuple[int | None, float]:
    said = _stems(tuple(named), terms)
    news = (holds & ~covered[:, None]).sum(axis=0) / np.maximum(1, holds.sum(axis=0))
    best, best_weight = None, 0.0
    for place, candidate in enumerate(candidates):
        weight = candidate.weight * (_REPEATED_WEIGHT + (1 - _REPEATED_WEIGHT) * float(news[place]))
        if weight > best_weight and not _alike(terms.stems[candidate.term], said):
            best, best_weight = place, weight
    return best, best_weight


def _alike(stems: frozenset[str], said: frozenset[str]) -> bool:
    """Return whether any stem begins like one that was said already, as "music" and "musical" do."""
    return any(stem[: _same_beginning(stem, other)] == other[: _same_beginning(stem, other)] for stem in stems for other in said)


def _same_beginning(stem: str, other: str) -> int:
    """Return how many letters two stems must share to look alike: seven tenths of the shorter, at least four."""
    return max(4, round(0.7 * min(len(stem), len(other))))


def _stems(named: tuple[int, ...], terms: Terms) -> frozenset[str]:
    return frozenset[str]().union(*(terms.stems[term] for term in named))
