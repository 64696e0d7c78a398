"""A study from a store to an atlas: what is in it, and that it says what the codes say."""

import json
import shutil

import numpy as np
import pytest

import vista
from sae.study.planted import BANK, D_SAE, MONEY, NEVER, planted, planted_store
from vista.atlas import summary
from vista.atlas.blocks import Blocks, inflated
from vista.errors import InputError
from vista.sae.explanations import split_documents
from vista.sae.latents import options_of_latents

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return planted_store(tmp_path_factory.mktemp("planted") / "store")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Finished stages, for studies that are not asked what they compute themselves."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def atlas(store, cache, tmp_path_factory):
    return vista.latents(
        tmp_path_factory.mktemp("study") / "atlas",
        store=store.folder,
        latents=f"{BANK},{MONEY},random:2",
        pictures="cards",
        cache_folder=cache,
    )


def items_of(atlas, map_id):
    return atlas.table(atlas.manifest["maps"][map_id]["items"])["item"].to_numpy()


def test_the_atlas_has_the_dictionary_a_map_for_each_latent_and_one_of_all_items(atlas):
    assert list(atlas.maps)[:3] == ["dictionary", f"latent-{BANK}", f"latent-{MONEY}"]
    assert list(atlas.maps)[-1] == "items"
    assert len(atlas.maps) == 6
    assert set(atlas.manifest["sets"]) == {"main", "latents"}
    atlas.verify()


def test_a_latents_map_shows_the_items_on_which_it_fires_with_its_activation(atlas, store):
    found = store.latent(MONEY)
    table = atlas.maps[f"latent-{MONEY}"].items()
    values = dict(zip(table["item_id"].to_pylist(), table["activation"].to_pylist(), strict=True))

    assert values == {f"t{row}": pytest.approx(value) for row, value in zip(found.rows.tolist(), found.values.tolist(), strict=True)}
    assert set(table["topic"].to_pylist()) == {"money"}


def test_tokens_are_the_words_on_which_the_latent_fires(atlas):
    entry = atlas.manifest["maps"][f"latent-{BANK}"]
    blocks = Blocks(atlas.path / entry["tokens"]["data"], atlas.path / entry["tokens"]["index"])
    told = [spans for number in range(len(blocks)) for spans in json.loads(inflated(blocks[number]))]
    texts = planted().texts

    for item, spans in zip(items_of(atlas, f"latent-{BANK}").tolist(), told, strict=True):
        assert [texts[item][start:end] for start, end, _ in spans] == ["bank"]
        assert 0 < spans[0][2] <= entry["tokens"]["high"] * 1.001


def test_neighbors_are_those_under_the_latent_metric_named_by_items_of_the_set(atlas, store):
    entry = atlas.manifest["maps"][f"latent-{BANK}"]["neighbors"]
    records = np.fromfile(atlas.path / entry["path"], np.dtype([("items", "<u4", entry["k"]), ("distances", "<f4", entry["k"])]))
    items = items_of(atlas, f"latent-{BANK}")
    codes = store.codes().toarray().astype(np.float64)
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    activation = codes[:, BANK] / codes[:, BANK].max()

    for row in range(0, len(items), 17):
        own = items[row]
        distances = 1 - unit[items] @ unit[own] + 0.25 * np.abs(activation[items] - activation[own])
        distances[row] = np.inf
        np.testing.assert_allclose(records["distances"][row], np.sort(distances)[: entry["k"]], atol=1e-5)
        assert own not in records["items"][row]


def test_a_latent_says_what_it_does_and_how_its_map_was_made(atlas, store):
    told = atlas.manifest["maps"][f"latent-{BANK}"]["latent"]
    found = store.latent(BANK)

    assert told["n_active"] == len(found.rows) == sum(told["histogram"])
    assert told["maximum"] == pytest.approx(found.values.max())
    assert (told["weight"], told["scale"], told["transform"], told["keeps_latent"]) == (0.25, "max", "linear", True)
    assert told["top"][0] == int(found.rows[found.values.argmax()])
    assert "single token" in told["flags"]
    assert "dense" in told["flags"]
    assert "bank" in told["keywords"]
    assert told["moran_i"] > 0


def test_the_counts_of_every_region_are_the_sums_of_what_the_map_says_of_each_item(atlas):
    for map_id, entry in atlas.manifest["maps"].items():
        if not entry.get("latent", {}).get("scores"):
            continue
        outcomes = np.frombuffer(inflated((atlas.path / entry["outcomes"]).read_bytes()), np.uint8)
        finest = np.frombuffer(inflated((atlas.path / entry["points"]["region"]).read_bytes()), "<u2").astype(int)
        levels = json.loads((atlas.path / entry["regions"]).read_text())["levels"]
        table, region_of = atlas.maps[map_id].items(), finest

        assert len(outcomes) == entry["n_items"]
        assert table["found_by_label"].to_pylist() == [{0: None, 1: True, 2: False}[outcome] for outcome in outcomes.tolist()]
        (recall,) = [score for score in entry["latent"]["scores"] if score["name"] == "recall"]
        assert recall["n"] == (outcomes > 0).sum()
        assert recall["value"] == pytest.approx((outcomes == 1).sum() / recall["n"])
        for level in reversed(range(len(levels))):
            found = np.bincount(region_of[outcomes == 1], minlength=len(levels[level]))
            tried = np.bincount(region_of[outcomes > 0], minlength=len(levels[level]))
            told = [region["recall"] for region in levels[level]]
            assert told == [None if n < 5 else pytest.approx(k / n) for k, n in zip(found.tolist(), tried.tolist(), strict=True)]
            for one in entry["latent"]["missed"]:
                if one["level"] == level:
                    assert (one["n"], one["recall"]) == (tried[one["region"]], pytest.approx(found[one["region"]] / one["n"]))
            region_of = np.array([region["parent"] for region in levels[level]])[region_of]


def test_an_item_that_is_not_held_out_was_never_tried(atlas, store):
    entry = atlas.manifest["maps"][f"latent-{BANK}"]
    outcomes = np.frombuffer(inflated((atlas.path / entry["outcomes"]).read_bytes()), np.uint8)

    np.testing.assert_array_equal(outcomes > 0, ~split_documents(store, seed=0).shown[items_of(atlas, f"latent-{BANK}")])


def test_the_dictionary_leads_to_the_maps_and_leaves_out_what_never_fires(atlas):
    entry = atlas.manifest["maps"]["dictionary"]
    table = vista.open(atlas.path).maps["dictionary"].items()

    assert entry["kind"] == "dictionary"
    assert entry["opens"][str(BANK)] == f"latent-{BANK}"
    assert all(map_id in atlas.maps for map_id in entry["opens"].values())
    assert str(NEVER) not in table["item_id"].to_pylist()
    assert any("never fire" in sentence for sentence in atlas.manifest["warnings"])
    assert atlas.manifest["sets"]["latents"]["n_items"] == D_SAE


def test_people_are_told_whose_latents_have_maps_and_how_far_to_believe_them(atlas):
    described = summary.info(atlas)
    told = summary.built_lines(described, "dictionary")

    assert told[0].startswith("study: tiny SAE at blocks.3.hook_resid_post of tiny model, 24 latents, on 240 items")
    assert told[1] == "latents: 4 mapped, 21 of 24 on the map of the dictionary"
    assert "of the 10 nearest" in told[2]
    assert any(line.startswith("study: ") for line in summary.lines(described))


def test_the_same_study_again_is_the_same_but_for_the_time(atlas, store, tmp_path):
    again = vista.latents(
        tmp_path / "again", store=store.folder, latents=f"{BANK},{MONEY},random:2", pictures="cards", cache_folder=tmp_path
    )

    assert again.manifest["files"] == atlas.manifest["files"]
    assert again.manifest["maps"] == atlas.manifest["maps"]


def test_another_study_takes_the_place_of_an_earlier_one_and_leaves_other_maps(atlas, store, cache, tmp_path):
    shutil.copytree(atlas.path, tmp_path / "atlas")
    with pytest.raises(InputError, match="--overwrite"):
        vista.latents(tmp_path / "atlas", store=store.folder, latents="9", cache_folder=cache)
    vista.map(_three(tmp_path), tmp_path / "atlas", name="mine", renderer="none", cache_folder=cache)
    replaced = vista.latents(tmp_path / "atlas", store=store.folder, latents="9", overwrite=True, renderer="none", cache_folder=cache)

    assert set(replaced.maps) == {"dictionary", "latent-9", "items", "mine"}
    replaced.verify()


def _three(folder):
    np.save(folder / "three.npy", np.eye(3, dtype=np.float32))
    return folder / "three.npy"


def test_a_store_of_an_untrained_model_becomes_a_baseline_of_the_scores_and_is_recorded(atlas, store, cache, tmp_path):
    untrained = planted_store(tmp_path / "untrained", model="its random twin")
    beside = vista.latents(
        tmp_path / "atlas", store=store.folder, latents=f"{BANK}", untrained=untrained.folder, renderer="none", cache_folder=cache
    )
    parameters = beside.manifest["provenance"]["parameters"]

    assert "untrained model" in baselines_of(beside, "example_embedding")
    assert "untrained model" not in baselines_of(atlas, "example_embedding")
    assert (parameters["untrained"], parameters["untrained_sha256"]) == ("untrained", untrained.content_sha256)


def baselines_of(atlas, name):
    scores = atlas.manifest["maps"][f"latent-{BANK}"]["latent"]["scores"]
    return [baseline["name"] for score in scores if score["name"] == name for baseline in score["baselines"]]


def test_an_untrained_models_store_of_other_items_is_refused(store, cache, tmp_path):
    other = planted_store(tmp_path / "other", n=40)
    with pytest.raises(InputError, match="holds other items"):
        vista.latents(tmp_path / "atlas", store=store.folder, latents="9", untrained=other.folder, cache_folder=cache)
    assert not (tmp_path / "atlas").exists()


def test_a_study_by_decoder_directions_needs_the_autoencoder(store, cache, tmp_path):
    with pytest.raises(InputError, match="name it with --sae"):
        vista.latents(tmp_path / "atlas", store=store.folder, latents="9", dictionary="decoder", cache_folder=cache)
    assert not (tmp_path / "atlas").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either --data"),
        ({"data": "x.csv"}, "name the autoencoder with --sae"),
        ({"store": "here", "scale": "maxx"}, "Did you mean 'max'"),
        ({"store": "here", "weight": -1.0}, "weight must be from 0"),
        ({"store": "here", "max_items": 0}, "max_items must be at least 1"),
        ({"store": "nowhere"}, "not a store of codes"),
    ],
)
def test_what_cannot_be_studied_is_refused_in_one_line(options, message, tmp_path):
    with pytest.raises(vista.VistaError, match=message) as caught:
        vista.latents(tmp_path / "atlas", cache_folder=tmp_path, **options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "atlas").exists()


def test_a_study_never_says_at_which_address_its_explainer_is():
    asked = options_of_latents(explainer="http://user:secret@gpu7.lab.example:8000/v1")

    assert "secret" not in str(asked.recorded())
    assert "gpu7" not in str(asked.recorded())
    assert options_of_latents(explainer="smollm2").recorded()["explainer"] == "smollm2"


def test_a_map_of_the_users_own_is_never_taken_for_a_studys(store, cache, tmp_path):
    vista.map(_three(tmp_path), tmp_path / "atlas", name="items", renderer="none", cache_folder=cache)
    vista.map(_three(tmp_path), tmp_path / "other", name="latent-9", renderer="none", cache_folder=cache)

    with pytest.raises(InputError, match="a name that a study needs"):
        vista.latents(tmp_path / "atlas", store=store.folder, latents="9", overwrite=True, cache_folder=cache)
    with pytest.raises(InputError, match="has a map 'latent-9' already"):
        vista.latents(tmp_path / "other", store=store.folder, latents="9", cache_folder=cache)


def test_the_dictionarys_label_scores_are_one_figure(atlas):
    table = atlas.maps["dictionary"].items()
    scores = dict(zip(table["item_id"].to_pylist(), table["label score"].to_pylist(), strict=True))
    told = {
        str(entry["latent"]["latent"]): {score["name"]: score["value"] for score in entry["latent"]["scores"]}.get("detection")
        for entry in atlas.manifest["maps"].values()
        if "latent" in entry
    }

    assert {latent: scores[latent] for latent in told} == pytest.approx(told)
    assert any(value is not None for value in told.values())
