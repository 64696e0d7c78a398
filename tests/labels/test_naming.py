import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vista.artifacts import Regions
from vista.labels import name_regions


def regions(*levels: list[int]) -> Regions:
    membership = np.array(levels, np.int32).T
    parents = [np.full(membership[:, 0].max() + 1, -1, np.int32)]
    for above, below in zip(membership.T[:-1], membership.T[1:], strict=True):
        parents.append(np.array([above[below == region][0] for region in range(below.max() + 1)], np.int32))
    anchors = tuple(np.zeros((len(level), 2), np.float32) for level in parents)
    return Regions(membership, tuple(parents), anchors)


def named(map_regions: Regions, texts: list[str]) -> list[list[str]]:
    return [[region.name for region in level] for level in name_regions(map_regions, texts)]


def test_a_region_is_named_by_what_sets_its_texts_apart():
    texts = ["a big cat", "the cat sleeps", "cat and dog big"] * 3 + ["red car", "big car on a road", "car"] * 3
    assert named(regions([0] * 9 + [1] * 9), texts) == [["cat", "car"]]


def test_terms_come_with_falling_weights():
    (level,) = name_regions(regions([0] * 6 + [1] * 6), ["cat fur", "cat"] * 3 + ["car"] * 6)
    weights = [weight for _, weight in level[0].terms]
    assert level[0].terms[0][0] == "cat"
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)


def test_two_words_that_belong_together_stay_together():
    texts = ["traffic light", "old traffic light", "traffic light here"] * 2 + ["heavy stone", "light feather", "traffic sign"] * 2
    assert named(regions([0] * 6 + [1] * 6), texts)[0][0] == "traffic light"


def test_a_name_is_written_as_it_is_in_most_texts_and_endings_do_not_split_it():
    texts = ["Smiling", "smile", "Smiles", "Smiling"] + ["Paris"] * 4
    assert named(regions([0] * 4 + [1] * 4), texts) == [["Smiling", "Paris"]]


def test_a_region_does_not_repeat_the_name_of_the_region_above():
    texts = ["animal cat"] * 4 + ["animal dog"] * 4 + ["machine car"] * 4 + ["machine train"] * 4
    coarse, fine = named(regions([0] * 8 + [1] * 8, [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4), texts)
    assert coarse == ["animal", "machine"]
    assert fine == ["cat", "dog", "car", "train"]


def test_a_region_with_only_its_parents_words_has_no_name():
    assert named(regions([0] * 4 + [1] * 4, [0] * 4 + [1] * 4), ["cat"] * 4 + ["car"] * 4)[1] == ["", ""]


def test_regions_of_one_level_get_different_names():
    texts = ["cat milk"] * 6 + ["cat mouse"] * 5 + ["car"] * 30
    (names,) = named(regions([0] * 6 + [1] * 5 + [2] * 30), texts)
    assert len(set(names)) == 3


def test_numbers_alone_name_a_region_only_for_lack_of_words():
    with_words = ["1998 wine", "1998 wine red", "1998"] * 2
    assert named(regions([0] * 6 + [1] * 4), with_words + ["beer"] * 4)[0][0] == "1998 wine"
    assert named(regions([0] * 6 + [1] * 4), ["1998"] * 6 + ["beer"] * 4)[0][0] == "1998"


def test_texts_in_any_script_give_names():
    texts = ["собака лает"] * 4 + ["猫が好き"] * 4 + ["הכלב ישן"] * 4 + ["café crème"] * 4
    (names,) = named(regions([0] * 4 + [1] * 4 + [2] * 4 + [3] * 4), texts)
    assert "собака" in names[0]
    assert names[1]
    assert "הכלב" in names[2]
    assert "café" in names[3]


def test_regions_without_texts_have_no_names():
    assert named(regions([0, 0, 1, 1]), ["", "", "", "the of and"]) == [["", ""]]


def test_what_one_text_says_names_no_region():
    texts = ["Florentine navigator", "Welsh buccaneer", "sheriff by night"] + ["blue car", "red car", "car"] * 2
    (names,) = named(regions([0] * 3 + [1] * 6), texts)
    assert names == ["“Florentine navigator”", "car"]


def test_the_text_that_is_quoted_has_most_in_common_with_the_others():
    inside = ["the moss", "lake", "grass with the dew", "sand with salt", "the hill", "fern with spores", "oak", "elm", "ash"]
    (names,) = named(regions([0] * 9 + [1] * 9), inside + ["the grey car with doors"] * 9)
    assert names[0] == "“grass with the dew”"


def test_a_region_does_not_quote_what_the_region_above_quotes():
    assert named(regions([0, 1, 1], [0, 1, 2]), ["cat", "", ""]) == [["“cat”", ""], ["", "", ""]]


def test_function_words_that_lie_evenly_over_the_map_name_nothing():
    texts = ["and the cat", "the dog and cat", "a cat and"] * 4 + ["and the car", "the bus and car", "car and"] * 4
    (names,) = named(regions([0] * 12 + [1] * 12), texts)
    assert not {"and", "the"} & {word for name in names for word in name.replace(",", "").split(" ")}


def test_function_words_name_a_region_only_for_lack_of_others_and_where_most_of_its_texts_have_them():
    pronouns = ["she ran off", "she was tired", "then she said so", "why did she cry"]
    others = ["stone wall", "cold stone", "a stone of granite", "stone"]
    assert named(regions([0] * 4 + [1] * 4), pronouns + others) == [["she", "stone"]]


def test_where_texts_share_no_other_words_a_name_is_the_phrase_that_they_have_in_common():
    texts = ["how to see", "how to hear", "told how to swim", "how to bake", "a fish", "some fish", "fish", "fish"]
    assert named(regions([0] * 4 + [1] * 4), texts) == [["how to", "fish"]]


def test_words_without_function_words_go_before_phrases():
    texts = ["how to bake bread", "how to eat bread", "how to sing", "how to swim", "a fish", "some fish", "fish", "fish"]
    assert named(regions([0] * 4 + [1] * 4), texts) == [["bread", "fish"]]


words = st.lists(st.sampled_from(["cat", "dog", "car", "tree", "12", "the", "of", "Katze", "犬", "<b>", "&", ";"]), max_size=6).map(
    " ".join
)


@settings(max_examples=60)
@given(st.lists(st.tuples(words, st.integers(0, 5)), min_size=1, max_size=40))
def test_names_never_repeat_their_ancestors(rows):
    fine = np.unique([place for _, place in rows], return_inverse=True)[1]
    names = named(regions((fine // 2).tolist(), fine.tolist()), [text for text, _ in rows])
    for region, name in enumerate(names[1]):
        assert not name or name != names[0][region // 2]
        assert not set(name.split(", ")) & set(names[0][region // 2].split(", ")) - {""}
