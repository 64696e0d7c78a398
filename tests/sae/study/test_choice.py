"""Which latents a study looks at."""

import numpy as np
import pytest

from sae.study.planted import ANYWHERE, BANK, D_SAE, LOAN, MONEY, NEVER, THE, planted_store
from vista.errors import InputError
from vista.sae.study.choice import _spread_and_place, check_latents, choose_latents, single_token_share


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return planted_store(tmp_path_factory.mktemp("planted") / "store", 320)


@pytest.fixture(scope="module")
def regions():
    return np.arange(320) % 8  # two to a topic, as if the map of all items had found them


def chosen(store, regions, latents, seed=0, told=None):
    told = [] if told is None else told
    rows = np.arange(len(store))
    return [one.latent for one in choose_latents(latents, store, rows, store.codes(), regions, seed=seed, say=told.append)]


def test_latents_asked_for_come_in_their_order_and_once(store, regions):
    assert chosen(store, regions, "9, 2,9,1") == [9, 2, 1]


def test_the_rule_passes_over_what_fires_anywhere_nowhere_or_at_one_token(store, regions):
    told: list[str] = []
    found = chosen(store, regions, f"auto:{D_SAE}", told=told)
    figures = store.statistics

    assert len(found) > 5
    assert not {THE, BANK, NEVER, ANYWHERE} & set(found)  # dense, or on too few items
    assert 40 <= figures.n_active[LOAN] <= 0.2 * len(store)  # so that nothing but its token keeps it out
    assert LOAN not in found
    assert told == [
        f"auto:{D_SAE} found {len(found)} latents: the others fire on fewer than 40 items, on more than a fifth of all, "
        "in one region alone, or at a single token"
    ]


def test_where_the_last_token_is_shown_no_latent_counts_as_a_single_token(tmp_path, regions):
    store = planted_store(tmp_path / "last", 320, pooling="last")
    found = store.latent(THE) if store.statistics.n_active[THE] else store.latent(8)

    assert single_token_share(store, found.rows, found.positions) == 0


def test_a_draw_depends_on_the_seed_alone(store, regions):
    assert chosen(store, regions, "random:5", seed=1) == chosen(store, regions, "random:5", seed=1)
    assert chosen(store, regions, "random:5", seed=1) != chosen(store, regions, "random:5", seed=2)
    assert NEVER not in chosen(store, regions, f"random:{D_SAE}")


def test_latents_say_why_they_were_chosen(store, regions):
    rows = np.arange(len(store))
    told = choose_latents(f"{MONEY},random:1", store, rows, store.codes(), regions, seed=3, say=print)

    assert told[0].why == "asked for"
    assert "seed 3" in told[1].why


@pytest.mark.parametrize(
    ("latents", "message"),
    [
        ("", "names no latents"),
        ("auto", "names no latents"),
        ("3;4", "names no latents"),
        ("auto:0", "names no latents"),
        (f"{D_SAE}", "numbered 0 to 23"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(latents, message):
    with pytest.raises(InputError, match=message):
        check_latents(latents, D_SAE)


def test_a_latent_that_never_fires_is_refused(store, regions):
    with pytest.raises(InputError, match="never fires on the 320 items"):
        chosen(store, regions, str(NEVER))


def test_spread_over_places_of_their_own_ranks_above_one_place_and_above_all_places():
    everywhere = np.full((16, 1), 1 / 16)
    shares = np.zeros((16, 3))
    shares[[1, 5, 9], 0] = 1 / 3
    shares[2, 1] = 1
    shares[:, 2] = 1 / 16

    many = np.full(3, 10**9)  # so that the correction for few items is nothing

    assert _spread_and_place(shares, everywhere, many) == pytest.approx([np.log2(3) * np.log2(16 / 3), 0, 0], abs=1e-6)


def test_few_items_strewn_by_chance_do_not_look_placed():
    rng = np.random.default_rng(0)
    everywhere = np.full((64, 1), 1 / 64)
    strewn = np.stack([np.bincount(rng.integers(64, size=60), minlength=64) / 60 for _ in range(200)], axis=1)
    plain = -(strewn * np.log2(strewn, where=strewn > 0, out=np.zeros_like(strewn))).sum(axis=0)
    corrected = _spread_and_place(strewn, everywhere, np.full(200, 60))

    assert corrected.mean() < 0.6 * (plain * (6 - plain)).mean()
