from pathlib import Path

import pytest

from vista.artifacts import InputFile
from vista.atlas.provenance import provenance_of, without_places


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/alice/data/flowers.csv", "flowers.csv"),
        ("/home/al ice/flowers.csv", "flowers.csv"),
        ("/home/alice/", "alice"),
        ("~/flowers.csv", "flowers.csv"),
        ("C:\\Users\\alice\\flowers.csv", "flowers.csv"),
        ("file:///home/alice/flowers.csv", "flowers.csv"),
        ("read '/home/al ice/a b.csv' twice", "read 'a b.csv' twice"),
        ("cannot read /home/alice/x.png: broken", "cannot read x.png: broken"),
        ("source=C:\\Users\\alice\\x.png, cut", "source=x.png, cut"),
        ("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
        ("images/cat.png", "images/cat.png"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("either/or, 5/6, n / m", "either/or, 5/6, n / m"),
        ("", ""),
    ],
)
def test_a_text_keeps_no_absolute_path(text: str, shown: str) -> None:
    assert without_places({"a": [text]}) == {"a": [shown]}


def test_parameters_hold_base_names() -> None:
    parameters = {
        "source": "../alice/data.csv",
        "vectors": Path("secret/v.npy"),
        "pictures": "lib/a.zip",
        "encoder": "org/model-v1.5",
        "k": 5,
    }
    run = provenance_of("main", "map", parameters, seed=3, inputs=[InputFile("data.csv", "ab", 7)], seconds={"layout": 1.23456})
    assert run["parameters"] == {"source": "data.csv", "vectors": "v.npy", "pictures": "a.zip", "encoder": "org/model-v1.5", "k": 5}
    assert run["inputs"] == [{"name": "data.csv", "sha256": "ab", "n_bytes": 7}]
    assert run["seconds"] == {"layout": 1.235}
    assert {"python", "numpy"} <= run["versions"].keys()
