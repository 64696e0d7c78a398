"""Machine code of a kernel that runs without numba, which takes half a second to import.

Numba compiles a kernel once. What it hands to LLVM gets an adapter, which takes NumPy's arrays as they lie in memory, and becomes an
object file; a later process gives that file to LLVM's linker and calls it by ctypes:

    kernel ─► numba ─► LLVM's language ─► + adapter ─► object file ─► linked in this process, or in a later one

The adapter knows where NumPy keeps the address, shape and strides of an array. Its binary interface promises these places, and
`arrays_lie_as_known` looks once whether they are there.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import FunctionType
from typing import Any, TypeAlias

import llvmlite.binding as llvm
import numpy as np

_HEAD = object.__basicsize__  # of every Python object; after it come an array's address, dimensions, shape and strides
_WORD = 8
_DATA, _SHAPE, _STRIDES = _HEAD, _HEAD + 2 * _WORD, _HEAD + 3 * _WORD
_C_ORDER, _ALIGNED, _WRITEABLE = 0x1, 0x100, 0x400  # NumPy's flags of arrays
_TOLD_FLAGS = _C_ORDER | _ALIGNED | _WRITEABLE
_DONE = 0
_LINKING = Lock()

Kind: TypeAlias = "type | tuple[np.dtype[Any], int, int]"  # a scalar's type; an array's dtype, dimensions and flags
Signature: TypeAlias = tuple[Kind, ...]

_SCALARS: dict[type, tuple[str, Any]] = {  # in LLVM's language and in that of ctypes
    int: ("i64", ctypes.c_int64),
    float: ("double", ctypes.c_double),
    np.int64: ("i64", ctypes.c_int64),
    np.uint64: ("i64", ctypes.c_uint64),
    np.float32: ("float", ctypes.c_float),
    np.float64: ("double", ctypes.c_double),
}


@dataclass(frozen=True, slots=True)
class MachineCode:
    """An object file, and the name under which it holds the kernel."""

    name: str
    object_file: bytes


def signature_of(arguments: tuple[Any, ...]) -> Signature:
    """Return what the machine code for some arguments depends on."""
    return tuple(  # of a list, which is a third faster than without
        [
            (argument.dtype, argument.ndim, argument.flags.num & _TOLD_FLAGS) if isinstance(argument, np.ndarray) else type(argument)
            for argument in arguments
        ]
    )


def make_machine_code(function: FunctionType, signature: Signature, name: str, options: dict[str, Any]) -> MachineCode:
    """Compile a function with numba, for arguments of one signature.

    Args:
        function: The kernel; it allocates nothing, and returns nothing or a whole number.
        signature: Of its arguments.
        name: What the object file shall call it.
        options: Numba's.
    """
    import numba

    types = tuple(_numba_type(kind) for kind in signature)
    bare = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    kernel = numba.njit(types, **options, **bare)(function)
    native = kernel.overloads[types].fndesc.llvm_func_name
    module = llvm.parse_assembly(kernel.inspect_llvm(types) + _adapter(name, native, signature))
    module.verify()
    for inner in module.functions:
        if not inner.is_declaration and inner.name != name:
            inner.linkage = "internal"
    return MachineCode(name, _target_machine().emit_object(module))


def load(code: MachineCode, signature: Signature) -> Callable[..., int]:
    """Link machine code into this process, and return what calls it, free of Python's lock, for arguments of its signature."""
    with _LINKING:
        _linker().add_object_file(llvm.ObjectFileRef.from_data(code.object_file))
        _linker().finalize_object()
        address = _linker().get_function_address(code.name)
    kinds = [ctypes.py_object if isinstance(kind, tuple) else _SCALARS[kind][1] for kind in signature]
    native = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *kinds)(address)

    def call(*arguments: Any) -> int:
        result = ctypes.c_int64()
        if native(ctypes.addressof(result), *arguments) != _DONE:
            raise ArithmeticError(f"{code.name} divided by zero")
        return result.value

    return call


@cache
def arrays_lie_as_known() -> bool:
    """Return whether NumPy keeps what the adapter reads where the adapter reads it."""
    array = np.zeros((3, 5, 7), np.float32)[:, ::2]
    at = [ctypes.c_void_p.from_address(id(array) + place).value or 0 for place in (_DATA, _SHAPE, _STRIDES)]
    found = [list((ctypes.c_int64 * array.ndim).from_address(address)) for address in at[1:]] if all(at) else []
    return at[0] == array.ctypes.data and found == [list(array.shape), list(array.strides)]


@cache
def processor() -> str:
    """Return the kind of processor that machine code is made for."""
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def _numba_type(kind: Kind) -> Any:
    import numba

    if not isinstance(kind, tuple):
        return numba.typeof(kind())
    dtype, n_dimensions, flags = kind
    order = "C" if flags & _C_ORDER else "A"
    shape = numba.from_dtype(dtype), n_dimensions, order
    return numba.types.Array(*shape, readonly=not flags & _WRITEABLE, aligned=bool(flags & _ALIGNED))


def _adapter(name: str, native: str, signature: Signature) -> str:
    """Return a function in LLVM's language that calls the native one: arrays are taken apart, as numba wants them."""
    taken, lines, given = ["ptr %result"], ["%error = alloca ptr"], ["ptr %result", "ptr %error"]
    for i, kind in enumerate(signature):
        if isinstance(kind, tuple):
            taken.append(f"ptr %a{i}")
            lines += _fields(i, n_dimensions=kind[1])
            numbers = ["1", str(kind[0].itemsize)]  # of items, which no kernel asks for, and their bytes
            given += ["ptr null", "ptr null", *(f"i64 {number}" for number in numbers), f"ptr %data{i}"]
            given += [f"i64 %{what}{i}.{axis}" for what in ("shape", "stride") for axis in range(kind[1])]
        else:
            argument = f"{_SCALARS[kind][0]} %a{i}"
            taken.append(argument)
            given.append(argument)
    lines += [f'%status = call i32 @"{native}"({", ".join(given)})', "ret i32 %status"]
    return f'\ndefine i32 @"{name}"({", ".join(taken)}) {{\n' + "\n".join(lines) + "\n}\n"


def _fields(i: int, n_dimensions: int) -> list[str]:
    lines = []
    for what, place in (("data", _DATA), ("shapes", _SHAPE), ("strides", _STRIDES)):
        lines += [f"%{what}.at{i} = getelementptr i8, ptr %a{i}, i64 {place}", f"%{what}{i} = load ptr, ptr %{what}.at{i}"]
    for what in ("shape", "stride"):
        for axis in range(n_dimensions):
            lines += [
                f"%{what}.at{i}.{axis} = getelementptr i8, ptr %{what}s{i}, i64 {axis * _WORD}",
                f"%{what}{i}.{axis} = load i64, ptr %{what}.at{i}.{axis}",
            ]
    return lines


@cache
def _linker() -> Any:
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_machine())


def _target_machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    kind = {"cpu": llvm.get_host_cpu_name(), "features": llvm.get_host_cpu_features().flatten()}
    return llvm.Target.from_default_triple().create_target_machine(**kind, opt=3, codemodel="jitdefault", jit=True)
