import os
import subprocess
import sys

KERNEL_RUN = """
import numpy as np
from vista.kernels.compiled import compiled_code_folder
from vista.kernels.nearest import share_outside
shares = np.empty(1, np.float32)
share_outside(np.array([[1, 2]], np.int32), np.array([[2, 3]], np.int32), shares, 0, 1)
assert shares[0] == 0.5
import numba
print(compiled_code_folder(), sum(share_outside.stats.cache_hits.values()), repr(numba.config.CACHE_DIR))
"""


def run_kernel(**environment):
    kept = {name: value for name, value in os.environ.items() if name not in ("VISTA_CACHE", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")}
    done = subprocess.run([sys.executable, "-c", KERNEL_RUN], env=kept | environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_kernel_is_compiled_once_for_all_processes(tmp_path):
    folder, hits, _ = run_kernel(VISTA_CACHE=str(tmp_path))
    assert folder.startswith(str(tmp_path))
    assert hits == "0"
    assert run_kernel(VISTA_CACHE=str(tmp_path))[:2] == [folder, "1"]


def test_what_is_compiled_is_known_before_it_is_used(tmp_path):
    ask = [sys.executable, "-c", "from vista.kernels.compiled import is_compiled; print(is_compiled())"]
    answers = []
    for _ in range(2):
        answers.append(
            subprocess.run(ask, env=os.environ | {"VISTA_CACHE": str(tmp_path)}, capture_output=True, text=True, check=True).stdout
        )
        run_kernel(VISTA_CACHE=str(tmp_path))
    assert answers == ["False\n", "True\n"]


def test_a_cache_folder_that_cannot_be_written_does_not_stop_a_kernel(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert run_kernel(VISTA_CACHE=str(tmp_path / "file" / "below"))[:2] == ["None", "0"]


def test_numbas_own_cache_folder_is_left_alone(tmp_path):
    assert run_kernel(VISTA_CACHE=str(tmp_path / "ours"), NUMBA_CACHE_DIR=str(tmp_path / "theirs"))[2] == repr(str(tmp_path / "theirs"))
