"""Type on the map: the font that labels and text cards are set in, and how wide a text comes out.

The font is Inter Medium (SIL Open Font License) with its Latin, Greek and Cyrillic glyphs. The viewer sets labels in
the same family, so that widths measured here hold on the screen; other scripts are set there in whatever font the
reader's system has, and their widths are estimated.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

_MEASURED_AT_PX = 100.0  # large enough that rounding of single advances does not show
_WIDE_EM = 1.0
_NARROW_EM = 0.65
_NO_CHARACTER = "\U0010ffff"


@lru_cache(maxsize=64)
def font(px: float) -> ImageFont.FreeTypeFont:
    """Return the font at a size in px, for drawing with Pillow."""
    from PIL import ImageFont

    return ImageFont.truetype(BytesIO(_font_file()), px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16384)
def has_glyph(character: str) -> bool:
    """Return whether the font can draw `character`, rather than an empty box."""
    return not character.isprintable() or _drawn(character) != _drawn(_NO_CHARACTER)


def text_width_px(text: str, font_px: float) -> float:
    """Return how wide one line of `text` is at a font size in px.

    Exact for what the font holds; a character that it lacks counts one em if it is wide (Chinese, Japanese, Korean,
    emoji), nothing if it combines with its neighbor, and 0.65 em otherwise.
    """
    known = "".join(character for character in text if has_glyph(character))
    foreign_em = sum(_foreign_em(character) for character in text if not has_glyph(character))
    return float(font(_MEASURED_AT_PX).getlength(known) / _MEASURED_AT_PX + foreign_em) * font_px


@lru_cache(maxsize=1)
def _font_file() -> bytes:
    return files("vista.cartography").joinpath("fonts", "Inter-Medium.ttf").read_bytes()


def _drawn(character: str) -> bytes:
    return bytes(font(24).getmask(character))


def _foreign_em(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    return _WIDE_EM if unicodedata.east_asian_width(character) in "WF" else _NARROW_EM
