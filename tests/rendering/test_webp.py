"""What becomes of pixels on their way through WebP."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from vista.rendering.webp import encode_webp


def patch() -> np.ndarray:
    pixels = np.full((64, 64, 4), (200, 120, 40, 255), dtype=np.uint8)
    pixels[:16, :, 3] = 0
    pixels[16, :, 3] = np.arange(64) * 4
    return pixels


def decoded(webp: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(webp)).convert("RGBA")).astype(int)


def test_lossless_keeps_every_visible_pixel():
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 4), dtype=np.uint8)
    noise[..., 3] = 255
    assert (decoded(encode_webp(noise, lossless=True)) == noise).all()


def test_lossy_keeps_a_transparent_ground_and_a_smooth_rim():
    pixels = decoded(encode_webp(patch(), lossless=False))
    assert (pixels[17:, :, 3] == 255).all()
    assert np.abs(pixels[40, 20, :3] - (200, 120, 40)).max() < 12
    assert not pixels[:16, :, 3].any()
    assert np.abs(pixels[16, :, 3] - np.arange(64) * 4).max() <= 9
