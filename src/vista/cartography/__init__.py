"""The plane as a map: extent, tiles and cells, drawing order, density, type, and the ground under everything."""

from vista.cartography.extent import CELL_PX, CELLS_PER_TILE, MAX_LEVELS, TILE_PX, Extent, cells_at, collage_depth, extent_of, tile_of
from vista.cartography.ground import paint_ground
from vista.cartography.order import drawing_order

__all__ = [
    "CELLS_PER_TILE",
    "CELL_PX",
    "MAX_LEVELS",
    "TILE_PX",
    "Extent",
    "cells_at",
    "collage_depth",
    "drawing_order",
    "extent_of",
    "paint_ground",
    "tile_of",
]
