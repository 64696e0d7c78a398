"""Intruders are drawn as they should be; likeness to examples and single tokens are counted right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from vista.sae.scores.examples import example_embedding, intruder_tasks, single_token
from vista.sae.scores.label import Trial


@settings(max_examples=30)
@given(st.integers(5, 150), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_four_of_one_region_and_one_of_another_with_like_activation(n, n_regions, seed):
    rng = np.random.default_rng(seed)
    region_of = rng.integers(0, n_regions, n)
    documents = rng.integers(0, n, n)
    tasks = intruder_tasks(documents, region_of, 40, rng)

    n_documents = len(np.unique(documents))
    rank_of = {place: rank for rank, place in enumerate(sorted(np.unique(documents, return_index=True)[1].tolist()))}
    for members, truth in zip(tasks.members, tasks.truth, strict=True):
        assert len(set(documents[members])) == 5
        insiders = np.delete(members, truth)
        assert len(set(region_of[insiders])) == 1
        assert region_of[members[truth]] != region_of[insiders[0]]
        ranks = [rank_of[place] for place in members.tolist()]
        assert max(abs(rank - ranks[truth]) for rank in ranks) <= max(10, round(0.1 * n_documents))


def test_the_intruder_stands_anywhere():
    rng = np.random.default_rng(0)
    tasks = intruder_tasks(np.arange(200), rng.integers(0, 3, 200), 500, rng)

    assert len(tasks) == 500
    assert np.bincount(tasks.truth, minlength=5).min() > 60


def test_without_a_second_region_there_is_no_task():
    rng = np.random.default_rng(0)
    assert len(intruder_tasks(np.arange(50), np.zeros(50, int), 10, rng)) == 0
    assert len(intruder_tasks(np.arange(3), np.array([0, 0, 1]), 10, rng)) == 0
    assert len(intruder_tasks(np.zeros(50, int), np.arange(50) % 2, 10, rng)) == 0  # one document


def test_example_embedding_is_the_auroc_of_likeness_to_shown_examples():
    rng = np.random.default_rng(3)
    fires, shown = rng.random(80) < 0.5, rng.random(80) < 0.5
    vectors = rng.standard_normal((80, 6)).astype(np.float32) + 0.4 * fires[:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    likeness = [
        np.mean([query @ vector for vector in vectors[shown & fires]]) - np.mean([query @ vector for vector in vectors[shown & ~fires]])
        for query in vectors[~shown]
    ]
    assert example_embedding(Trial(fires, shown), vectors) == pytest.approx(roc_auc_score(fires[~shown], likeness), abs=1e-9)


def test_tokens_count_as_one_whatever_their_case_and_spaces():
    assert single_token([" Bank", "bank", "BANK ", "river", ""]) == ("bank", 0.75, 4)
    token, share, n = single_token(["", " "])
    assert (token, n) == ("", 0)
    assert np.isnan(share)
