import json
from pathlib import Path

import pytest

from sample_atlas import build_sample
from vista.atlas import Atlas, fidelity, fidelity_lines, info, lines, reader
from vista.errors import AtlasFormatError


def test_the_summary_says_what_the_atlas_holds_and_how_it_was_made(sample_folder: Path) -> None:
    text = "\n".join(lines(info(sample_folder)))
    assert f"Sample of discs ({sample_folder})" in text
    assert "120 items, text from 'text', 120 pictures, 20 cosine neighbors (exact), columns group, year" in text
    assert "R_NX area 0.610 (shuffled: 0.000, -0.003 to 0.004), exact" in text
    assert "discs.csv (12.3 KB" in text
    assert "left out: 1, the first broken.png (not a picture)" in text


def test_every_map_and_every_run_is_told(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    build_sample(folder, 11, map_id="other")
    text = "\n".join(lines(info(folder)))
    for said in (
        "items 'main': 10 items",
        "items 'other': 11 items",
        "map 'main'",
        "map 'other'",
        "(map 'main', seed 0)",
        "(map 'other', seed 0)",
    ):
        assert said in text


def test_the_summary_cannot_steer_a_terminal(sample_folder: Path) -> None:
    hostile = {**info(sample_folder), "title": "\x1b[2Jgone\nline", "warnings": ["\x07bell"]}
    assert all(line.isprintable() for line in lines(hostile))


def test_the_description_is_json(sample_folder: Path) -> None:
    described = json.loads(json.dumps(info(sample_folder)))
    assert [entry["id"] for entry in described["maps"]] == ["main"]
    assert described["maps"][0]["fidelity"]["rnx_area"] == 0.61
    written = [path for path in sample_folder.rglob("*") if path.is_file() and path.name not in ("atlas.json", "notes.txt")]
    assert described["n_bytes"] == sum(path.stat().st_size for path in written)


def test_fidelity_is_the_curve_the_null_and_the_summary_of_every_map(sample_folder: Path) -> None:
    figures = fidelity(sample_folder)
    assert [entry["id"] for entry in figures] == ["main"]
    shown = figures[0]["fidelity"]
    assert {"gain", "rnx_area", "null", "curve", "null_gain"} <= shown.keys()
    table = fidelity_lines(figures)
    assert len(table) == 2 + len(shown["k"])
    assert "60" in table[-1].split()
    assert "50" in table[-1].split()


def test_an_estimate_says_how_many_items_were_asked(sample_folder: Path) -> None:
    entry = fidelity(sample_folder)[0]
    entry["fidelity"] |= {"exact": False, "n_queries": 2000}
    assert "estimated from 2,000 items" in fidelity_lines([entry])[0]


def test_a_figure_that_is_not_defined_is_not_invented(sample_folder: Path) -> None:
    entry = fidelity(sample_folder)[0]
    entry["fidelity"] |= {"rnx_area": None, "k": []}
    assert fidelity_lines([entry]) == ["map 'main', 120 items: not defined for so few items"]


@pytest.mark.parametrize(("n_items", "said"), [(41, "too few items for false and missing neighbors"), (42, "of 10 neighbors")])
def test_a_map_where_every_item_counts_as_near_is_not_called_free_of_false_neighbors(sample_folder: Path, n_items: int, said: str) -> None:
    entry = fidelity(sample_folder)[0] | {"n_items": n_items}
    entry["fidelity"] |= {"trust_k": 10, "mean_false": 0.0, "mean_missing": 0.0}
    (line,) = fidelity_lines([entry])[:1]
    assert said in line
    assert ("0 % are false" in line) == (n_items == 42)


def test_an_open_atlas_is_described_like_its_folder(sample: Atlas) -> None:
    assert info(sample) == info(sample.path)
    assert fidelity(sample) == fidelity(str(sample.path))
    assert reader.open(sample) is sample


def test_missing_figures_are_damage(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    (folder / "maps/main/fidelity.json").write_text("{")
    with pytest.raises(AtlasFormatError, match=r"fidelity\.json cannot be read"):
        fidelity(folder)


def test_only_an_estimate_has_intervals(sample_folder: Path) -> None:
    entry = fidelity(sample_folder)[0]
    assert "interval" not in fidelity_lines([entry])[1]
    entry["fidelity"] |= {"exact": False}
    assert "95 % interval" in fidelity_lines([entry])[1]


def test_the_manifest_tells_the_gain_that_chance_gives(sample: Atlas) -> None:
    figures = sample.maps["main"].fidelity
    assert {len(column) for column in figures["null_gain"].values()} == {len(figures["k"])}
    assert figures["k"] == sorted(set(figures["k"]))
