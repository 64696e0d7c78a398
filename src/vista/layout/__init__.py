"""From the graph of neighbors to a place on the plane for every item."""

from vista.layout.start import pca_start
from vista.layout.umap import lay_out

__all__ = ["lay_out", "pca_start"]
