"""Text cards: any text is set readably, or replaced by blank lines, and never breaks the map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vista.cartography.type import font
from vista.rendering.cards import CARD_PX, draw_card, is_drawable, oklch, set_text


def test_a_short_text_is_set_whole_and_large():
    assert set_text("joy").lines == ("joy",)
    assert set_text("joy").font_px > set_text("the act of firing weapons at an enemy in the field").font_px


def test_a_long_text_ends_in_an_ellipsis():
    shown = set_text("a member of the genus Canis that has been domesticated by man since prehistoric times")
    assert shown.lines[0].startswith("a member")
    assert shown.lines[-1].endswith("…")


def test_a_word_wider_than_the_card_is_cut_and_not_hyphenated():
    (line,) = set_text("supercalifragilisticexpialidocious").lines
    assert line.endswith("…")
    assert "-" not in line
    assert "supercalifragilisticexpialidocious".startswith(line[:-1])


def test_markup_is_text():
    assert set_text("<b>bold</b>").lines[0].startswith("<b>")


def test_characters_without_a_glyph_are_left_out_and_the_readable_words_stay():
    assert set_text("🎉🎊 party").lines == ("party",)


@pytest.mark.parametrize("text", ["", "   ", "日本語", "🎉", "مرحبا"])
def test_a_text_that_cannot_be_set_is_drawn_as_blank_lines(text):
    assert set_text(text).lines == ()
    assert np.asarray(draw_card(text, 0.4)).tobytes() == np.asarray(draw_card("", 0.4)).tobytes()
    assert np.asarray(draw_card(text, 0.4)).tobytes() != np.asarray(draw_card("a", 0.4)).tobytes()


@pytest.mark.parametrize(
    ("text", "expected"), [("日本語 2024", True), ("héllo", True), ("Привет", True), ("日本語", False), ("🎉 مرحبا", False), ("", False)]
)
def test_a_text_is_drawable_if_a_word_of_it_can_be_shown(text, expected):
    assert is_drawable(text) is expected
    assert bool(set_text(text).lines) is expected


@settings(max_examples=80)
@given(st.text(max_size=200), st.floats(0, 1))
def test_any_text_gives_lines_that_fit_on_the_card(text, hue):
    shown = set_text(text)
    for line in shown.lines:
        assert font(shown.font_px).getlength(line) <= CARD_PX
    assert len(shown.lines) * shown.font_px <= CARD_PX
    assert draw_card(text, hue).size == (CARD_PX, CARD_PX)


def test_ink_stays_off_the_edge_of_the_card_and_contrasts_with_its_paper():
    pixels = np.asarray(draw_card("The quick brown fox jumps over the lazy dog", 0.1)).astype(int)
    blank = np.asarray(draw_card("", 0.1)).astype(int)
    assert (pixels[:2] == blank[:2]).all()
    assert (pixels[-2:] == blank[-2:]).all()
    paper, ink = blank[5, 28, :3], pixels[8:48, 8:48, :3].reshape(-1, 3).min(axis=0)
    assert paper.mean() - ink.mean() > 130
    assert pixels[0, 0, 3] == 0
    assert pixels[28, 2, 3] == 255


def test_the_ends_of_the_hue_circle_meet():
    assert np.asarray(draw_card("x", 0.0)).tobytes() == np.asarray(draw_card("x", 1.0)).tobytes()
    assert np.asarray(draw_card("x", 0.0)).tobytes() != np.asarray(draw_card("x", 0.5)).tobytes()


def test_oklch_gives_known_colors():
    assert oklch(1.0, 0.0, 0.0) == (255, 255, 255)
    assert oklch(0.0, 0.0, 0.0) == (0, 0, 0)
    assert oklch(0.62796, 0.25768, 29.2339 / 360) == pytest.approx((255, 0, 0), abs=1)  # sRGB red
