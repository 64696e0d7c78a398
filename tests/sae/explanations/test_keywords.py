"""Keywords: the terms at and around the tokens where a latent fires."""

import numpy as np
import pytest

from sae.explanations.test_documents import store_of
from sae.scores.planted import BANK, TOPICS, write_planted
from vista.errors import InputError
from vista.sae.body import body_of
from vista.sae.explanations import DocumentSplit, keywords_of


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return write_planted(tmp_path_factory.mktemp("planted"))


def test_keywords_are_what_stands_where_the_latent_fires(planted):
    found = keywords_of(planted.store, [BANK, 1, 2, 3, 4])

    assert found[BANK][0] == "bank"
    for latent, topic in ((1, "cooking"), (2, "music"), (3, "football"), (4, "stars")):
        of_topic = " ".join(part for parts in TOPICS[topic] for part in parts)
        assert found[latent]
        assert all(keyword in of_topic for keyword in found[latent])


def test_a_body_gives_the_keywords_of_its_latent(planted):
    bodies = [body_of(planted.store, latent) for latent in (BANK, 3)]

    assert keywords_of(planted.store, bodies) == keywords_of(planted.store, [BANK, 3])


def test_only_shown_texts_are_read(planted):
    rivers = planted.members("money", "cooking", "stars")
    shown = np.isin(np.arange(len(planted.store)), rivers)
    found = keywords_of(planted.store, [BANK, 2], split=DocumentSplit(np.arange(len(planted.store)), shown))

    assert not {"river", "stream", "water"} & set(" ".join(found[BANK]).split())
    assert found[2] == ()  # it fires on music only


def test_no_keyword_repeats_a_word_of_another(planted):
    for words in keywords_of(planted.store, range(64)).values():
        said = [word.casefold() for keyword in words for word in keyword.split()]
        assert len(said) == len(set(said))
        assert len(words) <= 5


def test_words_far_from_the_token_do_not_count(tmp_path):
    near = [f"zebra giraffe {'castle stone wall ' * 4}{number} bank meadow flower" for number in range(20)]
    far = [f"castle stone wall {number}" for number in range(20)]
    (words,) = keywords_of(store_of(tmp_path, near + far), [BANK]).values()

    assert "meadow" in " ".join(words)
    assert "zebra" not in " ".join(words)


def test_a_latent_that_does_not_exist_is_refused(planted):
    with pytest.raises(InputError, match="no latent 64"):
        keywords_of(planted.store, [64])
