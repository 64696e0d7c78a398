"""Vectors in hand: from columns, files and memory, sound or refused."""

import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from safetensors.numpy import save_file

from vista.errors import InputError, InputFileError, MissingExtraError
from vista.sources import Source, read_source

ROWS = np.array([[1, 2, 0], [0, 0, 0], [0.5, 0, -1]], dtype=np.float32)
TEXT = ["one", "two", "three"]


def with_column(column: object) -> Source:
    return read_source(pa.table({"text": TEXT, "v": column}), vectors="v")


def dense(source: Source) -> Any:
    assert source.vectors is not None
    assert source.vectors.dtype == np.float32
    return source.vectors.tolist() if isinstance(source.vectors, np.ndarray) else source.vectors.toarray().tolist()


@pytest.mark.parametrize(
    "column",
    [
        pa.array(ROWS.tolist()),
        pa.array(ROWS.tolist(), pa.large_list(pa.float32())),
        pa.array(ROWS.tolist(), pa.list_(pa.float16(), 3)),
        pa.array(["[1, 2, 0]", "[ 0 0\n 0]", "(0.5,0.0,-1e0)"]),
        pa.array(["+1 2 0", "0,0,0", "0.5 0 -1"]),
        pa.chunked_array([pa.array(ROWS[:1].tolist()), pa.array(ROWS[1:].tolist())]),
        pa.FixedShapeTensorArray.from_numpy_ndarray(ROWS),
        pa.array([[9.0] * 3, *ROWS.tolist()], pa.list_(pa.float64(), 3))[1:],
    ],
    ids=["list", "large_list", "fixed_half", "strings", "plus_signs", "chunked", "tensor", "slice"],
)
def test_columns_of_every_kind_of_list_give_the_same_vectors(column: object) -> None:
    assert dense(with_column(column)) == ROWS.tolist()


def test_whole_numbers_are_vectors_too() -> None:
    assert dense(with_column([[1, 2], [3, 4], [5, 6]])) == [[1, 2], [3, 4], [5, 6]]


def test_vectors_of_unequal_length_are_refused_with_their_rows() -> None:
    with pytest.raises(InputError, match=r"column 'v': most vectors have 2 numbers, but there are more or fewer in 1 of 3 rows: row 1\."):
        with_column([[1.0, 2.0], [3.0], [4.0, 5.0]])


def test_missing_vectors_and_missing_numbers_are_refused_with_their_rows() -> None:
    with pytest.raises(InputError, match="no vector in 1 of 3 rows: row 2"):
        with_column([[1.0], [2.0], None])
    with pytest.raises(InputError, match="missing numbers in 1 of 3 rows: row 1"):
        with_column([[1.0, 2.0], [None, None], [4.0, 5.0]])
    with pytest.raises(InputError, match="missing numbers in 1 of 3 rows: row 1"):
        with_column(pa.chunked_array([pa.array([[1.0]]), pa.array([[None], [2.0]], pa.list_(pa.float64()))]))


def test_nan_and_infinite_values_are_refused_with_row_and_id() -> None:
    data = pa.table({"id": ["a", "b", "c"], "text": TEXT, "v": [[1.0], [float("nan")], [float("-inf")]]})
    with pytest.raises(InputError, match=r"column 'v': NaN or infinite values in 2 of 3 rows: row 1 \(id 'b'\), row 2 \(id 'c'\)"):
        read_source(data, vectors="v")


def test_only_the_first_few_of_many_bad_rows_are_named() -> None:
    with pytest.raises(InputError, match=r"in 20 of 20 rows: row 0, row 1, row 2, row 3, row 4, …\."):
        read_source(np.full((20, 2), np.inf))


def test_values_too_large_for_single_precision_are_refused_as_infinite() -> None:
    with pytest.raises(InputError, match="infinite values in 1 of 2 rows: row 1"):
        read_source(np.array([[1.0], [1e300]]))


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_finite_values_too_large_to_be_mapped_are_refused_with_their_rows(form) -> None:
    with pytest.raises(InputError, match=r"values beyond ±1e15 cannot be mapped, .* in 2 of 4 rows: row 1, row 3\. Rescale them\."):
        read_source(form(np.array([[1.0, 2], [1e16, 3], [1e15, 1], [0, -1e30]])))


def test_sparse_vectors_stay_sparse_and_their_bad_rows_are_named() -> None:
    source = read_source(pa.table({"text": TEXT}), vectors=sp.csc_array(ROWS))
    assert isinstance(source.vectors, sp.csr_matrix)
    assert dense(source) == ROWS.tolist()
    with pytest.raises(InputError, match="NaN or infinite values in 1 of 3 rows: row 2"):
        read_source(sp.csr_matrix(np.array([[1.0, 0], [0, 0], [0, np.nan]])))


def test_text_that_is_no_list_of_numbers_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match=r"column 'v' is text, and not a list of numbers in row 1: '\[1 \.\.\. 3\]'"):
        with_column(["[1 2 3]", "[1 ... 3]", "[1 2 3]"])


@pytest.mark.parametrize("column", [[1.0, 2.0, 3.0], [["a"], ["b"], ["c"]]])
def test_columns_that_are_no_lists_of_numbers_are_refused(column: object) -> None:
    with pytest.raises(InputError, match="vectors need a column of lists of numbers"):
        with_column(column)


def test_empty_vectors_are_refused() -> None:
    with pytest.raises(InputError, match=r"has shape \(3, 0\)"):
        with_column(pa.array([[], [], []], pa.list_(pa.float32())))


def written_files(folder: Path) -> dict[str, str]:
    np.save(folder / "v.npy", ROWS)
    np.savez(folder / "one.npz", v=ROWS.astype(np.float64))
    np.savez(folder / "two.npz", v=ROWS, other=ROWS[:2])
    sp.save_npz(folder / "sparse.npz", sp.csc_matrix(ROWS))
    save_file({"v": ROWS, "other": ROWS[:2]}, folder / "v.safetensors")
    write_h5ad(folder / "v.h5ad")
    files = ("v.npy", "one.npz", "two.npz:v", "sparse.npz", "v.safetensors:v", "v.h5ad:X", "v.h5ad:X_pca", "v.h5ad:X_csc")
    return {spec: str(folder / spec) for spec in files}


def write_h5ad(path: Path, *, n_obs: int = 3) -> None:
    with h5py.File(path, "w") as file:
        write_sparse(file.create_group("X"), sp.csr_matrix(ROWS), "csr_matrix")
        file.create_group("obsm")["X_pca"] = ROWS
        write_sparse(file.create_group("obsm/X_csc"), sp.csc_matrix(ROWS), "csc_matrix")
        obs = file.create_group("obs")
        obs.attrs["_index"] = "_index"
        obs.attrs["column-order"] = ["kind", "depth", "matrix", "maybe"]
        obs["_index"] = [f"cell{n}" for n in range(n_obs)]
        obs["depth"] = np.arange(n_obs) * 10.0
        obs["matrix"] = np.zeros((n_obs, 2))
        obs["kind/codes"] = np.array([0, 1, -1], dtype=np.int8)[:n_obs]
        obs["kind/categories"] = ["B", "T"]
        obs["maybe/values"] = np.arange(n_obs)
        obs["maybe/mask"] = np.array([False, True, False])[:n_obs]


def write_sparse(group: h5py.Group, matrix: Any, kind: str) -> None:
    group.attrs["encoding-type"], group.attrs["shape"] = kind, matrix.shape
    group["data"], group["indices"], group["indptr"] = matrix.data, matrix.indices, matrix.indptr


def test_files_of_every_kind_give_the_same_vectors_beside_a_table_and_alone(tmp_path: Path) -> None:
    for spec, path in written_files(tmp_path).items():
        beside = read_source(pa.table({"text": TEXT}), vectors=path)
        assert dense(beside) == ROWS.tolist(), spec
        assert [file.name for file in beside.items.inputs] == ["in memory", spec.split(":")[0]]
        alone = read_source(path)
        assert dense(alone) == ROWS.tolist(), spec
        assert len(alone.items) == 3
        assert alone.items.texts is None


def test_an_npy_file_is_mapped_into_memory_and_not_loaded(tmp_path: Path) -> None:
    assert isinstance(read_source(written_files(tmp_path)["v.npy"]).vectors, np.memmap)


def test_the_array_of_a_source_can_be_named_by_vectors(tmp_path: Path) -> None:
    written_files(tmp_path)
    assert dense(read_source(tmp_path / "v.h5ad", vectors="X_pca")) == ROWS.tolist()


def test_obs_of_an_h5ad_source_gives_ids_and_columns(tmp_path: Path) -> None:
    write_h5ad(tmp_path / "v.h5ad")
    items = read_source(tmp_path / "v.h5ad", vectors="X").items
    assert items.ids == ["cell0", "cell1", "cell2"]
    assert items.columns.to_pydict() == {"kind": ["B", "T", None], "depth": [0.0, 10.0, 20.0], "maybe": [0, None, 2]}
    assert any("not plain were left out: matrix" in note for note in items.notes)


def test_an_h5ad_whose_obs_do_not_match_its_vectors_is_refused(tmp_path: Path) -> None:
    write_h5ad(tmp_path / "v.h5ad", n_obs=2)
    with pytest.raises(InputError, match="obs has 2 rows, but the vectors have 3"):
        read_source(tmp_path / "v.h5ad", vectors="X")


def test_several_arrays_and_none_named_are_listed(tmp_path: Path) -> None:
    written_files(tmp_path)
    with pytest.raises(InputError, match=r"two\.npz holds 2 arrays: v, other\. Name one, as in two\.npz:v"):
        read_source(tmp_path / "two.npz")
    with pytest.raises(InputError, match=r"v\.h5ad holds 3 arrays: X, X_csc, X_pca"):
        read_source(pa.table({"text": TEXT}), vectors=str(tmp_path / "v.h5ad"))


def test_an_unknown_array_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    written_files(tmp_path)
    with pytest.raises(InputError, match=r"there is no array 'X_pcs' in .*Did you mean 'X_pca'"):
        read_source(f"{tmp_path}/v.h5ad:X_pcs")
    with pytest.raises(InputError, match="holds one array without a name; leave out ':v'"):
        read_source(f"{tmp_path}/v.npy:v")


def test_a_file_of_another_length_than_the_table_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", ROWS[:2])
    with pytest.raises(InputError, match=r"v\.npy holds 2 rows, but the table has 3"):
        read_source(pa.table({"text": TEXT}), vectors=str(tmp_path / "v.npy"))
    with pytest.raises(InputError, match="the array of vectors holds 2 rows"):
        read_source(pa.table({"text": TEXT}), vectors=ROWS[:2])


def test_a_column_comes_before_a_file_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("v.npy", ROWS)
    source = read_source(pa.table({"text": TEXT, "v.npy": [[7.0], [8.0], [9.0]]}), vectors="v.npy")
    assert dense(source) == [[7], [8], [9]]


def test_neither_column_nor_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    data = pa.table({"text": TEXT, "embedding": ROWS.tolist()})
    with pytest.raises(InputError, match=r"no column or file 'embeding'.*Did you mean 'embedding'"):
        read_source(data, vectors="embeding")
    with pytest.raises(InputFileError, match=r"there is no file .*absent\.npy"):
        read_source(data, vectors=str(tmp_path / "absent.npy"))


@pytest.mark.parametrize("name", ["v.npy", "v.npz"])
def test_arrays_of_python_objects_are_refused(tmp_path: Path, name: str) -> None:
    save = np.save if name.endswith("npy") else np.savez
    save(tmp_path / name, np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(InputFileError, match=r"Python objects .* only plain numbers are read") as caught:
        read_source(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["v.npy", "one.npz", "v.safetensors", "v.h5ad"])
@pytest.mark.parametrize("share", [0.6, 0.01])
def test_truncated_files_of_vectors_are_refused_in_one_line(tmp_path: Path, name: str, share: float) -> None:
    written_files(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputFileError, match=f"{name} cannot be read as") as caught:
        read_source(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_sparse_file_whose_indices_point_outside_is_refused(tmp_path: Path) -> None:
    write_h5ad(tmp_path / "v.h5ad")
    with h5py.File(tmp_path / "v.h5ad", "r+") as file:
        file["X/indices"][0] = 999
    with pytest.raises(InputFileError, match="cannot be read as h5ad"):
        read_source(tmp_path / "v.h5ad", vectors="X")


def test_tensors_in_a_type_that_numpy_lacks_are_refused_with_advice(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save_tensors

    save_tensors({"v": torch.ones(2, 2, dtype=torch.bfloat16)}, tmp_path / "v.safetensors")
    with pytest.raises(InputError, match="stored as BF16; save it as float32"):
        read_source(tmp_path / "v.safetensors")


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((2, 2, 2)), np.zeros((2, 0)), np.array([["a"], ["b"]]), np.zeros((2, 2), complex)])
def test_arrays_that_cannot_be_vectors_are_refused(tmp_path: Path, array: Any) -> None:
    np.save(tmp_path / "v.npy", array)
    for source in (array, tmp_path / "v.npy"):
        with pytest.raises(InputError, match=r"two dimensions|not numbers"):
            read_source(source)


def test_a_source_of_vectors_takes_no_others() -> None:
    with pytest.raises(InputError, match="holds the vectors itself"):
        read_source(ROWS, vectors=ROWS)


def test_something_that_holds_no_vectors_is_refused() -> None:
    with pytest.raises(InputError, match="a dict holds no vectors"):
        read_source(pa.table({"text": TEXT}), vectors={})


def test_without_h5py_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_h5ad(tmp_path / "v.h5ad")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r'pip install "vista-atlas\[h5ad\]"'):
        read_source(tmp_path / "v.h5ad")
