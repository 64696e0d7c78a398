"""Maps of the same items in several representations, side by side, with what it costs to bring them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vista.artifacts import Fidelity, Layout, Representation
from vista.execution import Progress, silent
from vista.metrics.space import DenseMetric


@dataclass(frozen=True, slots=True, eq=False)
class AlignedMap:
    """One of several aligned layouts, and how far it can be believed.

    Attributes:
        layout: Where the items lie, near to where the neighbors in the series have them.
        fidelity: How far this layout keeps the neighbors of its representation.
        fidelity_alone: The same for a layout made without regard to the others.
    """

    layout: Layout
    fidelity: Fidelity
    fidelity_alone: Fidelity

    @property
    def price(self) -> float:
        """How much of the area under R_NX the alignment costs."""
        return self.fidelity_alone.rnx_area - self.fidelity.rnx_area


def align_maps(
    representations: Sequence[Representation],
    *,
    metric: DenseMetric = "cosine",
    closeness: float = 0.5,
    detail: float = 1.0,
    n_neighbors: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[AlignedMap, ...]:
    """Lay the same items out by each representation, near to each other, and report the price in fidelity.

    Args:
        representations: The same items in each representation, in the order of the series.
        metric: Distance in all of them.
        closeness: 0 (each its own way) to 1 (as near as they get).
        detail: 0 (continents) to 1 (each item's own neighbors).
        n_neighbors: Neighbors an item; by default as in `vista.layout.lay_out`.
        seed: Seed of everything random.
        progress: Told how far the work is.

    Raises:
        InputError: If the representations differ in their items, or an option is out of its range.
    """
    from vista.layout import DEFAULT_NEIGHBORS, align, lay_out, pca_start
    from vista.neighbors import find_neighbors
    from vista.trust import measure_fidelity

    def judged(representation: Representation, layout: Layout) -> Fidelity:
        return measure_fidelity(representation, layout, metric=metric, seed=seed, progress=progress)

    k = n_neighbors or DEFAULT_NEIGHBORS["spectrum"]
    graphs = [find_neighbors(one, n_neighbors=k, metric=metric, seed=seed, progress=progress) for one in representations]
    starts = [pca_start(one, seed=seed) for one in representations]
    options: dict[str, Any] = {"detail": detail, "n_neighbors": n_neighbors, "seed": seed}
    layouts = align(graphs, starts=starts, closeness=closeness, **options, progress=progress)
    alone = [lay_out(graph, start=start, **options, progress=progress) for graph, start in zip(graphs, starts, strict=True)]
    return tuple(
        AlignedMap(layout, judged(one, layout), judged(one, by_itself))
        for one, layout, by_itself in zip(representations, layouts, alone, strict=True)
    )
