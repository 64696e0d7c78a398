"""Float32 codes as float16 with a scale for each latent.

The scale is a power of two, fixed for each shard by the largest value that the latent takes at a token there: it brings
that value to [2¹⁴, 2¹⁵), near the top of float16's range. Powers of two cost no precision, so a value x of a latent whose
largest value in the shard is m is stored as x̃ with

    |x̃ − x| ≤ max(2⁻¹¹ · x, 2⁻³⁸ · m)

The first bound is float16's 11 bits; the second takes over only below 2⁻²⁷ · m, where float16 runs out of
exponents. What is above 0 stays above 0. The same value may come back from two shards with a different second bound, but
under the first bound it comes back the same from any shard.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Latents: TypeAlias = "NDArray[np.integer[Any]] | int"  # one a value, or one for all

TOP_EXPONENT = 15  # scaled values are below 2 ** 15
_SMALLEST = np.float16(2.0**-24)


def exponents_of(maxima: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return e for each latent, so that maximum · 2^−e is in [2¹⁴, 2¹⁵); 0 for a latent that never fires.

    Maxima are from 10⁻³⁰ to 10¹⁵, which keeps e within −114 … 35.
    """
    _, exponents = np.frexp(maxima)
    return np.where(maxima > 0, exponents - TOP_EXPONENT, 0).astype(np.int8)


def rounded(values: NDArray[np.float32], exponents: NDArray[np.int8], latents: Latents) -> NDArray[np.float16]:
    """Return positive values of latents, each times 2^−exponent of its latent, as float16."""
    scaled = (values * _powers(exponents, -1)[latents]).astype(np.float16)
    return np.maximum(scaled, _SMALLEST)


def restored(stored: NDArray[np.float16], exponents: NDArray[np.int8], latents: Latents) -> NDArray[np.float32]:
    """Return float16 values of latents, each times 2^exponent of its latent."""
    values: NDArray[np.float32] = stored.astype(np.float32) * _powers(exponents, 1)[latents]
    return values


def _powers(exponents: NDArray[np.int8], sign: int) -> NDArray[np.float32]:
    powers: NDArray[np.float32] = np.ldexp(np.float32(1), sign * exponents.astype(np.int32))
    return powers
