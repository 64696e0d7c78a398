"""Compiling a kernel with numba, and keeping the machine code on disk.

Numba notices a change in the file of a kernel, but not in the files of kernels that it calls. The folder of the compiled
code is therefore named by a hash of all kernels and numba's version: nothing stale can be loaded. Where that folder
cannot be written, kernels are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numba  # noqa: TID253

_ROOM_BYTES = 4 << 20  # numba does not survive a disk that fills up while it saves

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(*, fastmath: bool = False) -> Callable[[Kernel], Kernel]:
    """Compile a function on its first call, free of Python's lock, and keep the result on disk.

    Args:
        fastmath: Let the compiler reorder sums, and divide without a check for zero, so that it can use vector instructions;
            only for kernels whose result may depend on the kind of processor.
    """

    def compile_kernel(function: Kernel) -> Kernel:
        folder = compiled_code_folder()
        elsewhere = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder or "")
        try:
            kernel: Kernel = numba.njit(
                function, nogil=True, fastmath=fastmath, error_model="numpy" if fastmath else "python", cache=folder is not None
            )
        finally:
            numba.config.CACHE_DIR = elsewhere
        return kernel

    return compile_kernel


@lru_cache
def compiled_code_folder() -> Path | None:
    """Return the folder for compiled code, below `$VISTA_CACHE` or `~/.cache/vista`; None where it cannot be written or is full."""
    folder = _cache_folder() / "kernels" / _code_version()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_ROOM_BYTES))
        return folder
    except OSError:
        return None


def is_compiled() -> bool:
    """Return whether an earlier process has left compiled code of these kernels; its first use compiles what is missing."""
    folder = compiled_code_folder()
    return folder is not None and any(folder.rglob("*.nbc"))


def _cache_folder() -> Path:
    if given := os.environ.get("VISTA_CACHE"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "vista"


def _code_version() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
