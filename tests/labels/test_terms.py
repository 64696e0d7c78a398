from vista.labels.terms import read_terms, stem_of


def terms_of(text: str) -> list[str]:
    return sorted(read_terms([text]).surfaces)


def test_words_and_neighboring_pairs_are_terms():
    assert terms_of("red panda eats bamboo") == ["bamboo", "eats", "eats bamboo", "panda", "panda eats", "red", "red panda"]


def test_punctuation_and_stop_words_part_two_words():
    assert terms_of("panda, bamboo; tea of China") == ["China", "bamboo", "panda", "tea"]


def test_each_text_counts_a_term_once():
    assert read_terms(["cat cat. cat", "dog"]).incidence.toarray().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_markup_is_only_text():
    assert terms_of("<script>alert('x')</script>") == ["alert", "script"]


def test_chinese_and_japanese_are_read_in_pairs_of_characters():
    assert terms_of("東京都 猫") == ["京都", "東京", "猫"]


def test_stems_join_the_endings_of_one_word():
    assert len({stem_of(word) for word in ("run", "runs", "running")}) == 1
    assert len({stem_of(word) for word in ("smile", "Smiles", "smiled", "smiling")}) == 1
    assert len({stem_of(word) for word in ("berry", "Berries")}) == 1
    assert len({stem_of(word) for word in ("cat", "cat's", "CAT’S")}) == 1


def test_short_words_stay_whole():
    assert [stem_of(word) for word in ("king", "string", "red", "glass", "gas")] == ["king", "string", "red", "glass", "gas"]
