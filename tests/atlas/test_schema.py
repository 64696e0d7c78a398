import json
from pathlib import Path

import pytest

from vista.atlas import Manifest, read_manifest
from vista.atlas.schema import checked, schema_text

COMMITTED = Path(__file__).parents[2] / "schema" / "atlas.schema.json"


def test_the_committed_schema_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text()


def test_a_written_manifest_passes_its_own_check(sample_folder: Path) -> None:
    manifest = read_manifest(sample_folder)
    assert json.loads(json.dumps(checked(manifest))) == manifest


def test_a_value_of_another_type_is_refused(sample_folder: Path) -> None:
    manifest: Manifest = {**read_manifest(sample_folder), "n_skipped": "many"}  # type: ignore[typeddict-item]
    with pytest.raises(ValueError, match="n_skipped"):
        checked(manifest)


def test_a_key_that_the_format_does_not_know_is_refused(sample_folder: Path) -> None:
    manifest = read_manifest(sample_folder)
    manifest["maps"]["main"]["colour"] = "red"  # type: ignore[typeddict-unknown-key]
    with pytest.raises(ValueError, match=r"maps\.main\.colour"):
        checked(manifest)
