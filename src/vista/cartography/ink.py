"""How strongly a map is inked where its items lie: a lone item faintly, the densest places most, on a logarithmic scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INK = (92, 124, 190)  # reads on a light and on a dark page
FULL_SHARE = 0.999  # of the inked pixels; the densest of all do not set the scale alone
_FAINTEST, _STRONGEST = 0.16, 0.94  # opacity of a lone item, and where items lie most densely
_CONTRAST = 1.6  # more than 1 keeps ink for the dense parts, of which a logarithm alone makes one gray
LEAST_FULL = 2 * float(np.log(2))  # where items lie alone everywhere, these are no dense places


def lone_peak(bandwidth_px: float) -> float:
    """Return the density at the middle of one item that is blurred by a Gaussian."""
    return 1 / (2 * np.pi * bandwidth_px**2)


def ink_steps(density: NDArray[np.float64], bandwidth_px: float) -> NDArray[np.float64]:
    """Return the logarithmic density of the pixels that an item reaches, as a flat list."""
    lone = lone_peak(bandwidth_px)
    return np.asarray(np.log1p(density[density > lone / 8] / lone))


def full_ink(steps: NDArray[np.float64]) -> float:
    """Return the logarithmic density that gets full ink, from those of all inked pixels."""
    return max(float(np.quantile(steps, FULL_SHARE)), LEAST_FULL) if steps.size else 1.0


def ink_opacity(density: NDArray[np.float64], bandwidth_px: float, full: float) -> NDArray[np.uint8]:
    """Return how opaque the ink is on each pixel, 0 to 255.

    Args:
        density: Items a pixel, blurred by a Gaussian.
        bandwidth_px: Its standard deviation.
        full: From `full_ink`.
    """
    lone = lone_peak(bandwidth_px)
    share = np.clip(np.log1p(density / lone) / full, 0, 1)
    seen = np.clip(density / lone, 0, 1)  # below one item, ink fades out with the blur
    opacity = seen * (_FAINTEST + (_STRONGEST - _FAINTEST) * share**_CONTRAST)
    return np.asarray(np.rint(255 * opacity), dtype=np.uint8)
