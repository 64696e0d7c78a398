"""A latent with two planted meanings, rivers' banks and money's, whose label names one: the scores say which it misses."""

import numpy as np
import pytest

from sae.explanations.fake_servers import fake_openai, fake_server
from sae.scores.planted import BANK, N_TOPICS, write_planted
from vista.artifacts import Outcome
from vista.errors import InputError
from vista.representations import encode, encoder_for
from vista.sae.body import body_of
from vista.sae.explanations import RemoteChat, keywords_of, split_documents
from vista.sae.scores import ChatJudge, score_latents
from vista.sae.scores.label import FEWEST_IN_REGION

pytestmark = pytest.mark.model
RIVER, MONEY = 0, 1
LABELS = {
    BANK: "rivers, streams and their water",
    1: "cooking and recipes",
    2: "classical music",
    3: "football matches",
    4: "astronomy",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return write_planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def bodies(planted):
    return [body_of(planted.store, latent) for latent in LABELS]


@pytest.fixture(scope="module")
def memberships(planted, bodies):
    """Level 0 is river and money where there are such, and two halves by row elsewhere; level 1 cuts each in two."""
    found = {}
    for body in bodies:
        coarse = (np.array(planted.topics)[body.rows] == "money") if body.latent == BANK else body.rows % 2
        found[body.latent] = np.stack([coarse, 2 * coarse + (body.rows // 2) % 2], axis=1).astype(np.int32)
    return found


@pytest.fixture(scope="module")
def vectors(planted):
    return encode(encoder_for("text"), planted.store.items.column("text").to_pylist()).vectors


@pytest.fixture(scope="module")
def scores(planted, bodies, memberships, vectors):
    return score_latents(planted.store, bodies, memberships, LABELS, text_vectors=vectors)


def baselines(score):
    return dict(score.baselines)


def test_recall_by_region_finds_the_meaning_that_the_label_misses(scores):
    found = scores[BANK]

    assert found.recalls[0][RIVER] > 0.9
    assert found.recalls[0][MONEY] < 0.4
    assert {(one.level, one.region) for one in found.missed} == {(0, MONEY), (1, 2 * MONEY), (1, 2 * MONEY + 1)}
    assert all(one.p_value < 0.05 and one.n >= 10 and one.recall <= one.others_recall / 2 for one in found.missed)
    spread = found.score("recall_spread")
    assert spread.value > 2 * baselines(spread)["shuffled regions"]
    assert found.score("missed_regions").value == 3
    assert baselines(found.score("missed_regions"))["shuffled regions"] == 0


def test_the_outcome_of_every_item_adds_up_to_what_is_told_of_regions_and_only_held_out_texts_are_tried(
    planted, bodies, memberships, scores
):
    split = split_documents(planted.store, seed=0)
    for body in bodies:
        told, outcomes = scores[body.latent], scores[body.latent].outcomes

        assert len(outcomes) == len(body)
        np.testing.assert_array_equal(outcomes != Outcome.NOT_TRIED, ~split.shown[body.rows])
        for level, recalls in enumerate(told.recalls):
            np.testing.assert_allclose(
                recalls, [found_share(outcomes[memberships[body.latent][:, level] == region]) for region in range(len(recalls))]
            )
        for one in told.missed:
            here = outcomes[memberships[body.latent][:, one.level] == one.region]
            assert one.n == (here != Outcome.NOT_TRIED).sum()
            assert one.recall * one.n == pytest.approx((here == Outcome.FOUND).sum())


def found_share(outcomes):
    n_tried = (outcomes != Outcome.NOT_TRIED).sum()
    return (outcomes == Outcome.FOUND).sum() / n_tried if n_tried >= FEWEST_IN_REGION else np.nan


def test_texts_that_were_not_drawn_are_not_tried(planted, bodies, memberships, vectors, scores):
    few = score_latents(planted.store, bodies[:2], memberships, LABELS, text_vectors=vectors, max_texts=60)[BANK]

    tried, all_tried = (one.outcomes != Outcome.NOT_TRIED for one in (few, scores[BANK]))
    assert few.score("recall").n == tried.sum() < all_tried.sum()
    assert all_tried[tried].all()


def test_of_two_equal_texts_one_is_tried_at_most(planted, bodies, vectors, tmp_path):
    rows = bodies[0].rows[:20]
    twice = write_planted(tmp_path / "twice", repeated=rows.tolist()).store
    body = body_of(twice, BANK)
    membership = np.zeros((len(body), 1), np.int32)
    given = np.concatenate([vectors, vectors[rows]])
    outcomes = score_latents(twice, [body], {BANK: membership}, LABELS, text_vectors=given)[BANK].outcomes

    tried = dict(zip(body.rows.tolist(), (outcomes != Outcome.NOT_TRIED).tolist(), strict=True))
    split = split_documents(twice, seed=0)
    times = [(tried[row], tried[len(planted.store) + place]) for place, row in enumerate(rows.tolist())]
    both_held_out = ~split.shown[rows] & ~split.shown[len(planted.store) :]
    assert both_held_out.any()
    assert all(sum(pair) == 1 for pair, held_out in zip(times, both_held_out, strict=True) if held_out)
    assert all(sum(pair) <= 1 for pair in times)


def test_a_label_that_says_it_all_misses_nothing(scores):
    for latent in (1, 2, 3, 4):
        assert scores[latent].missed == ()
        assert scores[latent].score("detection").value > 0.9
        assert scores[latent].score("recall").value > 0.8


def test_the_intruder_is_found_between_meanings_and_not_between_shuffled_regions(scores):
    between_meanings = scores[BANK].score("intruder")

    assert between_meanings.n == 200
    assert between_meanings.value > 0.8
    assert baselines(between_meanings)["shuffled regions"] < 0.45
    assert baselines(between_meanings)["chance"] == 0.2
    for latent in (1, 2, 3, 4):  # their regions are halves without a meaning
        assert scores[latent].score("intruder").value == pytest.approx(0.2, abs=0.12)


def test_random_explanations_and_directions_score_near_chance(scores):
    detection = baselines(scores[BANK].score("detection"))

    assert scores[BANK].score("detection").value > 0.7
    assert detection["random explanation"] == pytest.approx(0.5, abs=0.12)
    assert baselines(scores[BANK].score("recall"))["random explanation"] < 0.2
    assert baselines(scores[BANK].score("recall"))["silent texts"] == pytest.approx(0.1, abs=0.08)
    assert scores[2].score("example_embedding").value > baselines(scores[2].score("example_embedding"))["random direction"] + 0.15


def test_labels_of_regions_find_what_the_global_label_misses(scores):
    gained = scores[BANK].score("delta_f1")

    assert gained.value > 0.1
    assert gained.value > baselines(gained)["random explanation"] + 0.1


def test_the_first_score_is_the_label_s_and_names_are_as_documented(scores):
    names = [score.name for score in scores[BANK].scores]
    assert names == [
        "detection",
        "recall",
        "example_embedding",
        "intruder",
        "recall_spread",
        "missed_regions",
        "delta_f1",
        "single_token",
    ]


def test_a_latent_of_one_token_is_flagged(scores):
    assert scores[BANK].single_token == "bank"
    assert scores[BANK].score("single_token").value == 1
    assert scores[2].single_token is None


def test_region_names_in_hand_are_judged_as_they_are(planted, bodies, memberships, vectors):
    names = {BANK: [["river banks", "banks of money"], ["", "", "", ""]]}
    given = score_latents(planted.store, bodies[:2], memberships, LABELS, names, text_vectors=vectors)
    useless = score_latents(
        planted.store, bodies[:2], memberships, LABELS, {BANK: [["xylophone", "tax law"], [""] * 4]}, text_vectors=vectors
    )

    assert given[BANK].score("delta_f1").value > useless[BANK].score("delta_f1").value + 0.1
    with pytest.raises(InputError, match=r"names of 2 regions do not fit \(2, 4\) regions"):
        score_latents(planted.store, bodies[:2], memberships, LABELS, {BANK: [["a", "b"]]}, text_vectors=vectors)


def test_without_a_label_the_scores_remain_that_need_none(planted, bodies, memberships, vectors):
    found = score_latents(planted.store, bodies[:2], memberships, {}, text_vectors=vectors)[BANK]

    assert [score.name for score in found.scores] == ["example_embedding", "intruder", "single_token"]
    assert found.recalls == ()
    assert found.outcomes is None
    assert found.missed == ()


def test_the_same_seed_gives_the_same_scores_and_vectors_of_some_texts_suffice(planted, bodies, memberships, vectors, scores):
    rows = np.arange(0, len(planted.store), 2)
    again = score_latents(planted.store, bodies, memberships, LABELS, text_vectors=vectors[rows], text_rows=rows)

    for latent, found in scores.items():
        for score, same in zip(found.scores, again[latent].scores, strict=True):
            assert (same.name, same.n) == (score.name, score.n)
            assert same.value == pytest.approx(score.value, abs=0.02)


def test_an_untrained_model_is_a_baseline_of_every_score(planted, bodies, memberships, vectors, tmp_path):
    untrained = write_planted(tmp_path / "untrained", meaningless=True)
    found = score_latents(planted.store, bodies[:3], memberships, LABELS, text_vectors=vectors, untrained=untrained.store)

    for name in ("detection", "recall", "example_embedding", "intruder", "delta_f1", "single_token"):
        assert "untrained model" in baselines(found[BANK].score(name))
    assert baselines(found[BANK].score("detection"))["untrained model"] == pytest.approx(0.5, abs=0.1)
    assert baselines(found[2].score("example_embedding"))["untrained model"] == pytest.approx(0.5, abs=0.15)
    other = write_planted(tmp_path / "other", n_each=20)
    with pytest.raises(InputError, match="holds other items"):
        score_latents(planted.store, bodies[:1], memberships, LABELS, text_vectors=vectors, untrained=other.store)


def test_keywords_serve_as_labels_and_are_judged_on_texts_that_they_were_not_made_from(planted, bodies, memberships, vectors):
    split = split_documents(planted.store, seed=5)
    labels = {latent: ", ".join(words) for latent, words in keywords_of(planted.store, bodies, split=split).items()}
    found = score_latents(planted.store, bodies, memberships, labels, text_vectors=vectors, split=split)

    assert found[3].score("detection").value > 0.8
    n_held_out = int((~split.shown[bodies[3].rows]).sum())
    assert found[3].score("recall").n == n_held_out


def test_a_language_model_judges_few_texts(planted, bodies, memberships, vectors, tmp_path):
    def say(said):
        if "DESCRIPTION" not in said:
            return "1"
        asks_for_rivers = "rivers" in said.split("\n")[1]
        texts = said.split("TEXTS\n")[1].splitlines()
        return str([int(asks_for_rivers and any(word in text for word in ("river", "stream", "water"))) for text in texts])

    with fake_server(fake_openai(say)) as server:
        judge = ChatJudge(RemoteChat(f"{server.url}/v1"), tmp_path / "log.jsonl")
        found = score_latents(
            planted.store, bodies[:2], memberships, LABELS, judge=judge, text_vectors=vectors, max_texts=60, n_random=1, n_tasks=20
        )

    score = found[BANK].score("detection")
    assert 40 <= score.n <= 80
    assert score.value > 0.65
    assert found[BANK].score("intruder").value < 0.5


def test_what_does_not_fit_is_refused_in_one_line(planted, bodies, memberships, vectors):
    with pytest.raises(InputError, match="latent 0 has a body and no membership"):
        score_latents(planted.store, bodies[:1], {}, LABELS)
    with pytest.raises(InputError, match="text vectors of shape"):
        score_latents(planted.store, bodies[:1], memberships, LABELS, text_vectors=vectors[:5])
    with pytest.raises(InputError, match="does not fit"):
        score_latents(planted.store, bodies[:1], {BANK: memberships[BANK][:4]}, LABELS, text_vectors=vectors)
    assert score_latents(planted.store, [], {}, {}) == {}
    assert max(LABELS) < N_TOPICS
