import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sample_atlas import N_GROUPS, Sample, build_sample
from vista.artifacts import Skipped
from vista.atlas import Atlas, read_manifest, reader
from vista.atlas.blocks import inflated

TIMES = ("created", "seconds")


def column(atlas: Atlas, path: str, dtype: str) -> np.ndarray:
    return np.frombuffer(inflated((atlas.path / path).read_bytes()), dtype)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def without_times(folder: Path) -> dict[str, object]:
    manifest = json.loads((folder / "atlas.json").read_text())
    for run in (manifest["provenance"], *manifest["history"]):
        for key in TIMES:
            del run[key]
    return manifest


def test_the_same_items_and_seed_give_the_same_bytes(sample_folder: Path, tmp_path: Path) -> None:
    again = build_sample(tmp_path / "again", 120)
    first, second = files(sample_folder), files(again)
    del first["atlas.json"], second["atlas.json"]
    assert first == second
    assert without_times(sample_folder) == without_times(again)


def test_the_manifest_names_every_file(sample: Atlas) -> None:
    assert {*sample.manifest["files"], "atlas.json"} == files(sample.path).keys()
    assert list(sample.manifest["files"]) == sorted(sample.manifest["files"])


def test_no_text_of_the_manifest_holds_a_path_of_the_machine(sample: Atlas) -> None:
    assert "/home/somebody" not in (sample.path / "atlas.json").read_text()
    assert sample.manifest["provenance"]["parameters"]["source"] == "discs.csv"


def test_points_are_columns_in_drawing_order(sample: Atlas) -> None:
    entry, truth = sample.maps["main"].entry, Sample(120, 0)
    item = column(sample, entry["points"]["item"], "<u4")
    assert sorted(item.tolist()) == list(range(120))
    assert np.array_equal(column(sample, entry["points"]["xy"], "<f4").reshape(-1, 2), truth.coordinates[item])
    false = column(sample, entry["points"]["trust_false"], "u1") / 255
    assert np.allclose(false, truth.trust.false_neighbors[item], atol=0.5 / 255)


def test_colors_are_columns_in_drawing_order(sample: Atlas) -> None:
    entry, truth = sample.maps["main"].entry, Sample(120, 0)
    item = column(sample, entry["points"]["item"], "<u4")
    group, year = entry["colors"][0], entry["colors"][1]
    assert group["kind"] == "category"
    names = np.array(group["categories"])[column(sample, group["path"], group["dtype"])]
    assert names.tolist() == truth.items.columns.column("group").take(item).to_pylist()
    assert year["kind"] == "number"
    assert column(sample, year["path"], "<f4").tolist() == truth.items.columns.column("year").take(item).to_pylist()


def test_a_missing_number_is_nan_in_the_points_and_null_on_the_card(sample: Atlas) -> None:
    table = sample.maps["main"].items()
    source_rows = table.column("source_row").to_pylist()
    missing = [row for row, weight in zip(source_rows, table.column("weight").to_pylist(), strict=True) if weight is None]
    weights = column(sample, sample.maps["main"].entry["colors"][2]["path"], "<f4")
    assert missing
    assert [row for row, weight in zip(source_rows, weights, strict=True) if np.isnan(weight)] == missing
    assert sample.card(missing[0])["columns"]["weight"] is None


def test_titles_are_one_line_an_item_in_set_order(sample: Atlas) -> None:
    lines = gzip.decompress((sample.path / "items/main/titles.bin").read_bytes()).decode().split("\n")
    assert len(lines) == 120
    assert lines[3] == "a tab and a line break, \"quotes\" & 'more' \\ <b>bold</b>"
    assert lines[1] == "שלום עולם — مرحبا بالعالم"


def test_regions_count_their_items_and_know_their_parents(sample: Atlas) -> None:
    levels = json.loads((sample.path / "maps/main/regions.json").read_text())["levels"]
    assert [sum(region["n_items"] for region in level) for level in levels] == [120] * 3
    assert {region["parent"] for region in levels[0]} == {-1}
    for above, level in itertools.pairwise(levels):
        children = [0] * len(above)
        for region in level:
            children[region["parent"]] += region["n_items"]
        assert children == [region["n_items"] for region in above]
    assert len(levels[1]) <= len(levels[0]) * N_GROUPS


def test_parquet_rows_are_found_by_page(sample: Atlas) -> None:
    for path in (path for path in sample.manifest["files"] if path.endswith(".parquet")):
        chunk = pq.ParquetFile(sample.path / path).metadata.row_group(0).column(0)
        assert chunk.has_offset_index
        assert chunk.compression == "SNAPPY"


@pytest.mark.parametrize("n_items", [1, 2, 3])
def test_a_handful_of_items_makes_an_atlas(tmp_path: Path, n_items: int) -> None:
    atlas = reader.open(build_sample(tmp_path / "few", n_items))
    assert atlas.maps["main"].items().num_rows == n_items
    assert len(atlas.card(0)["neighbors"]) == n_items - 1


def test_items_without_pictures_say_so(tmp_path: Path) -> None:
    atlas = reader.open(build_sample(tmp_path / "texts", 20, pictures=False, collage=False))
    assert atlas.manifest["sets"]["main"]["pictures"] is None
    assert atlas.maps["main"].entry["collage"] is None
    assert atlas.card(0)["picture"] is None


def test_a_second_map_of_the_same_items_shares_their_set(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40)
    build_sample(folder, 40, map_id="other")
    manifest = read_manifest(folder)
    assert list(manifest["maps"]) == ["main", "other"]
    assert [entry["set"] for entry in manifest["maps"].values()] == ["main", "main"]
    assert list(manifest["sets"]) == ["main"]
    assert [run["map"] for run in manifest["history"]] == ["main"]
    reader.open(folder).verify()


def test_a_second_map_of_other_items_brings_a_set_of_its_own(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40)
    build_sample(folder, 41, map_id="other")
    manifest = read_manifest(folder)
    assert [entry["set"] for entry in manifest["maps"].values()] == ["main", "other"]
    assert reader.open(folder).maps["main"].items().num_rows == 40
    assert reader.open(folder).maps["other"].items().num_rows == 41
    reader.open(folder).verify()


def test_replacing_a_map_removes_what_only_it_showed(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40)
    build_sample(folder, 41, map_id="other")
    build_sample(folder, 42, map_id="other", overwrite=True)
    atlas = reader.open(folder)
    assert {name: entry["n_items"] for name, entry in atlas.manifest["sets"].items()} == {"main": 40, "other": 42}
    assert {*atlas.manifest["files"], "atlas.json"} == files(folder).keys()
    atlas.verify()


def test_replacing_the_only_map_is_the_same_as_building_it_anew(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "again", 30)
    before = files(folder)
    build_sample(folder, 30, overwrite=True)
    after = files(folder)
    assert {name: data for name, data in after.items() if name != "atlas.json"} == {
        name: data for name, data in before.items() if name != "atlas.json"
    }
    assert read_manifest(folder)["history"] == []


def test_a_replaced_map_takes_its_warnings_along(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, warnings=["of the first run"])
    build_sample(folder, 10, overwrite=True, warnings=["of the second run"])
    assert "of the first run" not in read_manifest(folder)["warnings"]


def test_a_second_map_keeps_the_warnings_of_the_first(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, warnings=["of the first run"])
    build_sample(folder, 10, map_id="other", warnings=["of the second run", "of the first run"])
    assert read_manifest(folder)["warnings"] == ["of the first run", "of the second run"]


def test_a_replaced_map_takes_its_words_along_and_other_maps_keep_theirs(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, map_id="b", warnings=["of b"], skipped=[Skipped("b.png", "broken")])
    build_sample(folder, 10, map_id="a", warnings=["of a"], skipped=[Skipped("a.png", "broken")])
    build_sample(folder, 11, map_id="a", overwrite=True, warnings=["of a, again"], skipped=[])
    manifest = read_manifest(folder)
    assert manifest["warnings"] == ["of b", "of a, again"]
    assert manifest["skipped"] == [{"name": "b.png", "reason": "broken"}]
    assert manifest["n_skipped"] == 1
    assert [run["warnings"] for run in (*manifest["history"], manifest["provenance"])] == [["of b"], ["of a, again"]]


def test_an_atlas_whose_runs_do_not_say_their_words_keeps_them_all(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, warnings=["of the first run"], skipped=[Skipped("a.png", "broken")])
    manifest = read_manifest(folder)
    for key in ("warnings", "skipped", "n_skipped"):
        del manifest["provenance"][key]  # type: ignore[misc]
    (folder / "atlas.json").write_text(json.dumps(manifest))
    build_sample(folder, 10, map_id="other", warnings=["of the second run"], skipped=[])
    manifest = read_manifest(folder)
    assert manifest["warnings"] == ["of the first run", "of the second run"]
    assert manifest["n_skipped"] == 1


def test_a_replaced_map_leaves_its_place_to_the_new_one(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, map_id="z")
    build_sample(folder, 10, map_id="a")
    build_sample(folder, 11, map_id="z", overwrite=True)
    assert list(read_manifest(folder)["maps"]) == ["z", "a"]


def test_two_maps_that_left_out_the_same_count_it_once(tmp_path: Path) -> None:
    skipped = [Skipped(f"photos/{i}.png", "broken") for i in range(1_200)]
    folder = build_sample(tmp_path / "atlas", 10, skipped=skipped)
    build_sample(folder, 10, map_id="other", skipped=skipped)
    assert read_manifest(folder)["n_skipped"] == 1_200


def test_what_was_left_out_is_listed_in_part_and_counted_whole(tmp_path: Path) -> None:
    skipped = [Skipped(f"photos/{i}.png", "broken") for i in range(1_200)]
    folder = build_sample(tmp_path / "atlas", 10, skipped=skipped)
    manifest = read_manifest(folder)
    assert len(manifest["skipped"]) == 1_000
    assert manifest["skipped"][0] == {"name": "photos/0.png", "reason": "broken"}
    assert manifest["n_skipped"] == 1_200
    build_sample(folder, 11, map_id="other", skipped=[Skipped("one more.png", "broken")])
    assert read_manifest(folder)["n_skipped"] == 1_201


def test_an_encoder_is_known_by_its_name_and_not_by_its_place(tmp_path: Path) -> None:
    manifest = read_manifest(build_sample(tmp_path / "atlas", 10, encoder="text:/home/alice/models/minilm"))
    assert manifest["maps"]["main"]["representation"]["encoder"] == "text:minilm"


def test_a_column_that_gives_no_color_is_said(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10, all_missing=True)
    manifest = read_manifest(folder)
    assert "column 'weight' is not offered for coloring: it holds no values" in manifest["warnings"]
    assert [color["name"] for color in manifest["maps"]["main"]["colors"]] == ["group", "year", "checked"]
