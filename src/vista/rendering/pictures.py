"""What is drawn for an item: its own picture, a library's, or a text card, all of one size.

```
┌──────────────── cell, 64 px ┐    Every picture is 56 × 56 px RGBA and stands in the middle of its cell. A photo fills
│   ┌──────── picture, 56 px ┐│    the square, with rounded corners; a picture with transparency stands free, fitted as
│   │                        ││    it is; a card is a sheet of its own.
│   └────────────────────────┘│
└─────────────────────────────┘
```
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Items, Picture
from vista.cartography.extent import MAX_LEVELS
from vista.kernels.pictures import decode_picture
from vista.rendering.cards import CARD_PX, draw_card
from vista.rendering.library import PictureLibrary

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_PX = CARD_PX  # a card is as large as any picture
_RADIUS_PX = 7.0
_HAIRLINE = (128, 128, 128, 56)  # keeps a white photo apart from a white page, and a black one from a black page
_RIM_PX = 1
_RIM = (255, 255, 255, 90)
_DARK_LUMINANCE = 74.0  # a cut-out whose border is darker than this would drown on a dark page
_OPAQUE_SHARE = 0.98


class Kind(IntFlag):
    """Where a picture comes from; the values are the flags of a cell in the atlas."""

    ITEM = 0
    CARD = 1
    LIBRARY = 2


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture as it stands in a cell: 56 × 56 RGBA, and where it comes from."""

    image: Image
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class PictureSource:
    """Finds the picture of any item at any level.

    An item's own picture comes first, then the library's, then a card with its text, or with its id where there is none.

    Attributes:
        items: The items of the map.
        library: Where texts get their pictures from, or None.
        matches: (n_items,) int32 picture of the library that each item gets, -1 for none; None without a library.
        n_library_levels: Levels 0 … n_library_levels − 1 show the library's pictures, deeper ones cards.
        hues: (n_items,) tint of each item's card, as `draw_card` has it; None for one tint throughout.
        numbers: (n_items,) number by which the cells name each item; None for its row.
    """

    items: Items
    library: PictureLibrary | None = None
    matches: NDArray[np.int32] | None = None
    n_library_levels: int = MAX_LEVELS
    hues: NDArray[np.float32] | None = None
    numbers: NDArray[np.int64] | None = None

    def keys(self, items: NDArray[np.int64], level: int) -> NDArray[np.int64]:
        """Return a number for the picture of each item at a level: equal numbers mean the same picture."""
        if self.library is None or self.matches is None or level >= self.n_library_levels:
            return items
        matches = self.matches[items].astype(np.int64)
        without_own = np.fromiter((self._own_picture(int(item)) is None for item in items), bool, len(items))
        return np.where(without_own & (matches >= 0), -1 - matches, items)

    def draw(self, key: int) -> DrawnPicture:
        """Draw the picture of a number from `keys`; a picture that cannot be decoded gives way to the item's card."""
        if key < 0:
            assert self.library is not None
            return _drawn_of_library(self.library.pictures[-1 - key])
        own = self._own_picture(key)
        if own is not None:
            try:
                return _drawn(own, Kind.ITEM)
            except ValueError:
                pass
        return DrawnPicture(draw_card(self._text(key), 0.2 if self.hues is None else float(self.hues[key])), Kind.CARD)

    def _own_picture(self, item: int) -> Picture | None:
        return None if self.items.pictures is None else self.items.pictures[item]

    def _text(self, item: int) -> str:
        return (self.items.texts[item] if self.items.texts else "") or self.items.ids[item]


@lru_cache(maxsize=4096)
def _drawn_of_library(picture: Picture) -> DrawnPicture:
    """Draw a picture that many maps show: those of a study share their library's; it takes 13 KB."""
    return _drawn(picture, Kind.LIBRARY)


def _drawn(picture: Picture, kind: Kind) -> DrawnPicture:
    image = decode_picture(picture, at_least_px=2 * PICTURE_PX)
    return DrawnPicture(_fitted(image) if _stands_free(image) else _framed(image), kind)


def hues_around(coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a tint for each item's card, in turns: its direction from the middle of the map, so that neighbors match."""
    away = coordinates - np.median(coordinates, axis=0)
    return ((np.arctan2(away[:, 1], away[:, 0]) / (2 * np.pi)) % 1.0).astype(np.float32)


def _stands_free(image: Image) -> bool:
    if image.mode != "RGBA":
        return False
    alpha = np.asarray(image.getchannel("A").resize((32, 32)))
    return bool((alpha > 127).mean() < _OPAQUE_SHARE)


def _framed(image: Image) -> Image:
    """Return the middle square of a photo with rounded corners and a hairline."""
    from PIL import Image as pillow

    side_px = min(image.size)
    left, top = (image.width - side_px) / 2, (image.height - side_px) / 2
    middle = (left, top, left + side_px, top + side_px)
    square = image.resize((PICTURE_PX, PICTURE_PX), pillow.Resampling.LANCZOS, box=middle, reducing_gap=3.0).convert("RGBA")
    square.alpha_composite(_hairline())
    square.putalpha(_rounded_mask(PICTURE_PX, _RADIUS_PX))
    return square


def _fitted(image: Image) -> Image:
    """Return a cut-out as large as fits, in the middle; a dark one gets a faint rim of light."""
    from PIL import Image as pillow
    from PIL import ImageOps

    small = ImageOps.contain(image, (PICTURE_PX, PICTURE_PX), pillow.Resampling.LANCZOS)
    canvas = pillow.new("RGBA", (PICTURE_PX, PICTURE_PX))
    canvas.paste(small, ((PICTURE_PX - small.width) // 2, (PICTURE_PX - small.height) // 2))
    return _with_rim(canvas) if _is_dark(canvas) else canvas


def _is_dark(cut_out: Image) -> bool:
    pixels = np.asarray(cut_out)
    visible = pixels[pixels[..., 3] > 127][:, :3]
    return bool(visible.size and (visible @ np.array([0.299, 0.587, 0.114])).mean() < _DARK_LUMINANCE)


def _with_rim(cut_out: Image) -> Image:
    from PIL import Image as pillow
    from PIL import ImageFilter

    grown = cut_out.getchannel("A").filter(ImageFilter.MaxFilter(2 * _RIM_PX + 1)).filter(ImageFilter.GaussianBlur(0.6))
    rim = pillow.new("RGBA", cut_out.size, _RIM[:3])
    rim.putalpha(grown.point([value * _RIM[3] // 255 for value in range(256)]))
    rim.alpha_composite(cut_out)
    return rim


@lru_cache(maxsize=2)
def _rounded_mask(px: int, radius_px: float) -> Image:
    from PIL import Image as pillow
    from PIL.ImageDraw import Draw

    finer = 8
    large = pillow.new("L", (px * finer, px * finer))
    Draw(large).rounded_rectangle((0, 0, px * finer - 1, px * finer - 1), radius=radius_px * finer, fill=255)
    return large.resize((px, px), pillow.Resampling.BOX)


@lru_cache(maxsize=1)
def _hairline() -> Image:
    from PIL import Image as pillow
    from PIL.ImageChops import subtract

    inner = pillow.new("L", (PICTURE_PX, PICTURE_PX))
    inner.paste(_rounded_mask(PICTURE_PX - 2, _RADIUS_PX - 1), (1, 1))
    ring = subtract(_rounded_mask(PICTURE_PX, _RADIUS_PX), inner)
    line = pillow.new("RGBA", (PICTURE_PX, PICTURE_PX), _HAIRLINE[:3])
    line.putalpha(ring.point([value * _HAIRLINE[3] // 255 for value in range(256)]))
    return line
