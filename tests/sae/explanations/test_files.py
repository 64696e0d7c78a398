"""Explanations in files of every kind are read; what cannot be read is refused in one line."""

import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from vista.errors import InputFileError
from vista.sae.explanations import Explanation, read_explanations

OF = {"modelId": "gemma-2-2b", "layer": "20-gemmascope-res-16k", "embedding": "[0.1]", "umap_x": 1.5}
ROWS = [
    {**OF, "index": "11", "description": "  cats\nand dogs ", "explanationModelName": "gpt-4o-mini", "typeName": "oai_token-act-pair"},
    {**OF, "index": "2", "description": "rivers", "explanationModelName": None, "typeName": "np_max-act"},
    {**OF, "index": "11", "description": "animals", "explanationModelName": "claude", "typeName": None},
    {**OF, "index": "3", "description": ""},
]
EXPECTED = {
    2: (Explanation(2, "rivers", "np_max-act"),),
    11: (Explanation(11, "cats and dogs", "gpt-4o-mini, oai_token-act-pair"), Explanation(11, "animals", "claude")),
}


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    written = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(written) if path.suffix == ".gz" else written)
    return path


def delphi(folder, explanations, module="layers.3"):
    folder.mkdir(parents=True, exist_ok=True)
    for latent, told in explanations.items():
        (folder / f"{module}_latent{latent}.txt").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize("name", ["batch-0.jsonl", "batch-0.jsonl.gz", "explanations.ndjson"])
def test_neuronpedia_s_lines_keep_all_explanations_of_a_latent(tmp_path, name):
    assert read_explanations(lines(tmp_path / name, ROWS)) == EXPECTED


def test_an_export_s_folder_is_read_whole(tmp_path):
    lines(tmp_path / "export" / "explanations" / "batch-0.jsonl.gz", ROWS[:2])
    lines(tmp_path / "export" / "explanations" / "batch-1.jsonl.gz", ROWS[2:])
    lines(tmp_path / "export" / "features" / "batch-0.jsonl.gz", [{"index": "2", "maxActApprox": 1.0}])

    assert read_explanations(tmp_path / "export") == EXPECTED


def test_delphi_s_files_are_read_one_by_one_and_by_the_folder(tmp_path):
    folder = delphi(tmp_path / "run" / "explanations", {12: 'words of "cold"', 4: {"explanation": "numbers"}})
    expected = {4: (Explanation(4, "numbers", "delphi"),), 12: (Explanation(12, 'words of "cold"', "delphi"),)}

    assert read_explanations(folder) == expected
    assert read_explanations(tmp_path / "run") == expected
    assert read_explanations(folder / "layers.3_latent12.txt") == {12: expected[12]}


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl"])
def test_a_table_needs_a_latent_and_an_explanation(tmp_path, suffix):
    path = tmp_path / f"mine.{suffix}"
    rows = [
        {"latent": 7, "explanation": "12", "note": "x"},
        {"latent": 7, "explanation": "dozens", "note": "y"},
        {"latent": 1, "explanation": "one", "note": "z"},
    ]
    if suffix == "parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == "jsonl":
        lines(path, rows)
    else:
        sign = "," if suffix == "csv" else "\t"
        path.write_text("\n".join(sign.join(map(str, row)) for row in [list(rows[0]), *(row.values() for row in rows)]) + "\n")

    expected = {1: (Explanation(1, "one", path.name),), 7: (Explanation(7, "12", path.name), Explanation(7, "dozens", path.name))}
    assert read_explanations(path) == expected


def test_only_the_latents_that_are_asked_for_are_kept(tmp_path):
    assert list(read_explanations(lines(tmp_path / "a.jsonl", ROWS), latents=[2, 5])) == [2]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jsonl", '{"latent": 1, "explanation": "x"}\n{"latent": 2}\n', r"line 2: the key 'explanation' is missing"),
        ("a.jsonl", '{"latent": "many", "explanation": "x"}\n', r"line 1, is no explanation \(ValueError"),
        ("a.jsonl", "[1]\n", r"line 1, is no explanation \(TypeError"),
        ("a.jsonl", "{\n", r"line 1, is no explanation \(JSONDecodeError"),
        ("a.jsonl.gz", "not gzip", r"cannot be read beyond line 0 \(BadGzipFile"),
        ("a.csv", "latent,text\n1,x\n", "has no column 'explanation', only latent, text"),
        ("a.csv", "latent,explanation\n1,x\nsome,y\n", "row 2: 'some' is no latent's number"),
        ("a_latent5.txt", "not json", "is no explanation of delphi's, which is a JSON string"),
        ("a_latent5.txt", "[1]", "is no explanation of delphi's: it holds no string"),
        ("a.docx", "x", "is no file of explanations; known are"),
        ("a.txt", '"x"', "is no file of explanations; known are"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, name, content, sentence):
    (tmp_path / name).write_text(content)

    with pytest.raises(InputFileError, match=sentence) as caught:
        read_explanations(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "none.jsonl.gz", "none_latent1.txt", "none"])
def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path, name):
    with pytest.raises(InputFileError, match=r"no such file or folder"):
        read_explanations(tmp_path / name)


def test_a_folder_without_explanations_or_with_those_of_several_autoencoders_is_refused(tmp_path):
    with pytest.raises(InputFileError, match="holds no explanations"):
        read_explanations(tmp_path)
    delphi(tmp_path, {1: "a"}, "layers.3")
    delphi(tmp_path, {1: "b"}, "layers.4")
    with pytest.raises(InputFileError, match=r"mixes explanations of several modules: layers\.3, layers\.4"):
        read_explanations(tmp_path)
    mixed = lines(tmp_path / "mixed.jsonl", [ROWS[0], {**ROWS[1], "layer": "21-gemmascope-res-16k"}])
    with pytest.raises(InputFileError, match=r"gemma-2-2b/20-gemmascope-res-16k, gemma-2-2b/21-gemmascope-res-16k"):
        read_explanations(mixed)
