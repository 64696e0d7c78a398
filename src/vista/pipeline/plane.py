"""A map before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from vista.artifacts import Fidelity, Labels, Layout, NeighborGraph, RegionName, Regions, Representation, Trust
from vista.cartography.extent import Extent
from vista.metrics import MetricSpace


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """The square that the map shows, its regions, what they are called, and where their names stand."""

    extent: Extent
    n_levels: int
    alone_share: float
    regions: Regions
    names: tuple[tuple[RegionName, ...], ...]
    labels: Labels


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Where items lie, how far that can be believed, and what its places are called.

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
