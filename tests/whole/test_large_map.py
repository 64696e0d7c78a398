"""Maps with more items than one file can be asked for at once, and maps without a representation: from a table to what a viewer reads.

What makes a map large is a number in `Limits`; these tests lower it, and go the same way as ten million items.
"""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import vista
from vista.atlas import Atlas
from vista.atlas.points import TILE_RECORD
from vista.cli.main import exit_code
from vista.execution import Cache, silent
from vista.pipeline.limits import Limits
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run
from whole.conftest import table_of

N = 700
SMALL = Limits(tiled_above_items=100, tile_items=32, sampled_above_items=300, judged_up_to_items=50)
HOSTILE = ["<b>bold</b>", 'say "no"\n', "back\\slash", "שלום", "\x01"]


def points(n_items: int = N, seed: int = 4) -> pa.Table:
    """Return points in clusters with columns of every kind, some of them awkward."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 8, n_items)
    places = (rng.normal(size=(8, 2))[cluster] * 6 + rng.normal(size=(n_items, 2)) * 0.5).astype(np.float32)
    return pa.table(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "kind": pa.array([f"kind {number}" for number in cluster]).dictionary_encode(),
            "word": [HOSTILE[row % len(HOSTILE)] for row in range(n_items)],
            "score": pa.array(np.where(rng.random(n_items) < 0.1, np.nan, rng.normal(size=n_items))),
            "count": pa.array(rng.integers(-(2**40), 2**40, n_items)),
            "flag": rng.random(n_items) < 0.5,
            "nothing": pa.nulls(n_items, pa.float64()),
            "many": [f"value {row % 400}" for row in range(n_items)],
        }
    )


def mapped(table: pa.Table, output: Path, *, limits: Limits = SMALL, name: str = "main", **options: object) -> Atlas:
    run = Run(command="map", options=options_of_map(**options), cache=Cache(None), progress=silent, limits=limits)
    return build(table, output, run, name=name, overwrite=False)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    colors = ("kind", "word", "score", "count", "flag", "nothing", "many")
    return mapped(points(), tmp_path_factory.mktemp("large") / "atlas", x="x", y="y", labels="kind", color=colors)


@pytest.fixture
def viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the built viewer."""
    folder = tmp_path / "viewer"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>viewer</title>")
    monkeypatch.setattr("vista.atlas.viewer.VIEWER_FOLDER", folder)
    return folder


def tiles_of(atlas: Atlas) -> np.ndarray:
    return np.frombuffer(gzip.decompress((atlas.path / atlas.maps["main"].entry["points"]["tiles"]).read_bytes()), TILE_RECORD)


def column(atlas: Atlas, path: str, dtype: str) -> np.ndarray:
    return np.frombuffer((atlas.path / path).read_bytes(), dtype)


def test_a_tiled_map_says_so_in_its_version(large: Atlas) -> None:
    assert large.manifest["format_version"] == 2
    assert large.maps["main"].entry["points"]["item"] is None
    large.verify()


def test_a_viewer_finds_every_item_in_its_tile(large: Atlas) -> None:
    entry, tiles = large.maps["main"].entry, tiles_of(large)
    assert tiles["n"].sum() == tiles["n_all"][0] == N
    assert tiles["start"].tolist() == (np.cumsum(tiles["n"]) - tiles["n"]).tolist()
    z, tx, ty = (np.repeat(tiles[name], tiles["n"]).astype(np.float64) for name in ("z", "tx", "ty"))
    size = entry["extent"]["size"] / 2**z
    places = column(large, entry["points"]["xy"], "<u2").reshape(-1, 2)
    items = large.maps["main"].items()
    for axis, (name, tile) in enumerate((("x", tx), ("y", ty))):
        read = entry["extent"][f"{name}0"] + (tile + (places[:, axis] + 0.5) / 65536) * size
        assert (np.abs(read - items[name].to_numpy()) <= 0.51 * size / 65536 + 1e-6).all()


def test_the_set_is_in_drawing_order_and_leads_back_to_the_source(large: Atlas) -> None:
    items, source = large.maps["main"].items(), points()
    assert items["item_id"].to_pylist() == [str(row) for row in items["source_row"].to_pylist()]
    assert sorted(items["source_row"].to_pylist()) == list(range(N))
    for name in ("x", "word", "count"):
        assert items[name].to_pylist() == source[name].take(items["source_row"].combine_chunks()).to_pylist()
    assert pq.read_table(large.path / "maps/main/items.parquet")["item"].to_pylist() == list(range(N))


@pytest.mark.parametrize("item", [0, 63, 64, N - 1])
def test_the_card_of_a_row_is_that_of_its_item(large: Atlas, item: int) -> None:
    items = large.maps["main"].items().slice(item, 1).to_pylist()[0]
    card = large.card(item)
    assert (card["item"], card["id"], card["source_row"], card["text"]) == (item, items["item_id"], items["source_row"], None)
    for name in ("word", "count", "flag", "kind"):
        assert card["columns"][name] == items[name]
    assert (card["neighbors"], card["distances"], card["picture"]) == ([], [], None)


def test_colors_are_plain_bytes_in_drawing_order(large: Atlas) -> None:
    colors = {color["name"]: color for color in large.maps["main"].entry["colors"]}
    items = large.maps["main"].items()
    assert list(colors) == ["kind", "word", "score", "count", "flag", "many"]
    kind = colors["kind"]
    assert [kind["categories"][code] for code in column(large, kind["path"], "u1")] == items["kind"].to_pylist()
    score, values = colors["score"], items["score"].to_numpy()
    shades, missing = column(large, score["shades"], "u1"), np.isnan(values)
    np.testing.assert_array_equal(column(large, score["path"], "<f4"), values.astype(np.float32))
    np.testing.assert_array_equal(shades == 255, missing)
    expected = 254 * (values[~missing] - score["low"]) / (score["high"] - score["low"])
    assert (np.abs(shades[~missing] - expected) <= 0.501).all()
    assert any("'nothing'" in warning for warning in large.manifest["warnings"])


def test_regions_of_a_sample_hold_all_items_and_are_named(large: Atlas) -> None:
    regions = json.loads((large.path / "maps/main/regions.json").read_text())["levels"]
    items = large.maps["main"].items()
    for number, level in enumerate(regions):
        assert sum(region["n_items"] for region in level) == N
        for region in level:
            stands_for = items.slice(region["representative"], 1).to_pylist()[0]
            assert (stands_for["x"], stands_for["y"]) == pytest.approx((region["x"], region["y"]))
            assert region["trust_false"] is None
            assert stands_for[f"region_{number}"] == region["name"]
    assert {region["name"] for region in regions[0]} & {f"kind {number}" for number in range(8)}


def test_fidelity_is_unknown_and_every_surface_says_so(large: Atlas, capsys: pytest.CaptureFixture[str]) -> None:
    entry = large.maps["main"].entry
    assert (entry["fidelity"], entry["fidelity_curve"], entry["representation"]) == (None, None, None)
    assert (large.maps["main"].fidelity, large.manifest["sets"]["main"]["neighbors"]) == (None, None)
    assert vista.fidelity(large) == [{"id": "main", "n_items": N, "fidelity": None}]
    for command in ("info", "fidelity"):
        assert exit_code([command, str(large.path)]) == 0
        said = [line for line in capsys.readouterr().out.splitlines() if "unknown, since there is no representation" in line]
        assert len(said) == 1
        assert "--vectors" in said[0]


def test_the_preview_shows_where_items_are(large: Atlas) -> None:
    data = (large.path / large.maps["main"].entry["preview"]).read_bytes()
    assert len(data) <= 150_000
    opacity = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[:, :, 3]
    assert 0 < np.count_nonzero(opacity) < 0.5 * opacity.size


def test_a_site_of_some_columns_has_no_byte_of_the_others(large: Atlas, tmp_path: Path, viewer: Path) -> None:
    site = vista.export(large, tmp_path / "site", columns=["kind"])
    manifest = vista.open(site).manifest
    assert [color["name"] for color in manifest["maps"]["main"]["colors"]] == ["kind"]
    stored = {path.relative_to(site).as_posix() for path in (site / "maps").rglob("*") if path.is_file()}
    assert stored == {path for path in manifest["files"] if path.startswith("maps/")}
    assert vista.open(site).card(5)["columns"] == {"kind": large.card(5)["columns"]["kind"]}


def test_a_site_does_not_name_the_columns_of_a_layout_that_stay_at_home(tmp_path: Path, viewer: Path) -> None:
    table = points(60).rename_columns({"x": "longitude", "y": "latitude"})
    atlas = mapped(table, tmp_path / "atlas", x="longitude", y="latitude")
    site = vista.export(atlas, tmp_path / "site", columns=["kind"])
    assert "longitude" in (atlas.path / "atlas.json").read_text()
    assert b"longitude" not in b"".join(path.read_bytes() for path in site.rglob("*") if path.is_file())


def test_a_large_map_is_exported_as_a_table(large: Atlas, tmp_path: Path) -> None:
    table = pq.read_table(vista.export(large, tmp_path / "table.parquet", to="parquet"))
    assert table.drop_columns("score").equals(large.maps["main"].items().drop_columns("score"))  # in which NaN equals nothing


def test_a_large_map_with_vectors_keeps_its_neighbors_its_collage_and_its_figures(tmp_path: Path) -> None:
    table = table_of(180)
    tiled = mapped(table, tmp_path / "tiled", vectors="vector", id="name", pictures="cards")
    plain = mapped(table, tmp_path / "plain", vectors="vector", id="name", pictures="cards", limits=Limits())
    assert plain.manifest["format_version"] == 1
    assert tiled.maps["main"].entry["fidelity"] == plain.maps["main"].entry["fidelity"]
    assert tiled.maps["main"].entry["collage"]["n_levels"] == plain.maps["main"].entry["collage"]["n_levels"]
    rows_tiled, rows_plain = (atlas.maps["main"].items().sort_by("item_id") for atlas in (tiled, plain))
    assert rows_tiled.equals(rows_plain)
    names = tiled.maps["main"].items()["item_id"].to_pylist()
    of_plain = {card["id"]: card for card in map(plain.card, range(180))}
    names_of_set = [plain.card(item)["id"] for item in range(180)]
    for item in (0, 17, 179):
        card, other = tiled.card(item), of_plain[names[item]]
        assert [names[near] for near in card["neighbors"]] == [names_of_set[near] for near in other["neighbors"]]
        assert card["distances"] == other["distances"]
        assert card["text"] == other["text"]
    near = tiled.neighbors()
    assert near["item"].to_pylist() == list(range(180))
    assert near["neighbors"][17].as_py()[:15] == tiled.card(17)["neighbors"]


def test_a_large_map_conditioned_on_an_activation_has_its_shades(tmp_path: Path) -> None:
    atlas = mapped(table_of(180), tmp_path / "atlas", vectors="vector", activation="size", pictures="cards")
    entry = atlas.maps["main"].entry
    assert entry["colors"][0]["name"] == "activation"
    assert column(atlas, entry["colors"][0]["shades"], "u1").max() == 254
    record = column(atlas, entry["neighbors"]["path"], "<u4").reshape(180, -1)
    assert record[:, : entry["neighbors"]["k"]].max() < 180


def test_own_pictures_of_a_large_map_follow_the_tiles(tmp_path: Path) -> None:
    def square(row: int) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (row, 0, 255 - row)).save(file, "PNG")
        return file.getvalue()

    table = points(120).append_column("image", pa.array([None if row == 3 else square(row) for row in range(120)], pa.binary()))
    atlas = mapped(table, tmp_path / "atlas", x="x", y="y", encoder="none")
    for item in (0, 60, 119):
        card = atlas.card(item)
        if card["source_row"] == 3:
            assert card["picture"] is None
            continue
        red = Image.open(io.BytesIO(atlas.picture(card["picture"]))).convert("RGB").getpixel((4, 4))[0]
        assert abs(red - card["source_row"]) < 12


@pytest.mark.parametrize("n_items", [1, 2, 3])
def test_a_handful_of_points_needs_no_representation(n_items: int, tmp_path: Path) -> None:
    atlas = mapped(points(n_items), tmp_path / "atlas", x="x", y="y", limits=Limits(tiled_above_items=0))
    assert tiles_of(atlas)["n_all"][0] == n_items
    assert atlas.maps["main"].items().num_rows == n_items
    atlas.verify()


def test_points_in_one_place_make_a_map(tmp_path: Path) -> None:
    table = pa.table({"x": np.full(150, 2.0), "y": np.full(150, -1.0)})
    atlas = mapped(table, tmp_path / "atlas", x="x", y="y")
    assert set(atlas.maps["main"].items()["x"].to_pylist()) == {2.0}


def test_the_same_points_give_the_same_bundle(tmp_path: Path) -> None:
    first, second = (mapped(points(), tmp_path / name, x="x", y="y") for name in ("a", "b"))
    assert first.manifest["files"] == second.manifest["files"]


def test_a_second_map_of_an_atlas_keeps_the_first(large: Atlas, tmp_path: Path) -> None:
    output = tmp_path / "atlas"
    mapped(points(), output, x="x", y="y")
    both = mapped(points(90), output, name="few", x="x", y="y")
    assert both.manifest["format_version"] == 2
    assert [both.maps[name].entry["set"] for name in both.maps] == ["main", "few"]
    both.verify()


# Which maps have a representation


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "points.parquet"
    pq.write_table(points(60), path)
    return path


def test_a_table_of_coordinates_alone_is_a_map_through_the_command_line(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["map", str(written), "--x", "x", "--y", "y", "-o", str(tmp_path / "atlas"), "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["maps"] == [{"id": "main", "n_items": 60, "fidelity": None}]
    assert (
        sum("there is no representation, for there is nothing to encode: give vectors with --vectors" in one for one in told["warnings"])
        == 1
    )
    atlas = vista.open(tmp_path / "atlas")
    assert atlas.manifest["format_version"] == 1
    assert atlas.manifest["provenance"]["parameters"]["renderer"] == "density"


def test_texts_judge_a_layout_while_they_are_few(tmp_path: Path) -> None:
    table = points(60).append_column("text", pa.array([f"a text of number {row}" for row in range(60)]))
    with pytest.raises(vista.InputError, match="no encoder 'nonsense'"):
        mapped(table, tmp_path / "unknown", x="x", y="y", encoder="nonsense")
    atlas = mapped(table, tmp_path / "atlas", x="x", y="y")
    assert atlas.maps["main"].fidelity is None
    assert any("60 items are more than the 50 that are encoded unasked: give --encoder text" in note for note in atlas.manifest["warnings"])
    regions = json.loads((atlas.path / "maps/main/regions.json").read_text())["levels"]
    assert regions


def test_an_encoder_of_none_encodes_nothing(tmp_path: Path) -> None:
    table = points(40).append_column("text", pa.array([f"a text of number {row}" for row in range(40)]))
    atlas = mapped(table, tmp_path / "atlas", x="x", y="y", encoder="none")
    assert atlas.maps["main"].fidelity is None
    assert atlas.manifest["sets"]["main"]["titles"] is not None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--encoder", "none"], "give a layout with --x and --y"),
        (["--x", "x", "--y", "y", "--activation", "score"], "--activation needs a representation"),
        (["--x", "x", "--y", "y", "--exact"], "--exact needs a representation"),
        (["--x", "x", "--y", "y", "--renderer", "collage"], "--renderer collage needs a representation"),
        (["--x", "x", "--y", "y", "--renderer", "collage", "--encoder", "none"], "--encoder none says that there is none"),
        (["--x", "x", "--y", "word"], "coordinates are numbers"),
        (["--x", "score", "--y", "y"], "missing, NaN or infinite coordinates"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    options: list[str], said: str, written: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert said in refused("map", written, "-o", tmp_path / "atlas", *options)
    assert not (tmp_path / "atlas").exists()


@pytest.mark.parametrize("renderer", ["density", "none"])
def test_a_judged_map_can_be_drawn_as_points(renderer: str, tmp_path: Path) -> None:
    atlas = mapped(table_of(), tmp_path / "atlas", vectors="vector", renderer=renderer, limits=Limits())
    entry = atlas.maps["main"].entry
    assert entry["collage"] is None
    assert entry["fidelity"] is not None
    assert entry["preview"] is not None
