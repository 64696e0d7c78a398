"""Which latents to study: those that are asked for, those that a rule finds, or some drawn by chance.

The rule `auto:N` looks for latents with a body of several parts. Items lie in R regions of the map of all items. With p_r the
share of a latent's items in region r and q_r the share of all items,

    H = −Σ p_r log₂ p_r + (m − 1) / (2 n ln 2)    in how many regions it fires: 2^H of them
    D = −Σ p_r log₂ q_r − H                       how far that is from firing anywhere

(m regions that hold any of its n items; the second term of H is the correction of Miller 1955, "Note on the bias of information
estimates", without which few items look placed by chance alone),
and each time the latent with the largest H · D · (1 − C) is taken: one region alone has H = 0, all regions alike D = 0, and C,
the largest cosine of its p with those of the latents that were taken before, keeps them from being many of one sort. A latent must
fire on 40 items or more and on a fifth of all at most; one whose largest activations are at one and the same token for more than
half of the items is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError

if TYPE_CHECKING:
    import scipy.sparse as sp

    from vista.sae.store import Store

FEWEST_ITEMS = 40
LARGEST_DENSITY = 0.2
ONE_TOKEN_SHARE = 0.5  # above it a latent is flagged "single token", and passed over by the rule
_ELSE = {"auto": ", on more than a fifth of all, in one region alone, or at a single token", "random": ""}
_PART = re.compile(r"(?P<way>auto|random):(?P<n>[1-9]\d*)|(?P<latent>\d+)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A latent to study, and why."""

    latent: int
    why: str


def check_latents(latents: str, d_sae: int) -> None:
    """Refuse before any work a choice that cannot be made.

    Raises:
        InputError: If a part cannot be read or a latent does not exist.
    """
    for part in _parts(latents):
        if part["latent"] and int(part["latent"]) >= d_sae:
            raise InputError(f"there is no latent {part['latent']}: the autoencoder has {d_sae:,}, numbered 0 to {d_sae - 1}")


def refuse_silent(latents: str, store: Store) -> None:
    """Refuse before any work a latent that was asked for and never fires.

    Raises:
        InputError: If there is one.
    """
    for part in _parts(latents):
        if part["latent"]:
            _firing(int(part["latent"]), store)


def choose_latents(
    latents: str,
    store: Store,
    rows: NDArray[np.int64],
    codes: sp.csr_matrix,
    regions: NDArray[Any],
    *,
    seed: int,
    say: Callable[[str], None],
) -> tuple[Chosen, ...]:
    """Choose latents.

    Args:
        latents: Numbers, `auto:N` and `random:N`, separated by commas; each latent is taken once, where it comes first.
        store: All codes.
        rows: (n_items,) rows of the items on the map of all items, ascending.
        codes: (n_items, d_sae) their codes.
        regions: (n_items,) region of each on that map.
        seed: Seed of the draw.
        say: Told where there are fewer latents than were asked for.

    Raises:
        InputError: If a part cannot be read, a latent does not exist or never fires, or there are no latents to choose from.
    """
    check_latents(latents, store.d_sae)
    chosen: dict[int, str] = {}
    for part in _parts(latents):
        if part["latent"]:
            chosen.setdefault(_firing(int(part["latent"]), store), "asked for")
            continue
        n = int(part["n"])
        found = _ranked(store, rows, codes, regions) if part["way"] == "auto" else _drawn(store, seed)
        why = "by the rule: several regions of all items, and not anywhere" if part["way"] == "auto" else f"drawn by seed {seed}"
        taken = [latent for latent, _ in zip((latent for latent in found if latent not in chosen), range(n), strict=False)]
        chosen |= dict.fromkeys(taken, why)
        if len(taken) < n:
            say(f"{part[0].strip()} found {len(taken)} latents: the others fire on fewer than {FEWEST_ITEMS} items{_ELSE[part['way']]}")
    if not chosen:
        raise InputError(f"'{latents}' finds no latent that fires on {FEWEST_ITEMS} items or more{_ELSE['auto']}; name some by number")
    return tuple(Chosen(latent, why) for latent, why in chosen.items())


def single_token_share(store: Store, rows: NDArray[np.int64], positions: NDArray[np.int64]) -> float:
    """Return the share of items that show their activation at the most frequent token; 0 under pooling "last", which shows the last."""
    if store.meta.pooling == "last":
        return 0.0
    tokens = store.token_ids_at(rows, positions)
    return float(np.unique(tokens, return_counts=True)[1].max(initial=0) / max(1, len(tokens)))


def _parts(latents: str) -> list[re.Match[str]]:
    parts = [_PART.fullmatch(part.strip()) for part in latents.split(",") if part.strip()]
    if not parts or None in parts:
        raise InputError(f"'{latents}' names no latents: give numbers, auto:N or random:N, separated by commas, such as 12,97,auto:24")
    return [part for part in parts if part is not None]


def _firing(latent: int, store: Store) -> int:
    if store.statistics.n_active[latent] == 0:
        raise InputError(f"latent {latent} never fires on the {len(store):,} items of the store: there is nothing to map")
    return latent


def _ranked(store: Store, rows: NDArray[np.int64], codes: sp.csr_matrix, regions: NDArray[Any]) -> Iterator[int]:
    """Yield latents by the rule, best first."""
    n_active = np.bincount(codes.indices, minlength=codes.shape[1])
    fits = (n_active >= FEWEST_ITEMS) & (n_active <= LARGEST_DENSITY * codes.shape[0])
    shares, everywhere = _shares(codes, regions, n_active)
    scores = np.where(fits, _spread_and_place(shares, everywhere, n_active), 0.0)
    profiles = shares / np.maximum(np.linalg.norm(shares, axis=0), 1e-12)
    alike = np.zeros(len(scores))
    while (worth := scores * (1 - alike)).max(initial=0.0) > 0:
        latent = int(worth.argmax())
        scores[latent] = 0.0
        found = store.latent(latent)
        if single_token_share(store, found.rows, found.positions) <= ONE_TOKEN_SHARE:
            alike = np.maximum(alike, np.minimum(1.0, profiles[:, latent] @ profiles))
            yield latent


def _shares(
    codes: sp.csr_matrix, regions: NDArray[Any], n_active: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return p, (n_regions, d_sae), and q, (n_regions, 1)."""
    import scipy.sparse as sp

    n = codes.shape[0]
    fires = sp.csr_matrix((np.ones(codes.nnz), codes.indices, codes.indptr), shape=codes.shape)
    belongs = sp.csr_matrix((np.ones(n), (regions, np.arange(n))))
    return (belongs @ fires).toarray() / np.maximum(n_active, 1), np.asarray(belongs.sum(axis=1)) / n


def _spread_and_place(
    shares: NDArray[np.float64], everywhere: NDArray[np.float64], n_active: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Return H · D of every latent, (d_sae,)."""
    held = shares > 0
    logarithms = np.log2(shares, where=held, out=np.zeros_like(shares))
    spread = -(shares * logarithms).sum(axis=0) + (held.sum(axis=0) - 1) / (2 * np.log(2) * np.maximum(n_active, 1))
    placed = -(shares * np.log2(everywhere)).sum(axis=0) - spread
    return np.asarray(np.maximum(spread, 0) * np.maximum(placed, 0), dtype=np.float64)


def _drawn(store: Store, seed: int) -> Iterator[int]:
    """Yield latents that fire on enough items, in random order."""
    enough = np.flatnonzero(store.statistics.n_active >= FEWEST_ITEMS)
    yield from np.random.default_rng(seed).permutation(enough).tolist()
