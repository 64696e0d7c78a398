from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from vista.artifacts import FidelityNull, Layout
from vista.execution import Cache, content_key, remember


def test_a_second_call_with_the_same_key_computes_nothing(tmp_path: Path) -> None:
    layout = Layout(np.arange(6, dtype=np.float32).reshape(3, 2), "umap", {"seed": 3})
    remember(Cache(tmp_path), "k", Layout, lambda: layout)

    again = remember(Cache(tmp_path), "k", Layout, lambda: pytest.fail("computed again"))

    np.testing.assert_array_equal(again.coordinates, layout.coordinates)
    assert (again.method, again.parameters) == ("umap", {"seed": 3})


def test_nested_artifacts_come_back_whole(tmp_path: Path) -> None:
    null = FidelityNull(20, np.array([0.1]), np.array([0.0]), np.array([0.2]), 0.01, -0.01, 0.02)
    remember(Cache(tmp_path), "k", Holder, lambda: Holder(null, (1.0, None)))

    again = remember(Cache(tmp_path), "k", Holder, lambda: pytest.fail("computed again"))

    assert again.null.area_high == 0.02
    np.testing.assert_array_equal(again.null.gain_mean, [0.1])
    assert again.percent == (1.0, None)


def test_a_damaged_entry_is_computed_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.write("k", {"a": np.zeros(3)})
    path = cache.path("k")
    assert path is not None
    path.write_bytes(path.read_bytes()[:40])

    assert cache.read("k") is None


def test_a_cache_that_cannot_be_written_costs_only_the_saving(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = Cache(tmp_path / "file" / "below")

    cache.write("k", {"a": np.zeros(3)})

    assert cache.read("k") is None


def test_a_cache_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")

    for key in ("k", "l"):
        Cache(tmp_path / "file" / "below").write(key, {"a": np.zeros(3)})

    assert [record.getMessage() for record in caplog.records] == [
        f"the cache at {tmp_path / 'file' / 'below'} cannot be written: Not a directory"
    ]


def test_keys_tell_apart_arrays_of_equal_bytes_and_different_shape() -> None:
    assert content_key(np.zeros((2, 3))) != content_key(np.zeros((3, 2)))
    assert content_key("a", "b") != content_key("ab")


@dataclass(frozen=True)
class Holder:
    null: FidelityNull
    percent: tuple[float | None, ...] = field(default=())
