"""Tiles with one frame: every decoder sees the whole tile."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Playwright

from vista.rendering.webp import encode_tile


def patch(width: int, height: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def decoded(webp: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(webp)).convert("RGBA"))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 25), st.integers(0, 25), st.integers(1, 14), st.integers(1, 14))
def test_the_rectangle_lands_where_it_belongs_and_the_rest_is_transparent(x, y, width, height):
    left, top = 2 * x, 2 * y
    pixels = patch(width, height)
    tile = decoded(encode_tile(pixels, left, top, 64, lossless=True))
    assert tile.shape == (64, 64, 4)
    assert (tile[top : top + height, left : left + width] == pixels).all()
    assert np.count_nonzero(tile[..., 3]) == width * height


def test_a_full_tile_is_a_plain_still_picture():
    webp = encode_tile(patch(64, 64), 0, 0, 64, lossless=True)
    assert b"ANMF" not in webp
    assert (decoded(webp) == patch(64, 64)).all()


def test_lossy_tiles_keep_a_transparent_ground():
    pixels = patch(20, 20)
    pixels[:, :, :3] = (200, 120, 40)
    pixels[:4, :, 3] = 0
    tile = decoded(encode_tile(pixels, 10, 30, 64, lossless=False))
    assert tile[40, 20, 3] == 255
    assert np.abs(tile[40, 20, :3].astype(int) - (200, 120, 40)).max() < 12
    assert tile[31, 20, 3] == 0
    assert tile[0, 0, 3] == 0


@pytest.mark.browser
def test_a_browser_shows_a_framed_tile_like_a_full_one(playwright: Playwright, chromium: str):
    pixels = patch(56, 56)
    full = np.zeros((512, 512, 4), dtype=np.uint8)
    full[324:380, 132:188] = pixels
    tiles = [encode_tile(pixels, 132, 324, 512, lossless=True), encode_tile(full, 0, 0, 512, lossless=True)]
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    framed, whole = browser.new_page().evaluate(_READ_PIXELS, [base64.b64encode(tile).decode() for tile in tiles])
    browser.close()
    assert framed == whole
    assert framed["size"] == [512, 512]
    assert framed["opaque"] == 56 * 56


_READ_PIXELS = """tiles => Promise.all(tiles.map(async tile => {
  const blob = await (await fetch('data:image/webp;base64,' + tile)).blob();
  const bitmap = await createImageBitmap(blob, {premultiplyAlpha: 'none'});
  const context = new OffscreenCanvas(512, 512).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, 512, 512).data;
  let hash = 0, opaque = 0;
  for (let i = 0; i < data.length; i++) { hash = (hash * 31 + data[i]) | 0; if (i % 4 === 3 && data[i]) opaque++; }
  return {size: [bitmap.width, bitmap.height], hash, opaque};
}))"""
