"""From vectors to the graph of nearest neighbors, which layout, trust, regions and viewer share."""

from vista.neighbors.approximate import RECALL_NEIGHBORS
from vista.neighbors.search import find_neighbors

__all__ = ["RECALL_NEIGHBORS", "find_neighbors"]
