"""Nested regions of the map, from a few continents to many small places."""

from vista.regions.anchors import items_at
from vista.regions.nesting import find_regions

__all__ = ["find_regions", "items_at"]
