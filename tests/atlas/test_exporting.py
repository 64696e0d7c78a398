import json
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from sample_atlas import build_sample
from static_server import static_server
from vista.atlas import Atlas, exporting, published_columns, reader
from vista.errors import AtlasFormatError, InputError, InputFileError


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.usefixtures("viewer")
def test_a_site_is_the_viewer_beside_the_atlas(sample: Atlas, tmp_path: Path) -> None:
    site = exporting.export(sample, tmp_path / "site")
    assert everything(site).keys() == {*everything(sample.path), "index.html", "assets/index-1234.js"}
    assert reader.open(site).manifest == sample.manifest
    reader.open(site).verify()


@pytest.mark.usefixtures("viewer")
def test_a_site_works_behind_a_plain_range_server(sample: Atlas, tmp_path: Path) -> None:
    site = exporting.export(sample, tmp_path / "site")
    with static_server(site) as url:
        assert "viewer" in httpx.get(url).text
        manifest = httpx.get(f"{url}atlas.json").json()
        tiles = manifest["maps"]["main"]["collage"]["tiles"]
        head = httpx.get(f"{url}{tiles}", headers={"Range": "bytes=0-6"})
        assert (head.status_code, head.content) == (206, b"PMTiles")


@pytest.mark.usefixtures("viewer")
def test_a_site_publishes_only_the_named_columns(sample: Atlas, tmp_path: Path) -> None:
    site = reader.open(exporting.export(sample, tmp_path / "site", columns=["group", "weight"]))
    site.verify()
    assert published_columns(site.manifest) == ["group", "weight"]
    assert site.maps["main"].items().column_names[10:] == ["group", "weight"]
    assert [color["name"] for color in site.maps["main"].entry["colors"]] == ["group", "weight"]
    assert site.card(17)["columns"].keys() == {"group", "weight"}
    assert site.card(17)["neighbors"] == sample.card(17)["neighbors"]
    assert {*site.manifest["files"], "atlas.json", "index.html", "assets/index-1234.js"} == everything(site.path).keys()


@pytest.mark.usefixtures("viewer")
def test_one_column_may_be_given_as_a_string(sample: Atlas, tmp_path: Path) -> None:
    assert published_columns(reader.open(exporting.export(sample, tmp_path / "site", columns="group")).manifest) == ["group"]
    table = pq.read_table(exporting.export(sample, tmp_path / "discs.parquet", to="parquet", columns="group"))
    assert table.column_names[10:] == ["group"]


@pytest.mark.usefixtures("viewer")
def test_a_site_can_publish_no_column_at_all(sample: Atlas, tmp_path: Path) -> None:
    site = reader.open(exporting.export(sample, tmp_path / "site", columns=[]))
    assert published_columns(site.manifest) == []
    assert site.card(3)["columns"] == {}
    assert site.card(3)["text"] == sample.card(3)["text"]


@pytest.mark.usefixtures("viewer")
def test_a_site_holds_no_paths_of_whoever_wrote_the_atlas(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["provenance"]["parameters"]["source"] = "/home/alice/discs.csv"
    manifest["warnings"] = ["'/home/alice/my discs/x.png' is broken"]
    manifest["of_a_later_minor"] = "/home/alice"
    (folder / "atlas.json").write_text(json.dumps(manifest))
    site = exporting.export(reader.open(folder), tmp_path / "site")
    assert "alice" not in (site / "atlas.json").read_text()
    assert reader.open(site).manifest["warnings"] == ["'x.png' is broken"]


@pytest.mark.usefixtures("viewer")
def test_only_an_earlier_site_can_be_replaced(sample: Atlas, tmp_path: Path) -> None:
    site = exporting.export(sample, tmp_path / "site")
    with pytest.raises(InputError, match="--overwrite"):
        exporting.export(sample, site)
    exporting.export(sample, site, columns=[], overwrite=True)
    assert published_columns(reader.open(site).manifest) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "viewer"]


@pytest.mark.usefixtures("viewer")
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_foreign_folder_and_an_atlas_are_kept(sample: Atlas, tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    other = build_sample(tmp_path / "other", 10)
    for folder in (tmp_path / "thesis", tmp_path / "thesis" / "thesis.tex", other):
        with pytest.raises(InputError, match="is not an exported site"):
            exporting.export(sample, folder, overwrite=overwrite)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "years of work"
    reader.open(other).verify()


@pytest.mark.usefixtures("viewer")
@pytest.mark.parametrize("place", [".", "site", ".."])
def test_a_site_cannot_overlap_its_atlas(sample: Atlas, place: str) -> None:
    with pytest.raises(InputError, match="overlaps the atlas"):
        exporting.export(sample, sample.path / place, overwrite=True)
    sample.verify()


@pytest.mark.usefixtures("viewer")
@pytest.mark.parametrize("to", ["site", "parquet"])
def test_an_output_under_a_file_is_one_line(sample: Atlas, tmp_path: Path, to: str) -> None:
    (tmp_path / "file").write_text("a")
    with pytest.raises(InputFileError, match="Not a directory") as caught:
        exporting.export(sample, tmp_path / "file" / "out", to=to)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "a"


@pytest.mark.usefixtures("viewer")
def test_a_damaged_atlas_leaves_no_site(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (folder / "maps/main/labels.json").write_text("{}")
    with pytest.raises(AtlasFormatError, match=r"maps/main/labels\.json is missing or cut short"):
        exporting.export(reader.open(folder), tmp_path / "site")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["atlas", "viewer"]


def test_without_a_viewer_there_is_no_site(sample: Atlas, tmp_path: Path, viewer: Path) -> None:
    (viewer / "index.html").unlink()
    with pytest.raises(InputFileError, match="make viewer"):
        exporting.export(sample, tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["viewer"]


def test_parquet_is_the_table_of_a_map(sample: Atlas, tmp_path: Path) -> None:
    path = exporting.export(sample, tmp_path / "deep" / "discs.parquet", to="parquet")
    assert pq.read_table(path).equals(sample.maps["main"].items())
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["discs.parquet"]


@pytest.mark.usefixtures("viewer")
def test_names_of_unpublished_columns_are_in_no_text_of_the_site(tmp_path: Path) -> None:
    told = [
        "column 'serial' is not offered for coloring: it has 40 values",
        "columns left out, since they hold lists, structures, bytes or nothing: serial",
        "column 'hush' looks like vectors; use them with --vectors hush",
        "column 'group' holds absolute paths; the atlas keeps their base names",
        "40 items, only 3 distinct vectors",
    ]
    folder = build_sample(tmp_path / "atlas", 40, warnings=told)
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["provenance"]["parameters"] |= {
        "color": ["group", "serial"],
        "vectors": "hush",
        "id": "serial",
        "text": "text",
        "n_neighbors": 7,
    }
    manifest["history"] = [manifest["provenance"]]
    (folder / "atlas.json").write_text(json.dumps(manifest))

    site = exporting.export(folder, tmp_path / "site", columns=["group"])

    published = (site / "atlas.json").read_text()
    assert "serial" not in published
    assert "hush" not in published
    site_manifest = json.loads(published)
    assert site_manifest["warnings"] == told[3:]
    kept = site_manifest["provenance"]["parameters"]
    assert (kept["color"], kept["text"], kept["n_neighbors"], kept["vectors"]) == (["group"], "text", 7, None)


def test_parquet_holds_only_the_named_columns(sample: Atlas, tmp_path: Path) -> None:
    path = exporting.export(sample, tmp_path / "discs.parquet", to="parquet", columns=["year"])
    assert pq.read_table(path).column_names == [*sample.maps["main"].items().column_names[:10], "year"]


def test_an_existing_table_needs_overwrite(sample: Atlas, tmp_path: Path) -> None:
    (tmp_path / "discs.parquet").write_text("older")
    with pytest.raises(InputError, match="--overwrite"):
        exporting.export(sample, tmp_path / "discs.parquet", to="parquet")
    assert (tmp_path / "discs.parquet").read_text() == "older"
    exporting.export(sample, tmp_path / "discs.parquet", to="parquet", overwrite=True)
    assert pq.read_table(tmp_path / "discs.parquet").num_rows == 120


def test_a_folder_is_no_place_for_a_table(sample: Atlas, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name a file"):
        exporting.export(sample, tmp_path, to="parquet", overwrite=True)


def test_what_is_unknown_names_what_is_near(sample: Atlas, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'grupo'.*Did you mean 'group'"):
        exporting.export(sample, tmp_path / "x", columns=["grupo"])
    with pytest.raises(InputError, match="Did you mean 'parquet'"):
        exporting.export(sample, tmp_path / "x", to="parket")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"no map 'mian'.*Did you mean 'main'"):
        exporting.export(sample, tmp_path / "x", to="parquet", name="mian")
    assert list(tmp_path.iterdir()) == []
