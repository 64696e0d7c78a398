import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from sample_atlas import HOSTILE, Sample, build_sample
from vista.atlas import Atlas, reader
from vista.errors import AtlasFormatError, InputError


def test_items_are_a_table_in_drawing_order(sample: Atlas) -> None:
    table, truth = sample.maps["main"].items(), Sample(120, 0)
    assert table.column_names[:5] == ["item_id", "source_row", "x", "y", "text"]
    assert table.column_names[5:10] == ["region_0", "region_1", "region_2", "trust_false", "trust_missing"]
    assert table.column_names[10:] == ["group", "year", "weight", "checked", "serial"]
    rows = table.column("source_row").to_numpy()
    assert rows.tolist() != sorted(rows.tolist())
    assert np.array_equal(np.column_stack([table.column("x"), table.column("y")]), truth.coordinates[rows])
    assert table.column("item_id").to_pylist() == [truth.items.ids[row] for row in rows]
    assert table.column("trust_false").to_pylist() == truth.trust.false_neighbors[rows].tolist()
    assert {str(table.schema.field(name).type) for name in ("x", "y", "trust_false")} == {"float"}


def test_regions_go_by_the_name_of_the_items_region(sample: Atlas) -> None:
    table = sample.maps["main"].items()
    assert table.column("region_0").to_pylist() == table.column("group").to_pylist()


def test_maps_come_in_the_manifests_order(sample: Atlas) -> None:
    assert list(sample.maps) == list(sample.manifest["maps"])
    drawn = sample.maps["main"]
    assert (drawn.n_items, drawn.title, sample.title) == (120, "main", "Sample of discs")
    assert drawn.fidelity is sample.manifest["maps"]["main"]["fidelity"]


def test_a_card_holds_what_the_viewer_shows(sample: Atlas) -> None:
    truth = Sample(120, 0)
    for item in (0, 15, 16, 119):
        card = sample.card(item)
        assert (card["item"], card["id"], card["picture"]) == (item, truth.items.ids[item], item)
        assert card["neighbors"] == truth.graph.indices[item, :15].tolist()
        assert np.allclose(card["distances"], truth.graph.distances[item, :15], rtol=5e-4)
    assert [sample.card(i)["text"] for i in range(len(HOSTILE))] == list(HOSTILE)


def test_the_neighbors_on_disk_are_the_graph(sample: Atlas) -> None:
    truth = Sample(120, 0).graph
    table = sample.neighbors()
    assert table.column("neighbors").to_pylist() == truth.indices.tolist()
    assert table.column("distances").to_pylist() == truth.distances.tolist()


def test_a_picture_is_a_webp(sample: Atlas) -> None:
    picture = sample.picture(5)
    assert picture is not None
    assert picture[:4] == b"RIFF"


@pytest.mark.parametrize("item", [-1, 120])
def test_an_item_that_is_not_there_is_an_error(sample: Atlas, item: int) -> None:
    with pytest.raises(InputError, match="its items are 0 to 119"):
        sample.card(item)
    with pytest.raises(InputError, match="it has 120 pictures"):
        sample.picture(item)


def test_an_unknown_set_names_the_known_ones(sample: Atlas) -> None:
    with pytest.raises(InputError, match="Known: main"):
        sample.neighbors("mian")


def test_an_untouched_atlas_verifies(sample: Atlas) -> None:
    sample.verify()


def test_a_truncated_table_is_said(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "atlas", 10)
    path = folder / "maps/main/items.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(AtlasFormatError, match=r"maps/main/items\.parquet cannot be read"):
        reader.open(folder).maps["main"].items()


def test_a_column_says_in_drawing_order_in_which_finest_region_each_item_lies_and_parents_lead_to_the_others(sample: Atlas) -> None:
    table, entry = sample.maps["main"].items(), sample.maps["main"].entry
    levels = json.loads((sample.path / entry["regions"]).read_text())["levels"]
    codes = np.frombuffer(gzip.decompress((sample.path / entry["points"]["region"]).read_bytes()), "<u2")
    for number in reversed(range(len(levels))):
        assert [levels[number][code]["name"] for code in codes] == table.column(f"region_{number}").to_pylist()
        codes = np.array([levels[number][code]["parent"] for code in codes])


def test_a_region_tells_how_far_its_items_are_from_the_one_that_stands_for_it(sample: Atlas) -> None:
    truth, entry = Sample(120, 0), sample.maps["main"].entry
    regions = json.loads((sample.path / entry["regions"]).read_text())["levels"][0]
    for region in regions:
        members = np.flatnonzero(truth.kingdom == truth.kingdom[region["representative"]])
        others = members[members != region["representative"]]
        distances = 1 - truth.vectors[others] @ truth.vectors[region["representative"]]
        assert region["spread"] == pytest.approx(distances.mean(), rel=1e-3)
