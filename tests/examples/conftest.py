"""The examples are scripts, not a package: their folder goes on the path while a test runs."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def examples_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "examples")
