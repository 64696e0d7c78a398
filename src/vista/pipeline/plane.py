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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BarePlane:
    """Where items lie, and what its places are called: all that is known of a layout in hand without a representation.

    Attributes:
        layout: Where the items lie.
        named: Its square, its regions and their names.
    """

    layout: Layout
    named: Named


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plane(BarePlane):
    """Where items lie, how far that can be believed, and what its places are called.

    Attributes:
        representation: The items' vectors.
        space: The same under the map's metric.
        graph: The nearest neighbors under it.
        fidelity: How far the layout can be believed.
        trust: The same around each item.
    """

    representation: Representation
    space: MetricSpace
    graph: NeighborGraph
    fidelity: Fidelity
    trust: Trust
