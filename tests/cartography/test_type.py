import pytest

from vista.cartography.type import font, has_glyph, text_width_px


def test_widths_grow_in_proportion_to_the_size():
    assert text_width_px("Animals, birds", 26) == pytest.approx(2 * text_width_px("Animals, birds", 13))


def test_widths_are_those_of_the_drawn_text():
    drawn = font(40).getbbox("Hamburg Ελλάδα Москва")
    assert text_width_px("Hamburg Ελλάδα Москва", 40) == pytest.approx(drawn[2], rel=0.03)


@pytest.mark.parametrize("character", ["a", "é", "ł", "Ω", "Ж", "–", "→", " "])
def test_the_font_holds_latin_greek_and_cyrillic(character):
    assert has_glyph(character)


@pytest.mark.parametrize(("text", "em"), [("漢字", 2.0), ("🐈", 1.0), ("ไ", 0.65), ("\u0e34", 0.0), ("", 0.0)])
def test_what_the_font_lacks_is_estimated(text, em):
    assert text_width_px(text, 10) == pytest.approx(10 * em)
