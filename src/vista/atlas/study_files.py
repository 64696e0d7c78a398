"""What a map of a study or an activation holds beyond that of any map: its own neighbors, tokens of its items, a relief, and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import NeighborGraph, Outcome
from vista.atlas.blocks import gzipped, write_blocks
from vista.atlas.colors import Numbers
from vista.atlas.json_text import json_bytes, plain, rounded
from vista.atlas.manifest import MapEntry, NumberColor
from vista.atlas.points import PointColumns
from vista.atlas.study_entries import ActivationEntry, LatentEntry, MapNeighborsEntry, TokensEntry

if TYPE_CHECKING:
    import pyarrow as pa

NEIGHBORS_KEPT = 15
ITEMS_PER_BLOCK = 16
ACTIVATION = "activation"
OUTCOME = "outcome"
FOUND_BY_LABEL = "found_by_label"


@dataclass(frozen=True, slots=True, eq=False)
class StudyContent:
    """What a map of a study, or one that is conditioned on an activation, says beyond any map; rows are its items in source order.

    Attributes:
        kind: What the map of a study is of.
        graph: The nearest items of every item under the map's own metric; None where those of the set hold.
        activations: (n_items,) the activation of each item that the map looks at; None on a dictionary.
        spans: For every item the tokens on which the latent fires: first character, character after the last, activation.
        terrain: WebP of the activation as a relief.
        activation: On a map of no study: what its activation is, and what the metric makes of it.
        latent: The latent's figures.
        recalls: One (n_regions,) array a level: share of the region's items that the latent's label finds, NaN where it is
            not known; empty where no label was judged.
        outcomes: (n_items,) uint8 `Outcome` of every item; None where no label was judged.
        opens: Of a dictionary: the map that an item of the set opens.
    """

    kind: Literal["latent", "dictionary"] | None = None
    graph: NeighborGraph | None = None
    activations: NDArray[np.float32] | None = None
    spans: Sequence[Sequence[tuple[int, int, float]]] | None = None
    terrain: bytes | None = None
    activation: ActivationEntry | None = None
    latent: LatentEntry | None = None
    recalls: Sequence[NDArray[np.float64]] = ()
    outcomes: NDArray[np.uint8] | None = None
    opens: Mapping[int, str] = field(default_factory=dict)


def write_study_content(points: PointColumns, study: StudyContent, members: NDArray[np.int64]) -> MapEntry:
    """Write the files of such a map, and return the keys that they add to its entry.

    Args:
        points: The columns of the map, and where its files are.
        study: What the map says.
        members: (n_items,) item of the set that each row is.
    """
    atlas, room, order = points.atlas, points.room, points.order
    entry: Any = {} if study.kind is None else {"kind": study.kind}
    if study.graph is not None and study.graph.n_neighbors:
        entry["neighbors"] = _write_neighbors(atlas, f"{room}/neighbors.bin", study.graph, order, members)
    if study.spans is not None:
        entry["tokens"] = _write_tokens(atlas, room, study.spans, order)
    if study.terrain is not None:
        (atlas / room / "terrain.webp").write_bytes(study.terrain)
        entry["terrain"] = f"{room}/terrain.webp"
    if study.outcomes is not None:
        entry["outcomes"] = points.write(OUTCOME, study.outcomes)
    if study.activation is not None:
        entry["activation"] = study.activation
    if study.latent is not None:
        entry["latent"] = study.latent
    if study.opens:
        entry["opens"] = {str(item): map_id for item, map_id in sorted(study.opens.items())}
    added: MapEntry = entry
    return added


def activation_color(points: PointColumns, activations: NDArray[np.float32]) -> NumberColor:
    """Write the activations as a column to color by."""
    return points.number_color(ACTIVATION, ACTIVATION, Numbers(activations, float(activations.min()), float(activations.max())))


def found_by_label(outcomes: NDArray[np.uint8]) -> pa.Array:
    """Return for each item whether the label finds it, null where that was not tried."""
    import pyarrow as pa

    return pa.array(outcomes == Outcome.FOUND, mask=outcomes == Outcome.NOT_TRIED)


def region_figures(study: StudyContent, level: int, membership: NDArray[np.int32], sizes: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return what such a map says of each region of a level, beyond what any map says."""
    figures: list[dict[str, Any]] = [{} for _ in sizes]
    if study.activations is not None:
        means = rounded(np.bincount(membership, study.activations, len(sizes)) / np.maximum(sizes, 1), 4).tolist()
        for region, mean in zip(figures, means, strict=True):
            region["activation"] = mean
    if study.recalls:
        for region, recall in zip(figures, plain(study.recalls[level].tolist()), strict=True):
            region["recall"] = recall
    return figures


def _write_neighbors(
    atlas: Path, path: str, graph: NeighborGraph, order: NDArray[np.int64], members: NDArray[np.int64]
) -> MapNeighborsEntry:
    k = min(NEIGHBORS_KEPT, graph.n_neighbors)
    records = np.empty(len(order), np.dtype([("items", "<u4", k), ("distances", "<f4", k)]))
    records["items"], records["distances"] = members[graph.indices[order, :k]], graph.distances[order, :k]
    (atlas / path).write_bytes(records.tobytes())
    return {"path": path, "k": k, "metric": graph.metric}


def _write_tokens(atlas: Path, room: str, spans: Sequence[Sequence[tuple[int, int, float]]], order: NDArray[np.int64]) -> TokensEntry:
    data, index = f"{room}/tokens.bin", f"{room}/tokens.idx"
    write_blocks(atlas / data, atlas / index, _token_blocks(spans, order.tolist()))
    high = max((value for tokens in spans for _, _, value in tokens), default=0.0)
    return {"data": data, "index": index, "items_per_block": ITEMS_PER_BLOCK, "high": float(high)}


def _token_blocks(spans: Sequence[Sequence[tuple[int, int, float]]], order: list[int]) -> Iterator[bytes]:
    for start in range(0, len(order), ITEMS_PER_BLOCK):
        rows = order[start : start + ITEMS_PER_BLOCK]
        yield gzipped(json_bytes([[[first, end, float(f"{value:.4g}")] for first, end, value in spans[row]] for row in rows]))
