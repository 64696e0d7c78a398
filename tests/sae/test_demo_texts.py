"""The short texts that ship for the study of an autoencoder, and how they are chosen."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "src/vista/sae/demo"


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_demo_texts", REPOSITORY / "tools/build_demo_texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "build_demo_texts", module)
    spec.loader.exec_module(module)
    return module


def test_thousands_of_distinct_texts_ship_with_their_license():
    rows = pq.read_table(SHIPPED / "texts.parquet").to_pylist()
    assert len(rows) >= 3_000
    assert (SHIPPED / "texts.parquet").stat().st_size < 600_000
    assert len({row["text"].lower() for row in rows}) == len({row["source"] for row in rows}) == len(rows)
    assert all(6 <= len(row["text"].split()) <= 60 for row in rows)
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in (SHIPPED / "LICENSE").read_text(encoding="utf-8")
    assert "WordNet" in (REPOSITORY / "NOTICE").read_text(encoding="utf-8")


def test_the_texts_are_of_many_fields_and_none_outweighs_the_others():
    counts = Counter(pq.read_table(SHIPPED / "texts.parquet")["lexname"].to_pylist())
    assert len(counts) == 45
    assert max(counts.values()) < 400


def test_a_synset_gives_its_definition_and_its_usage_examples(building: ModuleType, tmp_path: Path):
    good = (
        '00001740 38 v 01 stroll 0 000 | walk leisurely and with no apparent aim; "we strolled along the river; it was warm"; "too short"  '
    )
    rough = "00001741 38 v 01 ramble 0 000 | (vulgar) walk leisurely and with no apparent aim at all  "
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text("  1 license\n" + f"{good}\n{rough}\n" * (part == "verb"), encoding="latin-1")
    assert list(building.texts_of(tmp_path)) == [
        building.Text("stroll: walk leisurely and with no apparent aim", "definition", "verb.motion", "stroll", "verb:00001740"),
        building.Text("we strolled along the river; it was warm", "example", "verb.motion", "stroll", "verb:00001740"),
    ]


def test_a_synset_is_chosen_once_and_large_fields_by_their_root(building: ModuleType):
    sizes = {"noun.food": 900, "noun.shape": 100}
    texts = [
        building.Text(f"{name} {kind} {number}", kind, name, "word", f"{name}:{number}")
        for name, size in sizes.items()
        for number in range(size)
        for kind in ("definition", "example")
    ]
    chosen = building.choose(texts, 80, seed=0)
    assert Counter(text.kind for text in chosen) == {"example": 40, "definition": 40}
    assert len({text.source for text in chosen}) == 80
    counts = Counter(text.lexname for text in chosen)
    assert counts["noun.food"] == pytest.approx(3 * counts["noun.shape"], abs=5)  # √900 : √100, less what the first kind took
