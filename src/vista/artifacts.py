"""The nouns of VISTA: frozen data that the stages hand to one another.

A stage takes some of these and returns another; no stage knows who made what it gets. Rows mean items, always in the
same order (source order), from `Items` to `Labels`. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa
    import scipy.sparse as sp

Vectors: TypeAlias = "NDArray[np.float32] | sp.csr_matrix"  # (n_items, dim)
Coordinates: TypeAlias = NDArray[np.float32]  # (n_items, 2); x to the right, y down, as drawn
Picture: TypeAlias = Path | bytes  # an encoded image: a file, or its bytes
MetricName: TypeAlias = Literal["cosine", "euclidean", "latent"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that was read, as the manifest records it: base name, content hash (SHA-256, hex) and size."""

    name: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that was left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What is mapped: texts, pictures, or rows that have only vectors.

    Attributes:
        ids: Unique strings, one an item; of many items they are spelled only when they are asked for.
        source_rows: Row of each item in its source, (n_items,) int64, counted before anything was skipped or sampled.
        texts: One text an item ("" where missing), or None where there is no text column.
        pictures: One picture an item (None where missing), or None where the items have no pictures.
        columns: The user's own columns, one row an item, under their own names; may have no columns.
        text_column: Name of the column that `texts` came from, or None.
        color_columns: Names of the columns that the viewer offers for coloring.
        inputs: The files that were read.
        skipped: What was left out, and why.
        notes: Sentences to say to the user: what was guessed, renamed, counted.
    """

    ids: Sequence[str]
    source_rows: NDArray[np.int64]
    texts: list[str] | None
    pictures: list[Picture | None] | None
    columns: pa.Table
    text_column: str | None = None
    color_columns: tuple[str, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Representation:
    """One vector an item.

    Attributes:
        vectors: (n_items, dim) float32, dense or CSR, finite.
        encoder: How the vectors came to be, in words: "given", or the encoder's name.
        space: Identity of the vector space (hash of the encoder's weights and configuration), or None when unknown;
            two representations with the same space can be compared item by item.
        fingerprint: SHA-256 (hex) of the content, for caches.
        notes: Sentences to say to the user (texts cut at the encoder's limit, zero vectors).
    """

    vectors: Vectors
    encoder: str
    fingerprint: str
    space: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        return int(self.vectors.shape[0])

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A direction in a representation; the activation of an item along it is the inner product with the item's vector.

    Attributes:
        vector: (dim,) finite, not all zero.
        name: What it is, in words.
        form: Where it comes from: a "direction" in hand, or the decoder row of a "latent".
    """

    vector: NDArray[Any]
    name: str = "direction"
    form: Literal["direction", "latent"] = "direction"


@dataclass(frozen=True, slots=True, eq=False)
class NeighborGraph:
    """The k nearest other items of every item, near to far; an item is never its own neighbor.

    Attributes:
        indices: (n_items, k) int32.
        distances: (n_items, k) float32, in `metric`, ascending in each row; equal distances are in row order.
        exact: Whether every neighbor is the true one.
        recall: Share of the true 15 nearest found (of all k, where k is less), measured on `recall_queries` items; 1.0 when
            exact.
    """

    indices: NDArray[np.int32]
    distances: NDArray[np.float32]
    metric: MetricName
    exact: bool
    recall: float = 1.0
    recall_queries: int = 0

    @property
    def n_items(self) -> int:
        return int(self.indices.shape[0])

    @property
    def n_neighbors(self) -> int:
        return int(self.indices.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where each item lies on the plane."""

    coordinates: Coordinates
    method: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Fidelity:
    """How far the layout keeps the neighbors of the representation (`docs/fidelity.md` has the formulas).

    All arrays run over `k`. `gain`, `rnx`, `trustworthiness` and `continuity` are means over the query items.

    Attributes:
        metric: Distance in the representation.
        n_items: Number of items on the map.
        n_queries: Number of items that were asked for their neighbors; all of them when `exact`.
        exact: Whether every item was asked.
        k: (n_k,) int64 neighborhood sizes, ascending: 0.5, 1, 2, 5, 10, 20, 50 % of n, and 10, 30, 100.
        percentages: The percentage that each `k` stands for, or None for a plain number.
        gain: (n_k,) G(k) = Q(k) − k / (n − 1).
        gain_ci: (n_k, 2) 95 % interval of `gain`; equal to it when exact.
        rnx: (n_k,) R_NX(k).
        rnx_area: Area under R_NX over log k, k = 1 … n − 2.
        trustworthiness: (n_k,).
        continuity: (n_k,).
        null: Mean, low and high of `rnx_area` and `gain` over layouts whose rows were shuffled.
        curve_k: (n_curve,) neighborhood sizes of the drawn curve, about log-spaced.
        curve_rnx: (n_curve,) R_NX there.
        gain_cosine: (n_k,) under the latent metric the gain under its cosine alone; None under other metrics.
    """

    metric: MetricName
    n_items: int
    n_queries: int
    exact: bool
    k: NDArray[np.int64]
    percentages: tuple[float | None, ...]
    gain: NDArray[np.float64]
    gain_ci: NDArray[np.float64]
    rnx: NDArray[np.float64]
    rnx_area: float
    trustworthiness: NDArray[np.float64]
    continuity: NDArray[np.float64]
    null: FidelityNull
    curve_k: NDArray[np.int64]
    curve_rnx: NDArray[np.float64]
    gain_cosine: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FidelityNull:
    """The same figures for layouts with shuffled rows: what chance alone gives.

    Attributes:
        n: Number of permutations.
        gain_mean, gain_low, gain_high: (n_k,) mean, smallest and largest gain over the permutations.
        area_mean, area_low, area_high: The same for the area under R_NX.
    """

    n: int
    gain_mean: NDArray[np.float64]
    gain_low: NDArray[np.float64]
    gain_high: NDArray[np.float64]
    area_mean: float
    area_low: float
    area_high: float


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """How far each single item's surroundings on the map can be believed.

    Attributes:
        k: Neighborhood size.
        false_neighbors: (n_items,) float32 in [0, 1]: share of the k nearest on the map that are not among the 4 k
            nearest in the representation.
        missing_neighbors: (n_items,) float32 in [0, 1]: share of the k nearest in the representation that are not
            among the 4 k nearest on the map.
    """

    k: int
    false_neighbors: NDArray[np.float32]
    missing_neighbors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Nested regions of the map: level 0 is the coarsest, and every region lies inside one of the level above.

    Attributes:
        membership: (n_items, n_levels) int32; region number within its level, each in 0 … n_regions(level) − 1.
        parents: One (n_regions,) int32 array a level: the region's parent in the level above; -1 throughout level 0.
        anchors: One (n_regions, 2) float32 array a level: the densest place of the region, in layout units.
    """

    membership: NDArray[np.int32]
    parents: tuple[NDArray[np.int32], ...]
    anchors: tuple[NDArray[np.float32], ...]

    @property
    def n_levels(self) -> int:
        return len(self.parents)


@dataclass(frozen=True, slots=True)
class RegionName:
    """What a region is called, and the terms (with their weights) behind the name; "" where nothing sets it apart."""

    name: str
    terms: tuple[tuple[str, float], ...] = ()


class Outcome(IntEnum):
    """What came of an item when a latent's label was tried on its text; atlases hold these bytes."""

    NOT_TRIED = 0  # the text is not held out, empty, equal to another one, or was not drawn
    FOUND = 1
    NOT_FOUND = 2


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map, and the zooms at which it shows (`cartography/extent.py` defines zoom).

    Within [min_zoom, max_zoom) its box, centered on (x, y) and `width_px` × `height_px` large on the screen, overlaps
    no other label that shows at the same zoom.
    """

    text: str
    x: float
    y: float
    level: int
    region: int
    n_items: int
    min_zoom: float
    max_zoom: float
    width_px: float
    height_px: float


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels of a map, coarsest first."""

    labels: tuple[Label, ...]
    font_px: tuple[float, ...]  # size of the type at each level
