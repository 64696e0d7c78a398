from pathlib import Path

from sample_atlas import Sample, build_sample, disc_webp
from vista.atlas import reader


def test_pictures_that_a_library_lent_for_several_maps_are_in_the_set_that_they_share(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40, lent_to=(3, 5))
    build_sample(folder, 40, map_id="other", lent_to=(5, 9, 17))
    atlas = reader.open(folder)
    assert list(atlas.manifest["sets"]) == ["main"]
    assert [one.entry["set"] for one in atlas.maps.values()] == ["main", "main"]
    shown = {item: atlas.card(item)["picture"] for item in range(40) if atlas.card(item)["picture"] is not None}
    assert sorted(shown) == [3, 5, 9, 17]
    colors = Sample(40, 0).colors
    assert all(atlas.picture(number) == disc_webp(colors[item]) for item, number in shown.items())
    atlas.verify()


def test_the_atlas_that_stood_there_keeps_its_bytes_while_a_set_gains_pictures(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40, lent_to=(3,))
    standing = folder / "items" / "main" / "cards.bin"
    before, kept = standing.read_bytes(), tmp_path / "kept.bin"
    kept.hardlink_to(standing)
    build_sample(folder, 40, map_id="other", lent_to=(9,))
    assert kept.read_bytes() == before != standing.read_bytes()


def test_a_map_without_pictures_shares_the_set_of_one_with_lent_pictures(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40, lent_to=(3,))
    build_sample(folder, 40, map_id="other", pictures=False)
    atlas = reader.open(folder)
    assert list(atlas.manifest["sets"]) == ["main"]
    assert atlas.card(3)["picture"] == 0


def test_pictures_of_the_items_own_make_another_set(tmp_path: Path) -> None:
    folder = build_sample(tmp_path / "two", 40, lent_to=(3,))
    build_sample(folder, 40, map_id="other", pictures=True)
    assert list(reader.open(folder).manifest["sets"]) == ["main", "other"]
