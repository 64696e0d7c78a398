"""`api/search`: texts that are too many for an index beside the page, found by the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pytest

from sample_atlas import build_sample
from server.conftest import running
from vista.atlas.tables import write_table
from vista.server import make_app
from vista.server.searching import LONGEST_QUERY, items_with

TEXTS = [
    "Red lantern",
    "blue LANTERN",
    None,
    "",
    "Übergröße",
    "a.c",
    "abc",
    "red",
    *[f"filler {row}" for row in range(60_000)],
    "last lantern",
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "items.parquet"
    write_table(pa.table({"item_id": [str(row) for row in range(len(TEXTS))], "text": TEXTS}), path)
    return path


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["lantern"], [0, 1, len(TEXTS) - 1]),
        (["RED", "lant"], [0]),
        (["a.c"], [5]),
        (["größe"], [4]),
        (["ÜBER"], [4]),
        (["no such"], []),
        ([], []),
    ],
)
def test_items_hold_every_word_whatever_its_case(words: list[str], found: list[int], table: Path) -> None:
    assert items_with(table, words).tolist() == found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, viewer: Path) -> Iterator[str]:
    """A server of an atlas whose texts have neither titles nor an index, as those of more than a million have."""
    folder = build_sample(tmp_path_factory.mktemp("many") / "discs", 60)
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["sets"]["main"]["titles"] = None
    (folder / "atlas.json").write_text(json.dumps(manifest))
    with running(make_app(folder)) as url:
        yield url


def test_the_served_manifest_says_that_the_server_searches(url: str) -> None:
    assert httpx.get(f"{url}atlas.json").json()["sets"]["main"]["served_search"] is True


def test_items_come_as_numbers_of_four_bytes(url: str) -> None:
    answer = httpx.get(f"{url}api/search", params={"set": "main", "words": "SEA number"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    items = np.frombuffer(answer.content, "<u4")
    assert len(items) > 0
    assert (np.diff(items.astype(int)) > 0).all()


@pytest.mark.parametrize(
    ("parameters", "headers", "status"),
    [
        ({"words": "sea"}, {}, 400),
        ({"set": "other", "words": "sea"}, {}, 400),
        ({"set": "main"}, {}, 400),
        ({"set": "main", "words": "x" * (LONGEST_QUERY + 1)}, {}, 400),
        ({"set": "main", "words": "sea"}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"set": "main", "words": "sea"}, {"Host": "evil.example"}, 403),
    ],
)
def test_what_cannot_be_searched_is_refused(parameters: dict[str, str], headers: dict[str, str], status: int, url: str) -> None:
    assert httpx.get(f"{url}api/search", params=parameters, headers=headers).status_code == status


def test_a_set_with_titles_is_searched_by_the_page(sample_folder: Path, viewer: Path) -> None:
    with running(make_app(sample_folder)) as url:
        assert "served_search" not in httpx.get(f"{url}atlas.json").json()["sets"]["main"]
        assert httpx.get(f"{url}api/search", params={"set": "main", "words": "sea"}).status_code == 400
