"""Compiling a kernel once a machine, and calling what was compiled.

The folder of the machine code is named by a hash of all kernels, numba's version and the kind of processor: nothing stale can be
loaded. Where that folder cannot be written, kernels are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, update_wrapper
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any, TypeVar

from vista.kernels.machine_code import MachineCode, Signature, arrays_lie_as_known, load, make_machine_code, processor, signature_of

_ROOM_BYTES = 4 << 20  # numba does not survive a disk that fills up while it saves
_OBJECT_FILE = ".o"
_NUMBAS_FILE = ".nbc"

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(*, fastmath: bool = False, allocates: bool = False) -> Callable[[Function], Function]:
    """Compile a function on its first call, free of Python's lock, and keep the result on disk.

    Args:
        fastmath: Let the compiler reorder sums, and divide without a check for zero, so that it can use vector instructions;
            only for kernels whose result may depend on the kind of processor.
        allocates: Whether the function makes arrays or sorts, for which it needs numba when it runs, too.
    """
    options = {"nogil": True, "fastmath": fastmath, "error_model": "numpy" if fastmath else "python"}

    def compile_kernel(function: Function) -> Function:
        kernel: Any = Kernel(function, options, allocates=allocates)  # type: ignore[arg-type]
        return kernel  # type: ignore[no-any-return]

    return compile_kernel


class Kernel:
    """A function that runs as machine code, which is loaded or made on the first call with arguments of a kind."""

    def __init__(self, function: FunctionType, options: dict[str, Any], *, allocates: bool) -> None:
        self._function, self._options, self._allocates = function, options, allocates
        self._callers: dict[Signature, Callable[..., Any]] = {}
        self._making = Lock()
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        signature = signature_of(arguments)
        caller = self._callers.get(signature)
        if caller is None:
            with self._making:
                caller = self._callers.get(signature) or self._caller(signature)
                self._callers[signature] = caller
        return caller(*arguments)

    def _caller(self, signature: Signature) -> Callable[..., Any]:
        if self._allocates or not arrays_lie_as_known():
            return self._by_numba()
        kinds = hashlib.sha256(repr(signature).encode()).hexdigest()[:16]
        name = f"{self._function.__module__.rpartition('.')[2]}.{self._function.__name__}-{kinds}"
        code = _kept_code(name)
        if code is None:
            code = make_machine_code(self._for_numba(), signature, name, self._options)
            _keep(code)
        return load(code, signature)

    def _by_numba(self) -> Callable[..., Any]:
        import numba

        folder = compiled_code_folder()
        elsewhere = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder or "")
        try:
            kernel: Callable[..., Any] = numba.njit(self._for_numba(), cache=folder is not None, **self._options)
        finally:
            numba.config.CACHE_DIR = elsewhere
        return kernel

    def _for_numba(self) -> FunctionType:
        """Return the function with the kernels that it calls as numba knows them."""
        import numba

        function = self._function
        called = {name: function.__globals__.get(name) for name in function.__code__.co_names}
        known = {
            name: numba.njit(kernel._for_numba(), _nrt=self._allocates, **kernel._options)
            for name, kernel in called.items()
            if isinstance(kernel, Kernel)
        }
        return FunctionType(function.__code__, function.__globals__ | known, function.__name__) if known else function


@cache
def compiled_code_folder() -> Path | None:
    """Return the folder for compiled code, below `$VISTA_CACHE` or `~/.cache/vista`; None where it cannot be written or is full."""
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=_folder()) as probe:
            probe.write(bytes(_ROOM_BYTES))
        return _folder()
    except OSError:
        return None


def is_compiled() -> bool:
    """Return whether an earlier process has left compiled code of these kernels; its first use compiles what is missing."""
    return any(file.suffix in (_OBJECT_FILE, _NUMBAS_FILE) for file in _folder().rglob("*"))


def _kept_code(name: str) -> MachineCode | None:
    """Return what an earlier process has left of a kernel; a file that was not wholly written is none."""
    try:
        kept = (_folder() / (name + _OBJECT_FILE)).read_bytes()
    except OSError:
        return None
    digest, object_file = kept[:32], kept[32:]
    return MachineCode(name, object_file) if hashlib.sha256(object_file).digest() == digest else None


def _keep(code: MachineCode) -> None:
    with suppress(OSError):
        _folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as file:
            file.write(hashlib.sha256(code.object_file).digest() + code.object_file)
        os.replace(file.name, _folder() / (code.name + _OBJECT_FILE))


@cache
def _folder() -> Path:
    return _cache_folder() / "kernels" / _code_version()


def _cache_folder() -> Path:
    if given := os.environ.get("VISTA_CACHE"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "vista"


def _code_version() -> str:
    digest = hashlib.sha256(processor().encode())
    numba = find_spec("numba")  # its version is read from its file, since to import it takes longer than all else here
    files = [Path(numba.origin).with_name("_version.py")] if numba and numba.origin else []
    for path in files + sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
