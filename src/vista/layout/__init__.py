"""From the graph of neighbors to a place on the plane for every item."""

from vista.layout.laying_out import lay_out
from vista.layout.start import pca_start

__all__ = ["lay_out", "pca_start"]
