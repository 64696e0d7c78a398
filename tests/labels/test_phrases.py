import pytest

from vista.labels.phrases import quoted, spoken


def test_a_term_is_said_with_the_words_that_stand_beside_it_in_most_texts():
    texts = ["the quality of being plausible", "patience: the quality of being patient", "The quality of being late"]
    assert spoken("quality", texts) == "the quality of being"


def test_words_that_few_texts_have_beside_a_term_are_left_out():
    assert spoken("river", ["a river in Ghana", "the river Tyne", "a wide river"]) == "river"


def test_a_phrase_does_not_reach_over_punctuation():
    assert spoken("river", ["Ob: river, large", "Lena: river, large"]) == "river"


def test_a_term_is_written_as_most_of_the_texts_write_it():
    assert spoken("United", ["a unit", "one unit here", "United!"]) == "unit"


def test_a_term_that_no_text_has_as_words_stays():
    assert spoken("猫が", ["猫が好き"]) == "猫が"


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Verrazano: Florentine navigator", "“Verrazano”"),
        ("  The wind blew. It rained", "“The wind blew”"),
        ("his outfit marched to the rearward of the tanks", "“his outfit marched to the…”"),
        ("x" * 40, "“" + "x" * 26 + "…”"),
        ("3.5 percent", "“3.5 percent”"),
        ("", ""),
    ],
)
def test_a_text_is_quoted_up_to_its_first_punctuation_or_a_few_words(text, quote):
    assert quoted(text) == quote
