"""Tells whether a page still looks as it did, on any machine.

Letters and edges are smoothed differently from machine to machine, so pictures are made small and soft before they are compared:
what is left differs only where something is missing, moved or colored otherwise.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

SIZE = (640, 400)
SOFT_SIZE = (320, 200)
SOFT_PX = 1.0
WEBP_QUALITY = 90
FAINTLY = 6
"""By up to so much of 255 what is kept differs from what was seen, since WebP is lossy: nothing is made of it."""
CLEARLY = 24
"""By so much of 255 a channel must differ for a pixel to differ clearly."""

# Measured on the six views, against what is kept: the same again at most 0.04 and 0.05 %, letters without hinting the same, and twice
# as many pixels to the screen 0.08 and 0.05 % (but for the gallery, which then takes other pictures). The least of the changes that
# test_views.py makes, the lines to an item's neighbors left out, has 0.09 and 0.19 %; a missing button of the title 0.19 and 0.31 %.
MOST_MEAN = 0.15
MOST_SHARE = 0.0012


@dataclass(frozen=True, slots=True)
class Difference:
    """How two pictures differ: on average, of 255 (`mean`, beyond what is faint), and in which share of the pixels clearly."""

    mean: float
    share: float

    @property
    def is_small(self) -> bool:
        return self.mean <= MOST_MEAN and self.share <= MOST_SHARE

    def __str__(self) -> str:
        return f"{self.mean:.3f} of 255 on average (at most {MOST_MEAN}), {100 * self.share:.3f} % clearly (at most {100 * MOST_SHARE} %)"


def reduced(screenshot: bytes) -> Image.Image:
    """The picture of a page as it is kept: half as wide."""
    with Image.open(io.BytesIO(screenshot)) as picture:
        return picture.convert("RGB").resize(SIZE, Image.Resampling.BOX)


def compare(seen: Image.Image, kept: Image.Image) -> Difference:
    """Compare two reduced pictures."""
    apart = np.abs(_soft(seen) - _soft(kept))
    return Difference(float(np.maximum(apart - FAINTLY, 0).mean()), float((apart.max(-1) > CLEARLY).mean()))


def _soft(picture: Image.Image) -> NDArray[np.float32]:
    soft = picture.filter(ImageFilter.GaussianBlur(SOFT_PX)).resize(SOFT_SIZE, Image.Resampling.BOX)
    return np.asarray(soft, np.float32)


def keep(picture: Image.Image, path: Path) -> None:
    """Write a picture to compare others with."""
    path.parent.mkdir(exist_ok=True)
    picture.save(path, "WEBP", quality=WEBP_QUALITY, method=6)


def read_kept(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def tell_apart(seen: Image.Image, kept: Image.Image, folder: Path, name: str) -> str:
    """Write what was seen, and where it differs, four times as strong; return where."""
    paths = folder / f"{name}-seen.png", folder / f"{name}-difference.png"
    seen.save(paths[0])
    ImageChops.difference(seen, kept).point(lambda value: min(255, 4 * value)).save(paths[1])
    return f"{paths[0]} is what was seen, {paths[1]} where it differs"
