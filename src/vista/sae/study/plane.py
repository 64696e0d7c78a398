"""From codes to a map that can be named and drawn: the stages of `vista.map`, on sparse codes and under the metrics of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Fidelity, Layout, NeighborGraph, Representation, Trust
from vista.metrics import LatentMetric, MetricSpace, metric_space
from vista.pipeline.plane import Named
from vista.pipeline.stages import TRUST_K, name_places
from vista.sae.study.options import StudyRun

if TYPE_CHECKING:
    from vista.artifacts import Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A map before it is drawn.

    Attributes:
        representation: The items' vectors.
        space: The same under the map's metric.
        graph: The nearest neighbors under it.
        layout: Where the items lie.
        fidelity: How far that can be believed.
        trust: The same around each item.
        named: Its square, its regions and their names.
    """

    representation: Representation
    space: MetricSpace
    graph: NeighborGraph
    layout: Layout
    fidelity: Fidelity
    trust: Trust
    named: Named


def plane_of(
    vectors: Vectors, encoder: str, metric: str | LatentMetric, texts: list[str] | None, key: tuple[object, ...], run: StudyRun
) -> Plane:
    """Find neighbors, lay the items out, measure what the map keeps, and name its places.

    Args:
        vectors: (n_items, dim) codes.
        encoder: What they are, in words.
        metric: The map's metric.
        texts: What the regions are named by.
        key: What the cached stages depend on besides the study's data.
        run: The run.
    """
    from vista.layout import DEFAULT_NEIGHBORS, lay_out, pca_start
    from vista.neighbors import find_neighbors
    from vista.representations import given
    from vista.trust import WIDE, measure_fidelity, measure_trust

    representation, seed, told = given(vectors, encoder=encoder), run.options.seed, run.progress
    k = max(DEFAULT_NEIGHBORS["spectrum"], WIDE * TRUST_K)
    parts = (representation.fingerprint, *key, seed)
    with run.timed("neighbors"):
        graph = run.remember(
            NeighborGraph,
            ("neighbors",),
            (*parts, k),
            lambda: find_neighbors(representation, n_neighbors=k, metric=metric, seed=seed, progress=told),
        )
    with run.timed("layout"):
        layout = run.remember(
            Layout,
            ("layout", "neighbors"),
            (*parts, k),
            lambda: lay_out(graph, start=pca_start(representation, seed=seed), seed=seed, progress=told),
        )
    with run.timed("fidelity"):
        fidelity = run.remember(
            Fidelity,
            ("trust",),
            (*parts, layout.coordinates),
            lambda: measure_fidelity(representation, layout, metric=metric, seed=seed, progress=told),
        )
        trust = measure_trust(graph, layout, k=TRUST_K)
    return Plane(
        representation, metric_space(representation.vectors, metric), graph, layout, fidelity, trust, name_places(layout, texts, run)
    )


def finest_regions(plane: Plane, most: int) -> NDArray[np.int32]:
    """Return the region of each item at the finest level that has at most `most` regions, (n_items,)."""
    regions = plane.named.regions
    levels = [level for level, parents in enumerate(regions.parents) if len(parents) <= most]
    return regions.membership[:, max(levels, default=0)]
