"""Whether the names of regions speak for their texts: judged on texts that the names were not made from.

    python benchmarks/bench_names.py ATLAS [--maps main,items] [--items 20000]

The regions of each map are found anew from its x, y, and named five times, each time without a fifth of the texts. Of these it counts
how many hold a term of their region's name (`found`), and how many of the other parts of the same parent do (`elsewhere`); the
difference says what a name is worth. A name that quotes a text, or an empty one, finds nothing. `on a third` is the share of names
of terms, made from all texts, each term of which a third of the region's texts hold; `precision` the share of the parent's texts with a
term of the name that lie in the region, less the region's share of the parent's texts.
"""

import argparse
from collections.abc import Iterator
from functools import cache

import numpy as np

import vista
from vista.artifacts import Layout, Regions
from vista.labels import name_regions
from vista.labels.terms import WORD, stem_of
from vista.regions import find_regions

N_FOLDS = 5
SIZES = ((1, 7), (8, 30), (31, 10**9))


def main() -> None:
    """Print the figures of every map, and of all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("atlas")
    arguments.add_argument("--maps", default="")
    arguments.add_argument("--items", type=int, default=20_000)
    asked = arguments.parse_args()
    atlas = vista.open(asked.atlas)
    chosen = [one for one in atlas.maps if not asked.maps or one in asked.maps.split(",") or one.split("-")[0] in asked.maps.split(",")]
    rows = [row for one in chosen for row in _judged(*_map(atlas.maps[one].items(), asked.items))]
    for low, high in SIZES:
        _print(f"{low}–{high}" if high < 10**9 else f"{low}–", [row for row in rows if low <= row["n"] <= high])
    _print("all", rows)


def _print(size: str, rows: list[dict[str, float]]) -> None:
    if not rows:
        return
    of_terms = [row for row in rows if row["of_terms"]]
    quoted = sum(row["quoted"] for row in rows)
    means = {key: np.mean([row[key] for row in rows]) for key in ("found", "elsewhere")}
    told = {key: np.mean([row[key] for row in of_terms]) for key in ("on_a_third", "precision", "covered")}
    print(
        f"{size:>6} texts: {len(rows)} regions, {len(of_terms) / len(rows):.0%} named by terms, {quoted / len(rows):.0%} by a text; "
        f"held out: found {means['found']:.3f} − elsewhere {means['elsewhere']:.3f} = {means['found'] - means['elsewhere']:.3f}; "
        f"on a third {told['on_a_third']:.0%}, covered {told['covered']:.2f}, precision +{told['precision']:.2f}",
        flush=True,
    )


def _map(items, most: int) -> tuple[Regions, list[str]]:
    rows = np.argsort(items.column("source_row").to_numpy())[: len(items)]
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    items = items.take(rows)
    coordinates = np.stack([items.column("x").to_numpy(), items.column("y").to_numpy()], axis=1)
    return find_regions(Layout(coordinates, "given")), ["" if text is None else text for text in items.column("text").to_pylist()]


def _judged(regions: Regions, texts: list[str]) -> Iterator[dict[str, float]]:
    """Yield the figures of each region that has siblings."""
    names = name_regions(regions, texts)
    counts = [np.zeros((len(parents), 4)) for parents in regions.parents]  # held-out: found, of; elsewhere, of
    fold_of = np.random.default_rng(0).permutation(len(texts)) % N_FOLDS
    for fold in range(N_FOLDS):
        held_out = np.flatnonzero(fold_of == fold)
        learned = name_regions(regions, [text if fold_of[row] != fold else "" for row, text in enumerate(texts)])
        for level, of_level in enumerate(learned):
            counts[level] += _counted(regions, level, [one.name for one in of_level], texts, held_out)
    for level, of_level in enumerate(names):
        everything = _counted(regions, level, [one.name for one in of_level], texts, np.arange(len(texts)))
        on_a_third = _least_share(regions, level, [one.name for one in of_level], texts)
        for region, name in enumerate(of_level):
            found, n_held, elsewhere, n_elsewhere = counts[level][region]
            hits, n, others, n_others = everything[region]
            if n_elsewhere and n_held:
                yield {
                    "n": n,
                    "of_terms": bool(name.name) and not _is_quoted(name.name),
                    "quoted": _is_quoted(name.name),
                    "found": found / n_held,
                    "elsewhere": elsewhere / n_elsewhere,
                    "covered": hits / n,
                    "on_a_third": on_a_third[region] >= 1 / 3,
                    "precision": hits / max(1, hits + others) - n / (n + n_others),
                }


def _is_quoted(name: str) -> bool:
    return name.startswith("“")


def _counted(regions: Regions, level: int, names: list[str], texts: list[str], rows) -> np.ndarray:
    """Return for each region how many of its texts and of its siblings' hold a term of its name, with their numbers."""
    holds = _holds(names, [texts[row] for row in rows])  # (n_rows, n_regions)
    membership = regions.membership[rows, level]
    parents = regions.parents[level]
    counted = np.zeros((len(names), 4))
    for region, parent in enumerate(parents):
        own = membership == region
        siblings = (parents[membership] == parent) & ~own
        any_term = holds[:, region]
        counted[region] = [any_term[own].sum(), own.sum(), any_term[siblings].sum(), siblings.sum()]
    return counted


def _terms_of(names: list[str]) -> list[list[str]]:
    return [[] if _is_quoted(name) else [term for term in name.split(", ") if term] for name in names]


def _holds(names: list[str], texts: list[str]) -> np.ndarray:
    """Return which texts hold a term of which name, (n_texts, n_names)."""
    of_term = _incidence([term for terms in _terms_of(names) for term in terms], texts)
    holds, start = np.zeros((len(texts), len(names)), bool), 0
    for name, terms in enumerate(_terms_of(names)):
        holds[:, name] = of_term[:, start : start + len(terms)].any(axis=1)
        start += len(terms)
    return holds


def _least_share(regions: Regions, level: int, names: list[str], texts: list[str]) -> np.ndarray:
    """Return the share of a region's texts that hold the term of its name that fewest hold."""
    membership, shares, start = regions.membership[:, level], np.zeros(len(names)), 0
    of_term = _incidence([term for terms in _terms_of(names) for term in terms], texts)
    for region, terms in enumerate(_terms_of(names)):
        if terms:
            shares[region] = of_term[membership == region][:, start : start + len(terms)].mean(axis=0).min()
        start += len(terms)
    return shares


def _incidence(written: list[str], texts: list[str]) -> np.ndarray:
    """Return which texts hold which terms, in any form of their words, (n_texts, n_written)."""
    columns: dict[tuple[str, ...], list[int]] = {}
    for column, term in enumerate(written):
        columns.setdefault(_stems(term), []).append(column)
    longest = max(map(len, columns), default=0)
    holds = np.zeros((len(texts), len(written)), bool)
    for row, text in enumerate(texts):
        stems = _stems(text)
        for start, n in ((start, n) for start in range(len(stems)) for n in range(1, longest + 1)):
            holds[row, columns.get(stems[start : start + n], [])] = True
    return holds


@cache
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem_of(word) for word in WORD.findall(text))


if __name__ == "__main__":
    main()
