"""Text cards: what stands in a cell when neither the item nor a library has a picture for it.

A card is a small sheet of tinted paper with the beginning of the text, set as large as lets it be read. It carries its
own ground, so that one card reads well on a light and on a dark page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from vista.cartography.type import font, has_glyph

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

CARD_PX = 56
_RADIUS_PX = 8.0
_PADDING_PX = 4
_SIZES_PX = (14.0, 12.0, 11.0, 10.0, 9.0)  # from the largest that looks calm to the smallest that can be read
_LEADING = 1.16
_N_HUES = 24
_LONGEST_TEXT = 160  # characters; more never fit
_ELLIPSIS = "…"

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class SetText:
    """Lines of text and the size at which they fit on a card."""

    lines: tuple[str, ...]
    font_px: float


def draw_card(text: str, hue: float) -> Image:
    """Draw a card with the beginning of a text.

    Args:
        text: Any text; it is shown as it is, never interpreted. Characters that the map's font lacks are left out, and a
            text of nothing else is shown as three blank lines.
        hue: Tint of the paper as an angle in OKLCH, in turns (0 … 1).

    Returns:
        RGBA, 56 × 56 px.
    """
    from PIL.ImageDraw import Draw

    step = round(hue * _N_HUES) % _N_HUES
    card = _paper(step).copy()
    drawing = Draw(card)
    shown = set_text(text)
    if not shown.lines:
        _draw_blank_lines(drawing, step)
        return card
    leading = shown.font_px * _LEADING
    top = (CARD_PX - leading * len(shown.lines)) / 2
    ink = oklch(0.33, 0.055, step / _N_HUES)
    for number, line in enumerate(shown.lines):
        middle = top + leading * (number + 0.5)
        left = (CARD_PX - _width_px(line, shown.font_px)) / 2
        drawing.text((round(left), round(middle + 0.36 * shown.font_px)), line, fill=ink, font=font(shown.font_px), anchor="ls")
    return card


def set_text(text: str) -> SetText:
    """Break the beginning of a text into the lines of a card, as large as the whole fits, else small with an ellipsis."""
    words = _drawable_words(text)
    for font_px in _SIZES_PX:
        lines = _wrapped(words, font_px)
        if len(lines) <= _n_lines(font_px) and all(_fits(line, font_px) for line in lines):
            return SetText(tuple(lines), font_px)
    return SetText(_cut(words, _SIZES_PX[-1]), _SIZES_PX[-1])


@lru_cache(maxsize=256)
def oklch(lightness: float, chroma: float, hue: float) -> Color:
    """Return the sRGB color, 0 … 255, of a color in OKLCH (B. Ottosson, "A perceptual color space", 2020); hue in turns."""
    a, b = chroma * math.cos(math.tau * hue), chroma * math.sin(math.tau * hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _srgb(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _srgb(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _srgb(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _srgb(linear: float) -> int:
    linear = min(max(linear, 0.0), 1.0)
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * encoded)


@lru_cache(maxsize=_N_HUES)
def _paper(step: int) -> Image:
    from PIL import Image as pillow
    from PIL.ImageDraw import Draw

    finer = 8
    large = pillow.new("RGBA", (CARD_PX * finer,) * 2, (*oklch(0.945, 0.032, step / _N_HUES), 0))
    Draw(large).rounded_rectangle(
        (0, 0, CARD_PX * finer - 1, CARD_PX * finer - 1),
        radius=_RADIUS_PX * finer,
        fill=(*oklch(0.945, 0.032, step / _N_HUES), 255),
        outline=(*oklch(0.86, 0.05, step / _N_HUES), 255),
        width=finer,
    )
    return large.resize((CARD_PX, CARD_PX), pillow.Resampling.BOX)


def _draw_blank_lines(drawing: ImageDraw, step: int) -> None:
    for top, right in ((18, 45), (27, 41), (36, 32)):
        drawing.rounded_rectangle((11, top, right, top + 3), radius=1.5, fill=oklch(0.80, 0.05, step / _N_HUES))


def _drawable_words(text: str) -> list[str]:
    shown = (
        "".join(character for character in word if character.isprintable() and has_glyph(character))
        for word in text[:_LONGEST_TEXT].split()
    )
    return [word for word in shown if any(character.isalnum() for character in word) or (word.isascii() and word)]


def _wrapped(words: list[str], font_px: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and _fits(f"{lines[-1]} {word}", font_px):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(words: list[str], font_px: float) -> tuple[str, ...]:
    """Return as many lines as a card has; what is too wide is cut, and an ellipsis says where something is missing."""
    lines = _wrapped(words, font_px)
    shown = [line if _fits(line, font_px) else _shortened(line, font_px) for line in lines[: _n_lines(font_px)]]
    if len(lines) > len(shown) and not shown[-1].endswith(_ELLIPSIS):
        shown[-1] = _shortened(shown[-1], font_px)
    return tuple(shown)


def _shortened(line: str, font_px: float) -> str:
    while line and not _fits(line + _ELLIPSIS, font_px):
        line = line[:-1]
    return line.rstrip(" ,.;:-–—(") + _ELLIPSIS


def _n_lines(font_px: float) -> int:
    return int((CARD_PX - 2 * _PADDING_PX + 1) / (font_px * _LEADING))


def _fits(line: str, font_px: float) -> bool:
    return _width_px(line, font_px) <= CARD_PX - 2 * _PADDING_PX


def _width_px(line: str, font_px: float) -> float:
    return sum(_advance_px(character, font_px) for character in line)


@lru_cache(maxsize=16384)
def _advance_px(character: str, font_px: float) -> float:
    return float(font(font_px).getlength(character))
