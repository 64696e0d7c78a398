"""Names of regions: the terms that set a region's texts apart from the rest of the map and from its siblings.

A term's weight in a region is p·log(p / q), where p is the share of the region's texts that hold it, and q the share
among the other texts of the map or among the other texts of the parent region, whichever is larger. It is a
class-based TF-IDF in the sense of Grootendorst (2022, arXiv:2203.05794): the region is the document, with shares of
texts for frequencies, and log(p / q), the term's part of the Kullback–Leibler divergence, for the inverse frequency.
Factors give less to terms that few texts hold and to bare numbers, and more to two words.

What one text of a larger region says is no name. Where several texts share a term without function words, the region is named by such
terms; else by the phrase in which enough of its texts say one with a function word ("the quality of being"), unless it lies evenly over
the map; else it is called by the beginning of the text that has most in common with its others, in quotation marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import RegionName, Regions
from vista.execution import Progress, silent
from vista.labels.phrases import TEXTS_READ, quoted, spoken
from vista.labels.terms import STOP_WORDS, WORD, Terms, read_terms, stem_of

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
_LIGHT_WEIGHT = 0.3  # of bare numbers and function words
_BESIDE_FUNCTION_WORD_WEIGHT = 0.75
_UNEVEN = 0.3  # what lies as unevenly as this counts in full
_FUNCTION_STEMS = frozenset(stem_of(word) for word in STOP_WORDS)
_LEAST_LIFT = 2.0  # how much likelier than another a text of the region is to hold a term with a function word
_DOUBT_TEXTS = 1.5  # a term that this many texts hold counts half: one text hardly speaks for a region
_TWO_WORDS_WEIGHT = 1.15
_SHARES_A_WORD_WEIGHT = 0.5
_REPEATED_WEIGHT = 0.3  # of a term's weight where the chosen terms already cover its texts


@dataclass(frozen=True, slots=True)
class _Candidate:
    term: int
    weight: float


def name_regions(regions: Regions, texts: list[str], *, progress: Progress = silent) -> RegionNames:
    """Name every region by one to three terms of its texts, or by the beginning of one of them in quotation marks.

    No name repeats words that its ancestors are named by, and no two regions of a level have one name.

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
        reading = _read(regions, texts)
        for level in range(regions.n_levels):
            inherited = [taken[parent] if parent >= 0 else frozenset[str]() for parent in regions.parents[level].tolist()]
            chosen = _choose_level(regions, level, reading, inherited)
            names.append(tuple(choice.name for choice in chosen))
            taken = [above | choice.said for above, choice in zip(inherited, chosen, strict=True)]
            advance(1)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class _Choice:
    name: RegionName
    said: frozenset[str]  # the stems of the terms that it is named by, or the quote


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """What is read of all texts, once for all levels.

    Attributes:
        texts: The texts.
        terms: Their terms.
        factors: (n_terms,) how much each can say.
        plain: (n_terms,) whether it has no function word.
        light: (n_terms,) whether it is function words alone.
    """

    texts: list[str]
    terms: Terms
    factors: NDArray[np.float64]
    plain: NDArray[np.bool_]
    light: NDArray[np.bool_]


def _read(regions: Regions, texts: list[str]) -> _Reading:
    terms = _said_twice(read_terms(texts, without=frozenset()))
    plain = np.array([not stems & _FUNCTION_STEMS for stems in terms.stems], dtype=bool)
    light = np.array([stems <= _FUNCTION_STEMS for stems in terms.stems], dtype=bool)
    kinds = np.array([_kind_weight(stems) for stems in terms.stems])
    unevenness = np.minimum(1, _unevenness(regions, terms) / _UNEVEN)
    return _Reading(texts, terms, kinds * np.where(plain, 1, unevenness), plain, light)


def _kind_weight(stems: frozenset[str]) -> float:
    """Return less for bare numbers and function words, and more for two words, which say more."""
    if stems <= _FUNCTION_STEMS or not any(character.isalpha() for stem in stems for character in stem):
        return _LIGHT_WEIGHT
    if len(stems) == 1:
        return 1.0
    return _BESIDE_FUNCTION_WORD_WEIGHT if stems & _FUNCTION_STEMS else _TWO_WORDS_WEIGHT


def _said_twice(terms: Terms) -> Terms:
    """Return the terms that more than one text holds; the others can name nothing."""
    kept = np.flatnonzero(np.asarray(terms.incidence.sum(axis=0)).ravel() > 1)
    return Terms(terms.incidence[:, kept], [terms.surfaces[term] for term in kept], [terms.stems[term] for term in kept])


def _unevenness(regions: Regions, terms: Terms) -> NDArray[np.float64]:
    """Return how far each term's texts keep to a few of the smallest regions: 0 where they lie as by chance, up to 1 in one region.

    It is 1 − e^H / E, with H the entropy of the term's texts over the regions, and E the number of regions that as many texts, drawn
    by chance, are expected to lie in. Function words of any language lie nearly everywhere.
    """
    membership, n_regions = regions.membership[:, -1], len(regions.parents[-1])
    held = _held_by(membership, n_regions, terms).tocoo()
    n_texts = np.asarray(terms.incidence.sum(axis=0), dtype=np.float64).ravel()
    share = held.data / n_texts[held.col]
    entropy = np.bincount(held.col, weights=-share * np.log(share), minlength=len(n_texts))
    sizes, counts = np.unique(np.bincount(membership, minlength=n_regions) / len(membership), return_counts=True)
    different, of_term = np.unique(n_texts, return_inverse=True)
    expected = counts @ (1 - (1 - sizes[:, None]) ** different)
    return np.clip(1 - np.exp(entropy) / expected[of_term], 0, 1)


def _choose_level(regions: Regions, level: int, reading: _Reading, inherited: list[frozenset[str]]) -> list[_Choice]:
    weights = _weights(regions, level, reading)
    used: set[str] = set()
    chosen = []
    members = members_of(regions.membership[:, level], len(inherited))
    for region, above in enumerate(inherited):
        candidates = _candidates(weights, region, reading, above)
        choice = _choose(candidates, members[region], reading, above, used)
        if not choice.name.name and len(inherited) > 1:
            quote = _quote(members[region], reading, above, used)
            choice = _Choice(RegionName(quote), frozenset({quote}))
        used.add(choice.name.name)
        chosen.append(choice)
    return chosen


def _choose(candidates: list[_Candidate], members: NDArray[np.int64], reading: _Reading, above: frozenset[str], used: set[str]) -> _Choice:
    """Return a name of terms; "" where none says enough, or all that can be said names another region of the level."""
    if not candidates:
        return _Choice(RegionName(""), frozenset())
    terms, texts = reading.terms, reading.terms.incidence[members]
    holds = texts[:, [candidate.term for candidate in candidates]].toarray() > 0  # (n_texts, n_candidates)
    named: list[int] = []
    phrases: list[str] = []
    covered = np.zeros(len(holds), dtype=bool)
    while len(named) < _TERMS_IN_NAME:
        best, weight = _next_term(candidates, holds, covered, named, terms)
        is_new = ", ".join(phrases) not in used
        is_enough = covered.mean() >= _ENOUGH_COVERED or weight < _WORTH_ADDING[len(named)] * candidates[0].weight
        if best is None or (named and is_new and is_enough):
            break
        named.append(candidates[best].term)
        phrases.append(_phrase(named[-1], members[holds[:, best]], reading, above))
        covered |= holds[:, best]
    name = ", ".join(phrases)
    kept = tuple((terms.surfaces[candidate.term], round(candidate.weight, 4)) for candidate in candidates[:_TERMS_KEPT])
    return _Choice(RegionName("" if name in used else name, kept), _stems(named, terms))


def _phrase(term: int, holding: NDArray[np.int64], reading: _Reading, above: frozenset[str]) -> str:
    """Return a term with a function word as most texts say it, but by itself where they say it beside a word of the region's ancestors."""
    surface = reading.terms.surfaces[term]
    if reading.plain[term]:
        return surface
    phrase = spoken(surface, [reading.texts[row] for row in holding[:TEXTS_READ].tolist()])
    stems = frozenset(stem_of(word) for word in phrase.split(" "))
    return surface if (stems - reading.terms.stems[term]) & above else phrase


def _quote(members: NDArray[np.int64], reading: _Reading, above: frozenset[str], used: set[str]) -> str:
    """Return the beginning of the text that has most in common with the others of a region."""
    texts = reading.terms.incidence[members]
    common = texts @ np.asarray(texts.sum(axis=0)).ravel() / np.sqrt(np.maximum(1, np.asarray(texts.sum(axis=1)).ravel()))
    for row in members[np.argsort(-common, kind="stable")].tolist():
        words = {stem_of(word) for word in WORD.findall(reading.texts[row])}
        quote = quoted(reading.texts[row])
        if quote and quote not in used | above and not words <= above | _FUNCTION_STEMS:
            return quote
    return ""


def _weights(regions: Regions, level: int, reading: _Reading) -> sp.csr_matrix:
    """Return the weight of every term in every region, (n_regions, n_terms) CSR; only positive weights are kept."""
    import scipy.sparse as sp

    membership, parents, terms = regions.membership[:, level], regions.parents[level], reading.terms
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
    weight = share * np.log(share / elsewhere) * support * reading.factors[held.col]
    plain, n_texts = reading.plain[held.col], sizes[held.row]
    enough = np.maximum(_fewest_texts(n_texts), np.where(reading.light[held.col], n_texts / 2, 0))
    told = (held.data >= enough) & (share >= _LEAST_LIFT * elsewhere)
    speaks = (weight > 0) & np.where(plain, held.data >= np.minimum(2, n_texts), told)
    return sp.csr_matrix((weight[speaks], (held.row[speaks], held.col[speaks])), shape=held.shape)


def _fewest_texts(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many texts must hold a term with a function word: a third, or the cube root where that is fewer; two at least."""
    return np.maximum(np.minimum(2, sizes), np.minimum(sizes / 3, np.maximum(2, np.cbrt(sizes))))


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


def members_of(membership: NDArray[np.int32], n_regions: int) -> list[NDArray[np.int64]]:
    """Return the items of each region of one level, in ascending order."""
    ends = np.cumsum(np.bincount(membership, minlength=n_regions))
    return np.split(np.argsort(membership, kind="stable"), ends[:-1])


def _candidates(weights: sp.csr_matrix, region: int, reading: _Reading, above: frozenset[str]) -> list[_Candidate]:
    """Return the heaviest terms of a region, heaviest first: those without function words, or the others where there are none.

    A term whose words are all in the names of the region's ancestors is left out, and one that shares a word counts half.
    """
    start, end = weights.indptr[region], weights.indptr[region + 1]
    numbers, of_terms = weights.indices[start:end], weights.data[start:end]
    heaviest = np.lexsort((numbers, -of_terms, ~reading.plain[numbers]))[: 2 * _CANDIDATES]
    candidates = []
    for term, weight in zip(numbers[heaviest].tolist(), of_terms[heaviest].tolist(), strict=True):
        stems = _telling(reading.terms.stems[term])
        if not stems <= above:
            candidates.append(_Candidate(term, weight * (_SHARES_A_WORD_WEIGHT if stems & above else 1.0)))
    candidates.sort(key=lambda candidate: (-candidate.weight, candidate.term))
    return ([one for one in candidates if reading.plain[one.term]] or candidates)[:_CANDIDATES]


def _next_term(
    candidates: list[_Candidate], holds: NDArray[np.bool_], covered: NDArray[np.bool_], named: list[int], terms: Terms
) -> tuple[int | None, float]:
    said = _stems(named, terms)
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


def _stems(named: list[int], terms: Terms) -> frozenset[str]:
    return frozenset[str]().union(*(_telling(terms.stems[term]) for term in named))


def _telling(stems: frozenset[str]) -> frozenset[str]:
    """Return the stems of a term that are no function words, or all where there are no others."""
    return stems - _FUNCTION_STEMS or stems
