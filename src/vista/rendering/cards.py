"""Text cards: what stands in a cell when neither the item nor a library has a picture for it.

A card is a small sheet of tinted paper with the beginning of the text, set as large as lets it be read. It carries its
own ground, so that one card reads well on a light and on a dark page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.cartography.oklab import oklab_to_srgb
from vista.cartography.type import font, has_glyph

if TYPE_CHECKING:
    from PIL.Image import Image

CARD_PX = 56
_RADIUS_PX = 8.0
_PADDING_PX = 4
_LINE_PX = CARD_PX - 2 * _PADDING_PX
_SIZES_PX = (14.0, 12.0, 11.0, 10.0, 9.0)  # from the largest that looks calm to the smallest that can be read
_LEADING = 1.16
_N_HUES = 24
_LONGEST_TEXT = 80  # characters; more never fit
_MOST_PER_LINE = 16  # characters; a line of a card never holds more in practice
_WORD_SPACE = 0.33  # in font sizes, at least: hinting closes the gap between words at small sizes
_HALF_CAP = 0.36  # half the height of a capital, in font sizes
_PAPER, _EDGE, _INK = (0.945, 0.032), (0.86, 0.05), (0.33, 0.055)  # lightness and chroma in OKLCH
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
            text of nothing else is shown as three blank lines (see `is_drawable`).
        hue: Tint of the paper as an angle in OKLCH, in turns (0 … 1).

    Returns:
        RGBA, 56 × 56 px.
    """
    from PIL import Image as pillow

    step = round(hue * _N_HUES) % _N_HUES
    shown = set_text(text)
    ink = _coverage(shown) if shown.lines else _blank_lines()
    paper, corners = _paper(step)
    card = paper.copy()
    card.paste(oklch(*_INK, step / _N_HUES), (0, 0), pillow.frombytes("L", ink.shape, ink.tobytes()))
    card.putalpha(corners)
    return card


def is_drawable(text: str) -> bool:
    """Return whether a card can show at least one word from the beginning of a text."""
    return any(_drawable_words(text))


def set_text(text: str) -> SetText:
    """Break the beginning of a text into the lines of a card, as large as the whole fits, else small with an ellipsis."""
    words = list(_drawable_words(text))
    n_characters = sum(len(word) + 1 for word in words)
    for font_px in _SIZES_PX:
        if n_characters > _MOST_PER_LINE * _n_lines(font_px) or any(_word_px(word, font_px) > _LINE_PX for word in words):
            continue  # a line of several words always fits
        lines = _wrapped(words, font_px)
        if len(lines) <= _n_lines(font_px):
            return SetText(tuple(lines), font_px)
    return SetText(_cut(words, _SIZES_PX[-1]), _SIZES_PX[-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Glyph:
    """The ink of a character or a word, where it lies from the pen on the baseline, and how far the pen moves on."""

    ink: NDArray[np.uint8]
    left: int
    top: int
    advance_px: float


@lru_cache(maxsize=256)
def oklch(lightness: float, chroma: float, hue: float) -> Color:
    """Return the sRGB color, 0 … 255, of a color in OKLCH; hue in turns."""
    oklab = np.array([lightness, chroma * math.cos(math.tau * hue), chroma * math.sin(math.tau * hue)])
    red, green, blue = np.rint(255 * oklab_to_srgb(oklab)).astype(int).tolist()
    return red, green, blue


@lru_cache(maxsize=_N_HUES)
def _paper(step: int) -> tuple[Image, Image]:
    """Return a card without a text, and how opaque it is."""
    from PIL import Image as pillow
    from PIL.ImageDraw import Draw

    finer = 8
    paper, edge = oklch(*_PAPER, step / _N_HUES), oklch(*_EDGE, step / _N_HUES)
    large = pillow.new("RGBA", (CARD_PX * finer,) * 2, (*edge, 0))
    box = (0, 0, CARD_PX * finer - 1, CARD_PX * finer - 1)
    Draw(large).rounded_rectangle(box, radius=_RADIUS_PX * finer, fill=(*paper, 255), outline=(*edge, 255), width=finer)
    card = large.resize((CARD_PX, CARD_PX), pillow.Resampling.BOX)
    return card, card.getchannel("A")


@lru_cache(maxsize=1)
def _blank_lines() -> NDArray[np.uint8]:
    """Return the ink of three lines without words, pale as a drawing of a text is."""
    from PIL import Image as pillow
    from PIL.ImageDraw import Draw

    ink = pillow.new("L", (CARD_PX, CARD_PX))
    for top, right in ((18, 45), (27, 41), (36, 32)):
        Draw(ink).rounded_rectangle((11, top, right, top + 3), radius=1.5, fill=70)
    return np.asarray(ink)


def _coverage(shown: SetText) -> NDArray[np.uint8]:
    """Return how much ink lies on each pixel of a card, (56, 56), 0 … 255."""
    ink = np.zeros((CARD_PX, CARD_PX), dtype=np.uint8)
    leading = shown.font_px * _LEADING
    top = (CARD_PX - leading * len(shown.lines)) / 2
    for number, line in enumerate(shown.lines):
        baseline = round(top + leading * (number + 0.5) + _HALF_CAP * shown.font_px)
        _set_line(ink, line, shown.font_px, round((CARD_PX - _width_px(line, shown.font_px)) / 2), baseline)
    return ink


def _set_line(ink: NDArray[np.uint8], line: str, font_px: float, left: int, baseline: int) -> None:
    pen, space_px = float(left), _glyph(" ", font_px).advance_px
    for word in line.split(" "):
        stamp = _word(word, font_px)
        _stamp(ink, stamp, round(pen), baseline)
        pen += stamp.advance_px + space_px


def _stamp(ink: NDArray[np.uint8], glyph: _Glyph, pen: int, baseline: int) -> None:
    y, x = max(baseline + glyph.top, 0), max(pen + glyph.left, 0)
    place = ink[y : y + glyph.ink.shape[0], x : x + glyph.ink.shape[1]]
    np.maximum(place, glyph.ink[: place.shape[0], : place.shape[1]], out=place)


def _drawable_words(text: str) -> Iterator[str]:
    shown = (
        "".join(character for character in word if character.isprintable() and has_glyph(character))
        for word in text[:_LONGEST_TEXT].split()
    )
    return (word for word in shown if any(character.isalnum() for character in word) or (word.isascii() and word))


def _wrapped(words: list[str], font_px: float) -> list[str]:
    """Break words into lines, one line more than a card has at most."""
    lines: list[str] = []
    most_lines, width_px, space_px = _n_lines(font_px), 0.0, _glyph(" ", font_px).advance_px
    for word in words:
        word_px = _word_px(word, font_px)
        longer_px = width_px + space_px + word_px
        if lines and longer_px <= _LINE_PX:
            lines[-1] += f" {word}"
            width_px = longer_px
        elif len(lines) > most_lines:
            break
        else:
            lines.append(word)
            width_px = word_px
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
    return int((_LINE_PX + 1) / (font_px * _LEADING))


def _fits(line: str, font_px: float) -> bool:
    return _width_px(line, font_px) <= _LINE_PX


def _width_px(line: str, font_px: float) -> float:
    words = line.split(" ")
    return sum([_word_px(word, font_px) for word in words]) + (len(words) - 1) * _glyph(" ", font_px).advance_px


@lru_cache(maxsize=65_536)
def _word_px(word: str, font_px: float) -> float:
    return sum([_glyph(character, font_px).advance_px for character in word])


@lru_cache(maxsize=16_384)
def _word(word: str, font_px: float) -> _Glyph:
    """Return a word ready to be stamped: texts share most of theirs."""
    glyphs = [_glyph(character, font_px) for character in word]
    pens = list(accumulate((glyph.advance_px for glyph in glyphs), initial=0.0))
    top = min((glyph.top for glyph in glyphs), default=0)
    left = min((round(pen) + glyph.left for pen, glyph in zip(pens, glyphs, strict=False)), default=0)
    right = max((round(pen) + glyph.left + glyph.ink.shape[1] for pen, glyph in zip(pens, glyphs, strict=False)), default=0)
    bottom = max((glyph.top + glyph.ink.shape[0] for glyph in glyphs), default=0)
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for pen, glyph in zip(pens, glyphs, strict=False):
        _stamp(ink, glyph, round(pen) - left, -top)
    return _Glyph(ink, left, top, pens[-1])


@lru_cache(maxsize=8192)
def _glyph(character: str, font_px: float) -> _Glyph:
    """Return a character ready to be stamped: setting type from these is several times as fast as drawing each line."""
    from PIL import Image as pillow

    face = font(font_px)
    mask, (left, top) = face.getmask2(character, mode="L", anchor="ls")
    width, height = mask.size
    ink = np.asarray(pillow.frombytes("L", (width, height), bytes(mask))) if width and height else np.zeros((0, 0), dtype=np.uint8)
    advance_px = float(face.getlength(character))
    return _Glyph(ink, left, top, max(advance_px, round(_WORD_SPACE * font_px)) if character == " " else advance_px)
