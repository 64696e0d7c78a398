"""What a column of a table holds, told by its Arrow type."""

from __future__ import annotations

import pyarrow as pa


def is_string(kind: pa.DataType) -> bool:
    """Tell whether a type is a string, in any of Arrow's layouts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Tell whether a type is an integer or a floating-point number."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def is_list(kind: pa.DataType) -> bool:
    """Tell whether a type is a list, of fixed or variable size."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def is_vectors_type(kind: pa.DataType) -> bool:
    """Tell whether a column of this type looks like vectors: lists of floating-point numbers."""
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return is_list(kind) and pa.types.is_floating(kind.value_type)


def is_binary(kind: pa.DataType) -> bool:
    """Tell whether a type is bytes, in any of Arrow's layouts."""
    checks = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(check(kind) for check in checks)


def is_picture_struct(kind: pa.DataType) -> bool:
    """Tell whether a type is the `{bytes, path}` of a picture."""
    return bool(pa.types.is_struct(kind)) and {"bytes", "path"} & {field.name for field in kind} != set()
