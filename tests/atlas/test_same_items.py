"""Tiled maps of the same items: which row of one is which of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vista.atlas import Atlas
from vista.execution import Cache, silent
from vista.pipeline.limits import Limits
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run

N = 400
FEW = Limits(tiled_above_items=100, tile_items=32)


def table(seed: int = 1, shift: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(size=N).astype(np.float32) for name in ("x", "y", "u", "v")}
    weight = [None if row % 5 == 0 else float("nan") if row % 5 == 1 else row / 2 for row in range(N)]
    return pa.table({**columns, "kind": [f"kind {(row + shift) % 7}" for row in range(N)], "weight": pa.array(weight, pa.float32())})


def mapped(source: pa.Table, output: Path, name: str, x: str, y: str, *, overwrite: bool = False) -> Atlas:
    options = options_of_map(x=x, y=y, color=("kind", "weight"))
    run = Run(command="map", options=options, cache=Cache(None), progress=silent, limits=FEW)
    return build(source, output, run, name=name, overwrite=overwrite)


def rows(atlas: Atlas, path: str) -> np.ndarray:
    return np.frombuffer((atlas.path / path).read_bytes(), "<u4")


@pytest.fixture
def pair(tmp_path: Path) -> Atlas:
    mapped(table(), tmp_path / "atlas", "main", "x", "y")
    return mapped(table(), tmp_path / "atlas", "other", "u", "v")


def test_each_row_of_one_map_leads_to_the_row_of_the_same_item_on_the_other_and_back(pair: Atlas) -> None:
    main, other = pair.maps["main"], pair.maps["other"]
    assert "same_items" not in main.entry
    same = other.entry["same_items"]["main"]
    there, here = rows(pair, same["there"]), rows(pair, same["here"])
    ids, other_ids = main.items()["item_id"].to_numpy(), other.items()["item_id"].to_numpy()
    assert (ids[there] == other_ids).all()
    assert (other_ids[here] == ids).all()
    assert (there != np.arange(N)).any()
    pair.verify()


def test_a_map_of_another_table_leads_nowhere(pair: Atlas) -> None:
    third = mapped(table(shift=1), pair.path, "third", "x", "y")
    assert "same_items" not in third.maps["third"].entry


def test_a_map_that_is_replaced_is_linked_anew(pair: Atlas) -> None:
    again = mapped(table(), pair.path, "main", "y", "x", overwrite=True)
    assert again.maps["other"].entry.get("same_items", {}) == {}
    same = again.maps["main"].entry["same_items"]["other"]
    ids, other_ids = (again.maps[name].items()["item_id"].to_numpy() for name in ("main", "other"))
    assert (other_ids[rows(again, same["there"])] == ids).all()
    assert not list((again.path / "maps/other/rows").glob("*"))
    again.verify()
