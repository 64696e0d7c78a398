"""Keywords of a latent: the terms that stand where it fires, and seldom where it does not.

Every token of a text has a *window*, the words around it. A latent is taken for the windows of its items' tokens of maximum, and
all windows are what it is held against. A term's weight is p·log(p / q), its part of the Kullback–Leibler divergence,
with p the share of the latent's windows that hold it and q the share of the others, as for the names of a map's regions
(`vista.labels.naming`); terms that few windows hold and bare numbers weigh less, and two words more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.execution import Progress, silent
from vista.labels.terms import Terms, read_terms
from vista.sae.body import LatentBody
from vista.sae.explanations.documents import DocumentSplit, split_documents

if TYPE_CHECKING:
    from vista.sae.store import Store

_KEYWORDS = 5
_REACH_WORDS = 4  # on either side of the token's own
_BODY_ITEMS = 500
_OTHER_ITEMS = 1_000
_WORD = re.compile(r"\S+")
_DOUBT_WINDOWS = 1.5  # a term that this many windows hold counts half: one text hardly speaks for a latent
_NUMBER_WEIGHT = 0.3
_TWO_WORDS_WEIGHT = 1.15
_LEAST_WEIGHT = 0.15  # of the first keyword's


def keywords_of(
    store: Store,
    latents: Iterable[int | LatentBody],
    *,
    split: DocumentSplit | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[int, tuple[str, ...]]:
    """Return up to five keywords of each latent, the weightiest first.

    Only the shown half of the documents is read, so that keywords can be judged on the other.

    Args:
        store: Holds the texts, and where in them latents fire.
        latents: Latents, or their bodies where these are at hand.
        split: Which documents may be read; by default half of them, by the seed.
        seed: Seed of the split, and of the texts that latents are held against.
        progress: Is told how many latents are done.

    Returns:
        The keywords of each latent; none where it fires on no text that may be read.

    Raises:
        InputError: If there is no such latent.
    """
    split = split_documents(store, seed=seed) if split is None else split
    chosen = list(latents)
    with progress.stage("finding keywords", len(chosen)) as advance:
        peaks = []
        for latent in chosen:
            peaks.append(_peaks_of(store, latent, split.shown, seed))
            advance(1)
    others = np.random.default_rng(seed).permutation(np.flatnonzero(split.shown))[:_OTHER_ITEMS]
    windows = Windows.around_tokens(store, np.union1d(others, np.concatenate([rows for _, rows, _ in peaks] or [others])))
    found = windows.keywords([windows.places(rows, positions) for _, rows, positions in peaks])
    return {latent: words for (latent, _, _), words in zip(peaks, found, strict=True)}


def _peaks_of(
    store: Store, latent: int | LatentBody, shown: NDArray[np.bool_], seed: int
) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Return a latent, some rows on which it fires, and the token of its maximum in each."""
    if isinstance(latent, LatentBody):
        number, rows, positions = latent.latent, latent.rows, latent.positions
    else:
        fires = store.latent(latent)
        number, rows, positions = latent, fires.rows, fires.positions
    may = np.flatnonzero(shown[rows])
    drawn = np.sort(np.random.default_rng([seed, number]).permutation(may)[:_BODY_ITEMS])
    return number, rows[drawn], positions[drawn]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The words around tokens of some texts.

    Attributes:
        terms: Which window holds which term.
        rows: (n_rows,) the texts' rows, ascending.
        token_starts: (n_rows + 1,) where each text's tokens start in `of_token`.
        of_token: (n_tokens,) the window of each token; a text without tokens has one, for all of it.
    """

    terms: Terms
    rows: NDArray[np.int64]
    token_starts: NDArray[np.int64]
    of_token: NDArray[np.int64]

    @classmethod
    def around_tokens(cls, store: Store, rows: NDArray[np.int64]) -> Windows:
        """Return the windows of all tokens of some items."""
        texts = ["" if text is None else text for text in store.items.column("text").take(rows).to_pylist()]
        windows: list[str] = []
        starts, of_token = [0], list[int]()
        for row, text in zip(rows.tolist(), texts, strict=True):
            char_starts = store.tokens(row).char_starts
            of_token.extend(len(windows) + place for place in (_words_at(text, char_starts) if len(char_starts) else [0]))
            starts.append(len(of_token))
            windows.extend(_windows(text) if len(char_starts) else [text])
        return cls(read_terms(windows), rows, np.array(starts), np.array(of_token, np.int64))

    @classmethod
    def of_whole_texts(cls, texts: Sequence[str]) -> Windows:
        """Return each text as one window, which is its row's."""
        n = len(texts)
        return cls(read_terms(list(texts)), np.arange(n), np.arange(n + 1), np.arange(n))

    def places(self, rows: NDArray[np.int64], positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the window of one token of each of some texts, (n,)."""
        texts = np.searchsorted(self.rows, rows)
        n_tokens = np.diff(self.token_starts)[texts]
        found: NDArray[np.int64] = self.of_token[self.token_starts[texts] + np.minimum(positions, n_tokens - 1)]
        return found

    def keywords(self, groups: Sequence[NDArray[np.int64]]) -> list[tuple[str, ...]]:
        """Return the keywords of groups of windows, each against all windows that are not in it."""
        import scipy.sparse as sp

        n_windows = self.terms.incidence.shape[0]
        lengths = [len(group) for group in groups]
        ones = np.ones(sum(lengths), np.float32)
        places = np.concatenate([np.empty(0, np.int64), *groups])
        belongs = sp.csr_matrix((ones, places, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(groups), n_windows))
        held = (belongs @ self.terms.incidence).tocsr()
        everywhere = np.asarray(self.terms.incidence.sum(axis=0), np.float64).ravel()
        factors = np.array([_kind_weight(stems) for stems in self.terms.stems])
        found = []
        for group, length in enumerate(lengths):
            own = slice(held.indptr[group], held.indptr[group + 1])
            inside, terms = held.data[own].astype(np.float64), held.indices[own]
            outside = np.maximum(everywhere[terms] - inside, 0.0)
            weights = _weights(inside, outside, length, max(n_windows - length, 0)) * factors[terms]
            found.append(self._chosen(terms, weights))
        return found

    def _chosen(self, terms: NDArray[np.integer[Any]], weights: NDArray[np.float64]) -> tuple[str, ...]:
        """Return the weightiest terms of which none repeats a word of another."""
        chosen: list[str] = []
        said: set[str] = set()
        for place in np.lexsort((terms, -weights)).tolist():
            if len(chosen) == _KEYWORDS or weights[place] <= 0 or weights[place] < _LEAST_WEIGHT * weights.max():
                break
            if not self.terms.stems[terms[place]] & said:
                chosen.append(self.terms.surfaces[terms[place]])
                said |= self.terms.stems[terms[place]]
        return tuple(chosen)


def _weights(inside: NDArray[np.float64], outside: NDArray[np.float64], n_inside: int, n_outside: int) -> NDArray[np.float64]:
    """Return the weights of terms that some of a latent's windows hold, and some of the others; below 0 where these hold more."""
    p, q = inside / max(n_inside, 1), (outside + 0.5) / (n_outside + 1)
    return np.asarray(p * np.log(p / q) * inside / (inside + _DOUBT_WINDOWS), np.float64)


def _kind_weight(stems: frozenset[str]) -> float:
    if not any(character.isalpha() for stem in stems for character in stem):
        return _NUMBER_WEIGHT
    return _TWO_WORDS_WEIGHT if len(stems) > 1 else 1.0


def _windows(text: str) -> list[str]:
    """Return the window of each word of a text; an empty one for a text without words."""
    spans = [match.span() for match in _WORD.finditer(text)]
    reach = range(len(spans))
    return [text[spans[max(i - _REACH_WORDS, 0)][0] : spans[min(i + _REACH_WORDS, len(spans) - 1)][1]] for i in reach] or [""]


def _words_at(text: str, char_starts: NDArray[np.int64]) -> list[int]:
    """Return the word that each token begins in, or the one after the space that it begins with."""
    ends = np.array([match.end() for match in _WORD.finditer(text)] or [0])
    words: list[int] = np.minimum(np.searchsorted(ends, char_starts, side="right"), len(ends) - 1).tolist()
    return words
