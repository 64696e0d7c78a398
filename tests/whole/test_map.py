"""The whole path, from a source to an atlas that can be read again."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import vista
from vista.cli.main import exit_code
from vista.demonstration import demo
from whole.conftest import table_of

OWN_COLUMNS = ["item_id", "source_row", "x", "y", "text"]


def files_of(atlas: Path) -> dict[str, bytes]:
    return {path.relative_to(atlas).as_posix(): path.read_bytes() for path in sorted(atlas.rglob("*")) if path.is_file()}


def test_the_table_of_a_map_has_the_promised_columns(tmp_path: Path) -> None:
    atlas = vista.map(table_of(), tmp_path / "atlas", vectors="vector", id="name", pictures="cards")

    items = atlas.maps["main"].items()

    assert items.column_names[:5] == OWN_COLUMNS
    assert {"region_0", "trust_false", "trust_missing", "group", "size"} <= set(items.column_names)
    assert sorted(items["item_id"].to_pylist()) == sorted(f"item-{row}" for row in range(60))
    assert [table_of()["text"][row].as_py() for row in items["source_row"].to_pylist()] == items["text"].to_pylist()
    for name in ("trust_false", "trust_missing"):
        assert items[name].type == pa.float32()
        assert 0 <= min(items[name].to_pylist()) <= max(items[name].to_pylist()) <= 1


def test_the_same_input_and_seed_give_the_same_bundle(parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = vista.map(parquet, tmp_path / "a", vectors="vector", cache_folder=tmp_path / "cache-a")
    second = vista.map(parquet, tmp_path / "b", vectors="vector", cache_folder=tmp_path / "cache-b")

    manifests = [dict(atlas.manifest) for atlas in (first, second)]
    for manifest in manifests:
        manifest["provenance"] = {key: value for key, value in manifest["provenance"].items() if key not in ("created", "seconds")}
    assert manifests[0] == manifests[1]
    a, b = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert {name for name in a if a[name] != b[name]} <= {"atlas.json"}
    assert a.keys() == b.keys()


def test_another_seed_gives_another_layout(parquet: Path, tmp_path: Path) -> None:
    one = vista.map(parquet, tmp_path / "a", vectors="vector", pictures="cards", seed=1)
    two = vista.map(parquet, tmp_path / "b", vectors="vector", pictures="cards", seed=2)

    assert one.maps["main"].items()["x"] != two.maps["main"].items()["x"]


def test_a_second_map_joins_an_atlas_and_shares_its_items(parquet: Path, tmp_path: Path) -> None:
    vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards")
    both = vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards", name="tight", layout="umap", min_dist=0.0)

    assert list(both.maps) == ["main", "tight"]
    assert list(both.manifest["sets"]) == ["main"]


def test_the_same_name_again_needs_overwrite(parquet: Path, tmp_path: Path) -> None:
    vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards")

    with pytest.raises(vista.VistaError, match="overwrite"):
        vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards")

    assert vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards", overwrite=True, sample=20).maps["main"].n_items == 20


def test_a_map_of_the_users_own_is_judged_as_it_is(tmp_path: Path) -> None:
    table = table_of().append_column("px", pa.array(np.arange(60.0))).append_column("py", pa.array(np.zeros(60)))

    atlas = vista.map(table, tmp_path / "atlas", vectors="vector", x="px", y="py", pictures="cards")

    items = atlas.maps["main"].items()
    assert items["x"].to_pylist() == [float(row) for row in items["source_row"].to_pylist()]
    assert atlas.manifest["maps"]["main"]["layout"]["method"] == "given"


def test_a_column_can_name_the_regions(tmp_path: Path) -> None:
    atlas = vista.map(table_of(200), tmp_path / "atlas", vectors="vector", labels="group", pictures="cards")

    labels = json.loads((tmp_path / "atlas" / atlas.manifest["maps"]["main"]["labels"]).read_text())["labels"]
    assert labels
    assert {label["text"].replace("\n", " ") for label in labels if label["level"] == 0} <= {f"group {number}" for number in range(4)}


def test_pictures_can_be_switched_off(parquet: Path, tmp_path: Path) -> None:
    atlas = vista.map(parquet, tmp_path / "atlas", vectors="vector", renderer="none")

    assert atlas.manifest["maps"]["main"]["collage"] is None


def test_bare_vectors_make_a_map_of_cards_with_ids(tmp_path: Path) -> None:
    atlas = vista.map(np.random.default_rng(0).normal(size=(40, 6)).astype("f4"), tmp_path / "atlas")

    assert atlas.manifest["maps"]["main"]["collage"]["pictures"] == "cards"
    assert atlas.maps["main"].n_items == 40


def test_a_finished_stage_is_not_computed_again(parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vista.map(parquet, tmp_path / "a", vectors="vector", pictures="cards")
    monkeypatch.setattr("vista.neighbors.find_neighbors", lambda *a, **k: pytest.fail("neighbors computed again"))
    monkeypatch.setattr("vista.layout.lay_out", lambda *a, **k: pytest.fail("layout computed again"))
    monkeypatch.setattr("vista.trust.measure_fidelity", lambda *a, **k: pytest.fail("fidelity computed again"))

    vista.map(parquet, tmp_path / "b", vectors="vector", pictures="cards")


def test_json_says_what_was_made(parquet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["map", str(parquet), "-o", str(tmp_path / "atlas"), "--vectors", "vector", "--pictures", "cards", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said.keys() == {"command", "output", "maps", "warnings", "seconds"}
    assert said["maps"][0].keys() == {"id", "n_items", "fidelity"}
    fidelity = said["maps"][0]["fidelity"]
    assert {
        "metric",
        "n_queries",
        "exact",
        "k",
        "gain",
        "gain_ci",
        "rnx",
        "rnx_area",
        "trustworthiness",
        "continuity",
        "null",
    } <= fidelity.keys()
    assert fidelity["null"].keys() == {"mean", "low", "high", "n"}


def test_a_second_map_renames_the_atlas_only_if_asked(parquet: Path, tmp_path: Path) -> None:
    quick = {"vectors": "vector", "renderer": "none"}
    titles = [
        vista.map(parquet, tmp_path / "atlas", **quick, title="Sixty things").title,
        vista.map(table_of(), tmp_path / "atlas", **quick, name="second").title,
        vista.map(table_of(), tmp_path / "atlas", **quick, name="third", title="Things").title,
    ]

    assert titles == ["Sixty things", "Sixty things", "Things"]


def test_one_color_may_be_given_as_a_string(parquet: Path, tmp_path: Path) -> None:
    atlas = vista.map(parquet, tmp_path / "atlas", vectors="vector", renderer="none", color="group")

    assert [color["name"] for color in atlas.maps["main"].entry["colors"]] == ["group"]


FOREIGN = pa.table({"text": ["日本語", "مرحبا", "", "日本 2024", "plain"], "vector": np.eye(5).tolist()})


def test_texts_that_cards_cannot_draw_are_counted_once(tmp_path: Path) -> None:
    atlas = vista.map(FOREIGN, tmp_path / "atlas", vectors="vector", pictures="cards")

    said = [warning for warning in atlas.manifest["warnings"] if "text cards" in warning]
    assert said == ["2 of 5 texts are in scripts that text cards cannot draw; the viewer shows them in full"]


@pytest.mark.model
def test_a_text_that_a_picture_stands_for_needs_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vista.rendering.match_pictures", lambda *_, **__: np.array([-1, 7, 7, 7, 7]))

    atlas = vista.map(FOREIGN, tmp_path / "atlas", vectors="vector", pictures="noto")

    assert any(warning.startswith("1 of 5 texts are in scripts") for warning in atlas.manifest["warnings"])


@pytest.mark.model
def test_captions_are_encoded_mapped_and_illustrated_by_meaning(tmp_path: Path) -> None:
    captions = [
        "a red apple",
        "a ripe banana",
        "a fast train",
        "an express train",
        "a cat asleep",
        "a kitten",
        "heavy rain",
        "a thunderstorm",
    ]
    pq.write_table(pa.table({"caption": captions}), tmp_path / "captions.parquet")

    atlas = vista.map(tmp_path / "captions.parquet", tmp_path / "atlas")

    assert "encoder: text, all-MiniLM-L6-v2 (choose another with --encoder)" in atlas.manifest["warnings"]
    collage = atlas.manifest["maps"]["main"]["collage"]
    assert collage["pictures"] in ("library", "mixed")
    assert "in the map's own space" in collage["picture_text"]
    nearest = {row["item"]: row["neighbors"][0] for row in atlas.neighbors().to_pylist()}
    assert [nearest[item] for item in (2, 4, 6)] == [3, 5, 7]


@pytest.mark.model
def test_a_folder_of_images_is_encoded_and_shows_its_own_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(6):
        noise = random.integers(0, 80, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(noise + np.uint8(150) * np.uint8(number % 2)).save(folder / f"{number}.jpg")
        (folder / f"{number}.txt").write_text(f"picture {number}")

    atlas = vista.map(folder, tmp_path / "atlas")

    assert atlas.manifest["maps"]["main"]["collage"]["pictures"] == "items"
    assert atlas.manifest["sets"]["main"]["pictures"]["of"] == "item"
    assert sorted(atlas.maps["main"].items()["text"].to_pylist()) == [f"picture {number}" for number in range(6)]


def test_without_a_collage_there_is_still_a_preview(parquet: Path, tmp_path: Path) -> None:
    atlas = vista.map(parquet, tmp_path / "atlas", vectors="vector", renderer="none")

    preview = atlas.manifest["maps"]["main"]["preview"]
    assert preview is not None
    assert Image.open(tmp_path / "atlas" / preview).getextrema()[3][1] > 0
    assert (tmp_path / "atlas" / preview).stat().st_size <= 150_000


def test_vectors_in_memory_are_recorded_by_a_word(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype("f4")

    atlas = vista.map(table_of().drop(["vector"]), tmp_path / "atlas", vectors=vectors, pictures="cards", color="group")

    recorded = atlas.manifest["provenance"]["parameters"]
    assert recorded["vectors"] == "in memory"
    assert recorded["color"] == ["group"]
    assert (tmp_path / "atlas" / "atlas.json").stat().st_size < 20_000


def test_a_demonstration_replaces_an_earlier_one_but_nothing_else(parquet: Path, tmp_path: Path) -> None:
    vista.map(parquet, tmp_path / "mine", vectors="vector", pictures="cards")

    with pytest.raises(vista.InputError, match="atlas of your own"):
        demo(tmp_path / "mine")

    earlier = shutil.copytree(tmp_path / "mine", tmp_path / "demo") / "atlas.json"
    manifest = json.loads(earlier.read_bytes())
    manifest["provenance"]["command"] = "demo"
    earlier.write_text(json.dumps(manifest))
    made = demo(tmp_path / "demo")
    assert made.maps["main"].n_items > 1500
    assert made.manifest["provenance"]["command"] == "demo"
    made.verify()


def test_vectors_that_repeat_are_counted_and_said(tmp_path: Path) -> None:
    vectors = np.repeat(np.random.default_rng(0).normal(size=(11, 6)), 10, axis=0).astype("f4")

    atlas = vista.map(vectors, tmp_path / "atlas")

    assert "110 items, only 11 distinct vectors: items with equal vectors lie in one place" in atlas.manifest["warnings"]


def test_the_manifest_records_what_was_guessed(parquet: Path, tmp_path: Path) -> None:
    atlas = vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards")

    recorded = atlas.manifest["provenance"]["parameters"]
    assert recorded["text"] == "text"
    assert recorded["color"] == ["group", "size"]
    assert recorded["n_neighbors"] == 30
    assert atlas.title == "things"


def test_an_unknown_map_is_named_with_those_that_there_are(parquet: Path, tmp_path: Path) -> None:
    atlas = vista.map(parquet, tmp_path / "atlas", vectors="vector", pictures="cards")

    with pytest.raises(KeyError, match=r"^no map 'mian' in the atlas\. Did you mean 'main'"):
        atlas.maps["mian"]
    assert atlas.maps.get("mian") is None


def test_a_build_ends_with_what_it_made_and_how_to_look_at_it(parquet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "atlas"

    assert exit_code(["map", str(parquet), "-o", str(out), "--vectors", "vector", "--pictures", "cards"]) == 0

    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["items", "fidelity", "left out"]
    assert lines[3].endswith(f"see it: vista serve {out} --open")
    assert len(lines) == 4
    assert "note: text column: 'text' (guessed; choose another with --text)" in shown.err
    assert "warning" not in shown.err + shown.out


@pytest.mark.model
def test_a_folder_of_images_is_mapped_by_what_they_show_and_its_captions_name_regions(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(12):
        Image.new("RGB", (40, 40), (number * 20, 90, 200 - number * 10)).save(photos / f"{number}.png")
    (photos / "captions.csv").write_text("file_name,caption\n" + "".join(f"{n}.png,a plain field number {n}\n" for n in range(12)))

    atlas = vista.map(photos, tmp_path / "atlas")

    assert atlas.title == "photos"
    assert atlas.manifest["maps"]["main"]["representation"]["encoder"] == "EfficientNet-Lite0"
    assert atlas.manifest["provenance"]["parameters"]["encoder"] == "vision"
    assert atlas.manifest["provenance"]["parameters"]["text"] == "caption"
    assert atlas.manifest["sets"]["main"]["titles"] is not None
    assert sum("captions name the regions" in note for note in atlas.manifest["warnings"]) == 1
