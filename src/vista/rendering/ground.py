"""The soft ground under everything, and the preview of a map that has no collage: its points on that ground."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Coordinates
from vista.cartography.density import density_grid
from vista.cartography.extent import Extent
from vista.cartography.ground import paint_ground

_GROUND_PX = 256  # the grid that it is painted on; where it is enlarged it stays as soft
_PREVIEW_PX = 1024
_POINT_PX = 1.0
_POINT_INK = 6.0  # a lone point is drawn with about two thirds of full ink
_POINT_COLOR = (104, 110, 128)  # reads on a light and on a dark page


def render_ground(extent: Extent, coordinates: Coordinates, continents: NDArray[np.int32]) -> bytes:
    """Return the ground as WebP with transparency; it has no edges, so that it can be enlarged freely.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
        continents: (n_items,) coarsest region of each item.
    """
    from PIL import Image

    packed = BytesIO()
    painted = paint_ground(extent, coordinates, continents, _GROUND_PX)
    Image.fromarray(painted).save(packed, "WEBP", quality=90, alpha_quality=95, method=4)
    return packed.getvalue()


def render_points_preview(extent: Extent, coordinates: Coordinates, ground: bytes) -> bytes:
    """Return the points of a map on its ground, as one WebP.

    Args:
        extent: The square that the map shows.
        coordinates: (n_items, 2) layout.
        ground: From `render_ground`.
    """
    from PIL import Image

    picture = Image.open(BytesIO(ground)).convert("RGBA").resize((_PREVIEW_PX, _PREVIEW_PX), Image.Resampling.BICUBIC)
    counts = density_grid(coordinates, extent, picture.width, _POINT_PX)
    opacity = 255 * (1 - np.exp(-counts * _POINT_INK))
    points = Image.new("RGBA", picture.size, (*_POINT_COLOR, 0))
    points.putalpha(Image.fromarray(opacity.astype(np.uint8)))
    picture.alpha_composite(points)
    packed = BytesIO()
    picture.save(packed, "WEBP", quality=70, alpha_quality=70, method=4)
    return packed.getvalue()
