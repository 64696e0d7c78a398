"""Every kind of bad input ends in one clear line and exit code 1 (2 for wrong usage), and leaves nothing behind."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import vista
from vista.cli.main import exit_code
from whole.conftest import table_of

Refused = Callable[..., str]
QUICK = ("--vectors", "vector", "--pictures", "cards", "--quiet")


def write(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def with_vectors(vectors: np.ndarray | list[list[float]], **columns: list[object]) -> pa.Table:
    rows = [list(map(float, row)) for row in vectors]
    return pa.table({"text": [f"text {row}" for row in range(len(rows))], "vector": pa.array(rows, pa.list_(pa.float32())), **columns})


def test_a_missing_file_is_named(tmp_path: Path, refused: Refused) -> None:
    line = refused("map", tmp_path / "nowhere.csv", "-o", tmp_path / "out")

    assert "nowhere.csv" in line
    assert not (tmp_path / "out").exists()


def test_an_empty_table_is_refused(tmp_path: Path, refused: Refused) -> None:
    empty = write(tmp_path / "empty.parquet", table_of().slice(0, 0))

    assert "empty.parquet" in refused("map", empty, "-o", tmp_path / "out", *QUICK)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--text", "--id", "--color", "--labels", "--vectors"])
def test_an_unknown_column_names_the_nearest(parquet: Path, tmp_path: Path, refused: Refused, option: str) -> None:
    line = refused("map", parquet, "-o", tmp_path / "out", option, "grup", *(() if option == "--vectors" else ("--vectors", "vector")))

    assert "'grup'" in line
    assert "group" in line


def test_vectors_of_unequal_length_are_refused_with_their_rows(tmp_path: Path, refused: Refused) -> None:
    ragged = write(tmp_path / "ragged.parquet", with_vectors([[1, 2], [3, 4], [5]]))

    line = refused("map", ragged, "-o", tmp_path / "out", *QUICK)

    assert "row 2" in line


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_refused_with_their_rows(tmp_path: Path, refused: Refused, value: float) -> None:
    vectors = np.ones((20, 3))
    vectors[7, 1] = value

    line = refused("map", write(tmp_path / "bad.parquet", with_vectors(vectors)), "-o", tmp_path / "out", *QUICK)

    assert "7" in line


def test_zero_vectors_are_counted_kept_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    vectors[[3, 9]] = 0

    assert exit_code(["map", str(write(tmp_path / "z.parquet", with_vectors(vectors))), "-o", str(tmp_path / "out"), *QUICK, "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    assert result["maps"][0]["n_items"] == 30
    assert any("2 vectors are zero" in warning for warning in result["warnings"])
    assert vista.open(tmp_path / "out").manifest["maps"]["main"]["representation"]["n_zero"] == 2


def test_duplicate_ids_are_refused_with_the_way_out(tmp_path: Path, refused: Refused) -> None:
    twice = write(tmp_path / "twice.parquet", with_vectors(np.eye(4), id=["a", "b", "a", "c"]))

    line = refused("map", twice, "-o", tmp_path / "out", *QUICK)

    assert "'a'" in line
    assert "--id row" in line


@pytest.mark.parametrize("n_items", [1, 2, 3, 5])
def test_few_items_make_a_map(tmp_path: Path, n_items: int) -> None:
    few = write(tmp_path / "few.parquet", table_of(n_items))

    assert exit_code(["map", str(few), "-o", str(tmp_path / "out"), *QUICK]) == 0

    items = vista.open(tmp_path / "out").maps["main"].items()
    assert items.num_rows == n_items
    assert np.isfinite(items["x"].to_numpy()).all()


def test_identical_items_make_a_map(tmp_path: Path) -> None:
    same = write(tmp_path / "same.parquet", with_vectors(np.ones((25, 4))))

    assert exit_code(["map", str(same), "-o", str(tmp_path / "out"), *QUICK]) == 0

    assert vista.open(tmp_path / "out").maps["main"].n_items == 25


def test_texts_that_are_all_missing_are_refused(tmp_path: Path, refused: Refused) -> None:
    blank = write(tmp_path / "blank.parquet", pa.table({"caption": pa.nulls(5, pa.string()), "n": range(5)}))

    assert "'caption'" in refused("map", blank, "-o", tmp_path / "out", "--text", "caption")


def test_a_truncated_parquet_is_refused(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    parquet.write_bytes(parquet.read_bytes()[:-200])

    assert "things.parquet" in refused("map", parquet, "-o", tmp_path / "out", *QUICK)


def bomb() -> bytes:
    """Return a PNG that claims 30 000 × 30 000 pixels in a few bytes."""
    packed = BytesIO()
    Image.new("1", (30_000, 30_000)).save(packed, "PNG")
    return packed.getvalue()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        Image.new("RGB", (40, 30), (40 * number, 90, 200 - 30 * number)).save(folder / f"good-{number}.png")
    (folder / "broken.png").write_bytes((folder / "good-1.png").read_bytes()[:60])
    (folder / "text.jpg").write_text("not a picture")
    (folder / "bomb.png").write_bytes(bomb())
    return folder


def test_unreadable_pictures_are_skipped_counted_and_listed(pictures: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(9, 4)).astype("f4"))

    assert exit_code(["map", str(pictures), "-o", str(tmp_path / "out"), "--vectors", str(tmp_path / "v.npy"), "--quiet"]) == 0

    manifest = vista.open(tmp_path / "out").manifest
    assert manifest["n_skipped"] == 3
    assert {entry["name"] for entry in manifest["skipped"]} == {"broken.png", "text.jpg", "bomb.png"}
    assert vista.open(tmp_path / "out").maps["main"].n_items == 6


def test_strict_refuses_unreadable_pictures(pictures: Path, tmp_path: Path, refused: Refused) -> None:
    np.save(tmp_path / "v.npy", np.ones((9, 4), "f4"))

    line = refused("map", pictures, "-o", tmp_path / "out", "--vectors", tmp_path / "v.npy", "--strict")

    assert "bomb.png" in line or "broken.png" in line


def test_a_foreign_folder_is_refused_and_left_alone(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("important")

    assert "out" in refused("map", parquet, "-o", tmp_path / "out", *QUICK)
    assert os.listdir(tmp_path / "out") == ["thesis.tex"]


def test_an_output_under_a_file_is_refused(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    refused("map", parquet, "-o", parquet / "below", *QUICK)


def test_a_full_disk_leaves_nothing_behind(parquet: Path, tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "from vista.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "map", str(parquet), "-o", str(tmp_path / "out"), *QUICK]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stderr
    assert done.stderr.count("vista: ") == 1
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["things.parquet"]


def test_a_taken_port_is_refused(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    exit_code(["map", str(parquet), "-o", str(tmp_path / "out"), *QUICK])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "--port" in refused("serve", tmp_path / "out", "--port", taken.getsockname()[1])


def test_an_atlas_of_a_newer_format_is_refused(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    exit_code(["map", str(parquet), "-o", str(tmp_path / "out"), *QUICK])
    manifest = json.loads((tmp_path / "out" / "atlas.json").read_text())
    (tmp_path / "out" / "atlas.json").write_text(json.dumps(manifest | {"format_version": 99}))

    for command in ("info", "fidelity", "serve"):
        assert "99" in refused(command, tmp_path / "out")


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    hostile = 4 * [
        "<script>alert(1)</script>",
        "</title><img src=x onerror=alert(1)>",
        "\u0645\u0631\u062d\u0628\u0627 (right to left)",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 family",
        "a\u0000b",
        "\u202eturned around",
        "a,b;c\td",
    ]
    table = with_vectors(np.random.default_rng(0).normal(size=(28, 4)))
    table = table.set_column(0, "text", pa.array(hostile))

    assert exit_code(["map", str(write(tmp_path / "h.parquet", table)), "-o", str(tmp_path / "out"), *QUICK]) == 0

    atlas = vista.open(tmp_path / "out")
    assert sorted(atlas.maps["main"].items()["text"].to_pylist()) == sorted(hostile)
    assert atlas.card(0)["text"] == hostile[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["map"],
        ["map", "x.csv"],
        ["mapp"],
        ["map", "x.csv", "-o", "y", "--n-neighbors", "many"],
        ["map", "x.csv", "-o", "y", "--colour", "a"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], refused: Refused) -> None:
    refused(*arguments, code=2)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--metric", "cosin"], "cosine"),
        (["--n-neighbors", "0"], "n_neighbors"),
        (["--x", "size"], "--y"),
        (["--encoder", "text"], "--vectors"),
        (["--renderer", "panorma"], "collage"),
        (["--sample", "0"], "sample"),
    ],
)
def test_impossible_options_are_refused(parquet: Path, tmp_path: Path, refused: Refused, arguments: list[str], expected: str) -> None:
    code = 2 if arguments[0] in ("--metric", "--renderer") else 1

    assert expected in refused("map", parquet, "-o", tmp_path / "out", "--vectors", "vector", *arguments, code=code)
    assert not (tmp_path / "out").exists()


def test_ctrl_c_leaves_nothing_and_says_how_to_go_on(parquet: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from vista.pipeline import mapping; from vista.cli.main import exit_code\n"
        "def interrupt(*a, **k): raise KeyboardInterrupt\n"
        "mapping.write = interrupt\n"
        "sys.exit(exit_code(sys.argv[1:]))"
    )
    command = ["map", str(parquet), "-o", str(tmp_path / "out"), *QUICK]

    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)

    assert done.returncode == 130
    assert "same command" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["things.parquet"]
    assert exit_code(command) == 0


@pytest.mark.model
def test_vectors_of_another_encoder_than_named_are_refused(parquet: Path, tmp_path: Path, refused: Refused) -> None:
    line = refused("map", parquet, "-o", tmp_path / "out", "--vectors", "vector", "--vectors-encoder", "text")

    assert "8 numbers" in line
    assert "384" in line


def test_exact_is_refused_before_any_work(tmp_path: Path, refused: Refused) -> None:
    np.save(tmp_path / "many.npy", np.zeros((20_001, 2), "f4"))

    assert "20,000" in refused("map", tmp_path / "many.npy", "-o", tmp_path / "out", "--exact")


def test_an_output_that_is_missing_is_asked_for(parquet: Path, refused: Callable[..., str]) -> None:
    assert "Give a folder with -o." in refused("map", parquet, code=2)


def test_an_unknown_encoder_is_refused_before_anything_is_read(tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "no encoder 'texx'" in refused("map", tmp_path / "missing.csv", "-o", tmp_path / "atlas", "--encoder", "texx")


def test_a_missing_file_of_vectors_is_named(parquet: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
    line = refused("map", parquet, "-o", tmp_path / "atlas", "--vectors", "states.npz:layer_12")
    assert "there is no file states.npz" in line


def test_a_table_with_semicolons_says_so(tmp_path: Path, refused: Callable[..., str]) -> None:
    (tmp_path / "table.csv").write_text("id;text\n1;a\n2;b\n")
    assert "parted by semicolons, not by commas" in refused("map", tmp_path / "table.csv", "-o", tmp_path / "atlas")
