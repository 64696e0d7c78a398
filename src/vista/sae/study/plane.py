"""From codes to a map that can be named and drawn: the stages of `vista.map`, on sparse codes and under the metrics of a study."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.execution import silent
from vista.metrics import LatentMetric, metric_space
from vista.pipeline.plane import Plane
from vista.pipeline.run import PlaneOptions
from vista.pipeline.stages import arrange, connect, judge, name_places
from vista.sae.study.options import StudyRun

if TYPE_CHECKING:
    from vista.artifacts import Vectors


def plane_of(vectors: Vectors, encoder: str, metric: str | LatentMetric, texts: list[str] | None, run: StudyRun) -> Plane:
    """Find neighbors, lay the items out, measure what the map keeps, and name its places.

    Args:
        vectors: (n_items, dim) codes.
        encoder: What they are, in words.
        metric: The map's metric.
        texts: What the regions are named by.
        run: The run.
    """
    from vista.representations import given

    representation, options = given(vectors, encoder=encoder), PlaneOptions(seed=run.options.seed)
    graph = connect(representation, metric, options, run)
    layout = arrange(representation, metric, graph, options, run)
    with ThreadPoolExecutor(1) as beside:  # names are made by Python on one core, which leaves the other to fidelity's kernels
        judging = beside.submit(judge, representation, metric, graph, layout, options, replace(run, progress=silent))
        named = name_places(layout, texts, run)
        judged = judging.result()
    return Plane(
        layout=layout,
        named=named,
        representation=representation,
        space=metric_space(representation.vectors, metric),
        graph=graph,
        fidelity=judged.fidelity,
        trust=judged.trust,
    )


def finest_regions(plane: Plane, most: int) -> NDArray[np.int32]:
    """Return the region of each item at the finest level that has at most `most` regions, (n_items,)."""
    regions = plane.named.regions
    levels = [level for level, parents in enumerate(regions.parents) if len(parents) <= most]
    return regions.membership[:, max(levels, default=0)]
