"""From vectors to the graph of nearest neighbors, which layout, trust, regions and viewer share."""

from vista.neighbors.search import find_neighbors

__all__ = ["find_neighbors"]
