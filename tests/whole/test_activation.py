"""A map that is conditioned on one number an item, from a source to an atlas that can be read again."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

import vista
from vista.artifacts import Direction
from vista.atlas.publishing import without_columns
from vista.cli.main import exit_code
from vista.sae.directions import decoder_direction
from whole.conftest import table_of

QUICK = {"vectors": "vector", "renderer": "none"}


def vectors_of(table: pa.Table) -> np.ndarray:
    return np.array(table["vector"].to_pylist(), np.float64)


def entry_of(atlas: vista.Atlas, map_id: str = "main") -> dict:
    return dict(atlas.manifest["maps"][map_id])


def ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)) / (len(values) - 1)


def test_neighbors_fidelity_and_layout_are_under_the_conditioned_metric(tmp_path: Path) -> None:
    table = table_of(200)
    atlas = vista.map(table, tmp_path / "atlas", **QUICK, activation="size", weight=0.5)

    entry = entry_of(atlas)
    k = entry["neighbors"]["k"]
    records = np.fromfile(tmp_path / "atlas" / entry["neighbors"]["path"], np.dtype([("items", "<u4", k), ("distances", "<f4", k)]))
    unit = vectors_of(table) / np.linalg.norm(vectors_of(table), axis=1, keepdims=True)
    scaled = ranks(table["size"].to_numpy())
    rows = atlas.table(entry["items"])["item"].to_pylist()
    for place in range(0, 200, 23):
        own = rows[place]
        distances = 1 - unit @ unit[own] + 0.5 * np.abs(scaled - scaled[own])
        distances[own] = np.inf
        np.testing.assert_array_equal(records["items"][place], np.argsort(distances, kind="stable")[:k])
        np.testing.assert_allclose(records["distances"][place], np.sort(distances)[:k], atol=1e-6)
    assert entry["fidelity"]["metric"] == entry["representation"]["metric"] == entry["neighbors"]["metric"] == "latent"
    atlas.verify()


def test_the_map_shows_the_activation_and_says_what_was_made_of_it(tmp_path: Path) -> None:
    table = table_of(120)
    atlas = vista.map(table, tmp_path / "atlas", **QUICK, activation="size")

    entry = entry_of(atlas)
    told = entry["activation"]
    assert {key: told[key] for key in ("name", "form", "column", "weight", "scale", "transform")} == {
        "name": "size", "form": "column", "column": "size", "weight": 0.25, "scale": "rank", "transform": "linear",
    }  # fmt: skip
    assert len(told["gain_cosine"]) == len(entry["fidelity"]["k"])
    assert [color["name"] for color in entry["colors"]][:2] == ["activation", "group"]
    assert entry["terrain"] == "maps/main/terrain.webp"
    items = atlas.maps["main"].items()
    np.testing.assert_allclose(items["activation"].to_numpy(), items["size"].to_numpy(), rtol=1e-6)
    regions = json.loads((tmp_path / "atlas" / entry["regions"]).read_text())["levels"][0]
    means = [np.mean(items.filter(pa.compute.equal(items["region_0"], one["name"]))["size"].to_numpy()) for one in regions]
    np.testing.assert_allclose([one["activation"] for one in regions], means, rtol=1e-3)


def test_the_more_it_weighs_the_more_it_orders_the_map_and_the_less_is_left_of_the_cosine(tmp_path: Path) -> None:
    figures = []
    for weight in (0.0, 0.25, 4.0):
        atlas = vista.map(table_of(200), tmp_path / "atlas", **QUICK, activation="size", weight=weight, name=f"w{weight}")
        told, fidelity = entry_of(atlas, f"w{weight}")["activation"], entry_of(atlas, f"w{weight}")["fidelity"]
        figures.append((told["moran_i"], told["gain_cosine"][fidelity["k"].index(10)], fidelity["gain"][fidelity["k"].index(10)]))

    moran, gain_cosine, gain = zip(*figures, strict=True)
    assert moran[0] < moran[1] < moran[2]
    assert gain_cosine[0] > gain_cosine[1] > gain_cosine[2]
    assert gain_cosine[0] == gain[0]


@pytest.mark.parametrize("plain_first", [True, False])
def test_it_shares_its_items_with_a_plain_map_made_before_or_after(tmp_path: Path, plain_first: bool) -> None:
    made = [{"name": "plain"}, {"name": "by-size", "activation": "size"}]
    for options in made if plain_first else made[::-1]:
        atlas = vista.map(table_of(), tmp_path / "atlas", **QUICK, **options)

    assert list(atlas.manifest["sets"]) == ["main"]
    assert atlas.manifest["sets"]["main"]["neighbors"]["metric"] == "cosine"
    assert entry_of(atlas, "by-size")["neighbors"]["metric"] == "latent"
    assert not {"neighbors", "terrain", "activation", "kind"} & entry_of(atlas, "plain").keys()


def test_the_same_input_and_seed_give_the_same_bundle_and_other_choices_another(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = vista.map(table_of(), tmp_path / "a", **QUICK, activation="size", cache_folder=cache)
    again = vista.map(table_of(), tmp_path / "b", **QUICK, activation="size", cache_folder=tmp_path / "other")
    assert first.manifest["files"] == again.manifest["files"]
    assert first.manifest["maps"] == again.manifest["maps"]

    standard = first.manifest["files"]["maps/main/neighbors.bin"]
    for number, changed in enumerate(
        ({"weight": 0.3}, {"scale": "max", "activation": "area"}, {"transform": "sqrt"}, {"activation": "dim:1"})
    ):
        table = table_of().append_column("area", pa.array(np.arange(60.0)))
        other = vista.map(table, tmp_path / f"c{number}", **{**QUICK, "activation": "size", "cache_folder": cache, **changed})
        assert other.manifest["files"]["maps/main/neighbors.bin"] != standard, changed


def test_finished_stages_are_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vista.map(table_of(), tmp_path / "a", **QUICK, activation="size")
    for stage in ("neighbors.find_neighbors", "layout.lay_out", "trust.measure_fidelity"):
        monkeypatch.setattr(f"vista.{stage}", lambda *_, stage=stage, **__: pytest.fail(f"{stage} computed again"))

    vista.map(table_of(), tmp_path / "b", **QUICK, activation="size")


def test_sparse_vectors_can_be_conditioned_too(tmp_path: Path) -> None:
    vectors = sp.random(80, 30, density=0.2, random_state=0, format="csr", dtype=np.float32)
    atlas = vista.map(vectors, tmp_path / "atlas", renderer="none", activation="dim:3", weight=1.0)

    items = atlas.maps["main"].items()
    np.testing.assert_array_equal(items["activation"].to_numpy(), vectors.toarray()[items["source_row"].to_pylist(), 3])
    assert entry_of(atlas)["activation"]["scale"] == "max"


@pytest.mark.parametrize("n_items", [2, 3, 5])
def test_few_items_make_a_map(tmp_path: Path, n_items: int) -> None:
    atlas = vista.map(table_of(n_items), tmp_path / "atlas", **QUICK, activation="size")

    assert atlas.maps["main"].n_items == n_items
    assert len(entry_of(atlas)["activation"]["gain_cosine"]) == len(entry_of(atlas)["fidelity"]["k"])


def test_a_map_of_the_users_own_is_judged_under_the_conditioned_metric(tmp_path: Path) -> None:
    table = table_of(100)
    table = table.append_column("px", pa.array(np.random.default_rng(1).random(100))).append_column("py", pa.array(np.zeros(100)))
    by_place, plain = (
        vista.map(table, tmp_path / "atlas", **QUICK, x="px", y="py", name=f"m{number}", **options)
        for number, options in enumerate(({"activation": "px", "weight": 1e5}, {}))
    )

    assert entry_of(by_place, "m0")["fidelity"]["rnx_area"] > 0.99 > 0.3 > entry_of(plain, "m1")["fidelity"]["rnx_area"]


def test_items_without_a_number_are_left_out_and_said(tmp_path: Path) -> None:
    sizes = np.where(np.arange(60) % 10 == 3, np.nan, np.arange(60.0))
    atlas = vista.map(table_of().set_column(3, "size", pa.array(sizes)), tmp_path / "atlas", **QUICK, activation="size")

    assert atlas.maps["main"].n_items == 54
    assert atlas.manifest["n_skipped"] == 6
    assert "6 of 60 items were left out, since column 'size' has no number for them" in atlas.manifest["warnings"]


def test_a_direction_in_memory_is_recorded_by_its_name(tmp_path: Path) -> None:
    direction = np.random.default_rng(1).normal(size=8)
    atlas = vista.map(table_of(), tmp_path / "atlas", **QUICK, activation=Direction(direction, "truth probe"))

    items = atlas.maps["main"].items()
    np.testing.assert_allclose(
        items["activation"].to_numpy(), (vectors_of(table_of()) @ direction)[items["source_row"].to_pylist()], rtol=1e-5
    )
    assert atlas.manifest["provenance"]["parameters"]["activation"] == entry_of(atlas)["activation"]["name"] == "truth probe"


def test_a_direction_in_a_file_is_an_input_and_named_without_its_folder(parquet: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "probe.npy", np.ones(8))
    command = ["map", parquet, "-o", tmp_path / "out", "--vectors", "vector", "--renderer", "none", "--quiet"]

    assert exit_code([str(part) for part in (*command, "--activation", f"direction:{tmp_path / 'probe.npy'}", "--weight", "1")]) == 0

    atlas = vista.open(tmp_path / "out")
    assert entry_of(atlas)["activation"]["name"] == atlas.manifest["provenance"]["parameters"]["activation"] == "direction:probe.npy"
    assert [file["name"] for file in atlas.manifest["provenance"]["inputs"]] == ["things.parquet", "probe.npy"]
    assert str(tmp_path) not in (tmp_path / "out" / "atlas.json").read_text()


@pytest.mark.model
def test_a_latents_decoder_row_is_a_direction(tmp_path: Path) -> None:
    states = np.random.default_rng(0).normal(size=(60, 576)).astype("f4")
    np.save(tmp_path / "states.npy", states)
    command = ["map", tmp_path / "states.npy", "-o", tmp_path / "out", "--renderer", "none", "--quiet", "--activation", "latent:smollm2/97"]

    assert exit_code([str(part) for part in command]) == 0

    direction = decoder_direction("smollm2/97")
    items = vista.open(tmp_path / "out").maps["main"].items()
    assert direction.vector.shape == (576,)
    expected = (states.astype(np.float64) @ direction.vector)[items["source_row"].to_pylist()]
    np.testing.assert_allclose(items["activation"].to_numpy(), expected, rtol=1e-4, atol=1e-6)
    assert entry_of(vista.open(tmp_path / "out"))["activation"]["form"] == "latent"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("smollm2", "names no latent"),
        ("smollm2/many", "names no latent"),
        ("smollm3/4", "no autoencoder"),
        pytest.param("smollm2/4096", "no latent 4096.*numbered 0 to 4095", marks=pytest.mark.model),
    ],
)
def test_a_latent_that_there_is_not_is_refused(spec: str, message: str) -> None:
    with pytest.raises(vista.InputError, match=message):
        decoder_direction(spec)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("sizes", ("no column 'sizes'", "Did you mean 'size'")),
        ("group", ("column 'group' is string", "columns of numbers: size")),
        ("dim:8", ("8 dimensions, 0 to 7",)),
        ("direction:probe.npy", ("9 numbers", "vectors have 8")),
        ("direction:probes.npy", ("there is no file probes.npy",)),
        ("means:group=group 1|group 9", ("'group 9'", "Did you mean 'group")),
        ("means:grup=a|b", ("no column 'grup'", "Did you mean 'group'")),
        ("means:group=|group 1", ("two of its values",)),
        ("constant", ("constant is 4 for all 60 items",)),
        ("latent:smollm2", ("names no latent",)),
    ],
)
def test_what_a_map_cannot_be_conditioned_on_is_refused(
    tmp_path: Path, refused: Callable[..., str], activation: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("probe.npy", np.ones(9))
    pq.write_table(table_of().append_column("constant", pa.array([4.0] * 60)), "things.parquet")

    line = refused("map", "things.parquet", "-o", "out", "--vectors", "vector", "--renderer", "none", "--activation", activation)

    assert all(part in line for part in expected), line
    assert not (tmp_path / "out").exists()


def test_a_table_for_others_holds_an_activation_only_with_its_column(tmp_path: Path) -> None:
    atlas = vista.map(table_of(), tmp_path / "atlas", **QUICK, activation="size")

    hidden, shown = (vista.export(atlas, tmp_path / f"{name}.parquet", to="parquet", columns=[name]) for name in ("group", "size"))

    assert "activation" not in pq.read_schema(hidden).names
    assert "activation" in pq.read_schema(shown).names


@pytest.mark.parametrize("activation", ["size", "means:size=1|2"])
def test_a_site_must_publish_the_column_that_a_map_is_conditioned_on(tmp_path: Path, activation: str) -> None:
    table = table_of().set_column(3, "size", pa.array([1, 2, 3] * 20))
    atlas = vista.map(table, tmp_path / "atlas", **QUICK, activation=activation)

    kept, hidden = (without_columns(atlas.manifest, columns)["provenance"]["parameters"] for columns in (["size"], ["group"]))
    assert (kept["activation"], hidden["activation"]) == (activation, None)
    with pytest.raises(vista.InputError, match=r"conditioned on the column 'size'.*--columns group,size"):
        vista.export(atlas, tmp_path / "site", columns=["group"])
    assert not (tmp_path / "site").exists()


def test_people_are_told_how_far_it_orders_the_map_and_what_is_left(
    parquet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["map", parquet, "-o", tmp_path / "out", "--vectors", "vector", "--renderer", "none", "--activation", "size"]
    assert exit_code([str(part) for part in command]) == 0
    built = capsys.readouterr().out.splitlines()
    assert exit_code(["info", str(tmp_path / "out")]) == 0
    described = capsys.readouterr().out

    moran = entry_of(vista.open(tmp_path / "out"))["activation"]["moran_i"]
    assert built[2].startswith(f"activation: size, Moran's I {moran:.3f}; the map keeps ")
    assert f"  {built[2]} (weight 0.25, scale rank, transform linear)" in described.splitlines()
