"""From the graph of neighbors to a place on the plane for every item."""

from vista.layout.alignment import align
from vista.layout.assignment import GridAssignment, assign_grid
from vista.layout.laying_out import DEFAULT_NEIGHBORS, lay_out
from vista.layout.placing import place
from vista.layout.start import pca_start

__all__ = ["DEFAULT_NEIGHBORS", "GridAssignment", "align", "assign_grid", "lay_out", "pca_start", "place"]
