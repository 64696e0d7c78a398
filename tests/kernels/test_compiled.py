import os
import subprocess
import sys

import numpy as np
import pytest
from numba.core.errors import NumbaError

from vista.kernels import compiled as compiling
from vista.kernels.compiled import compiled

KERNEL_RUN = """
import sys
import numpy as np
from vista.kernels.nearest import share_outside
shares = np.empty(1, np.float32)
share_outside(np.array([[1, 2]], np.int32), np.array([[2, 3]], np.int32), shares, 0, 1)
assert shares[0] == 0.5
print("numba" in sys.modules)
"""
NUMBA_RUN = """
import numpy as np
from vista.kernels.codes import group_by_latent
starts, nothing = np.zeros(2, np.int64), np.empty(0, np.int32)
group_by_latent(starts, starts, nothing, np.empty(0, np.float32), starts, starts, nothing, nothing, nothing, np.empty(0, np.float32))
import numba
print(repr(numba.config.CACHE_DIR))
"""


def told(code, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in ("VISTA_CACHE", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")}
    return subprocess.run([sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True, check=True).stdout.strip()


@compiled()
def divide(numbers, by, quotients):
    for i in range(numbers.shape[0]):
        quotients[i] = numbers[i] // by


@compiled()
def middle_of(table):
    return table[table.shape[0] // 2, table.shape[1] // 2]


@compiled(allocates=True)
def total_of_sorted(numbers, n):
    kept = np.sort(numbers)[:n]
    total = 0
    for number in kept:
        total += number
    return total


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Keep what these tests compile in a folder of their own."""
    monkeypatch.setattr(compiling, "_folder", lambda: tmp_path / "kernels")
    monkeypatch.setattr(compiling, "compiled_code_folder", lambda: None)
    return tmp_path / "kernels"


def test_a_kernel_is_compiled_once_for_all_processes_and_then_runs_without_numba(tmp_path):
    assert told(KERNEL_RUN, VISTA_CACHE=str(tmp_path)) == "True"
    assert told(KERNEL_RUN, VISTA_CACHE=str(tmp_path)) == "False"


def test_what_is_compiled_is_known_before_it_is_used(tmp_path):
    ask = "from vista.kernels.compiled import is_compiled; print(is_compiled())"
    answers = []
    for _ in range(2):
        answers.append(told(ask, VISTA_CACHE=str(tmp_path)))
        told(KERNEL_RUN, VISTA_CACHE=str(tmp_path))
    assert answers == ["False", "True"]


def test_a_cache_folder_that_cannot_be_written_does_not_stop_a_kernel(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for _ in range(2):
        assert told(KERNEL_RUN, VISTA_CACHE=str(tmp_path / "file" / "below")) == "True"


def test_compiled_code_that_was_cut_off_is_made_anew(tmp_path):
    told(KERNEL_RUN, VISTA_CACHE=str(tmp_path))
    (file,) = tmp_path.rglob("*.o")
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    assert told(KERNEL_RUN, VISTA_CACHE=str(tmp_path)) == "True"
    assert file.read_bytes() == whole


def test_numbas_own_cache_folder_is_left_alone(tmp_path):
    folders = {"VISTA_CACHE": str(tmp_path / "ours"), "NUMBA_CACHE_DIR": str(tmp_path / "theirs")}
    assert told(NUMBA_RUN, **folders) == repr(str(tmp_path / "theirs"))
    assert not (tmp_path / "theirs").exists()


@pytest.mark.parametrize("known", [True, False])
def test_arrays_of_any_strides_and_dimensions_are_taken(own_folder, monkeypatch, known):
    monkeypatch.setattr(compiling, "arrays_lie_as_known", lambda: known)
    kernel = compiled()(middle_of.__wrapped__)
    table = np.arange(35).reshape(5, 7)
    given = (table, table[::-1, 1:6], np.asfortranarray(table), table.T, table[::2, ::3])
    assert [kernel(one) for one in given] == [one[one.shape[0] // 2, one.shape[1] // 2] for one in given]
    assert bool(list(own_folder.glob("*.o"))) is known


def test_each_kind_of_argument_has_code_of_its_own():
    quotients = np.empty(3)
    divide(np.array([5.0, 7.0, -1.0]), 2, quotients)
    assert quotients.tolist() == [2, 3, -1]
    divide(np.array([5, 7, -1]), 2.5, quotients)
    assert quotients.tolist() == [2, 2, -1]


def test_a_division_by_zero_is_an_error_as_in_python():
    with pytest.raises(ArithmeticError, match="divide"):
        divide(np.array([1, 2]), 0, np.empty(2))


def test_a_kernel_that_makes_arrays_says_so():
    assert total_of_sorted(np.array([9, 2, 5]), 2) == 7
    with pytest.raises(NumbaError):
        compiled()(total_of_sorted.__wrapped__)(np.array([9, 2, 5]), 2)
