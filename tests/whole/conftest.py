"""Small real inputs, and a cache of their own, for tests that run the whole path."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vista.cli.main import exit_code
from vista.execution import default_cache_folder

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep results apart from the user's; compiled kernels stay where every run finds them."""
    kernels = default_cache_folder() / "kernels"
    kernels.mkdir(parents=True, exist_ok=True)
    folder = tmp_path_factory.mktemp("cache")
    (folder / "kernels").symlink_to(kernels)
    monkeypatch.setenv("VISTA_CACHE", str(folder))


def table_of(n_items: int = 60, *, dim: int = 8, seed: int = 0) -> pa.Table:
    """Return texts with vectors in four groups, and a category and a number to color by."""
    random = np.random.default_rng(seed)
    groups = np.arange(n_items) % 4
    vectors = (random.normal(size=(4, dim))[groups] * 3 + random.normal(size=(n_items, dim))).astype(np.float32)
    texts = [f"{WORDS[group]} {WORDS[group + 4]} number {row}" for row, group in enumerate(groups)]
    return pa.table(
        {
            "name": [f"item-{row}" for row in range(n_items)],
            "text": texts,
            "group": [f"group {group}" for group in groups],
            "size": random.normal(size=n_items),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dim),
        }
    )


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "things.parquet"
    pq.write_table(table_of(), path)
    return path


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must fail in one clear line, and return the line."""

    def run(*arguments: object, code: int = 1) -> str:
        capsys.readouterr()
        assert exit_code([str(argument) for argument in arguments]) == code
        shown = capsys.readouterr()
        lines = [line for line in shown.err.splitlines() if line.startswith("vista: ")]
        assert len(lines) == 1, shown.err
        assert "Traceback" not in shown.err
        return lines[0]

    return run
